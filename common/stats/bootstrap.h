/*
 * Confidence intervals for what was measured in several repeats, each a row of values in
 * the order they came. Neither independence within a repeat nor any distribution is
 * assumed: whole repeats are drawn again with replacement, and within each the blocks of
 * neighbouring values (Davison, Hinkley 1997, Bootstrap Methods, 3.8 and 8.2.3; Kunsch
 * 1989 for blocks). Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/stats/stats.h"

/* Fewer values in a repeat do not make blocks: use the repeats' figures alone. */
enum { BOOTSTRAP_LEAST_VALUES = 50, BOOTSTRAP_MOST_QUANTILES = 16 };

/* The values of one repeat, in the order they came. */
struct bootstrap_repeat {
    const float *values;
    size_t n_values;
};

struct bootstrap_result {
    double value; /* of all values together: percentiles are never averaged */
    struct interval interval;
};

/*
 * Quantiles, 0 < q < 1 and ascending, each with its 95 % interval, from the studentized
 * bootstrap with symmetric limits (Hall 1988): value -+ the 95 % point of |value* -
 * value| / error*, times the error, which is the deviation of the repeats' own figures
 * over the root of their number. When all values are above 0 this is done with
 * logarithms, so that no limit falls below 0. With one repeat its blocks take the
 * repeats' place. All is NAN when a repeat has less than BOOTSTRAP_LEAST_VALUES values,
 * more than BOOTSTRAP_MOST_QUANTILES are asked for or memory ran out. The same seed gives
 * the same intervals. Takes n_draws x values in time, however many quantiles there are,
 * and 16 bytes a value; 999 draws are usual.
 */
void bootstrap_quantiles(const struct bootstrap_repeat *repeats, size_t n_repeats,
                         const double *quantiles, size_t n_quantiles, unsigned n_draws,
                         uint64_t seed, struct bootstrap_result *results);
