/* The tables of the report; see tables.h. */
#include "report/tables.h"

#include <math.h>
#include <string.h>

#include "report/terminal.h"

/* "5.51 (5.40 to 5.62)", or the number alone where there is no interval. */
static void estimate_cell(struct document *document, const struct estimate *estimate) {
    if (isfinite(estimate->interval.low))
        document_cell(document, "%.2f (%.2f to %.2f)", estimate->value,
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
        document_cell(document, "%s (%s to %s)", value,
                      figure_number(estimate->interval.low / unit, low),
                      figure_number(estimate->interval.high / unit, high));
    else
        document_cell(document, "%s", value);
}

/* "187 (150 to 231)" in ms, or "n/a (needs 80)". */
static void percentile_cell(struct document *document,
                            const struct percentile *percentile) {
    char value[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    double seconds = percentile->seconds;
    if (!isfinite(seconds))
        document_cell(document, "%s", percentiles_lack(percentile->needed, value));
    else if (isfinite(percentile->interval_s.low))
        document_cell(document, "%s (%s to %s)", figure_number(seconds * 1e3, value),
                      figure_number(percentile->interval_s.low * 1e3, low),
                      figure_number(percentile->interval_s.high * 1e3, high));
    else
        document_cell(document, "%s", figure_number(seconds * 1e3, value));
}

static void write_latency_row(const struct overview_row *row, bool published,
                              struct document *document) {
    char text[FIGURE_BYTES];
    const struct published *before = &row->series->published;
    const struct estimate *estimates = row->estimates;
    document_cell(document, "%s", row->series->parameters->label);
    document_cell(document, "%s", figure_seconds(estimates[FIGURE_MEAN].value, text));
    document_cell(document, "%s", figure_seconds(estimates[FIGURE_FIRST].value, text));
    document_cell(document, "%s", figure_seconds(estimates[FIGURE_LAST].value, text));
    estimate_cell(document, &estimates[FIGURE_SLOWDOWN]);
    estimate_cell(document, &estimates[FIGURE_FIRST_SLOWDOWN]);
    estimate_cell(document, &estimates[FIGURE_LAST_SLOWDOWN]);
    if (published && before->mean > 0)
        document_cell(document, "%.2f / %.2f / %.2f", before->mean, before->first,
                      before->last);
    else if (published)
        document_cell(document, "-");
    document_cell(document, "%zu / %zu", row->n_failed, row->n_requests);
}

static void write_latency_table(const struct overview *overview,
                                struct document *document) {
    static const char *const heads[] = {
        "strategy", "mean, s",      "first, s",    "last, s",
        "slowdown", "of the first", "of the last", "article: mean / first / last",
        "failed",
    };
    const char *shown[sizeof heads / sizeof *heads];
    size_t n_shown = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (overview->has_published || strncmp(heads[i], "article", 7) != 0)
            shown[n_shown++] = heads[i];
    document_heading(document, 2, "How long each waited");
    document_paragraph(
        document,
        "Means over the repeats (up to %zu); in brackets the 95 %% interval "
        "over repeats. First and last are the shortest and the longest "
        "latency of a repeat. Slowdown is the latency in units of own T, "
        "what a job of the same cell took by itself while it ran: the "
        "CPU time of its CPU steps and its waits.",
        overview->n_repeats);
    document_table_begin(document, shown, n_shown);
    for (size_t i = 0; i < overview->n_rows; i++)
        write_latency_row(&overview->rows[i], overview->has_published, document);
    document_table_end(document);
}

static void write_cpus_table(const struct overview *overview, struct document *document) {
    static const char *const heads[] = {
        "strategy",           "own T, ms", "CPUs kept busy (B)",
        "CPUs available (A)", "B / A",     "overhead, ms a request",
    };
    document_heading(document, 2, "How many CPUs each kept busy");
    document_paragraph(
        document,
        "CPUs kept busy are the CPU time of the jobs by the time from the first "
        "start to the last end: what a strategy does. CPUs available are those "
        "allowed less what other programs took of them and what a hypervisor "
        "gave away meanwhile. Overhead is the server's CPU time a request "
        "beyond its job's; start-up and probes are in it.");
    document_table_begin(document, heads, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct estimate *estimates = overview->rows[i].estimates;
        document_cell(document, "%s", overview->rows[i].series->parameters->label);
        scaled_cell(document, &estimates[FIGURE_OWN_T], 1e3);
        estimate_cell(document, &estimates[FIGURE_CPUS_BUSY]);
        estimate_cell(document, &estimates[FIGURE_CPUS_AVAILABLE]);
        estimate_cell(document, &estimates[FIGURE_BUSY_SHARE]);
        scaled_cell(document, &estimates[FIGURE_OVERHEAD], 1e3);
    }
    document_table_end(document);
}

static void range_cells(struct document *document, const char *name, double unit,
                        const struct range *range) {
    char median[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    document_cell(document, "%s", name);
    document_cell(document, "%s (%s to %s)", figure_number(range->median / unit, median),
                  figure_number(range->low / unit, low),
                  figure_number(range->high / unit, high));
}

/* What is the machine's, not a strategy's: with its own, wider, intervals. */
static void write_machine_table(const struct overview *overview,
                                struct document *document) {
    static const char *const facts[] = {"of the machine", "median (least to most)"};
    static const char *const heads[] = {"strategy", "contention (K)",
                                        "effective cores (B / K)"};
    const struct machine_figures *machine = &overview->machine;
    document_heading(document, 2, "What the machine did");
    document_paragraph(
        document, "These figures are the machine's and move with it. T alone is what a "
                  "lone job takes, measured between the cells; E is how many counting "
                  "loops' worth of work all CPUs do at once. Contention is own T by the "
                  "nearest T alone: the price of sharing caches, a core's two threads or "
                  "a host. Effective cores are the CPUs kept busy by that.");
    document_table_begin(document, facts, 2);
    range_cells(document, "T alone, ms", 1e3, &machine->t_alone_us);
    range_cells(document, "E", 1, &machine->cores);
    range_cells(document, "CPUs available", 1, &machine->cpus_available);
    document_table_end(document);
    document_table_begin(document, heads, sizeof heads / sizeof *heads);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct estimate *estimates = overview->rows[i].estimates;
        document_cell(document, "%s", overview->rows[i].series->parameters->label);
        estimate_cell(document, &estimates[FIGURE_CONTENTION]);
        estimate_cell(document, &estimates[FIGURE_EFFECTIVE_CORES]);
    }
    document_table_end(document);
}

/* A percentile that no cell of the run can carry is no column. */
static bool is_carried(const struct overview *overview, int percentile) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (isfinite(overview->rows[i].percentiles[percentile].seconds))
            return true;
    return false;
}

static void write_percentiles_table(const struct overview *overview,
                                    struct document *document) {
    const char *heads[2 + N_PERCENTILES] = {"strategy", "answers"};
    char names[N_PERCENTILES][24];
    struct percentile none[N_PERCENTILES]; /* for their names */
    size_t n_bootstrapped = 0, n_heads = 2;
    for (size_t i = 0; i < overview->n_rows; i++)
        n_bootstrapped += overview->rows[i].merged.is_bootstrapped;
    percentiles_fill(none, NULL, 0);
    for (int k = 0; k < N_PERCENTILES; k++) {
        if (!is_carried(overview, k))
            continue;
        (void)snprintf(names[k], sizeof names[k], "%s, ms", none[k].name);
        heads[n_heads++] = names[k];
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
    document_table_begin(document, heads, n_heads);
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        document_cell(document, "%s", row->series->parameters->label);
        document_cell(document, "%zu", row->merged.n_values);
        for (int k = 0; k < N_PERCENTILES; k++)
            if (is_carried(overview, k))
                percentile_cell(document, &row->percentiles[k]);
    }
    document_table_end(document);
}

/* Where the interval spans zero: below what can be told, never negative. */
static void memory_cell(struct document *document, const struct estimate *memory) {
    char high[FIGURE_BYTES];
    if (isfinite(memory->interval.low) && memory->interval.low <= 0)
        document_cell(document, "below %s",
                      figure_number(fmax(memory->interval.high, 0) / 1024, high));
    else
        scaled_cell(document, memory, 1024);
}

static void write_costs_row(const struct overview_row *row, struct document *document) {
    char text[FIGURE_BYTES];
    document_cell(document, "%s", row->series->parameters->label);
    scaled_cell(document, &row->estimates[FIGURE_MEAN], 1e3);
    scaled_cell(document, &row->estimates[FIGURE_CPU_PER_REQUEST], 1e3);
    memory_cell(document, &row->estimates[FIGURE_MEMORY_PER_USER]);
    document_cell(document, "%s", figure_count(row->peak_threads, text));
    document_cell(document, "%s", figure_count(row->peak_processes, text));
}

static void write_costs_table(const struct overview *overview,
                              struct document *document) {
    static const char *const heads[] = {
        "strategy",
        "latency: mean, ms",
        "CPU per request, ms",
        "memory per request in flight, KiB",
        "threads",
        "processes",
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
static void probe_cell(struct document *document, const struct probe_figures *probes) {
    char text[FIGURE_BYTES];
    if (probes->n_probes > 0 && !isfinite(probes->p50_us))
        document_cell(document, "%s",
                      percentiles_lack(percentiles_samples_needed(0.5), text));
    else
        document_cell(document, "%s", figure_ms(probes->p50_us, text));
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
    write_cpus_table(overview, document);
    write_outliers(overview, document);
    write_percentiles_table(overview, document);
    write_costs_table(overview, document);
    write_beside_table(overview, document);
    write_machine_table(overview, document);
}
