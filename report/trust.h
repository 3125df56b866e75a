/*
 * How far a run can be trusted, in sentences: which cells are valid, what the machine did
 * meanwhile, whether the work was what was asked for, and the A/A test. Main thread.
 */
#ifndef JUGGLE_REPORT_TRUST_H
#define JUGGLE_REPORT_TRUST_H

#include "report/document.h"
#include "report/overview.h"

/* Lists each sentence, over all experiments of the run. */
void trust_write(const struct overview *first, struct document *document);

#endif
