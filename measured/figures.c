/* The table of figures, and how they are written; see figures.h. */
#include "measured/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIGURE_ROW(id, ...) [FIGURE_##id] = {__VA_ARGS__},
const struct figure figures[N_FIGURES] = {FIGURES(FIGURE_ROW)};

double figure_value(enum figure_id id, const struct cell *cell) {
    if (figures[id].of != NULL)
        return figures[id].of(cell);
    struct percentile percentiles[N_PERCENTILES];
    double *sorted_us = latencies_sorted_us(&cell->latencies);
    percentiles_fill(percentiles, sorted_us, sorted_us != NULL ? cell->latencies.n : 0);
    free(sorted_us);
    return percentiles[figures[id].percentile].seconds; /* of values in us */
}

struct estimate percentile_estimate(const struct percentile *percentile,
                                    size_t n_repeats) {
    const struct interval *interval = &percentile->interval_s;
    return (struct estimate){percentile->seconds * 1e6,
                             {interval->low * 1e6, interval->high * 1e6},
                             n_repeats};
}

struct estimate figure_estimate(const struct series *series, enum figure_id id) {
    const struct figure *figure = &figures[id];
    struct estimate whole = {NAN, {NAN, NAN}, series->n_repeats};
    switch (figure->repeats) {
    case REPEATS_MOST:
        for (size_t i = 0; i < series->n_repeats; i++)
            whole.value = fmax(whole.value, figure_value(id, series->repeats[i]));
        return whole;
    case REPEATS_MERGED:
        whole.value = series_probes(series, id == FIGURE_BUSY_P50).p50_us;
        return whole;
    case REPEATS_PERCENTILE:
        return whole;
    default:
        return estimate_series(series, figure->of, figure->repeats == REPEATS_MEAN);
    }
}

char *figure_number(double value, char text[FIGURE_BYTES]) {
    double size = fabs(value);
    int decimals = size == 0        ? 0
                   : size < 0.09995 ? 4
                   : size < 0.9995  ? 3
                   : size < 9.995   ? 2
                   : size < 99.95   ? 1
                                    : 0;
    (void)snprintf(text, FIGURE_BYTES, isfinite(value) ? "%.*f" : "-", decimals, value);
    return text;
}

char *figure_rounded(double value, char text[FIGURE_BYTES]) {
    int decimals = 0;
    for (double size = fabs(value); size > 0 && size < 9.95 && decimals < 4; size *= 10)
        decimals++;
    (void)snprintf(text, FIGURE_BYTES, isfinite(value) ? "%.*f" : "-", decimals, value);
    return text;
}

char *figure_time(double us, char text[FIGURE_BYTES]) {
    bool is_long = us >= 999.5e3;
    (void)figure_rounded(us / (is_long ? 1e6 : 1e3), text);
    return isfinite(us) ? strcat(text, is_long ? " s" : " ms") : text;
}

char *figure_text(enum figure_id id, double value, char text[FIGURE_BYTES]) {
    if (!figures[id].is_count || !isfinite(value))
        return figure_number(
            figures[id].per_unit > 0 ? value / figures[id].per_unit : value, text);
    (void)snprintf(text, FIGURE_BYTES, "%.0f", value);
    return text;
}

char *figure_estimate_text(enum figure_id id, const struct estimate *estimate,
                           char text[FIGURE_BYTES]) {
    const struct figure *figure = &figures[id];
    const struct interval *interval = &estimate->interval;
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    bool is_of_samples =
        figure->repeats == REPEATS_PERCENTILE || figure->repeats == REPEATS_MERGED;
    if (!isfinite(estimate->value) && is_of_samples) {
        struct percentile none[N_PERCENTILES];
        percentiles_fill(none, NULL, 0);
        return percentiles_lack(none[figure->percentile].needed, text);
    }
    (void)figure_text(id, interval->low, low);
    (void)figure_text(id, interval->high, high);
    if (figure->is_amount && interval->low <= 0)
        (void)snprintf(text, FIGURE_BYTES, "<%.20s",
                       figure_text(id, fmax(interval->high, 0), high));
    else if (isfinite(interval->low))
        (void)snprintf(text + strlen(figure_text(id, estimate->value, text)), 50,
                       " (%.20s to %.20s)", low, high);
    else
        (void)figure_text(id, estimate->value, text);
    return text;
}

char *figure_head(enum figure_id id, char text[FIGURE_BYTES]) {
    const char *unit = figures[id].unit;
    (void)snprintf(text, FIGURE_BYTES, "%s%s%s", figures[id].label,
                   unit != NULL ? ", " : "", unit != NULL ? unit : "");
    return text;
}
