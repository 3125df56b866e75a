/* Figures of cells; see metric.h. */
#include "measured/metric.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/fields.h"
#include "common/stats/percentiles.h"
#include "common/work/work.h"

static double *make_room(size_t n_values) {
    return calloc(n_values + 1, sizeof(double));
}

/* A figure made from the sorted latencies of the answered requests. */
static double of_latencies(const struct cell *cell,
                           double (*figure)(const double *sorted_us, size_t n)) {
    return cell->n_answered > 0 ? figure(cell->latencies_us, cell->n_answered) : NAN;
}

static double first_of(const double *sorted_us, size_t n) {
    return n > 0 ? sorted_us[0] : NAN;
}

static double last_of(const double *sorted_us, size_t n) {
    return sorted_us[n - 1];
}

static double spread_of(const double *sorted_us, size_t n) {
    return n > 1 ? (sorted_us[n - 1] - sorted_us[0]) / sorted_us[n - 1] : NAN;
}

/* The line through latency against rank; NANs when there is none. */
static struct line_fit fit_ranks(const double *sorted_us, size_t n) {
    struct line_fit fit = {NAN, NAN, NAN};
    double *ranks = make_room(n);
    for (size_t i = 0; ranks != NULL && i < n; i++)
        ranks[i] = (double)(i + 1);
    if (ranks != NULL)
        fit = stats_fit_line(ranks, sorted_us, n);
    free(ranks);
    return fit;
}

static double unexplained_of(const double *sorted_us, size_t n) {
    return 1 - fit_ranks(sorted_us, n).r_squared;
}

double metric_mean_us(const struct cell *cell) {
    return of_latencies(cell, stats_mean);
}

double metric_first_us(const struct cell *cell) {
    return of_latencies(cell, first_of);
}

double metric_last_us(const struct cell *cell) {
    return of_latencies(cell, last_of);
}

static double quantile_of(const struct cell *cell, double q) {
    return cell->n_answered >= percentiles_samples_needed(q)
               ? stats_quantile(cell->latencies_us, cell->n_answered, q)
               : NAN;
}

double metric_p50_us(const struct cell *cell) {
    return quantile_of(cell, 0.5);
}

double metric_p99_us(const struct cell *cell) {
    return quantile_of(cell, 0.99);
}

double metric_throughput(const struct cell *cell) {
    double start_us = NAN, end_us = NAN;
    for (size_t i = 0; i < cell->n_requests; i++) {
        const struct sample *sample = &cell->requests[i];
        start_us = fmin(start_us, sample->start_us);
        if (sample_is_answered(sample))
            end_us = fmax(end_us, sample_end_us(cell, sample));
    }
    return end_us > start_us ? (double)cell->n_answered * 1e6 / (end_us - start_us) : NAN;
}

double metric_spread(const struct cell *cell) {
    return of_latencies(cell, spread_of);
}

double metric_unexplained(const struct cell *cell) {
    return of_latencies(cell, unexplained_of);
}

double sample_end_us(const struct cell *cell, const struct sample *sample) {
    /* In open mode a latency counts from the planned moment. */
    return (cell->open_loop ? sample->planned_us : sample->start_us) + sample->latency_us;
}

double metric_end_us(const struct cell *cell) {
    double end_us = NAN;
    for (size_t i = 0; i < cell->n_requests; i++)
        end_us = fmax(end_us, sample_end_us(cell, &cell->requests[i]));
    return end_us;
}

size_t cell_probes(const struct cell *cell, bool busy, double *sorted_us) {
    double end_us = metric_end_us(cell);
    size_t n = 0;
    for (size_t i = 0; i < cell->n_probes; i++) {
        const struct sample *probe = &cell->probes[i];
        bool in_window = busy ? probe->planned_us >= 0 && probe->planned_us < end_us
                              : probe->planned_us < 0;
        if (in_window && sample_is_answered(probe))
            sorted_us[n++] = probe->latency_us;
    }
    stats_sort(sorted_us, n);
    return n;
}

