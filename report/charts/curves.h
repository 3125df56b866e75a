/*
 * The chart kind `curve` (plots/curve.gp): a figure of an experiment along an axis, a
 * line for each contestant. Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

/* The blocks of the chart's data file, from 1 on; results/README.md lists them. */
void curves_write_data(const struct overview *overview, const struct chart *chart,
                       FILE *out);
