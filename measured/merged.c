/* All repeats of a cell together; see merged.h. */
#include "measured/merged.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Draws are cheap with few values and steady with many. */
enum { LEAST_DRAWS = 99, MOST_DRAWS = 999, VALUES_DRAWN = 1500000, SEED = 1 };

/* The latencies of one repeat, in the order of its samples. */
static void add_repeat(struct merged *merged, const struct cell *cell) {
    double *values = merged->in_order_s + merged->n_values;
    size_t n = 0;
    for (size_t i = 0; i < cell->n_requests; i++)
        if (sample_is_answered(&cell->requests[i]))
            values[n++] = cell->requests[i].latency_us / 1e6;
    merged->repeats[merged->n_repeats++] = (struct bootstrap_repeat){values, n};
    merged->n_values += n;
    merged->is_bootstrapped = merged->is_bootstrapped && n >= BOOTSTRAP_LEAST_VALUES;
}

int merged_make(const struct series *series, struct merged *merged) {
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->n_requests;
    *merged = (struct merged){
        .sorted_s = calloc(room, sizeof *merged->sorted_s),
        .in_order_s = calloc(room, sizeof *merged->in_order_s),
        .repeats = calloc(series->n_repeats + 1, sizeof *merged->repeats),
        .is_bootstrapped = series->n_repeats > 0,
    };
    if (merged->sorted_s == NULL || merged->in_order_s == NULL ||
        merged->repeats == NULL) {
        merged_free(merged);
        return -ENOMEM;
    }
    for (size_t i = 0; i < series->n_repeats; i++)
        add_repeat(merged, series->repeats[i]);
    memcpy(merged->sorted_s, merged->in_order_s, merged->n_values * sizeof(double));
    stats_sort(merged->sorted_s, merged->n_values);
    return 0;
}

void merged_free(struct merged *merged) {
    free(merged->sorted_s);
    free(merged->in_order_s);
    free(merged->repeats);
    *merged = (struct merged){0};
}

static struct interval bootstrap_interval(const struct merged *merged, double q) {
    size_t n_draws = VALUES_DRAWN / merged->n_values;
    n_draws = n_draws < LEAST_DRAWS ? LEAST_DRAWS : n_draws;
    n_draws = n_draws > MOST_DRAWS ? MOST_DRAWS : n_draws;
    struct bootstrap_figure figure = {BOOTSTRAP_QUANTILE, q};
    return bootstrap_estimate(merged->repeats, merged->n_repeats, figure,
                              (unsigned)n_draws, SEED)
        .interval;
}

struct bootstrap_result merged_quantile(const struct merged *merged, double q) {
    struct bootstrap_result result = {NAN, {NAN, NAN}};
    if (merged->n_values < percentiles_samples_needed(q))
        return result;
    result.value = stats_quantile(merged->sorted_s, merged->n_values, q);
    result.interval =
        merged->is_bootstrapped
            ? bootstrap_interval(merged, q)
            : stats_quantile_interval(merged->sorted_s, merged->n_values, q);
    return result;
}

void merged_percentiles(const struct merged *merged,
                        struct percentile percentiles[N_PERCENTILES]) {
    percentiles_fill(percentiles, merged->sorted_s, merged->n_values);
    for (int i = 0; merged->is_bootstrapped && i < N_PERCENTILES; i++)
        if (isfinite(percentiles[i].seconds) && percentiles[i].quantile < 1)
            percentiles[i].interval_s =
                bootstrap_interval(merged, percentiles[i].quantile);
}

const char *merged_method(const struct merged *merged) {
    return merged->is_bootstrapped ? "bootstrap over repeats" : "order statistics";
}
