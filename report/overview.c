/* Rows and findings of a run; see overview.h. */
#include "report/overview.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measured/fields.h"
#include "report/terminal.h"

static const struct experiment *find_experiment(const char *name) {
    for (const struct experiment_entry *entry = experiments; entry->name != NULL; entry++)
        if (strcmp(entry->name, name) == 0)
            return entry->experiment;
    return NULL;
}

/* Busy or idle latencies of `/` of all repeats together. */
static struct probe_figures merge_probes(const struct series *series, bool busy) {
    struct probe_figures figures = {0, NAN, NAN};
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->n_probes;
    double *sorted_us = calloc(room, sizeof *sorted_us);
    if (sorted_us == NULL)
        return figures;
    for (size_t i = 0; i < series->n_repeats; i++)
        figures.n_probes +=
            cell_probes(series->repeats[i], busy, sorted_us + figures.n_probes);
    stats_sort(sorted_us, figures.n_probes);
    if (figures.n_probes >= percentiles_samples_needed(0.5))
        figures.p50_us = stats_quantile(sorted_us, figures.n_probes, 0.5);
    if (figures.n_probes > 0)
        figures.max_us = sorted_us[figures.n_probes - 1];
    free(sorted_us);
    return figures;
}

/* "6 + 4, 5 + 5": requests per server, repeat by repeat. */
static void describe_split(const struct series *series, char *text, size_t text_bytes) {
    size_t length = 0;
    text[0] = '\0';
    if (series->parameters->processes < 2)
        return;
    for (size_t i = 0; i < series->n_repeats; i++) {
        unsigned n_requests[MAX_SERVERS];
        size_t n = cell_split(series->repeats[i], n_requests, MAX_SERVERS);
        size_t n_servers = series->parameters->processes;
        for (size_t k = 0; k < n_servers && k < MAX_SERVERS && length < text_bytes; k++)
            length += (size_t)snprintf(text + length, text_bytes - length, "%s%u",
                                       k > 0   ? " + "
                                       : i > 0 ? ", "
                                               : "",
                                       k < n ? n_requests[k] : 0);
    }
}

static struct estimate estimate_model_error(const struct series *series,
                                            const struct model *model) {
    double *errors = calloc(series->n_repeats, sizeof *errors);
    size_t n_errors = 0;
    for (size_t i = 0; errors != NULL && model != NULL && i < series->n_repeats; i++) {
        errors[n_errors] = model_error(model, series->repeats[i]);
        n_errors += isfinite(errors[n_errors]) ? 1 : 0;
    }
    struct estimate estimate = estimate_values(errors, n_errors);
    free(errors);
    return estimate;
}

/* Repeats whose mean latency in T is an outlier among the others. */
static size_t count_outlying_repeats(const struct series *series) {
    double *means_t = calloc(series->n_repeats + 1, sizeof *means_t);
    size_t n = 0;
    for (size_t i = 0; means_t != NULL && i < series->n_repeats; i++) {
        means_t[n] = metric_mean_t(series->repeats[i]);
        n += isfinite(means_t[n]) ? 1 : 0;
    }
    stats_sort(means_t, n);
    struct outliers outliers = stats_outliers(means_t, n);
    free(means_t);
    return outliers.n_low + outliers.n_high;
}

/* What the samples of all repeats say together; nothing when memory is out. */
static void merge_latencies(struct overview_row *row) {
    (void)merged_make(row->series, &row->merged);
    merged_percentiles(&row->merged, row->percentiles);
    row->outliers = stats_outliers(row->merged.sorted_s, row->merged.n_values);
    row->n_outlying_repeats = count_outlying_repeats(row->series);
}

