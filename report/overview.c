/* Rows and findings of a run; see overview.h. */
#include "report/overview.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "measured/yardstick.h"
#include "report/terminal.h"

/* What theory expects of a cell, NULL where it says nothing. */
static const struct model *model_of(const struct experiment *experiment,
                                    const struct cell_parameters *parameters) {
    const struct contestant *contestant =
        experiment != NULL ? experiment_contestant(experiment, parameters->contestant)
                           : NULL;
    return contestant != NULL ? contestant->model : NULL;
}

/* Busy or idle latencies of `/` of all repeats together. */
static struct probe_figures merge_probes(const struct series *series, bool busy) {
    struct probe_figures probes = {0, NAN, NAN};
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->probes[busy].n;
    double *sorted_us = calloc(room, sizeof *sorted_us);
    if (sorted_us == NULL)
        return probes;
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct latencies *own = &series->repeats[i]->probes[busy];
        for (size_t k = 0; k < own->n; k++)
            sorted_us[probes.n_probes++] = own->us[k];
    }
    stats_sort(sorted_us, probes.n_probes);
    if (probes.n_probes >= percentiles_samples_needed(0.5))
        probes.p50_us = stats_quantile(sorted_us, probes.n_probes, 0.5);
    if (probes.n_probes > 0)
        probes.max_us = sorted_us[probes.n_probes - 1];
    free(sorted_us);
    return probes;
}

/* "6 + 4, 5 + 5": requests per server, repeat by repeat. */
static void describe_split(const struct series *series, char *text, size_t text_bytes) {
    size_t length = 0;
    text[0] = '\0';
    if (series->parameters->processes < 2)
        return;
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct sums *sums = &series->repeats[i]->sums;
        size_t n_servers = series->parameters->processes;
        for (size_t k = 0; k < n_servers && k < SUMS_MAX_SERVERS && length < text_bytes;
             k++)
            length += (size_t)snprintf(text + length, text_bytes - length, "%s%u",
                                       k > 0   ? " + "
                                       : i > 0 ? ", "
                                               : "",
                                       sums->per_server[k]);
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
    struct estimate estimate = estimate_values(errors, n_errors, false);
    free(errors);
    return estimate;
}

/* Repeats whose mean slowdown is an outlier among the others. */
static size_t count_outlying_repeats(const struct series *series) {
    double *means = calloc(series->n_repeats + 1, sizeof *means);
    size_t n = 0;
    for (size_t i = 0; means != NULL && i < series->n_repeats; i++) {
        means[n] = metric_slowdown(series->repeats[i]);
        n += isfinite(means[n]) ? 1 : 0;
    }
    stats_sort(means, n);
    struct outliers outliers = stats_outliers(means, n);
    free(means);
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
        .model = model_of(experiment, series->parameters),
        .peak_threads = NAN,
        .peak_processes = NAN,
        .idle = merge_probes(series, false),
        .busy = merge_probes(series, true),
    };
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        row.estimates[id] = figure_estimate(series, id);
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
        values[n] = figure(run->cells[i]);
        n += isfinite(values[n]) ? 1 : 0;
    }
    if (n > 0) {
        stats_sort(values, n);
        range = (struct range){stats_quantile(values, n, 0.5), values[0], values[n - 1]};
    }
    free(values);
    return range;
}

/* The mean over all repeats that say it. */
static double mean_of(const struct run *run, metric *figure) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < run->n_cells; i++) {
        double value = figure(run->cells[i]);
        sum += isfinite(value) ? value : 0;
        n += isfinite(value) ? 1 : 0;
    }
    return n > 0 ? sum / (double)n : NAN;
}

static double cpus_allowed(const struct cell *cell) {
    return cell->window.allowance;
}

static struct machine_figures describe_machine(const struct run *run) {
    return (struct machine_figures){
        .t_alone_us = range_of(run, metric_t_alone_us),
        .cores = range_of(run, metric_machine_cores),
        .cpus_available = range_of(run, metric_cpus_available),
        .cpus_allowed = mean_of(run, cpus_allowed),
        .others_share = mean_of(run, metric_others_share),
        .stolen_share = mean_of(run, metric_stolen_share),
    };
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
    overview->experiment = experiment_find(run->experiment);
    overview->n_findings = count_claims(overview->experiment);
    overview->rows = calloc(run->n_series + 1, sizeof *overview->rows);
    overview->findings = calloc(overview->n_findings + 1, sizeof *overview->findings);
    if (overview->rows == NULL || overview->findings == NULL) {
        overview_free(overview);
        return NULL;
    }
    overview->n_rows = run->n_series;
    for (size_t i = 0; i < overview->n_rows; i++) {
        overview->rows[i] = make_row(&run->series[i], overview->experiment);
        if (run->series[i].n_repeats > overview->n_repeats)
            overview->n_repeats = run->series[i].n_repeats;
        overview->has_published |= run->series[i].published.mean > 0;
    }
    for (size_t i = 0; i < overview->n_findings; i++)
        judge(run, &overview->experiment->claims[i], &overview->findings[i]);
    overview->machine = describe_machine(run);
    return overview;
}

void overview_free(struct overview *overview) {
    if (overview == NULL)
        return;
    for (size_t i = 0; i < overview->n_rows; i++)
        merged_free(&overview->rows[i].merged);
    free(overview->rows);
    free(overview->findings);
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
        (void)snprintf(
            text + length, text_bytes - length,
            "%sby its mean slowdown, %zu of %zu repeats (modified z above %.1f), "
            "kept",
            length > 0 ? "; " : "outliers ", row->n_outlying_repeats,
            row->series->n_repeats, STATS_OUTLIER_Z);
    return text;
}

/* "2" or "some". */
static const char *count_or_some(double count, char text[FIGURE_BYTES]) {
    return isfinite(count) ? figure_count(count, text) : "some";
}

char *overview_caption(const struct overview *overview, char *text, size_t text_bytes) {
    const json_t *info = overview->run->info;
    const json_t *machine = json_object_get(info, "machine");
    const struct range *alone = &overview->machine.t_alone_us;
    char cpus[FIGURE_BYTES], users[FIGURE_BYTES], took[FIGURE_BYTES], job[80] = "";
    double n_cpus = fields_get_number(machine, "cpus_usable");
    if (isfinite(alone->median))
        (void)snprintf(job, sizeof job, " (a job alone took %s ms)",
                       figure_ms(alone->median, took));
    (void)snprintf(text, text_bytes,
                   "%s users at once, %s%s; %s CPU%s of %s; %zu repeat%s; %.10s",
                   count_or_some(fields_get_number(info, "users"), users),
                   fields_get_text(info, "work_asked", "the same work"), job,
                   count_or_some(n_cpus, cpus), n_cpus == 1 ? "" : "s",
                   fields_get_text(machine, "cpu_model", "an unknown CPU"),
                   overview->n_repeats, overview->n_repeats == 1 ? "" : "s",
                   fields_get_text(info, "started_at", "no date"));
    return text;
}
