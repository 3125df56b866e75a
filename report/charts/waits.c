/* The charts of how long users waited; see waits.h. */
#include "report/charts/waits.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "measured/merged.h"
#include "report/charts/data.h"

enum { MAX_RANKS_DRAWN = 150 };

/* Of more ranks than a panel has room for, as many as it has: evenly, the ends as well.
 */
static bool is_drawn(size_t rank, size_t n_ranks) {
    return n_ranks <= MAX_RANKS_DRAWN || rank == 1 || rank == n_ranks ||
           rank * MAX_RANKS_DRAWN / n_ranks != (rank - 1) * MAX_RANKS_DRAWN / n_ranks;
}

/* Of n sorted values the one for the k-th of m dots. */
static size_t rank_of(size_t k, size_t m, size_t n) {
    return n <= m ? (k < n ? k : n - 1) : (2 * k + 1) * n / (2 * m);
}

enum { MAX_DOTS = 40 };

/* Each dot is one request then. */
static bool has_theory(const struct overview_row *row) {
    size_t n = row->series->repeats[0]->latencies.n;
    bool is_burst = row->model != NULL && n <= MAX_DOTS;
    for (size_t i = 0; i < row->series->n_repeats; i++)
        is_burst &= row->series->repeats[i]->latencies.n == n;
    return is_burst;
}

/* Slowdowns times the mean own T of the cell, since the machine changes from one repeat
 * to the next; theory where each dot is one request; nothing of an INVALID cell. */
static void put_waits(const struct overview_row *row, FILE *out) {
    const struct series *series = row->series;
    bool is_known = row->validity.level != VALIDITY_INVALID;
    size_t n_repeats = is_known ? series->n_repeats : 0, n_dots = MAX_DOTS;
    double own_s = row->estimates[FIGURE_OWN_T].value / 1e6;
    double *values = calloc(n_repeats + 1, sizeof *values);
    double **sorted = calloc(n_repeats + 1, sizeof *sorted);
    data_block(out, "dot, median_s, low_s, high_s, theory_s");
    for (size_t i = 0; sorted != NULL && i < n_repeats; i++) {
        size_t n = series->repeats[i]->latencies.n;
        sorted[i] = n > 0 ? latencies_sorted_us(&series->repeats[i]->latencies) : NULL;
        n_dots = sorted[i] != NULL && n < n_dots ? n : n_dots;
    }
    size_t n_put = 0;
    for (size_t k = 0; sorted != NULL && values != NULL && k < n_dots; k++) {
        size_t n = 0;
        double theory = 0, low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < n_repeats; i++) {
            const struct cell *cell = series->repeats[i];
            if (sorted[i] == NULL)
                continue;
            values[n] = sorted[i][rank_of(k, n_dots, cell->latencies.n)] /
                        metric_own_t_us(cell) * own_s;
            low = fmin(low, values[n]);
            high = fmax(high, values[n++]);
            struct burst burst = burst_of(cell);
            theory +=
                has_theory(row) ? model_slowdown(row->model, &burst, k + 1) * own_s : NAN;
        }
        if (n == 0)
            continue;
        (void)fprintf(out, "%zu\t%.6g\t%.6g\t%.6g\t%.6g\n", k + 1,
                      stats_median(values, n), low, high, theory / (double)n);
        n_put++;
    }
    if (n_put == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\n");
    for (size_t i = 0; sorted != NULL && i < n_repeats; i++)
        free(sorted[i]);
    free(sorted);
    free(values);
}

