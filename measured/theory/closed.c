/* Users, think times and a station that does min(n, most) CPUs' worth; see closed.h. */
#include "measured/theory/closed.h"

#include <math.h>

#include "measured/metric.h"

struct closed_system closed_system_of(const struct cell *cell) {
    const struct cell_parameters *parameters = &cell->parameters;
    if (cell->open_loop || metric_n_waiting_steps(cell) != 0)
        return (struct closed_system){NAN, NAN, NAN, NAN, NAN, NAN};
    unsigned n_workers = parameters_pool_size(parameters);
    return (struct closed_system){
        .n_users = parameters->users,
        .think_us = parameters->think_ms * 1e3,
        .demand_us = metric_own_t_us(cell),
        .n_cpus = cell_cpus(cell),
        .n_workers = n_workers > 0 ? n_workers : NAN,
        .n_servers = parameters->processes,
    };
}

/* What uses at most so many of the CPUs. */
#define MODEL(name, limit, formula, meaning)                                             \
    static double most_of_##name(const struct closed_system *system) {                   \
        return fmin(limit, system->n_cpus);                                              \
    }                                                                                    \
    const struct closed_model closed_##name = {formula, meaning, most_of_##name};

MODEL(one_cpu, 1, "1 CPU",
      "one job at a time, or turns of threads under a lock: one CPU at most")
MODEL(all_cpus, INFINITY, "the A CPUs available",
      "every job runs at once, on the A CPUs available")
MODEL(pool, system->n_workers, "min(W, A) CPUs",
      "W workers take jobs as they come, on the A CPUs available")
MODEL(servers, system->n_servers, "min(servers, A) CPUs",
      "an even split over servers that use one CPU each")

/*
 * The mean of min(n, most) over the states n = 0 .. N of the machine repairman: n jobs
 * are there, N - n users think. Weights are scaled as they grow, lest they overflow.
 */
static double mean_cpus_busy(double n_users, double think_us, double demand_us,
                             double most) {
    double weight = 1, weights = 1, busy = 0;
    for (double n = 1; n <= n_users; n++) {
        weight *= (n_users - n + 1) / think_us * demand_us / fmin(n, most);
        weights += weight;
        busy += weight * fmin(n, most);
        if (weight > 1e100) {
            weights /= weight;
            busy /= weight;
            weight = 1;
        }
    }
    return busy / weights;
}

double closed_throughput(const struct closed_model *model,
                         const struct closed_system *system) {
    double most = model->most(system);
    double busy = system->think_us > 0 ? mean_cpus_busy(system->n_users, system->think_us,
                                                        system->demand_us, most)
                                       : fmin(system->n_users, most);
    return isfinite(most) ? 1e6 * busy / system->demand_us : NAN;
}

double closed_latency_us(const struct closed_model *model,
                         const struct closed_system *system) {
    return 1e6 * system->n_users / closed_throughput(model, system) - system->think_us;
}

double closed_knee(const struct closed_model *model, const struct closed_system *system) {
    return model->most(system) * (system->demand_us + system->think_us) /
           system->demand_us;
}

double closed_throughput_bound(const struct closed_system *system) {
    return 1e6 * fmin(system->n_users / (system->demand_us + system->think_us),
                      system->n_cpus / system->demand_us);
}

double closed_latency_bound_us(const struct closed_system *system) {
    return fmax(system->demand_us,
                system->n_users * system->demand_us / system->n_cpus - system->think_us);
}
