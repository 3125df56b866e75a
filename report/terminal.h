/* What a run prints on the terminal at its end. Main thread. */
#ifndef JUGGLE_REPORT_TERMINAL_H
#define JUGGLE_REPORT_TERMINAL_H

#include <stdio.h>

#include "report/overview.h"

/*
 * Of each experiment the answer and one table, what they can be trusted for, and the
 * findings: in 80 columns.
 */
void terminal_print(const struct overview *first, FILE *out);

#endif