void waits_write_waits(const struct overview *overview, const struct chart *chart,
                       FILE *out) {
    (void)chart;
    size_t *order = data_in_order(overview);
    data_block(out, "hue, label, mean, cpus_busy, cpus, home_page, slowdown, t_alone_s");
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[order[i]];
        bool is_known = row->validity.level != VALIDITY_INVALID;
        double n_cpus = overview->machine.cpus_allowed;
        char text[FIGURE_BYTES];
        data_begin_panel(overview, order[i], out);
        (void)fprintf(out, "%s\t%.4g\t%g\t",
                      overview_told(overview, row, FIGURE_MEAN, text),
                      is_known ? row->estimates[FIGURE_CPUS_BUSY].value : NAN,
                      isfinite(n_cpus) ? n_cpus : 0);
        if (is_known && isfinite(row->estimates[FIGURE_BUSY_P50].value))
            (void)fputs(overview_told(overview, row, FIGURE_BUSY_P50, text), out);
        (void)fputc('\t', out);
        if (is_known && overview_ranks_by(overview) == FIGURE_SLOWDOWN)
            (void)fprintf(out, "%s×",
                          overview_rounded(overview, row, FIGURE_SLOWDOWN, text));
        (void)fprintf(out, "\t%.6g\n", overview->machine.t_alone_us.median / 1e6);
    }
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++)
        put_waits(&overview->rows[order[i]], out);
    free(order);
}

static void put_latencies(const struct cell *cell, FILE *out) {
    size_t n = cell->latencies.n;
    double own_us = metric_own_t_us(cell);
    double *sorted_us = latencies_sorted_us(&cell->latencies);
    for (size_t i = 0; sorted_us != NULL && i < n; i++)
        if (is_drawn(i + 1, n))
            (void)fprintf(out, "%u\t%zu\t%.6g\n", cell->repeat, i + 1,
                          sorted_us[i] / own_us);
    if (n == 0)
        (void)fprintf(out, "%u\tNaN\tNaN\n", cell->repeat);
    free(sorted_us);
}

/* What the model expects of each rank: the mean over repeats, each with its own CPUs. */
static void put_model(const struct overview_row *row, FILE *out) {
    const struct series *series = row->series;
    size_t n_ranks = series->repeats[0]->n_requests, n_repeats = series->n_repeats;
    struct burst *bursts = calloc(n_repeats, sizeof *bursts);
    for (size_t i = 0; bursts != NULL && i < n_repeats; i++)
        bursts[i] = burst_of(series->repeats[i]);
    for (size_t rank = 1; bursts != NULL && rank <= n_ranks; rank++) {
        double sum = row->model != NULL ? 0 : NAN;
        if (!is_drawn(rank, n_ranks))
            continue;
        for (size_t i = 0; row->model != NULL && i < n_repeats; i++)
            sum += model_slowdown(row->model, &bursts[i], rank);
        (void)fprintf(out, "%zu\t%.6g\n", rank, sum / (double)n_repeats);
    }
    free(bursts);
}

void waits_write_staircase(const struct overview *overview, const struct chart *chart,
                           FILE *out) {
    (void)chart;
    data_block(out, "hue, label, model, n_ranks");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        data_begin_panel(overview, i, out);
        char text[FIGURE_BYTES], model[128] = "";
        if (row->model != NULL)
            (void)snprintf(model, sizeof model, "theory is off by %s %%",
                           figure_rounded(row->model_error.value * 100, text));
        data_text(out, model);
        (void)fprintf(out, "\t%zu\n", row->series->repeats[0]->n_requests);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        data_block(out, "repeat, rank, slowdown");
        for (size_t k = 0; k < row->series->n_repeats; k++)
            put_latencies(row->series->repeats[k], out);
        data_block(out, "rank, model_slowdown");
        put_model(row, out);
    }
}

/* So many points draw a line; a bootstrap interval costs more than what it is drawn with.
 */
enum { N_POINTS = 80, N_BOOTSTRAPPED = 8 };

/* Shares as the axis spaces them: by the logarithm of what lies beyond. */
static double share_at(size_t point, size_t n_points, double last_share) {
    double last = -log10(1 - last_share);
    return 1 - pow(10, -last * (double)point / (double)(n_points - 1));
}

static void put_line(const struct merged *merged, double last_share, FILE *out) {
    data_block(out, "percent, latency_s");
    for (size_t i = 0; isfinite(last_share) && i < N_POINTS; i++) {
        double share = share_at(i, N_POINTS, last_share);
        double latency_s = stats_quantile(merged->sorted_s, merged->n_values, share);
        (void)fprintf(out, "%.8g\t%.6g\n", share * 100, latency_s);
    }
    if (!isfinite(last_share))
        (void)fprintf(out, "NaN\tNaN\n");
}