static double probe_quantile(const struct cell *cell, bool busy, double q) {
    double *sorted_us = make_room(cell->n_probes);
    size_t n = sorted_us != NULL ? cell_probes(cell, busy, sorted_us) : 0;
    double value = n > 0 ? stats_quantile(sorted_us, n, q) : NAN;
    free(sorted_us);
    return value;
}

double cell_probe_median_us(const struct cell *cell, bool busy) {
    double *sorted_us = make_room(cell->n_probes);
    size_t n = sorted_us != NULL ? cell_probes(cell, busy, sorted_us) : 0;
    double median_us =
        n >= percentiles_samples_needed(0.5) ? stats_quantile(sorted_us, n, 0.5) : NAN;
    free(sorted_us);
    return median_us;
}

double metric_idle_p50_us(const struct cell *cell) {
    return probe_quantile(cell, false, 0.5);
}

double metric_busy_p50_us(const struct cell *cell) {
    return probe_quantile(cell, true, 0.5);
}

double metric_busy_max_us(const struct cell *cell) {
    return probe_quantile(cell, true, 1);
}

/* In flight when the time was up, or planned and not sent: nothing became of it. */
static bool was_cut_off(const struct sample *sample) {
    return sample->status == 0 && sample->error == NULL;
}

double metric_n_failed(const struct cell *cell) {
    double n_failed = 0;
    for (size_t i = 0; i < cell->n_requests; i++) {
        const struct sample *sample = &cell->requests[i];
        n_failed += !sample_is_answered(sample) && !was_cut_off(sample);
    }
    return n_failed;
}

double metric_failed_share(const struct cell *cell) {
    double n_failed = metric_n_failed(cell);
    double n_ended = (double)cell->n_answered + n_failed;
    return n_ended > 0 ? n_failed / n_ended : NAN;
}

static double of_server(const struct cell *cell, const char *key) {
    return fields_get_number(json_object_get(cell->json, "server"), key);
}

double metric_cpu_per_request_us(const struct cell *cell) {
    double cpu_s = of_server(cell, "cpu_user_s") + of_server(cell, "cpu_system_s");
    return cell->n_answered > 0 ? cpu_s * 1e6 / (double)cell->n_answered : NAN;
}

double metric_peak_threads(const struct cell *cell) {
    return of_server(cell, "peak_threads");
}

double metric_peak_processes(const struct cell *cell) {
    return of_server(cell, "peak_processes");
}

double metric_peak_pss_bytes(const struct cell *cell) {
    return of_server(cell, "peak_pss_bytes");
}

double metric_memory_per_user_bytes(const struct cell *cell) {
    double more =
        of_server(cell, "peak_pss_anon_bytes") - of_server(cell, "idle_pss_anon_bytes");
    if (!isfinite(more) || cell->parameters.users == 0)
        return NAN;
    return more / cell->parameters.users;
}

/* Turns of one job's CPU steps; NAN when its work cannot be read. */
static double turns_per_job(const struct cell *cell) {
    struct work work;
    bool is_work = work_parse_kept(cell->parameters.work, 1, &work) == 0;
    return is_work ? work_turns(&work) : NAN;
}

/* The time of answered requests in steps: computing, and waiting. */
static double steps_us(const struct cell *cell, bool computing) {
    double sum_us = 0;
    for (size_t i = 0; i < cell->n_requests; i++) {
        const struct sample *sample = &cell->requests[i];
        if (sample_is_answered(sample))
            sum_us += computing ? sample->cpu_us : sample->wait_us;
    }
    return sum_us;
}

double metric_speed_turns_per_us(const struct cell *cell) {
    double cpu_us = steps_us(cell, true);
    double turns = turns_per_job(cell) * (double)cell->n_answered;
    return cpu_us > 0 && turns > 0 ? turns / cpu_us : NAN;
}

