/*
 * The figures of a cell as rows: what summary.json calls each, and how its repeats are
 * taken together. To have another in summary.json, by repeat and over the repeats, add a
 * row (and explain it in results/README.md). Main thread.
 */
#ifndef JUGGLE_MEASURED_FIGURES_H
#define JUGGLE_MEASURED_FIGURES_H

#include <stdbool.h>

#include "measured/metric.h"

enum figure_id {
    FIGURE_OWN_T,
    FIGURE_MEAN,
    FIGURE_FIRST,
    FIGURE_LAST,
    FIGURE_SLOWDOWN,
    FIGURE_FIRST_SLOWDOWN,
    FIGURE_LAST_SLOWDOWN,
    FIGURE_SPREAD,
    FIGURE_CPUS_BUSY,
    FIGURE_CPUS_AVAILABLE,
    FIGURE_BUSY_SHARE,
    FIGURE_T_ALONE,
    FIGURE_CONTENTION,
    FIGURE_EFFECTIVE_CORES,
    FIGURE_MACHINE_CORES,
    FIGURE_OTHERS_SHARE,
    FIGURE_STOLEN_SHARE,
    FIGURE_OVERHEAD,
    FIGURE_CPU_PER_REQUEST,
    FIGURE_MEMORY_PER_USER,
    FIGURE_PEAK_THREADS,
    FIGURE_PEAK_PROCESSES,
    FIGURE_PEAK_PSS,
    FIGURE_IDLE_P50,
    FIGURE_BUSY_P50,
    FIGURE_BUSY_MAX,
    FIGURE_MOST_LOADED,
    FIGURE_N_FAILED,
    N_FIGURES
};

struct figure {
    const char *key; /* in summary.json, with its unit: "own_t_us" */
    metric *of;
    bool
        is_share; /* may be near 0 or below: its interval is not on a logarithmic scale */
};

extern const struct figure figures[N_FIGURES];

/* The figure over the repeats that carry it, with its 95 % interval by Student's t. */
struct estimate figure_estimate(const struct series *series, enum figure_id id);

#endif