static void put_band(const struct merged *merged, double last_share, FILE *out) {
    size_t n_points = merged->is_bootstrapped ? N_BOOTSTRAPPED : N_POINTS, n_put = 0;
    double shares[N_POINTS];
    struct bootstrap_result results[N_POINTS];
    data_block(out, "percent, low_s, high_s");
    n_points = isfinite(last_share) ? n_points - 1 : 0; /* the first is the fastest */
    for (size_t i = 0; i < n_points; i++)
        shares[i] = share_at(i + 1, n_points + 1, last_share);
    merged_quantiles(merged, shares, n_points, results);
    for (size_t i = 0; i < n_points; i++) {
        struct interval interval = results[i].interval;
        if (!isfinite(interval.low) || !isfinite(interval.high))
            continue;
        (void)fprintf(out, "%.8g\t%.6g\t%.6g\n", shares[i] * 100, interval.low,
                      interval.high);
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
    data_block(out, "percent, latency_s");
    if (isfinite(last_share))
        (void)fprintf(out, "%.8g\t%.6g\n", last_share * 100,
                      stats_quantile(merged->sorted_s, merged->n_values, last_share));
    for (size_t rank = 1; rank <= merged->n_values; rank++)
        if (!(share_of(merged, rank) <= last_share))
            (void)fprintf(out, "%.8g\t%.6g\n", share_of(merged, rank) * 100,
                          merged->sorted_s[rank - 1]);
    if (merged->n_values == 0)
        (void)fprintf(out, "NaN\tNaN\n");
}

void waits_write_percentiles(const struct overview *overview, const struct chart *chart,
                             FILE *out) {
    (void)chart;
    data_block(out, "hue, label, n_answers, last_percent, slowest_s");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct merged *merged = &overview->rows[i].merged;
        size_t n = merged->n_values;
        data_begin_panel(overview, i, out);
        (void)fprintf(out, "%zu\t%.8g\t%.6g\n", n,
                      n > 0 ? share_of(merged, n) * 100 : NAN,
                      n > 0 ? merged->sorted_s[n - 1] : NAN);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct merged *merged = &overview->rows[i].merged;
        double last_share = percentiles_highest_carried(merged->n_values);
        put_line(merged, last_share, out);
        put_band(merged, last_share, out);
        put_beyond(merged, last_share, out);
    }
}

/* Where theory is further off than this, its strokes are far from their dots. */
static const double FAR_OFF = 0.25;

static bool is_far_off(const struct overview_row *row, const struct model *model) {
    return row->model == model && has_theory(row) && row->model_error.value > FAR_OFF;
}

void waits_explain(const struct overview *overview, char *text, size_t text_bytes) {
    const struct model *told = NULL;
    size_t n_with = 0;
    while (n_with < overview->n_rows && !has_theory(&overview->rows[n_with]))
        n_with++;
    (void)snprintf(text, text_bytes, "%s Left is better.%s",
                   n_with < overview->n_rows ? " A grey stroke is what theory expects."
                                             : "",
                   overview_ranks_by(overview) != FIGURE_SLOWDOWN
                       ? ""
                       : " Slowdown is how many times as long as the job itself a user "
                         "waited.");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct model *model = overview->rows[i].model;
        if (model == NULL || model == told || !is_far_off(&overview->rows[i], model))
            continue;
        text_append(text, text_bytes, "%s",
                    told == NULL ? " Theory did not hold" : "; nor");
        told = model;
        for (size_t k = i, n = 0; k < overview->n_rows; k++)
            if (is_far_off(&overview->rows[k], model))
                text_append(text, text_bytes, "%s%s", n++ == 0 ? " for " : " and ",
                            overview->rows[k].series->parameters->label);
        text_append(text, text_bytes, ": it expects %.*s",
                    (int)strcspn(model->meaning, ":"), model->meaning);
    }
    text_append(text, text_bytes, "%s", told != NULL ? "." : "");
}

void waits_explain_staircase(const struct overview *overview, char *text,
                             size_t text_bytes) {
    bool has_models = false;
    for (size_t i = 0; i < overview->n_rows; i++)
        has_models |= overview->rows[i].model != NULL;
    (void)snprintf(text, text_bytes, "%s Lower is better.",
                   has_models ? " Grey is what theory expects." : "");
}
