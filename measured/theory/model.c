/* First come first served, processor sharing and pools; see model.h. */
#include "measured/theory/model.h"

#include <math.h>
#include <stdlib.h>

#include "measured/metric.h"

struct burst burst_of(const struct cell *cell) {
    const struct cell_parameters *parameters = &cell->parameters;
    return (struct burst){
        .is_one = parameters->rounds == 1 && cell->n_requests > 0 && !cell->open_loop,
        .only_computes = metric_n_waiting_steps(cell) == 0,
        .n_requests = (double)cell->n_requests,
        .n_cpus = cell_cpus(cell),
        .n_workers = parameters->workers,
        .n_servers = parameters->processes,
    };
}

/* The time of `n_jobs` at once on `n_cpus`, in T: never less than T itself. */
static double at_once(double n_jobs, double n_cpus) {
    return fmax(1, n_jobs / n_cpus);
}

/* All the requests on so many CPUs: only those that just compute share them. */
static double all_at_once(const struct burst *burst, double n_cpus) {
    return burst->is_one && burst->only_computes ? at_once(burst->n_requests, n_cpus)
                                                 : NAN;
}

static double in_turn(const struct burst *burst, size_t rank) {
    double n_cpus = burst->only_computes ? fmin(1, burst->n_cpus) : 1;
    return burst->is_one ? (double)rank / n_cpus : NAN;
}

static double interleaved(const struct burst *burst, size_t rank) {
    (void)rank;
    return all_at_once(burst, fmin(1, burst->n_cpus));
}

static double shared(const struct burst *burst, size_t rank) {
    (void)rank;
    return all_at_once(burst, burst->n_cpus);
}

static double split_servers(const struct burst *burst, size_t rank) {
    (void)rank;
    return all_at_once(burst, fmin(burst->n_cpus, burst->n_servers));
}

static double steps(const struct burst *burst, size_t rank) {
    if (!burst->is_one || !burst->only_computes || burst->n_workers == 0)
        return NAN;
    double n_before = floor(((double)rank - 1) / burst->n_workers); /* whole steps */
    double n_now =
        fmin(burst->n_requests - n_before * burst->n_workers, burst->n_workers);
    return n_before * at_once(burst->n_workers, burst->n_cpus) +
           at_once(n_now, burst->n_cpus);
}

const struct model model_in_turn = {"k T", "one after the other",
                                    "one after the other: the k-th answer takes k T",
                                    in_turn, &closed_one_cpu};
const struct model model_interleaved = {"n T", "all at once, one computes",
                                        "all at once on one CPU: every answer takes n T",
                                        interleaved, &closed_one_cpu};
const struct model model_shared = {
    "n T / A", "all at once, on all CPUs",
    "all at once on the A CPUs available: every answer takes n T / A", shared,
    &closed_all_cpus};
const struct model model_split_servers = {
    "n T / min(A, servers)", "all at once, one in each server",
    "an even split over servers that use one CPU each: n T / min(A, servers)",
    split_servers, &closed_servers};
const struct model model_steps = {
    "steps of W", "a few at a time",
    "W at a time: each step of W answers takes T, or T W / A when W > A", steps,
    &closed_pool};

double model_error(const struct model *model, const struct cell *cell) {
    size_t n = cell->latencies.n;
    struct burst burst = burst_of(cell);
    double own_us = metric_own_t_us(cell), sum = 0;
    double *sorted_us = latencies_sorted_us(&cell->latencies);
    for (size_t i = 0; sorted_us != NULL && i < n; i++) {
        double expected = model->slowdown(&burst, i + 1);
        sum += fabs(sorted_us[i] / own_us - expected) / expected;
    }
    double error = sorted_us != NULL && n > 0 ? sum / (double)n : NAN;
    free(sorted_us);
    return error;
}
