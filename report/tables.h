/* The tables of report.md and report.html: latencies, percentiles, costs, probes. */
#ifndef JUGGLE_REPORT_TABLES_H
#define JUGGLE_REPORT_TABLES_H

#include "report/document.h"
#include "report/overview.h"

/* Each under its heading, with a paragraph that says how to read it. */
void tables_write(const struct overview *overview, struct document *document);

#endif
