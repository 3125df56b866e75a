/* What the repeats of a cell say together; see metric.h. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/percentiles.h"
#include "measured/metric.h"

static bool are_positive(const double *values, size_t n_values) {
    size_t n = 0;
    while (n < n_values && values[n] > 0)
        n++;
    return n == n_values;
}

struct estimate estimate_values(const double *values, size_t n_values, bool is_share) {
    return (struct estimate){
        .value = stats_mean(values, n_values),
        .interval = !is_share && are_positive(values, n_values)
                        ? stats_positive_mean_interval(values, n_values)
                        : stats_mean_interval(values, n_values),
        .n_repeats = n_values,
    };
}

struct estimate estimate_series(const struct series *series, metric *figure,
                                bool is_share) {
    double *values = calloc(series->n_repeats, sizeof *values);
    size_t n_values = 0;
    for (size_t i = 0; values != NULL && i < series->n_repeats; i++) {
        values[n_values] = figure(series->repeats[i]);
        n_values += isfinite(values[n_values]) ? 1 : 0;
    }
    struct estimate estimate = estimate_values(values, n_values, is_share);
    free(values);
    return estimate;
}

struct range range_of(double *values, size_t n_values) {
    size_t n = 0;
    for (size_t i = 0; i < n_values; i++)
        if (isfinite(values[i]))
            values[n++] = values[i];
    if (n == 0)
        return (struct range){NAN, NAN, NAN};
    stats_sort(values, n);
    return (struct range){stats_quantile(values, n, 0.5), values[0], values[n - 1]};
}

struct probe_figures series_probes(const struct series *series, bool busy) {
    struct probe_figures probes = {0, NAN, NAN};
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->n_probes;
    double *sorted_us = calloc(room, sizeof *sorted_us);
    if (sorted_us == NULL)
        return probes;
    for (size_t i = 0; i < series->n_repeats; i++)
        probes.n_probes +=
            cell_probes(series->repeats[i], busy, sorted_us + probes.n_probes);
    stats_sort(sorted_us, probes.n_probes);
    if (probes.n_probes >= percentiles_samples_needed(0.5))
        probes.p50_us = stats_quantile(sorted_us, probes.n_probes, 0.5);
    if (probes.n_probes > 0)
        probes.max_us = sorted_us[probes.n_probes - 1];
    free(sorted_us);
    return probes;
}

/* How many repeats have a smaller mean; ties go by the order of repeats. */
static size_t position(const struct series *series, size_t index) {
    double mean_us = metric_mean_us(series->repeats[index]);
    size_t below = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        double other_us = metric_mean_us(series->repeats[i]);
        below += other_us < mean_us || (other_us == mean_us && i < index);
    }
    return below;
}

const struct cell *series_typical(const struct series *series) {
    for (size_t i = 0; i < series->n_repeats; i++)
        if (position(series, i) == (series->n_repeats - 1) / 2)
            return series->repeats[i];
    return series->repeats[0];
}
