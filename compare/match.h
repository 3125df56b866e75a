/*
 * Two runs held against each other: which cells both have, the figures of each as ratios,
 * and the verdicts. A is the baseline. Everything that is printed or drawn comes from
 * here. Main thread.
 */
#ifndef JUGGLE_COMPARE_MATCH_H
#define JUGGLE_COMPARE_MATCH_H

#include <stdbool.h>

#include "measured/ratio.h"
#include "measured/validity.h"

/* One cell that both runs have. */
struct matched {
    const struct series *a, *b; /* of the same experiment and name */
    size_t place;               /* of the cell, from 1: its colour in charts */
    /*
     * Of mean latencies in us; the verdict. Where both sides say how fast their CPU steps
     * ran, at one speed of the machine: A's median (see cell_mean_us_at), and as if both
     * calibrations had given the work the same turns.
     */
    struct ratio seconds;
    bool is_adjusted;
    double
        speed_change; /* of the CPU steps, median B by median A, as a logarithm; or NAN */
    struct ratio slowdown; /* of mean slowdowns; a verdict of its own */
    /* At 95 % by themselves, not judged: CPU us per request, CPUs kept busy, own T. */
    struct ratio cpu, busy, own_t;
    size_t n_failed_a, n_failed_b;
    struct validity validity_a, validity_b;
    char why[320]; /* what kept it undecided, or "" */
};

/* Of the machine: median and range over the matched cells; NAN: unknown. */
struct gauge {
    double median, low, high;
};

struct gauges {
    struct gauge t_alone_us, cores, turns_per_ms;
};

struct comparison {
    const struct run *a, *b;
    char letter;           /* what b is called: 'B', 'C', ... */
    struct matched *cells; /* in the order of A */
    size_t n_cells;
    const struct series **only_a, **only_b; /* cells that the other has not */
    size_t n_only_a, n_only_b;
    struct gauges of_a, of_b;
    /* As logarithms, from A to B: */
    bool is_same_program; /* the same binary */
    double speed_change;  /* of the machine's own speed; NAN: not known */
    double cores_change;  /* of its effective cores; NAN: not known */
    double work_change;   /* of the turns that its calibration gave to B's work */
};

/*
 * Matches and judges. NULL when memory is out; with no cell in common n_cells is 0.
 * The runs must outlive it. Release with comparison_free.
 */
struct comparison *comparison_make(const struct run *a, const struct run *b, char letter);
void comparison_free(struct comparison *comparison);

/* Turns of all CPU steps of a cell's work; 0 when there are none, NAN when unreadable. */
double matched_turns(const struct series *series);

#endif
