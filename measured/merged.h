/*
 * What the repeats of a cell say together: figures that have one value per repeat, and
 * the latencies of all of them merged. Percentiles are never averaged. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "common/stats/bootstrap.h"
#include "common/stats/percentiles.h"
#include "measured/metric.h"
#include "measured/run.h"
#include "measured/validity.h"

/* A figure over the repeats that carry it. */
struct estimate {
    double value; /* the mean over repeats */
    struct interval interval;
    size_t n_repeats;
};

/*
 * With the 95 % interval by Student's t: on the logarithmic scale where all values are
 * above 0, unless the figure is a share, which may be near 0.
 */
struct estimate estimate_values(const double *values, size_t n_values, bool is_share);
struct estimate estimate_series(const struct series *series, metric *figure,
                                bool is_share);

/* Median, least and most of the finite values; NAN when there are none. Sorts them. */
struct range {
    double median, low, high;
};

struct range range_of(double *values, size_t n_values);

/* The repeat whose mean latency is the median one (the lower of two). */
const struct cell *series_typical(const struct series *series);

/* Of the repeats that figures rest on the worst, and of how many; and that others were
 * left out, with which a cell is SUSPECT. */
struct validity series_validity(const struct series *series);

/* Busy or idle latencies of `/` over all repeats, merged; NAN when there are none, and
 * the median of fewer than a percentile needs. */
struct probe_sums series_probes(const struct series *series, bool busy);

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
