/*
 * What theory expects of a closed system: N users ask, wait for the answer, think for Z
 * and ask again; a job takes D of CPU time (the cell's own T) on the CPUs available. All
 * is computed from these alone; nothing is fitted to the points that a model is drawn
 * over. Times are microseconds, throughputs jobs a second. Any thread.
 *
 * The station does c = min(n, most) CPUs' worth of work while n jobs are there: `most` is
 * what the strategy can use of the CPUs. Shared out evenly (processor sharing) or first
 * come, first served by a pool, the means are the same:
 *   - Z = 0: all N are always there, so X = min(N, most) / D, whatever the distribution.
 *   - Z > 0, exponential: the machine repairman's birth and death process (Palm 1947;
 *     Scherr 1967), which exact mean value analysis of a station whose speed depends on
 *     its load comes to as well (Reiser, Lavenberg 1980, JACM 27(2)). Of processor
 * sharing it holds for any distribution of D (Baskett et al. 1975, JACM 22(2)), of a pool
 * for an exponential one.
 */
#pragma once

#include "measured/cell.h"

struct closed_system {
    double n_users, think_us, demand_us;
    double n_cpus; /* available; may be a fraction */
    double n_workers, n_servers;
};

/* Of a cell; all NAN when it is no closed loop or its work waits as well as computes. */
struct closed_system closed_system_of(const struct cell *cell);

/* Who uses how many of the CPUs. */
struct closed_model {
    const char *formula; /* of the CPUs that it uses at most: "1 CPU", "min(W, A) CPUs" */
    const char *meaning; /* one sentence */
    double (*most)(const struct closed_system *system);
};

extern const struct closed_model closed_one_cpu;  /* in the loop, or under a GIL */
extern const struct closed_model closed_all_cpus; /* threads or processes, one for each */
extern const struct closed_model closed_pool;     /* W workers take jobs in turn */
extern const struct closed_model closed_servers;  /* servers that use one CPU each */

/* X, and the mean latency R = N / X - Z. */
double closed_throughput(const struct closed_model *model,
                         const struct closed_system *system);
double closed_latency_us(const struct closed_model *model,
                         const struct closed_system *system);

/* Users beyond whom throughput cannot grow: most (D + Z) / D, the saturation point. */
double closed_knee(const struct closed_model *model, const struct closed_system *system);

/*
 * What no strategy can be better than on so many CPUs (Denning, Buzen 1978, ACM Computing
 * Surveys 10(3)): X <= min(N / (D + Z), m / D) and R >= max(D, N D / m - Z).
 */
double closed_throughput_bound(const struct closed_system *system);
double closed_latency_bound_us(const struct closed_system *system);
