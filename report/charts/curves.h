/*
 * The chart kind `curve` (plots/curve.gp): a figure of an experiment along an axis, a
 * line for each contestant. Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

/* "With 64 users: answers 48 1/s with one kitchen and 98 1/s with two": the least and the
 * most at the last value that several have; as it was where there is none. */
void curves_describe(const struct overview *overview, const struct chart *chart,
                     char *title, size_t title_bytes);

/* The blocks of the chart's data file, from 1 on; results/README.md lists them. */
void curves_write_data(const struct overview *overview, const struct chart *chart,
                       FILE *out);
