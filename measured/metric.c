/* Figures of cells; see metric.h. */
#include "measured/metric.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/fields.h"
#include "common/stats/percentiles.h"
#include "common/workload/work.h"

double metric_mean_us(const struct cell *cell) {
    return cell->sums.mean_us;
}

double metric_first_us(const struct cell *cell) {
    return cell->sums.first_us;
}

double metric_last_us(const struct cell *cell) {
    return cell->sums.last_us;
}

double metric_p50_us(const struct cell *cell) {
    return cell->sums.p50_us;
}

double metric_p99_us(const struct cell *cell) {
    return cell->sums.p99_us;
}

double metric_throughput(const struct cell *cell) {
    double took_us = cell->sums.answered_us - cell->sums.start_us;
    return took_us > 0 ? (double)cell->n_answered * 1e6 / took_us : NAN;
}

double metric_spread(const struct cell *cell) {
    double last_us = cell->sums.last_us;
    return cell->n_answered > 1 ? (last_us - cell->sums.first_us) / last_us : NAN;
}

double metric_unexplained(const struct cell *cell) {
    return cell->sums.unexplained;
}

double metric_first_step_us(const struct cell *cell) {
    return cell->sums.first_step_us;
}

double metric_second_step_us(const struct cell *cell) {
    return cell->sums.second_step_us;
}

double metric_last_step_us(const struct cell *cell) {
    return cell->sums.last_step_us;
}

double metric_end_us(const struct cell *cell) {
    return cell->sums.end_us;
}

double cell_probe_median_us(const struct cell *cell, bool busy) {
    const struct probe_sums *probes = &cell->sums.probes[busy];
    return probes->n >= percentiles_samples_needed(0.5) ? probes->p50_us : NAN;
}

double metric_idle_p50_us(const struct cell *cell) {
    return cell->sums.probes[false].p50_us;
}

double metric_busy_p50_us(const struct cell *cell) {
    return cell->sums.probes[true].p50_us;
}

double metric_busy_max_us(const struct cell *cell) {
    return cell->sums.probes[true].max_us;
}

double metric_n_failed(const struct cell *cell) {
    return (double)(cell->n_requests - cell->n_answered - cell->sums.n_cut_off);
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

/* Whether all that were answered said what they took. */
static bool is_all_told(const struct cell *cell) {
    return cell->sums.n_told == cell->n_answered;
}

double metric_speed_turns_per_us(const struct cell *cell) {
    double cpu_us = cell->sums.cpu_us;
    double turns = turns_per_job(cell) * (double)cell->n_answered;
    return is_all_told(cell) && cpu_us > 0 && turns > 0 ? turns / cpu_us : NAN;
}

double metric_cpu_share(const struct cell *cell) {
    double cpu_us = cell->sums.cpu_us;
    return is_all_told(cell) && cpu_us > 0 ? cpu_us / (cpu_us + cell->sums.wait_us) : NAN;
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

double metric_most_loaded(const struct cell *cell) {
    double n_servers = cell->parameters.processes;
    return cell->sums.n_servers > 0
               ? cell->sums.per_server[0] * n_servers / (double)cell->n_requests
               : NAN;
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