static struct overview_row make_row(const struct series *series,
                                    const struct experiment *experiment) {
    struct overview_row row = {
        .series = series,
        .model = experiment != NULL && experiment->model != NULL
                     ? experiment->model(series->parameters)
                     : NULL,
        .mean_us = estimate_series(series, metric_mean_us),
        .first_us = estimate_series(series, metric_first_us),
        .last_us = estimate_series(series, metric_last_us),
        .mean_t = estimate_series(series, metric_mean_t),
        .first_t = estimate_series(series, metric_first_t),
        .last_t = estimate_series(series, metric_last_t),
        .cpu_per_request_us = estimate_series(series, metric_cpu_per_request_us),
        .memory_per_user_bytes = estimate_series(series, metric_memory_per_user_bytes),
        .peak_threads = NAN,
        .peak_processes = NAN,
        .idle = merge_probes(series, false),
        .busy = merge_probes(series, true),
    };
    row.validity = validity_of_series(series);
    row.model_error = estimate_model_error(series, row.model);
    for (size_t i = 0; i < series->n_repeats; i++) {
        row.n_requests += series->repeats[i]->n_requests;
        row.peak_threads =
            fmax(row.peak_threads, metric_peak_threads(series->repeats[i]));
        row.peak_processes =
            fmax(row.peak_processes, metric_peak_processes(series->repeats[i]));
        row.n_failed += (size_t)metric_n_failed(series->repeats[i]);
    }
    describe_split(series, row.split, sizeof row.split);
    merge_latencies(&row);
    return row;
}

static struct range range_of(const struct run *run, metric *figure) {
    struct range range = {NAN, NAN, NAN};
    double *values = calloc(run->n_cells + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values != NULL && i < run->n_cells; i++) {
        values[n] = figure(&run->cells[i]);
        n += isfinite(values[n]) ? 1 : 0;
    }
    if (n > 0) {
        stats_sort(values, n);
        range = (struct range){stats_quantile(values, n, 0.5), values[0], values[n - 1]};
    }
    free(values);
    return range;
}

static bool is_listed(const struct overview *overview, unsigned repeat) {
    size_t i = 0;
    while (i < overview->n_drifts && overview->drifts[i].repeat != repeat)
        i++;
    return i < overview->n_drifts;
}

/* No figure of any cell rests on it: one may have too few others to do without. */
static bool is_set_aside(const struct run *run, unsigned repeat) {
    bool is_used = false, is_found = false;
    for (size_t i = 0; i < run->n_series + run->n_twins; i++) {
        const struct series *series =
            i < run->n_series ? &run->series[i] : &run->twins[i - run->n_series];
        is_used |= series_repeat(series, repeat) != NULL;
        for (size_t k = 0; k < series->n_set_aside; k++)
            is_found |= series->repeats[series->n_repeats + k]->repeat == repeat;
    }
    return is_found && !is_used;
}

static void describe_drift(const struct run *run, const struct cell *cell,
                           struct drift *drift) {
    *drift = (struct drift){.repeat = cell->repeat,
                            .is_set_aside = is_set_aside(run, cell->repeat)};
    double t = cell->t_after_us / cell->t_us - 1;
    double cores = cell->effective_cores_after / cell->effective_cores - 1;
    const char *unknown = cell_drift_unknown(cell);
    char t_text[64] = "", cores_text[64] = "";
    if (isfinite(t))
        (void)snprintf(t_text, sizeof t_text, "T went from %.4g to %.4g ms (%+.1f %%), ",
                       cell->t_us / 1000, cell->t_after_us / 1000, t * 100);
    if (isfinite(cores))
        (void)snprintf(cores_text, sizeof cores_text, "E from %.2f to %.2f (%+.1f %%)%s",
                       cell->effective_cores, cell->effective_cores_after, cores * 100,
                       unknown != NULL ? ", " : "");
    (void)snprintf(drift->text, sizeof drift->text, "%s%s%s%s%s", t_text, cores_text,
                   unknown != NULL ? "whether " : " while it ran",
                   unknown != NULL ? unknown : "",
                   unknown != NULL ? " moved is not known" : "");
}

static int compare_drifts(const void *left, const void *right) {
    const struct drift *a = left, *b = right;
    return a->repeat < b->repeat ? -1 : a->repeat > b->repeat;
}

static int list_drifts(struct overview *overview) {
    const struct run *run = overview->run;
    overview->drifts = calloc(run->n_cells + 1, sizeof *overview->drifts);
    if (overview->drifts == NULL)
        return -1;
    for (size_t i = 0; i < run->n_cells; i++)
        if (!cell_is_steady(&run->cells[i]) && !is_listed(overview, run->cells[i].repeat))
            describe_drift(run, &run->cells[i], &overview->drifts[overview->n_drifts++]);
    qsort(overview->drifts, overview->n_drifts, sizeof *overview->drifts, compare_drifts);
    return 0;
}

static size_t count_claims(const struct experiment *experiment) {
    size_t n = 0;
    while (experiment != NULL && experiment->claims[n].id != NULL)
        n++;
    return n;
}

