/* Figures of cells; see metric.h. */
#include "measured/metric.h"

#include "common/base/fields.h"
#include "common/stats/percentiles.h"
#include "common/workload/work.h"

/* What may be divided by: NAN in place of 0 and of less. */
static double or_nan(double value) {
    return value > 0 ? value : NAN;
}

/* 0 in place of less. */
static double or_0(double value) {
    return value < 0 ? 0 : value;
}

static double of_server(const struct cell *cell, const char *key) {
    return fields_get_number(json_object_get(cell->json, "server"), key);
}

/* CPU seconds that "server" or "generator" used. */
static double used_cpu_s(const struct cell *cell, const char *whose) {
    const json_t *owner = json_object_get(cell->json, whose);
    return fields_get_number(owner, "cpu_user_s") +
           fields_get_number(owner, "cpu_system_s");
}

/* CPU seconds of the server: of an external one those of the window, as its start is no
 * part of what it is asked for. */
static double server_cpu_s(const struct cell *cell) {
    return parameters_are_external(&cell->parameters) ? cell->window.tree_cpu_s
                                                      : used_cpu_s(cell, "server");
}

static double cpu_seconds_of(const struct cell_window *window) {
    return window->cpus * window->seconds;
}

/* Turns of one job's CPU steps; NAN when its work cannot be read. */
static double turns_of_job(const struct cell *cell) {
    struct work work;
    bool is_work = work_parse_kept(cell->parameters.work, 1, &work) == 0;
    return is_work ? work_turns(&work) : NAN;
}

/* CPU time of the jobs; NAN unless all that were answered said what they took. */
static double job_cpu_us(const struct cell *cell) {
    bool is_all_told = cell->sums.n_told == cell->n_answered;
    return is_all_told ? or_nan(cell->sums.cpu_us) : NAN;
}

#define DEFINE(name, formula)                                                            \
    double metric_##name(const struct cell *cell) {                                      \
        const struct sums *sums = &cell->sums;                                           \
        (void)sums;                                                                      \
        return formula;                                                                  \
    }
METRICS(DEFINE)

double metric_cpus_available(const struct cell *cell) {
    const struct cell_window *window = &cell->window;
    double others = isfinite(cell->others_in_pass)
                        ? cell->others_in_pass
                        : cell_others_s(cell) / window->seconds;
    double left = window->cpus - others;
    return isfinite(left) ? fmin(left, window->allowance) : NAN;
}

double metric_most_loaded(const struct cell *cell) {
    const struct sums *sums = &cell->sums;
    double n_known = 0;
    for (size_t i = 0; i < sums->n_servers; i++)
        n_known += sums->per_server[i];
    return sums->per_server[0] * (double)cell->parameters.processes / or_nan(n_known);
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

double cell_mean_us_at(const struct cell *cell, double turns_per_us) {
    double speed = metric_speed_turns_per_us(cell) / turns_per_us;
    return metric_mean_us(cell) * pow(speed, metric_cpu_share(cell));
}

double cell_probe_median_us(const struct cell *cell, bool busy) {
    const struct probe_sums *probes = &cell->sums.probes[busy];
    return probes->n >= percentiles_samples_needed(0.5) ? probes->p50_us : NAN;
}

/*
 * Beside this run's own processes. The jobs are all in the window; what the server took
 * besides is spread over its life, as nothing says when that was; the users' generator is
 * in it, and the prober takes next to nothing.
 */
double cell_others_s(const struct cell *cell) {
    const struct cell_window *window = &cell->window;
    double jobs_s = cell->sums.cpu_us / 1e6, own_s = server_cpu_s(cell);
    if (!parameters_are_external(&cell->parameters))
        own_s = jobs_s + fmax(0, own_s - jobs_s) * window->seconds /
                             fmax(window->server_seconds, 1e-9);
    if (!window->generator_apart) /* else the window is of the server's CPUs alone */
        own_s += used_cpu_s(cell, "generator") + window->director_cpu_s;
    double others_s = cpu_seconds_of(window) - window->idle_s - own_s;
    return others_s < 0 ? 0 : others_s;
}

double cell_cpus(const struct cell *cell) {
    double available = metric_cpus_available(cell);
    if (isfinite(available))
        return available;
    return isfinite(cell->window.allowance) ? cell->window.allowance
                                            : cell->machine.cores;
}
