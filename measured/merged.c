/* Repeats of a cell together; see merged.h. */
#include "measured/merged.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/text.h"

/* Draws are cheap with few values and steady with many. */
enum { LEAST_DRAWS = 99, MOST_DRAWS = 999, VALUES_DRAWN = 1500000, SEED = 1 };

struct estimate estimate_values(const double *values, size_t n_values, bool is_share) {
    bool is_positive = true;
    for (size_t i = 0; i < n_values; i++)
        is_positive = is_positive && values[i] > 0;
    return (struct estimate){
        .value = stats_mean(values, n_values),
        .interval = stats_mean_interval(values, n_values, !is_share && is_positive),
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

struct probe_sums series_probes(const struct series *series, bool busy) {
    struct probe_sums probes = {0, NAN, NAN};
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->probes[busy].n;
    double *sorted_us = calloc(room, sizeof *sorted_us);
    if (sorted_us == NULL)
        return probes;
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct latencies *own = &series->repeats[i]->probes[busy];
        for (size_t k = 0; k < own->n; k++)
            sorted_us[probes.n++] = own->us[k];
    }
    stats_sort(sorted_us, probes.n);
    if (probes.n >= percentiles_samples_needed(0.5))
        probes.p50_us = stats_quantile(sorted_us, probes.n, 0.5);
    if (probes.n > 0)
        probes.max_us = sorted_us[probes.n - 1];
    free(sorted_us);
    return probes;
}

const struct cell *series_typical(const struct series *series) {
    for (size_t k = 0; k < series->n_repeats; k++) {
        double mean_us = metric_mean_us(series->repeats[k]);
        size_t n_below = 0; /* ties go by the order of repeats */
        for (size_t i = 0; i < series->n_repeats; i++) {
            double other_us = metric_mean_us(series->repeats[i]);
            n_below += other_us < mean_us || (other_us == mean_us && i < k);
        }
        if (n_below == (series->n_repeats - 1) / 2)
            return series->repeats[k];
    }
    return series->repeats[0];
}

/* The worst of so many repeats, and how many are as bad. */
static struct validity worst_of(struct cell *const *repeats, size_t n_repeats,
                                size_t *n_worst) {
    struct validity worst = {.level = VALIDITY_VALID};
    *n_worst = 0;
    for (size_t i = 0; i < n_repeats; i++) {
        struct validity own = validity_of_cell(repeats[i]);
        if (own.level > worst.level) {
            worst = own;
            *n_worst = 0;
        }
        *n_worst += own.level == worst.level;
    }
    return worst;
}

struct validity series_validity(const struct series *series) {
    size_t n_worst, n_out, n = series->n_repeats;
    struct validity all = {.level = VALIDITY_VALID};
    struct validity out = worst_of(series->repeats + n, series->n_left_out, &n_out);
    struct validity worst = worst_of(series->repeats, n, &n_worst);
    if (series->n_left_out > 0)
        text_append(all.why, sizeof all.why,
                    "%zu of %zu repeats %s INVALID and %s left out: %.280s", n_out,
                    n + n_out, n_out == 1 ? "was" : "were", n_out == 1 ? "is" : "are",
                    out.why);
    if (worst.level != VALIDITY_VALID)
        text_append(all.why, sizeof all.why, "%s%zu of %zu repeats: %.600s",
                    all.why[0] != '\0' ? "; " : "", n_worst, n, worst.why);
    all.level =
        worst.level == VALIDITY_VALID && n_out > 0 ? VALIDITY_SUSPECT : worst.level;
    return all;
}

int merged_make(const struct series *series, struct merged *merged) {
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->n_answered;
    *merged = (struct merged){
        .sorted_s = calloc(room, sizeof *merged->sorted_s),
        .repeats = calloc(series->n_repeats + 1, sizeof *merged->repeats),
        .n_repeats = series->n_repeats,
        .is_bootstrapped = series->n_repeats > 0,
    };
    if (merged->sorted_s == NULL || merged->repeats == NULL) {
        merged_free(merged);
        return -ENOMEM;
    }
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct cell *cell = series->repeats[i];
        size_t n = cell->latencies.n;
        merged->repeats[i] = (struct bootstrap_repeat){cell->latencies.us, n};
        merged->is_bootstrapped = merged->is_bootstrapped && n >= BOOTSTRAP_LEAST_VALUES;
        for (size_t k = 0; k < n; k++)
            merged->sorted_s[merged->n_values++] = cell->latencies.us[k] / 1e6;
    }
    stats_sort(merged->sorted_s, merged->n_values);
    return 0;
}

void merged_free(struct merged *merged) {
    free(merged->sorted_s);
    free(merged->repeats);
    *merged = (struct merged){0};
}

void merged_quantiles(const struct merged *merged, const double *quantiles,
                      size_t n_quantiles, struct bootstrap_result *results) {
    const double *sorted_s = merged->sorted_s;
    size_t n = merged->n_values;
    if (merged->is_bootstrapped) {
        double n_draws = fmin(fmax(LEAST_DRAWS, VALUES_DRAWN / n), MOST_DRAWS);
        bootstrap_quantiles(merged->repeats, merged->n_repeats, quantiles, n_quantiles,
                            (unsigned)n_draws, SEED, results);
    }
    for (size_t k = 0; k < n_quantiles; k++) {
        struct interval *interval = &results[k].interval;
        if (n < percentiles_samples_needed(quantiles[k])) {
            results[k] = (struct bootstrap_result){NAN, {NAN, NAN}};
            continue;
        }
        results[k].value = stats_quantile(sorted_s, n, quantiles[k]);
        *interval = merged->is_bootstrapped
                        ? (struct interval){interval->low / 1e6, interval->high / 1e6}
                        : stats_quantile_interval(sorted_s, n, quantiles[k]);
    }
}

void merged_percentiles(const struct merged *merged,
                        struct percentile percentiles[N_PERCENTILES]) {
    double quantiles[PERCENTILE_MAX];
    struct bootstrap_result results[PERCENTILE_MAX];
    percentiles_fill(percentiles, merged->sorted_s, merged->n_values);
    if (!merged->is_bootstrapped)
        return;
    for (int i = 0; i < PERCENTILE_MAX; i++)
        quantiles[i] = percentiles[i].quantile;
    merged_quantiles(merged, quantiles, PERCENTILE_MAX, results);
    for (int i = 0; i < PERCENTILE_MAX; i++)
        percentiles[i].interval_s = results[i].interval;
}

const char *merged_method(const struct merged *merged) {
    return merged->is_bootstrapped ? "bootstrap over repeats" : "order statistics";
}
