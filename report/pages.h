/* report.md and report.html: what was asked, where, what came out, and on what grounds.
 */
#ifndef JUGGLE_REPORT_PAGES_H
#define JUGGLE_REPORT_PAGES_H

#include "report/overview.h"

/* `charts_drawn`: charts/ holds them. 0 or -errno. */
int pages_write(const struct overview *overview, bool charts_drawn);

#endif
