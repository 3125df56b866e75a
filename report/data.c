/* Blocks of the charts' data; see data.h and results/README.md. */
#include "report/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/document/theme.h"
#include "measured/merged.h"

void data_block(FILE *out, const char *columns) {
    (void)fprintf(out, "\n\n# %s\n", columns);
}

void data_text(FILE *out, const char *text) {
    for (; *text != '\0'; text++)
        (void)fputc(strchr("\t\n\r#\"", *text) != NULL ? ' ' : *text, out);
}

/* Breaks a text into lines of at most so many characters (not bytes). */
static void put_lines(const char *shape, const char *role, const char *text, size_t most,
                      FILE *out) {
    enum { MOST_LINES = 7 }; /* of title and caption: plots/style.gp has room for 16 */
    for (int i = 0; i < MOST_LINES && *text != '\0'; i++) {
        size_t n_characters = 0, end = 0, at = 0;
        for (; text[at] != '\0' && n_characters <= most; at++) {
            n_characters += ((unsigned char)text[at] & 0xC0) != 0x80;
            if (text[at] == ' ')
                end = at;
        }
        if (n_characters <= most && text[at] == '\0')
            end = at;
        if (end == 0) /* one long word */
            end = strcspn(text, " ");
        char line[512];
        (void)snprintf(line, sizeof line, "%.*s", (int)end, text);
        (void)fprintf(out, "%s\t%s\t", shape, role);
        data_text(out, line);
        (void)fputc('\n', out);
        text += end;
        text += strspn(text, " ");
    }
}

void data_texts(const char *title, const char *caption, FILE *out) {
    (void)fputs("# shape, role, line\n", out);
    put_lines("wide", "title", title, 92, out);
    put_lines("wide", "caption", caption, 150, out);
    put_lines("narrow", "title", title, 42, out);
    put_lines("narrow", "caption", caption, 58, out);
}

enum {
    MAX_RANKS_DRAWN = 150,
    MAX_STRETCHES = 300, /* of a panel of probes, each with three at most */
};

unsigned data_hue(const struct cell_parameters *who) {
    enum { UNDER_A_GIL = THEME_FAMILIES - 1 };
    const struct experiment *experiment = experiment_find(who->experiment);
    const struct contestant *own =
        experiment != NULL ? experiment_contestant(experiment, who->contestant) : NULL;
    size_t family = who->gil      ? UNDER_A_GIL
                    : own != NULL ? (size_t)own->hues
                                  : 0,
           tone = 0;
    for (const struct contestant *other = own != NULL ? experiment->contestants : NULL;
         other != NULL && other != own; other++) {
        bool has_lock = strstr(other->settings, "gil=yes") != NULL;
        size_t others = has_lock ? UNDER_A_GIL : (size_t)other->hues;
        tone += others == family;
    }
    return (unsigned)(family * THEME_TONES + tone % THEME_TONES + 1);
}

