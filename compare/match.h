/*
 * Two runs held against each other: which cells both have, the figures of each as ratios,
 * and the verdicts. A is the baseline. Everything that is printed or drawn comes from
 * here. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "compare/adjust.h"
#include "measured/figures.h"
#include "measured/ratio.h"
#include "measured/validity.h"

/* One cell that both runs have. */
struct matched {
    const struct series *a, *b; /* of the same experiment and name */
    size_t place;               /* of the cell, from 1: its colour in charts */
    /*
     * Of the figures that are compared (measured/figures.h). Some have verdicts, the
     * others an interval of 95 % by themselves. Mean latencies are at one speed of the
     * machine where both sides say how fast their CPU steps ran: A's median (see
     * cell_mean_us_at), and as if both calibrations had given the work the same turns.
     */
    struct ratio ratios[N_FIGURES];
    bool is_adjusted;
    double speed_change; /* of the CPU steps, log(median B / median A); or NAN */
    size_t n_failed_a, n_failed_b;
    struct validity validity_a, validity_b;
    char why[320]; /* what kept it undecided, or "" */
};

/* What the machine was just before each repeat. */
struct gauge {
    const char *name, *unit; /* "T alone", " ms" */
    const char *key;         /* "t_alone_us": in JSON */
    double per_unit;         /* so many of the key's unit are one of that */
    metric *of;
};

enum { GAUGE_T_ALONE, GAUGE_CORES, GAUGE_SPEED, N_GAUGES };
extern const struct gauge gauges[N_GAUGES];

struct comparison {
    const struct run *a, *b;
    char letter;           /* what b is called: 'B', 'C', ... */
    struct matched *cells; /* in the order of A */
    size_t n_cells;
    const struct series **only_a, **only_b; /* cells that the other has not */
    size_t n_only_a, n_only_b;
    struct range of_a[N_GAUGES], of_b[N_GAUGES]; /* over the matched cells */
    struct machine_change change;
};

/*
 * Matches and judges. NULL when memory is out; with no cell in common n_cells is 0.
 * The runs must outlive it. Release with comparison_free.
 */
struct comparison *comparison_make(const struct run *a, const struct run *b, char letter);
void comparison_free(struct comparison *comparison);

/* The ratio on which the verdict on a cell rests: of its mean latencies. */
const struct ratio *matched_seconds(const struct matched *cell);