struct overview *overview_make(const struct run *run) {
    struct overview *overview = calloc(1, sizeof *overview);
    if (overview == NULL)
        return NULL;
    overview->run = run;
    overview->experiment = find_experiment(run->experiment);
    overview->n_findings = count_claims(overview->experiment);
    overview->rows = calloc(run->n_series + 1, sizeof *overview->rows);
    overview->findings = calloc(overview->n_findings + 1, sizeof *overview->findings);
    if (overview->rows == NULL || overview->findings == NULL ||
        list_drifts(overview) != 0) {
        overview_free(overview);
        return NULL;
    }
    overview->n_rows = run->n_series;
    for (size_t i = 0; i < overview->n_rows; i++) {
        overview->rows[i] = make_row(&run->series[i], overview->experiment);
        if (run->series[i].n_repeats > overview->n_repeats)
            overview->n_repeats = run->series[i].n_repeats;
        overview->has_published |= run->series[i].published.mean_t > 0;
    }
    for (size_t i = 0; i < overview->n_findings; i++)
        judge(run, &overview->experiment->claims[i], &overview->findings[i]);
    overview->t_us = range_of(run, metric_t_us);
    overview->effective_cores = range_of(run, metric_effective_cores);
    return overview;
}

void overview_free(struct overview *overview) {
    if (overview == NULL)
        return;
    for (size_t i = 0; i < overview->n_rows; i++)
        merged_free(&overview->rows[i].merged);
    free(overview->rows);
    free(overview->findings);
    free(overview->drifts);
    free(overview);
}

size_t overview_count(const struct overview *overview, enum verdict verdict) {
    size_t n = 0;
    for (size_t i = 0; i < overview->n_findings; i++)
        n += overview->findings[i].verdict == verdict;
    return n;
}

char *overview_outliers(const struct overview_row *row, char *text, size_t text_bytes) {
    (void)figure_outliers(&row->outliers, 1e3, row->merged.n_values, text, text_bytes);
    size_t length = strlen(text);
    if (row->n_outlying_repeats > 0)
        (void)snprintf(text + length, text_bytes - length,
                       "%sby its mean in T, %zu of %zu repeats (modified z above %.1f), "
                       "kept",
                       length > 0 ? "; " : "outliers ", row->n_outlying_repeats,
                       row->series->n_repeats, STATS_OUTLIER_Z);
    return text;
}

/* "E = 1.57 (1.19 .. 2.30), T = 92.31 ms (71.55 .. 99.1)". */
static void describe_yardsticks(const struct overview *overview, char *text,
                                size_t text_bytes) {
    const struct range *cores = &overview->effective_cores, *t = &overview->t_us;
    char e[64] = "E not known";
    if (isfinite(cores->median))
        (void)snprintf(e, sizeof e, "E = %.2f (%.2f .. %.2f)", cores->median, cores->low,
                       cores->high);
    if (isfinite(t->median))
        (void)snprintf(text, text_bytes, "%s, T = %.4g ms (%.4g .. %.4g)", e,
                       t->median / 1000, t->low / 1000, t->high / 1000);
    else
        (void)snprintf(text, text_bytes, "T and E not known");
}

/* "2" or "some". */
static const char *count_or_some(double count, char text[FIGURE_BYTES]) {
    return isfinite(count) ? figure_count(count, text) : "some";
}

char *overview_caption(const struct overview *overview, char *text, size_t text_bytes) {
    const json_t *info = overview->run->info;
    const json_t *machine = json_object_get(info, "machine");
    char yardsticks[160], cpus[FIGURE_BYTES], users[FIGURE_BYTES];
    double n_cpus = fields_get_number(machine, "cpus_usable");
    describe_yardsticks(overview, yardsticks, sizeof yardsticks);
    (void)snprintf(text, text_bytes,
                   "%s, %s usable CPU%s; %s; n = %s, %zu repeat%s, %.10s",
                   fields_get_text(machine, "cpu_model", "unknown CPU"),
                   count_or_some(n_cpus, cpus), n_cpus == 1 ? "" : "s", yardsticks,
                   count_or_some(fields_get_number(info, "users"), users),
                   overview->n_repeats, overview->n_repeats == 1 ? "" : "s",
                   fields_get_text(info, "started_at", "no date"));
    return text;
}
