/*
 * What happened when: the data of the charts `lanes` and `probe`, their blocks from 1 on
 * (results/README.md lists them). Both are of the repeat whose mean is the median one.
 * Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

/* What each request went through: of a cell at most 12, evenly spread in the order of
 * finishing; of at most six contestants, one of each kind. */
/* The rows that lanes are drawn of, the most telling, by their mean; how many. */
enum { TIMELINES_MAX_PANELS = 6 };
size_t timelines_choose(const struct overview *overview,
                        size_t rows[TIMELINES_MAX_PANELS]);

void timelines_write_lanes(const struct overview *overview, const struct chart *chart,
                           FILE *out);

/* What `/` took, asked for beside them. */
void timelines_write_probes(const struct overview *overview, const struct chart *chart,
                            FILE *out);
