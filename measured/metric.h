/*
 * What one measured cell says: each figure is a function of the cell's sums and head, at
 * a cost that does not depend on how many samples it had. A figure that the cell does not
 * carry is NAN. Latencies are of answered requests; how many were not is a figure of its
 * own. Main thread.
 *
 * Every cell is its own yardstick: what its strategy did is told from what the machine
 * did by the CPU time of the cell's own jobs. A latency is never divided by a figure of
 * another time.
 *
 *   own T     what one of its jobs takes by itself there: CPU time of its CPU steps plus
 *             its waits, mean over the answered requests
 *   slowdown  latency / own T: response time over service time
 *   B         CPUs kept busy: CPU time of the jobs / time from the first start to the
 *             last end
 *   A         CPUs available: those allowed less what everybody else took of them and
 *             what the hypervisor gave away, while the users waited
 *   K         contention: own T / T alone, the price of sharing caches, a core's two
 *             threads, a host
 *
 * B / A says how much of what it could have a strategy used, B / K how many cores' worth
 * of work it got (effective cores).
 */
#pragma once

#include <math.h>

#include "measured/cell.h"

/* One figure of one repeat of a cell. */
typedef double metric(const struct cell *cell);

/*
 * METRIC(name, formula over `cell` and `sums`) makes a metric of each row: mean_us is
 * metric_mean_us. What those mean that are figures is said in measured/figures.h. To have
 * another one, add a row, or a function below.
 */
