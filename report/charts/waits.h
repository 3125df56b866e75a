/*
 * How long users waited: the data of the charts `waits`, `staircase` and `percentiles`,
 * their blocks from 1 on (results/README.md lists them). Main thread.
 */
#pragma once

#include <stdio.h>

#include "report/figures/overview.h"

/* A row for each contestant, the lowest mean first. */
void waits_write_waits(const struct overview *overview, const struct chart *chart,
                       FILE *out);
void waits_write_staircase(const struct overview *overview, const struct chart *chart,
                           FILE *out);
void waits_write_percentiles(const struct overview *overview, const struct chart *chart,
                             FILE *out);

/* "1 answer in 100 took longer than ...", of the last percentile that all cells carry. */
void waits_describe_percentiles(const struct overview *overview, char *title,
                                size_t title_bytes);
