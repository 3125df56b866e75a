/*
 * The last screen of a run, in 80 columns and, where it can be, 24 rows: of each
 * experiment the answer, of a single one its table, what they can be trusted for, and the
 * findings. What is not needed is printed where room is left. Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

void screen_print(const struct overview *first, FILE *out);
