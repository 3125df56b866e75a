/*
 * What one measured cell says, each figure as a function of the cell, and what its
 * repeats say together. A figure that the cell does not carry is NAN. Latencies are of
 * answered requests; how many were not is a figure of its own. Main thread.
 */
#ifndef JUGGLE_MEASURED_METRIC_H
#define JUGGLE_MEASURED_METRIC_H

#include "common/stats/stats.h"
#include "measured/run.h"

/* One figure of one repeat of a cell. Any of the functions below. */
typedef double metric(const struct cell *cell);

metric metric_mean_us, metric_first_us, metric_last_us;

/* The median, and what 99 of 100 stayed below; NAN of fewer than they need. */
metric metric_p50_us, metric_p99_us;

/* Answered requests a second, from the first start to the last answer. */
metric metric_throughput;

/* From the first answer to the last, as a share of the last: 0 when all end together. */
metric metric_spread;

/* Of the line through latency against rank: 1 - R2. */
metric metric_unexplained;

/* The median of `/`, before the users start and while they wait. */
metric metric_idle_p50_us, metric_busy_p50_us, metric_busy_max_us;

/*
 * Turns of the counting loop a microsecond in the CPU steps of the answered requests: how
 * fast the machine was for this cell while it ran, which no measurement before or after
 * can tell. NAN when nothing computes or the server did not say.
 */
metric metric_speed_turns_per_us;

/* Of the time that workers spent in steps, the share that computed; NAN as above. */
metric metric_cpu_share;

/*
 * The mean latency as it would have been at that speed. What computes takes inversely
 * long, and waiting behind it as well, while sleeps and fetches take as long as ever: so
 * mean x (speed / that speed)^share, exact when all or nothing of it computes.
 */
double cell_mean_us_at(const struct cell *cell, double turns_per_us);

/* CPU seconds of all server processes, probes included, by answered requests. */
metric metric_cpu_per_request_us;

/* What the server's processes held at most, and of that what came with each user. */
metric metric_peak_threads, metric_peak_processes, metric_peak_pss_bytes;
metric metric_memory_per_user_bytes;

/* Steps of the work that wait rather than compute: claims about cores need 0. */
metric metric_n_waiting_steps;

/* Those that were cut off when the time was up are neither answered nor failed. */
metric metric_n_failed;

/* Of the requests that ended, the share that failed. */
metric metric_failed_share;

/*
 * Of several servers, how many requests the one that took most had, by its even share:
 * 1 is even.
 */
metric metric_most_loaded;

/* When the last request of the users ended. */
metric metric_end_us;

/* When a request ended: on the time axis of its cell. */
double sample_end_us(const struct cell *cell, const struct sample *sample);

/* Latencies of `/`, ascending, into room for n_probes: busy or idle ones. */
size_t cell_probes(const struct cell *cell, bool busy, double *sorted_us);

/* The median of busy or idle `/`; NAN of fewer than a percentile needs. */
double cell_probe_median_us(const struct cell *cell, bool busy);

/* Busy or idle latencies of `/` over all repeats, merged; NAN when there are none. */
struct probe_figures {
    size_t n_probes;
    double p50_us, max_us; /* the median is NAN of fewer than a percentile needs */
};

struct probe_figures series_probes(const struct series *series, bool busy);

/*
 * How many requests each server process took, most first, into room for max_processes;
 * returns how many processes there were. Worker processes are not told apart from
 * servers: it is meant for strategies that work in the server's own process.
 */
size_t cell_split(const struct cell *cell, unsigned *n_requests, size_t max_processes);

/* A figure over the repeats that carry it. */
struct estimate {
    double value; /* the mean over repeats */
    struct interval interval;
    size_t n_repeats;
};

/*
 * With the 95 % interval by Student's t: on the logarithmic scale where all values are
 * above 0, unless the figure is a share, which may be near 0.
 */
struct estimate estimate_values(const double *values, size_t n_values, bool is_share);
struct estimate estimate_series(const struct series *series, metric *figure,
                                bool is_share);

/* Median, least and most of the finite values; NAN when there are none. Sorts them. */
struct range {
    double median, low, high;
};

struct range range_of(double *values, size_t n_values);

/* The repeat whose mean latency is the median one (the lower of two). */
const struct cell *series_typical(const struct series *series);

#endif
