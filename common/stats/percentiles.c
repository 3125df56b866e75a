/* The percentiles that are shown; see percentiles.h. */
#include "common/stats/percentiles.h"

#include <math.h>

#include "common/base/fields.h"
#include "common/base/units.h"

static const struct {
    const char *name;
    double quantile;
} carried[N_PERCENTILES] = {
    [PERCENTILE_50] = {"p50", 0.5},       [PERCENTILE_90] = {"p90", 0.9},
    [PERCENTILE_95] = {"p95", 0.95},      [PERCENTILE_99] = {"p99", 0.99},
    [PERCENTILE_99_9] = {"p99.9", 0.999}, [PERCENTILE_MAX] = {"max", 1},
};

/* So many samples beyond a quantile carry it; a median asks for a few more in all. */
enum { N_BEYOND = 8, N_MEDIAN = 10 };

uint64_t percentiles_samples_needed(double quantile) {
    if (quantile == 1)
        return 1;
    return quantile > 0.5 ? (uint64_t)ceil(N_BEYOND / (1 - quantile) - 1e-9) : N_MEDIAN;
}

double percentiles_highest_carried(size_t n_values) {
    if (n_values < N_MEDIAN)
        return NAN;
    return fmax(0.5, 1 - N_BEYOND / (double)n_values);
}

char *percentiles_lack(uint64_t needed, char text[PERCENTILE_LACK_BYTES]) {
    (void)snprintf(text, PERCENTILE_LACK_BYTES, "n/a (needs %llu)",
                   (unsigned long long)needed);
    return text;
}

void percentiles_fill(struct percentile percentiles[N_PERCENTILES],
                      const double *sorted_s, size_t n_values) {
    for (int i = 0; i < N_PERCENTILES; i++) {
        double quantile = carried[i].quantile;
        uint64_t needed = percentiles_samples_needed(quantile);
        percentiles[i] = (struct percentile){
            .name = carried[i].name,
            .quantile = quantile,
            .needed = needed,
            .seconds = NAN,
            .interval_s = {NAN, NAN},
        };
        if (n_values < needed)
            continue;
        percentiles[i].seconds = stats_quantile(sorted_s, n_values, quantile);
        if (quantile < 1)
            percentiles[i].interval_s =
                stats_quantile_interval(sorted_s, n_values, quantile);
    }
}

void percentiles_censor(struct percentile percentiles[N_PERCENTILES], size_t n_values,
                        const double *waits_s, size_t n_waits) {
    for (int i = 0; i < N_PERCENTILES; i++) {
        struct percentile *percentile = &percentiles[i];
        double n_above = (1 - percentile->quantile) * (double)(n_values + n_waits);
        uint64_t n_longer = 0;
        for (size_t k = 0; k < n_waits; k++)
            n_longer += waits_s[k] > percentile->seconds;
        if ((double)n_longer <= n_above + 1e-9)
            continue;
        percentile->n_longer = n_longer;
        percentile->seconds = NAN;
        percentile->interval_s = (struct interval){NAN, NAN};
    }
}

void percentiles_print(const struct percentile percentiles[N_PERCENTILES],
                       const char *prefix, FILE *out) {
    for (int i = 0; i < N_PERCENTILES; i++) {
        const struct percentile *percentile = &percentiles[i];
        const struct interval *interval = &percentile->interval_s;
        char lack[PERCENTILE_LACK_BYTES], time[32], low[32], high[32];
        (void)units_format_seconds(percentile->seconds, time);
        (void)fprintf(out, "%s%s:%s", prefix, percentile->name,
                      prefix[0] == '\0' ? "\t\t\t" : "\t\t");
        if (percentile->n_longer > 0)
            (void)fprintf(out, "         n/a (%llu without an answer waited longer)\n",
                          (unsigned long long)percentile->n_longer);
        else if (isnan(percentile->seconds))
            (void)fprintf(out, "         %s\n",
                          percentiles_lack(percentile->needed, lack));
        else if (isnan(percentile->interval_s.low))
            (void)fprintf(out, "%12s\n", time);
        else
            (void)fprintf(out, "%12s (95 %%: %s to %s)\n", time,
                          units_format_seconds(interval->low, low),
                          units_format_seconds(interval->high, high));
    }
}

json_t *percentiles_json(const struct percentile percentiles[N_PERCENTILES]) {
    json_t *json = json_object();
    for (int i = 0; i < N_PERCENTILES; i++)
        (void)json_object_set_new(json, percentiles[i].name,
                                  fields_number(percentiles[i].seconds));
    return json;
}

json_t *percentiles_intervals_json(const struct percentile percentiles[N_PERCENTILES]) {
    json_t *json = json_object();
    for (int i = 0; i < N_PERCENTILES; i++) {
        const struct interval *interval = &percentiles[i].interval_s;
        (void)json_object_set_new(
            json, percentiles[i].name,
            isnan(interval->low)
                ? json_null()
                : json_pack("{s:f, s:f}", "low", interval->low, "high", interval->high));
    }
    return json;
}