size_t *data_by_mean(const struct overview *overview) {
    size_t *order = calloc(overview->n_rows + 1, sizeof *order);
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++) {
        double mean = overview->rows[i].estimates[FIGURE_MEAN].value;
        size_t k = i;
        for (; k > 0; k--) {
            double before = overview->rows[order[k - 1]].estimates[FIGURE_MEAN].value;
            if (!isfinite(mean) || (isfinite(before) && before <= mean))
                break;
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    return order;
}

void data_begin_panel(const struct overview *overview, size_t index, FILE *out) {
    const struct series *series = overview->rows[index].series;
    (void)fprintf(out, "%u\t", data_hue(series->parameters));
    data_text(out, series->parameters->label);
    (void)fputc('\t', out);
}

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

/* Slowdowns times the mean own T of the cell, since the machine changes from one repeat
 * to the next; theory where each dot is one request. */
static void put_waits(const struct overview_row *row, FILE *out) {
    enum { MAX_DOTS = 40 };
    const struct series *series = row->series;
    size_t n_repeats = series->n_repeats, n_dots = MAX_DOTS, n_requests = 0;
    double own_s = row->estimates[FIGURE_OWN_T].value / 1e6;
    double *values = calloc(n_repeats + 1, sizeof *values);
    double **sorted = calloc(n_repeats + 1, sizeof *sorted);
    data_block(out, "dot, median_s, low_s, high_s, theory_s");
    for (size_t i = 0; sorted != NULL && i < n_repeats; i++) {
        size_t n = series->repeats[i]->latencies.n;
        sorted[i] = n > 0 ? latencies_sorted_us(&series->repeats[i]->latencies) : NULL;
        n_dots = sorted[i] != NULL && n < n_dots ? n : n_dots;
        n_requests = n > n_requests ? n : n_requests;
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
            theory += row->model != NULL && n_requests == n_dots
                          ? row->model->slowdown(&burst, k + 1) * own_s
                          : NAN;
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

void data_write_waits(const struct overview *overview, const struct chart *chart,
                      FILE *out) {
    (void)chart;
    const struct shown_unit *unit = overview_wait_unit(overview);
    size_t *order = data_by_mean(overview);
    data_block(out, "hue, label, mean, cpus_busy, cpus, home_page, t_alone_s");
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[order[i]];
        double page_us = row->estimates[FIGURE_BUSY_P50].value;
        char text[FIGURE_BYTES];
        data_begin_panel(overview, order[i], out);
        (void)fprintf(
            out, "%s %s\t%.4g\t%g\t",
            figure_rounded(row->estimates[FIGURE_MEAN].value / unit->in_own_unit, text),
            unit->name, row->estimates[FIGURE_CPUS_BUSY].value,
            isfinite(overview->machine.cpus_allowed) ? overview->machine.cpus_allowed
                                                     : 0);
        if (isfinite(page_us))
            (void)fprintf(out, "%s ms", figure_rounded(page_us / 1000, text));
        (void)fprintf(out, "\t%.6g\n", row->estimates[FIGURE_T_ALONE].value / 1e6);
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
            sum += row->model->slowdown(&bursts[i], rank);
        (void)fprintf(out, "%zu\t%.6g\n", rank, sum / (double)n_repeats);
    }
    free(bursts);
}

void data_write_staircase(const struct overview *overview, const struct chart *chart,
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

/* Of a stretch of probes: the quickest, the slowest and the first that failed. */
struct stretch {
    const struct cell *cell;
    FILE *out;
    size_t n_stretches, n_begun, n_taken; /* probes taken, of all stretches */
    struct shown {
        size_t place; /* from 1; 0: there is none */
        struct sample probe;
    } shown[3];
};

/* In their order, each once. */
static void end_stretch(struct stretch *stretch) {
    for (size_t last = 0;;) {
        const struct shown *next = NULL;
        for (size_t i = 0; i < 3; i++)
            if (stretch->shown[i].place > last &&
                (next == NULL || stretch->shown[i].place < next->place))
                next = &stretch->shown[i];
        if (next == NULL)
            break;
        last = next->place;
        (void)fprintf(stretch->out, "%.6g\t%.6g\t%d\n", next->probe.planned_us / 1e6,
                      next->probe.latency_us / 1e6, next->probe.status);
    }
    for (size_t i = 0; i < 3; i++)
        stretch->shown[i].place = 0;
}

static int take_probe(void *context, const struct sample *probe) {
    struct stretch *stretch = context;
    struct shown *quickest = &stretch->shown[0], *slowest = &stretch->shown[1],
                 *failed = &stretch->shown[2];
    struct shown shown = {++stretch->n_taken, *probe};
    if (quickest->place == 0 || probe->latency_us < quickest->probe.latency_us)
        *quickest = shown;
    if (slowest->place == 0 || probe->latency_us > slowest->probe.latency_us)
        *slowest = shown;
    if (failed->place == 0 && !probe->answered)
        *failed = shown;
    if (stretch->n_taken ==
        (stretch->n_begun + 1) * stretch->cell->n_probes / stretch->n_stretches) {
        end_stretch(stretch);
        stretch->n_begun++;
    }
    return 0;
}

/* Of more than a panel has room for, what shows in it: each stretch's ends. */
static void put_probes(const struct cell *cell, FILE *out) {
    size_t n = cell->n_probes;
    struct stretch stretch = {.cell = cell,
                              .out = out,
                              .n_stretches = n <= 3 * MAX_STRETCHES ? n : MAX_STRETCHES};
    if (n == 0)
        (void)fprintf(out, "NaN\tNaN\t0\n");
    else
        (void)cell_visit(cell, CELL_PROBES, take_probe, &stretch);
}

void data_write_probes(const struct overview *overview, const struct chart *chart,
                       FILE *out) {
    (void)chart;
    data_block(out, "hue, label, note, end_s, idle_p50_s, repeat");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        char median[FIGURE_BYTES], most[FIGURE_BYTES], note[256] = "nobody asked for it";
        double busy_ms = cell_probe_median_us(cell, true) / 1000;
        double most_ms = metric_busy_max_us(cell) / 1000;
        if (isfinite(most_ms))
            (void)snprintf(note, sizeof note, "median %s ms, longest %s ms",
                           figure_rounded(busy_ms, median),
                           figure_rounded(most_ms, most));
        data_begin_panel(overview, i, out);
        data_text(out, note);
        (void)fprintf(out, "\t%.6g\t%.4g\t%u\n", metric_end_us(cell) / 1e6,
                      cell_probe_median_us(cell, false) / 1e6, cell->repeat);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        data_block(out, "planned_s, latency_s, status");
        put_probes(cell, out);
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

void data_write_percentiles(const struct overview *overview, const struct chart *chart,
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
    if (least == most)
        return;
    const struct percentile *quick = &least->percentiles[last];
    if (quick->quantile > 0.5)
        (void)snprintf(share, sizeof share, "1 answer in %.0f",
                       1 / (1 - quick->quantile));
    const struct shown_unit *unit = overview_wait_unit(overview);
    double per_unit = unit->in_own_unit / 1e6;
    (void)snprintf(title, title_bytes,
                   "%s took longer than %s %s with %s and %s %s with %s", share,
                   figure_rounded(quick->seconds / per_unit, low), unit->name,
                   least->series->parameters->label,
                   figure_rounded(most->percentiles[last].seconds / per_unit, high),
                   unit->name, most->series->parameters->label);
}
