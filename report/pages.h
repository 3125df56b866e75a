/* report.md and report.html: what was asked, where, what came out, and on what grounds.
 */
#pragma once

#include "report/overview.h"

/* `charts_drawn`: charts/ holds them. 0 or -errno. */
int pages_write(const struct overview *overview, bool charts_drawn);

/*
 * Of each experiment the answer and one table, what they can be trusted for, and the
 * findings: in 80 columns.
 */
void pages_print(const struct overview *first, FILE *out);
