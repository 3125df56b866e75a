/* The chart of latency by percentile; see data.h and results/README.md. */
#include <math.h>
#include <stdbool.h>

#include "report/data.h"

/* So many points draw a line; a bootstrap interval costs more than what it is drawn with.
 */
enum { N_POINTS = 80, N_BOOTSTRAPPED = 8 };

/* Shares as the axis spaces them: by the logarithm of what lies beyond. */
static double share_at(size_t point, size_t n_points, double last_share) {
    double last = -log10(1 - last_share);
    return 1 - pow(10, -last * (double)point / (double)(n_points - 1));
}

static void put_line(const struct merged *merged, double last_share, FILE *out) {
    data_block(out, "percent, latency_ms");
    for (size_t i = 0; isfinite(last_share) && i < N_POINTS; i++) {
        double share = share_at(i, N_POINTS, last_share);
        double latency_s = stats_quantile(merged->sorted_s, merged->n_values, share);
        (void)fprintf(out, "%.8g\t%.6g\n", share * 100, latency_s * 1e3);
    }
    if (!isfinite(last_share))
        (void)fprintf(out, "NaN\tNaN\n");
}

static void put_band(const struct merged *merged, double last_share, FILE *out) {
    size_t n_points = merged->is_bootstrapped ? N_BOOTSTRAPPED : N_POINTS, n_put = 0;
    double shares[N_POINTS];
    struct bootstrap_result results[N_POINTS];
    data_block(out, "percent, low_ms, high_ms");
    n_points = isfinite(last_share) ? n_points - 1 : 0; /* the first is the fastest */
    for (size_t i = 0; i < n_points; i++)
        shares[i] = share_at(i + 1, n_points + 1, last_share);
    merged_quantiles(merged, shares, n_points, results);
    for (size_t i = 0; i < n_points; i++) {
        struct interval interval = results[i].interval;
        if (!isfinite(interval.low) || !isfinite(interval.high))
            continue;
        (void)fprintf(out, "%.8g\t%.6g\t%.6g\n", shares[i] * 100, interval.low * 1e3,
                      interval.high * 1e3);
        n_put++;
    }
    if (n_put == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\n");
}

/* What share of the answers the i-th of them (from 1) stands for. */
static double share_of(const struct merged *merged, size_t rank) {
    return (double)rank / ((double)merged->n_values + 1);
}

/* The slowest answers, one by one, from where the line ends. */
static void put_beyond(const struct merged *merged, double last_share, FILE *out) {
    data_block(out, "percent, latency_ms");
    if (isfinite(last_share))
        (void)fprintf(out, "%.8g\t%.6g\n", last_share * 100,
                      stats_quantile(merged->sorted_s, merged->n_values, last_share) *
                          1e3);
    for (size_t rank = 1; rank <= merged->n_values; rank++)
        if (!(share_of(merged, rank) <= last_share))
            (void)fprintf(out, "%.8g\t%.6g\n", share_of(merged, rank) * 100,
                          merged->sorted_s[rank - 1] * 1e3);
    if (merged->n_values == 0)
        (void)fprintf(out, "NaN\tNaN\n");
}

void data_write_percentiles(const struct overview *overview, const struct chart *chart,
                            FILE *out) {
    (void)chart;
    data_block(out, "place, label, n_answers, last_percent, slowest_ms");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct merged *merged = &overview->rows[i].merged;
        size_t n = merged->n_values;
        data_begin_panel(overview, i, out);
        (void)fprintf(out, "%zu\t%.8g\t%.6g\n", n,
                      n > 0 ? share_of(merged, n) * 100 : NAN,
                      n > 0 ? merged->sorted_s[n - 1] * 1e3 : NAN);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct merged *merged = &overview->rows[i].merged;
        double last_share = percentiles_highest_carried(merged->n_values);
        put_line(merged, last_share, out);
        put_band(merged, last_share, out);
        put_beyond(merged, last_share, out);
    }
}

static bool is_answered(const struct overview_row *row) {
    return row->merged.n_values > 0;
}

/*
 * The last percentile that every cell with an answer carries, the maximum apart; -1:
 * there is none.
 */
static int last_of_all(const struct overview *overview) {
    int last = -1;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        int own = PERCENTILE_MAX - 1;
        while (own >= 0 && !isfinite(row->percentiles[own].seconds))
            own--;
        if (is_answered(row) && (last < 0 || own < last))
            last = own;
        if (is_answered(row) && own < 0)
            return -1;
    }
    return last;
}

void data_describe_percentiles(const struct overview *overview, char *title,
                               size_t title_bytes) {
    const struct overview_row *least = NULL, *most = NULL;
    char share[32] = "Half of the answers", low[FIGURE_BYTES], high[FIGURE_BYTES];
    int last = last_of_all(overview);
    (void)snprintf(title, title_bytes, "Latency by percentile");
    if (last < 0)
        return;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        double seconds = row->percentiles[last].seconds;
        if (!is_answered(row))
            continue;
        if (least == NULL || seconds < least->percentiles[last].seconds)
            least = row;
        if (most == NULL || seconds > most->percentiles[last].seconds)
            most = row;
    }
    const struct percentile *quick = &least->percentiles[last];
    if (quick->quantile > 0.5)
        (void)snprintf(share, sizeof share, "1 answer in %.0f",
                       1 / (1 - quick->quantile));
    (void)snprintf(title, title_bytes, "%s took longer than %s ms (%s) to %s ms (%s)",
                   share, figure_number(quick->seconds * 1e3, low),
                   least->series->parameters->label,
                   figure_number(most->percentiles[last].seconds * 1e3, high),
                   most->series->parameters->label);
}
