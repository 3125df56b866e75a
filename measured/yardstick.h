/*
 * Every cell is its own yardstick: what its strategy did, told from what the machine did,
 * by the CPU time of the cell's own jobs. A latency is never divided by a figure of
 * another time. Figures that a cell does not carry are NAN. Main thread.
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
#ifndef JUGGLE_MEASURED_YARDSTICK_H
#define JUGGLE_MEASURED_YARDSTICK_H

#include "measured/metric.h"

metric metric_own_t_us;
metric metric_slowdown, metric_first_slowdown, metric_last_slowdown;
metric metric_cpus_busy;
metric metric_cpus_available;
metric metric_busy_share; /* B / A */
metric metric_contention;
metric metric_effective_cores;

/* Server CPU a request beyond its job's, in us: dispatch, sockets, start-up, probes. */
metric metric_overhead_us;

/* Of the machine, just before the cell: one job alone; bare loops on every CPU. */
metric metric_t_alone_us, metric_machine_cores, metric_turns_per_ms;

/* Of the time of all CPUs while the users waited: taken by others, stolen. Shares. */
metric metric_others_share, metric_stolen_share;

/* From the first start to the last end, in us. */
metric metric_makespan_us;

/* From the first answer to the last, in own T. */
metric metric_spread_own_t;

/*
 * Of requests in the order in which they arrived at the server, how many of those behind
 * another were done later than it: 1 is first come, first served.
 */
metric metric_in_order;

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

#endif
