/*
 * How long users waited: the data of the charts `waits`, `staircase` and `percentiles`,
 * their blocks from 1 on (results/README.md lists them). Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/charts/headline.h"
#include "report/figures/overview.h"

/* A row for each contestant, the lowest mean first. */
void waits_write_waits(const struct overview *overview, const struct chart *chart,
                       FILE *out);
void waits_write_staircase(const struct overview *overview, const struct chart *chart,
                           FILE *out);
void waits_write_percentiles(const struct overview *overview, const struct chart *chart,
                             FILE *out);

/* How the chart `waits` is read, as far as this run has it: strokes of theory, and where
 * it did not hold; the slowdown. */
headline waits_explain;
/* The same of `staircase`. */
headline waits_explain_staircase;