#define METRICS(METRIC)                                                                  \
    METRIC(mean_us, sums->mean_us)                                                       \
    METRIC(first_us, sums->first_us)                                                     \
    METRIC(last_us, sums->last_us)                                                       \
    /* NAN where the answers of this repeat are too few (common/stats/percentiles.h). */ \
    METRIC(p50_us, sums->p50_us)                                                         \
    METRIC(p99_us, sums->p99_us)                                                         \
    /* The mean of the first W answers, the next W and the last W, for pools of W. */    \
    METRIC(first_step_us, sums->first_step_us)                                           \
    METRIC(second_step_us, sums->second_step_us)                                         \
    METRIC(last_step_us, sums->last_step_us)                                             \
    /* Of the line through latency against rank: 1 - R2. */                              \
    METRIC(unexplained, sums->unexplained)                                               \
    /* Of requests in the order in which they arrived at the server, how many of those   \
     * behind another were done later than it: 1 is first come, first served. */         \
    METRIC(in_order, sums->in_order)                                                     \
    METRIC(spread, cell->n_answered > 1                                                  \
                       ? (sums->last_us - sums->first_us) / sums->last_us                \
                       : NAN)                                                            \
    /* When the last request of the users ended; from the first start to there. */       \
    METRIC(end_us, sums->end_us)                                                         \
    METRIC(makespan_us, sums->end_us - sums->start_us)                                   \
    METRIC(throughput,                                                                   \
           (double)cell->n_answered * 1e6 / or_nan(sums->answered_us - sums->start_us))  \
    /* What was cut off when the time was up is neither answered nor failed; the share   \
     * is of what ended. */                                                              \
    METRIC(n_failed, (double)(cell->n_requests - cell->n_answered - sums->n_cut_off))    \
    METRIC(failed_share,                                                                 \
           metric_n_failed(cell) / ((double)cell->n_answered + metric_n_failed(cell)))   \
    METRIC(idle_p50_us, sums->probes[false].p50_us)                                      \
    METRIC(busy_p50_us, sums->probes[true].p50_us)                                       \
    METRIC(busy_max_us, sums->probes[true].max_us)                                       \
    METRIC(own_t_us, or_nan((sums->cpu_us + sums->wait_us) / (double)sums->n_told))      \
    METRIC(slowdown, metric_mean_us(cell) / metric_own_t_us(cell))                       \
    METRIC(first_slowdown, metric_first_us(cell) / metric_own_t_us(cell))                \
    METRIC(last_slowdown, metric_last_us(cell) / metric_own_t_us(cell))                  \
    METRIC(cpus_busy, sums->n_told > 0 ? sums->cpu_us / metric_makespan_us(cell) : NAN)  \
    METRIC(busy_share, metric_cpus_busy(cell) / metric_cpus_available(cell)) /* B / A */ \
    METRIC(contention, metric_own_t_us(cell) / cell->machine.t_alone_us)                 \
    METRIC(effective_cores, metric_cpus_busy(cell) / metric_contention(cell))            \
    METRIC(t_alone_us, cell->machine.t_alone_us)                                         \
    METRIC(machine_cores, cell->machine.cores)                                           \
    METRIC(turns_per_ms, cell->machine.turns_per_ms)                                     \
    METRIC(stolen_share, cell->window.stolen_s / cpu_seconds_of(&cell->window))          \
    METRIC(others_share, or_0(cell_others_s(cell) / cpu_seconds_of(&cell->window) -      \
                              metric_stolen_share(cell)))                                \
    /* Server CPU a request, probes included, and of ours start-up; of that beyond its   \
     * job, which an external one does not tell apart. */                                \
    METRIC(cpu_per_request_us,                                                           \
           server_cpu_s(cell) * 1e6 / or_nan((double)cell->n_answered))                  \
    METRIC(overhead_us,                                                                  \
           parameters_are_external(&cell->parameters)                                    \
               ? NAN                                                                     \
               : metric_cpu_per_request_us(cell) - sums->cpu_us / (double)sums->n_told)  \
    /* Requests that the server may hold at once: one of each user, and of the prober,   \
     * which does not wait for answers, as many as were due during its longest wait. */  \
    METRIC(held_requests,                                                                \
           cell->parameters.users +                                                      \
               (sums->probes[true].n > 0 && cell->parameters.probe_every_us > 0          \
                    ? floor(sums->probes[true].max_us / cell->parameters.probe_every_us) \
                    : 0))                                                                \
    METRIC(peak_threads, of_server(cell, "peak_threads"))                                \
    METRIC(peak_processes, of_server(cell, "peak_processes"))                            \
    METRIC(peak_pss_bytes, of_server(cell, "peak_pss_bytes"))                            \
    METRIC(memory_per_user_bytes, or_nan(of_server(cell, "peak_pss_anon_bytes") -        \
                                         of_server(cell, "idle_pss_anon_bytes")) /       \
                                      or_nan(metric_held_requests(cell)))                \
    /* Turns of the counting loop a microsecond in the CPU steps: how fast the machine   \
     * was for this cell while it ran, which no measurement before or after can tell.    \
     * And of the time in steps, the share that computed. NAN when nothing computes, or  \
     * the server did not say of all. */                                                 \
    METRIC(speed_turns_per_us,                                                           \
           or_nan(turns_of_job(cell) * (double)cell->n_answered) / job_cpu_us(cell))     \
    METRIC(cpu_share, job_cpu_us(cell) / (job_cpu_us(cell) + sums->wait_us))

#define DECLARE(name, formula) metric metric_##name;
METRICS(DECLARE)
#undef DECLARE

/* A. */
metric metric_cpus_available;

/* The even share is of those requests whose server is known. */
metric metric_most_loaded;

/* Steps of the work that wait rather than compute: claims about cores need 0. */
metric metric_n_waiting_steps;

/*
 * The mean latency as it would have been at that speed. What computes takes inversely
 * long, and waiting behind it as well, while sleeps and fetches take as long as ever: so
 * mean x (speed / that speed)^share, exact when all or nothing of it computes.
 */
double cell_mean_us_at(const struct cell *cell, double turns_per_us);

/* The median of busy or idle `/`; NAN of fewer than a percentile needs. */
double cell_probe_median_us(const struct cell *cell, bool busy);

/*
 * CPU seconds of the window that neither this run nor idleness had: other programs, and
 * what was stolen. The kernel counts idle time in ticks of 10 ms, so that of a window
 * below CELL_LEAST_WINDOW_S says little by itself.
 */
#define CELL_LEAST_WINDOW_S 0.3
double cell_others_s(const struct cell *cell);

/*
 * CPUs that a model may count on: those available, as far as that is known, else those
 * allowed, else the machine's effective cores.
 */
double cell_cpus(const struct cell *cell);
