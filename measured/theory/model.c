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
        .at_once = {.n_users = (double)cell->n_requests,
                    .n_cpus = cell_cpus(cell),
                    .n_workers = parameters_pool_size(parameters),
                    .n_servers = parameters->processes},
    };
}

const struct model model_in_turn = {"k T", "one after the other",
                                    "one after the other: the k-th answer takes k T",
                                    IN_TURN, &closed_one_cpu};
const struct model model_interleaved = {"n T", "all at once, one computes",
                                        "all at once on one CPU: every answer takes n T",
                                        AT_ONCE, &closed_one_cpu};
const struct model model_shared = {
    "n T / A", "all at once, on all CPUs",
    "all at once on the A CPUs available: every answer takes n T / A", AT_ONCE,
    &closed_all_cpus};
const struct model model_split_servers = {
    "n T / min(A, servers)", "all at once, one in each server",
    "an even split over servers that use one CPU each: n T / min(A, servers)", AT_ONCE,
    &closed_servers};
const struct model model_steps = {
    "steps of W", "a few at a time",
    "W at a time: each step of W answers takes T, or T W / A when W > A", IN_STEPS,
    &closed_pool};

double model_slowdown(const struct model *model, const struct burst *burst, size_t rank) {
    const struct closed_system *all = &burst->at_once;
    double most = model->closed->most(all); /* CPUs that all of them together can use */
    if (!burst->is_one || (!burst->only_computes && model->order != IN_TURN))
        return NAN;
    if (model->order == IN_TURN) /* what waits leaves the CPU idle */
        return (double)rank / (burst->only_computes ? most : 1);
    if (model->order == AT_ONCE)
        return fmax(1, all->n_users / most);
    if (all->n_workers == 0)
        return NAN;
    double n_before = floor(((double)rank - 1) / all->n_workers); /* whole steps */
    double n_now = fmin(all->n_users - n_before * all->n_workers, all->n_workers);
    return n_before * fmax(1, all->n_workers / all->n_cpus) +
           fmax(1, n_now / all->n_cpus);
}

double model_error(const struct model *model, const struct cell *cell) {
    size_t n = cell->latencies.n;
    struct burst burst = burst_of(cell);
    double own_us = metric_own_t_us(cell), sum = 0;
    double *sorted_us = latencies_sorted_us(&cell->latencies);
    for (size_t i = 0; sorted_us != NULL && i < n; i++) {
        double expected = model_slowdown(model, &burst, i + 1);
        sum += fabs(sorted_us[i] / own_us - expected) / expected;
    }
    double error = sorted_us != NULL && n > 0 ? sum / (double)n : NAN;
    free(sorted_us);
    return error;
}
