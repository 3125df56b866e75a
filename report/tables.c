/* The tables of the report; see tables.h. */
#include "report/tables.h"

#include <math.h>

#include "report/terminal.h"

/* "5.51 (5.40 .. 5.62)", or the number alone where there is no interval. */
static void estimate_cell(struct document *document, const struct estimate *estimate) {
    if (isfinite(estimate->interval.low))
        document_cell(document, "%.2f (%.2f .. %.2f)", estimate->value,
                      estimate->interval.low, estimate->interval.high);
    else if (isfinite(estimate->value))
        document_cell(document, "%.2f", estimate->value);
    else
        document_cell(document, "-");
}

/* The same with as many digits as the number is worth; in units of `unit`. */
static void scaled_cell(struct document *document, const struct estimate *estimate,
                        double unit) {
    char value[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    (void)figure_number(estimate->value / unit, value);
    if (isfinite(estimate->interval.low))
        document_cell(document, "%s (%s .. %s)", value,
                      figure_number(estimate->interval.low / unit, low),
                      figure_number(estimate->interval.high / unit, high));
    else
        document_cell(document, "%s", value);
}

/* "187 (150 .. 231)" in ms, or "n/a (needs 80)". */
static void percentile_cell(struct document *document,
                            const struct percentile *percentile) {
    char value[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    double seconds = percentile->seconds;
    if (!isfinite(seconds))
        document_cell(document, "%s", percentiles_lack(percentile->needed, value));
    else if (isfinite(percentile->interval_s.low))
        document_cell(document, "%s (%s .. %s)", figure_number(seconds * 1e3, value),
                      figure_number(percentile->interval_s.low * 1e3, low),
                      figure_number(percentile->interval_s.high * 1e3, high));
    else
        document_cell(document, "%s", figure_number(seconds * 1e3, value));
}

static void write_latency_row(const struct overview_row *row, struct document *document) {
    char text[FIGURE_BYTES];
    const struct published *before = &row->series->published;
    document_cell(document, "%s", row->series->parameters->label);
    document_cell(document, "%s", validity_verdict_name(row->validity.verdict));
    document_cell(document, "%s", figure_seconds(row->mean_us.value, text));
    document_cell(document, "%s", figure_seconds(row->first_us.value, text));
    document_cell(document, "%s", figure_seconds(row->last_us.value, text));
    estimate_cell(document, &row->mean_t);
    estimate_cell(document, &row->first_t);
    estimate_cell(document, &row->last_t);
    if (before->mean_t > 0)
        document_cell(document, "%.2f / %.2f / %.2f", before->mean_t, before->first_t,
                      before->last_t);
    else
        document_cell(document, "-");
    document_cell(document, "%zu / %zu", row->n_failed, row->n_requests);
}

static void write_latency_table(const struct overview *overview,
                                struct document *document) {
    static const char *const heads[] = {
        "strategy", "validity", "mean, s",
        "first, s", "last, s",  "mean, T",
        "first, T", "last, T",  "article: mean / first / last, T",
        "failed",
    };
    enum { N_HEADS = sizeof heads / sizeof *heads };
    document_heading(document, 2, "How long each waited");
    document_paragraph(document,
                       "Means over %zu repeat%s; in brackets the 95 %% interval over "
                       "repeats%s. First and last are the shortest and the longest "
                       "latency of a repeat.",
                       overview->n_repeats, overview->n_repeats == 1 ? "" : "s",
                       overview->n_repeats == 1 ? " (one repeat: no interval)" : "");
    document_table_begin(document, heads, N_HEADS);
    for (size_t i = 0; i < overview->n_rows; i++)
        write_latency_row(&overview->rows[i], document);
    document_table_end(document);
}

static void write_percentiles_table(const struct overview *overview,
                                    struct document *document) {
    const char *heads[2 + N_PERCENTILES] = {"strategy", "answers"};
    char names[N_PERCENTILES][24];
    struct percentile none[N_PERCENTILES]; /* for their names */
    size_t n_bootstrapped = 0;
    for (size_t i = 0; i < overview->n_rows; i++)
        n_bootstrapped += overview->rows[i].merged.is_bootstrapped;
    percentiles_fill(none, NULL, 0);
    for (int k = 0; k < N_PERCENTILES; k++) {
        (void)snprintf(names[k], sizeof names[k], "%s, ms", none[k].name);
        heads[2 + k] = names[k];
    }
    document_heading(document, 2, "How long the slow ones waited");
    document_paragraph(
        document,
        "Percentiles of all answers, the repeats merged and never averaged; in brackets "
        "the 95 %% interval, from %s. What the samples do not carry is not given: n/a "
        "says how many it needs.",
        n_bootstrapped == overview->n_rows
            ? "the bootstrap over repeats and, within them, blocks"
            : "the order statistics of the merged answers (as if all were independent; "
              "where every repeat has 50 or more, from the bootstrap over repeats)");
    document_table_begin(document, heads, 2 + N_PERCENTILES);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        document_cell(document, "%s", row->series->parameters->label);
        document_cell(document, "%zu", row->merged.n_values);
        for (int k = 0; k < N_PERCENTILES; k++)
            percentile_cell(document, &row->percentiles[k]);
    }
    document_table_end(document);
}

static void write_costs_row(const struct overview_row *row, struct document *document) {
    char text[FIGURE_BYTES];
    document_cell(document, "%s", row->series->parameters->label);
    scaled_cell(document, &row->mean_us, 1e3);
    percentile_cell(document, &row->percentiles[PERCENTILE_50]);
    percentile_cell(document, &row->percentiles[PERCENTILE_99]);
    scaled_cell(document, &row->cpu_per_request_us, 1e3);
    scaled_cell(document, &row->memory_per_user_bytes, 1024);
    document_cell(document, "%s", figure_count(row->peak_threads, text));
    document_cell(document, "%s", figure_count(row->peak_processes, text));
}

static void write_costs_table(const struct overview *overview,
                              struct document *document) {
    static const char *const heads[] = {
        "strategy", "latency: mean, ms",   "p50, ms",
        "p99, ms",  "CPU per request, ms", "memory per request in flight, KiB",
        "threads",  "processes",
    };
    document_heading(document, 2, "What it cost");
    document_paragraph(
        document, "Latency beside its price; in brackets 95 %% intervals. CPU is that of "
                  "all server processes, start-up and probes included, by answered "
                  "requests. Memory is what they held at most of their own (anonymous "
                  "PSS) beyond what they held idle, by users, each of whom has one "
                  "request in flight. Threads and processes of the server: the most seen "
                  "at one moment of any repeat.");
    document_table_begin(document, heads, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < overview->n_rows; i++)
        write_costs_row(&overview->rows[i], document);
    document_table_end(document);
}

/* The median of `/`: as other percentiles, not of too few. */
static void probe_cell(struct document *document, const struct probe_figures *figures) {
    char text[FIGURE_BYTES];
    if (figures->n_probes > 0 && !isfinite(figures->p50_us))
        document_cell(document, "%s",
                      percentiles_lack(percentiles_samples_needed(0.5), text));
    else
        document_cell(document, "%s", figure_ms(figures->p50_us, text));
}

static void write_beside_table(const struct overview *overview,
                               struct document *document) {
    static const char *const heads[] = {
        "strategy",        "/ idle: p50, ms", "/ busy: p50, ms", "/ busy: max, ms",
        "/ busy: samples", "model",           "off by, %",       "requests per server",
    };
    enum { N_HEADS = sizeof heads / sizeof *heads };
    char text[FIGURE_BYTES];
    document_heading(document, 2, "Beside the work");
    document_paragraph(
        document, "While the users waited, one more user asked for `/` on a fixed "
                  "schedule; its latency counts from the moment a request was due. All "
                  "repeats are merged. The model is drawn into the first chart.");
    document_table_begin(document, heads, N_HEADS);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        document_cell(document, "%s", row->series->parameters->label);
        probe_cell(document, &row->idle);
        probe_cell(document, &row->busy);
        document_cell(document, "%s", figure_ms(row->busy.max_us, text));
        document_cell(document, "%zu", row->busy.n_probes);
        document_cell(document, "%s", row->model != NULL ? row->model->formula : "none");
        document_cell(document, "%s", figure_t(row->model_error.value * 100, text));
        document_cell(document, "%s", row->split[0] != '\0' ? row->split : "one server");
    }
    document_table_end(document);
}

/* What stands out, and stays in. */
static void write_outliers(const struct overview *overview, struct document *document) {
    char text[256];
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview_outliers(&overview->rows[i], text, sizeof text)[0] != '\0')
            document_paragraph(document, "%s: %s.",
                               overview->rows[i].series->parameters->label, text);
}

void tables_write(const struct overview *overview, struct document *document) {
    write_latency_table(overview, document);
    write_outliers(overview, document);
    write_percentiles_table(overview, document);
    write_costs_table(overview, document);
    write_beside_table(overview, document);
}
