/*
 * The latencies of all repeats of a cell together, and their quantiles. Percentiles are
 * never averaged: samples are merged. Main thread.
 */
#ifndef JUGGLE_MEASURED_MERGED_H
#define JUGGLE_MEASURED_MERGED_H

#include <stdbool.h>

#include "common/stats/bootstrap.h"
#include "common/stats/percentiles.h"
#include "measured/run.h"

struct merged {
    double *sorted_s; /* of the answered requests */
    size_t n_values;
    /*
     * Where intervals come from: the bootstrap over repeats and their blocks, when every
     * repeat has the values for it; else the order statistics of the merged samples, as
     * if all were independent, which leaves out how repeats differ.
     */
    bool is_bootstrapped;
    struct bootstrap_repeat *repeats; /* of the series: it must outlive this */
    size_t n_repeats;
};

/* 0 or -ENOMEM. Release with merged_free. */
int merged_make(const struct series *series, struct merged *merged);
void merged_free(struct merged *merged);

/*
 * Quantiles in seconds (0 < q < 1, ascending), each with its 95 % interval: both NAN
 * where the samples do not carry it, limits NAN where they carry the quantile but not
 * them. One call for several costs about what it costs for one.
 */
void merged_quantiles(const struct merged *merged, const double *quantiles,
                      size_t n_quantiles, struct bootstrap_result *results);

/* The percentiles that are shown, each with its interval. */
void merged_percentiles(const struct merged *merged,
                        struct percentile percentiles[N_PERCENTILES]);

/* "bootstrap over repeats" or "order statistics". */
const char *merged_method(const struct merged *merged);

#endif
