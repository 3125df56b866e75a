/* report.md and report.html: what was asked, where, what came out, and on what grounds.
 */
#pragma once

#include "report/figures/overview.h"

/* `charts_drawn`: charts/ holds them. 0 or -errno. */
int pages_write(const struct overview *overview, bool charts_drawn);
