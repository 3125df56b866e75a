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
    double *in_order_s; /* repeat by repeat, as they came */
    struct bootstrap_repeat *repeats;
    size_t n_repeats;
};

/* 0 or -ENOMEM. Release with merged_free. */
int merged_make(const struct series *series, struct merged *merged);
void merged_free(struct merged *merged);

/*
 * The q-quantile in seconds (0 < q < 1) and its 95 % interval; both NAN when the samples
 * do not carry it, limits NAN where the samples carry the quantile but not them.
 */
struct bootstrap_result merged_quantile(const struct merged *merged, double q);

/* The percentiles that are shown, each with its interval. */
void merged_percentiles(const struct merged *merged,
                        struct percentile percentiles[N_PERCENTILES]);

/* "bootstrap over repeats" or "order statistics". */
const char *merged_method(const struct merged *merged);

#endif