double metric_cpu_share(const struct cell *cell) {
    double cpu_us = steps_us(cell, true);
    return cpu_us > 0 ? cpu_us / (cpu_us + steps_us(cell, false)) : NAN;
}

double cell_mean_us_at(const struct cell *cell, double turns_per_us) {
    double speed = metric_speed_turns_per_us(cell) / turns_per_us;
    return metric_mean_us(cell) * pow(speed, metric_cpu_share(cell));
}

double metric_n_waiting_steps(const struct cell *cell) {
    struct work work;
    double n_waiting = 0;
    if (work_parse_kept(cell->parameters.work, 1, &work) != 0)
        return NAN;
    for (unsigned i = 0; i < work.n_steps; i++)
        n_waiting += work.steps[i].kind != STEP_CPU;
    return n_waiting;
}

static int more_first(const void *left, const void *right) {
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return (a < b) - (a > b);
}

size_t cell_split(const struct cell *cell, unsigned *n_requests, size_t max_processes) {
    int *processes = calloc(max_processes, sizeof *processes);
    size_t n = 0;
    for (size_t i = 0; processes != NULL && i < cell->n_requests; i++) {
        int process = cell->requests[i].process;
        size_t at = 0;
        while (at < n && processes[at] != process)
            at++;
        if (process == 0 || at == max_processes)
            continue;
        if (at == n) {
            processes[n++] = process;
            n_requests[at] = 0;
        }
        n_requests[at]++;
    }
    free(processes);
    qsort(n_requests, n, sizeof *n_requests, more_first);
    return n;
}

double metric_most_loaded(const struct cell *cell) {
    enum { MAX_SERVERS = 256 };
    unsigned n_requests[MAX_SERVERS] = {0};
    size_t n = cell_split(cell, n_requests, MAX_SERVERS);
    if (cell->parameters.processes < 2 || n == 0)
        return NAN;
    return n_requests[0] * (double)cell->parameters.processes / (double)cell->n_requests;
}

/* What repeats say together */

static bool are_positive(const double *values, size_t n_values) {
    size_t n = 0;
    while (n < n_values && values[n] > 0)
        n++;
    return n == n_values;
}

struct estimate estimate_values(const double *values, size_t n_values, bool is_share) {
    return (struct estimate){
        .value = stats_mean(values, n_values),
        .interval = !is_share && are_positive(values, n_values)
                        ? stats_positive_mean_interval(values, n_values)
                        : stats_mean_interval(values, n_values),
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

struct probe_figures series_probes(const struct series *series, bool busy) {
    struct probe_figures probes = {0, NAN, NAN};
    size_t room = 1;
    for (size_t i = 0; i < series->n_repeats; i++)
        room += series->repeats[i]->n_probes;
    double *sorted_us = calloc(room, sizeof *sorted_us);
    if (sorted_us == NULL)
        return probes;
    for (size_t i = 0; i < series->n_repeats; i++)
        probes.n_probes +=
            cell_probes(series->repeats[i], busy, sorted_us + probes.n_probes);
    stats_sort(sorted_us, probes.n_probes);
    if (probes.n_probes >= percentiles_samples_needed(0.5))
        probes.p50_us = stats_quantile(sorted_us, probes.n_probes, 0.5);
    if (probes.n_probes > 0)
        probes.max_us = sorted_us[probes.n_probes - 1];
    free(sorted_us);
    return probes;
}

/* How many repeats have a smaller mean; ties go by the order of repeats. */
static size_t position(const struct series *series, size_t index) {
    double mean_us = metric_mean_us(series->repeats[index]);
    size_t below = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        double other_us = metric_mean_us(series->repeats[i]);
        below += other_us < mean_us || (other_us == mean_us && i < index);
    }
    return below;
}

const struct cell *series_typical(const struct series *series) {
    for (size_t i = 0; i < series->n_repeats; i++)
        if (position(series, i) == (series->n_repeats - 1) / 2)
            return series->repeats[i];
    return series->repeats[0];
}
