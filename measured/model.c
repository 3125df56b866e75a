/* First come first served, processor sharing and pools; see model.h. */
#include "measured/model.h"

#include <math.h>
#include <stdlib.h>

#include "measured/metric.h"

/* The models are about one burst: every user asks once, all at the same time. */
static bool is_burst(const struct cell *cell) {
    return cell->parameters.rounds == 1 && cell->n_requests > 0 && !cell->open_loop;
}

/* A burst of jobs that do nothing but compute: only those share cores. */
static bool is_cpu_burst(const struct cell *cell) {
    return is_burst(cell) && metric_n_waiting_steps(cell) == 0;
}

/* The time of `n_jobs` at once on `n_cores`, in T: never less than T itself. */
static double at_once_t(double n_jobs, double n_cores) {
    return fmax(1, n_jobs / fmax(1, n_cores));
}

static double in_turn_t(const struct cell *cell, size_t rank) {
    return is_burst(cell) ? (double)rank : NAN;
}

static double interleaved_t(const struct cell *cell, size_t rank) {
    (void)rank;
    return is_cpu_burst(cell) ? (double)cell->n_requests : NAN;
}

static double shared_t(const struct cell *cell, size_t rank) {
    (void)rank;
    if (!is_cpu_burst(cell) || isnan(cell->effective_cores))
        return NAN;
    return at_once_t((double)cell->n_requests, cell->effective_cores);
}

static double split_servers_t(const struct cell *cell, size_t rank) {
    (void)rank;
    if (!is_cpu_burst(cell) || isnan(cell->effective_cores))
        return NAN;
    double n_servers = (double)cell->parameters.processes;
    return at_once_t((double)cell->n_requests, fmin(cell->effective_cores, n_servers));
}

static double steps_t(const struct cell *cell, size_t rank) {
    size_t n_workers = cell->parameters.workers;
    if (!is_cpu_burst(cell) || isnan(cell->effective_cores) || n_workers == 0)
        return NAN;
    size_t n_before = (rank - 1) / n_workers; /* whole steps before this one */
    size_t n_left = cell->n_requests - n_before * n_workers;
    size_t n_now = n_left < n_workers ? n_left : n_workers;
    return (double)n_before * at_once_t((double)n_workers, cell->effective_cores) +
           at_once_t((double)n_now, cell->effective_cores);
}

const struct model model_in_turn = {
    "k T", "one after the other: the k-th answer takes k T", in_turn_t};
const struct model model_interleaved = {
    "n T", "all at once on one core: every answer takes n T", interleaved_t};
const struct model model_shared = {
    "n T / E", "all at once on E cores: every answer takes n T / E", shared_t};
const struct model model_split_servers = {
    "n T / min(E, servers)",
    "an even split over servers that use one core each: n T / min(E, servers)",
    split_servers_t};
const struct model model_steps = {
    "steps of W", "W at a time: each step of W answers takes T, or T W / E when W > E",
    steps_t};

double model_mean_t(const struct model *model, const struct cell *cell) {
    double sum_t = 0;
    for (size_t rank = 1; rank <= cell->n_requests; rank++)
        sum_t += model->latency_t(cell, rank);
    return sum_t / (double)cell->n_requests;
}

double model_error(const struct model *model, const struct cell *cell) {
    size_t n = cell->n_answered;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double expected_t = model->latency_t(cell, i + 1);
        sum += fabs(cell->latencies_us[i] / cell->t_us - expected_t) / expected_t;
    }
    return n > 0 ? sum / (double)n : NAN;
}

double model_step_ratio(const struct cell *cell, size_t step) {
    size_t n_each = cell->parameters.workers;
    if (n_each == 0 || cell->n_answered < n_each * step)
        return NAN;
    return stats_mean(cell->latencies_us + n_each * (step - 1), n_each) / cell->t_us /
           model_steps.latency_t(cell, n_each * step);
}
