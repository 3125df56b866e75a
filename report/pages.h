/* report.md and report.html: what was asked, where, what came out, and on what grounds.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

/* `charts_drawn`: charts/ holds them. 0 or -errno. */
int pages_write(const struct overview *overview, bool charts_drawn);

/* A Markdown table of five columns for each experiment, and a line to cite the run by. 0
 * or -ENOMEM. */
int pages_print_brief(const struct overview *first, FILE *out);
