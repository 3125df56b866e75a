/*
 * Two runs held against each other: which cells both have, the figures of each as ratios,
 * and the verdicts. A is the baseline. Everything that is printed or drawn comes from
 * here. Main thread.
 */
#pragma once

#include "measured/figures.h"
#include "measured/ratio.h"
#include "measured/run.h"
#include "measured/validity.h"

/* Places of what there is one of for each run. */
enum { A, B, N_SIDES };

/* One cell that both runs have. */
struct matched {
    struct half {
        const struct series *series; /* of the same experiment and name in both */
        size_t n_failed;
        struct validity validity;
        double speed; /* of its CPU steps: turns per microsecond, the median of its
                       * repeats; NAN: one does not say, or nothing computes */
    } of[N_SIDES];
    const struct cell_parameters *parameters; /* of A */
    /*
     * Of the figures that are compared (measured/figures.h). Some have verdicts, the
     * others an interval of 95 % by themselves. Mean latencies are at one speed of the
     * machine where both sides say how fast their CPU steps ran: A's median (see
     * cell_mean_us_at), and as if both calibrations had given the work the same turns.
     */
    struct ratio ratios[N_FIGURES];
    double speed_change; /* of the CPU steps, log(B / A); NAN: not adjusted */
    char why[700];       /* what kept it undecided, or "" */
};

/* What the machine was just before each repeat. */
struct gauge {
    const char *name, *unit; /* "a lone job", " ms" */
    const char *key;         /* "t_alone_us": in JSON */
    double per_unit;         /* so many of the key's unit are one of that */
    metric *of;
};

enum { GAUGE_T_ALONE, GAUGE_CORES, GAUGE_SPEED, N_GAUGES };
extern const struct gauge gauges[N_GAUGES];

/* From run A to run B, as logarithms. */
struct machine_change {
    bool is_same_program; /* both say that they were measured by the same binary */
    double speed;         /* of the machine's own speed; NAN: not known */
    double cores;         /* of its effective cores; NAN: not known */
    /* By how much B's work has more turns than A's calibration would have given it: 0
     * where turns and no durations were asked for, or where it is not known. */
    double work;
};

struct comparison {
    struct side {
        const struct run *run;
        char letter; /* 'A', and of what is held against it 'B', 'C', ... */
        const struct series **only; /* cells that the other has not */
        size_t n_only;
        struct range gauges[N_GAUGES]; /* over the matched cells */
    } sides[N_SIDES];
    struct matched *cells; /* in the order of A */
    size_t n_cells;        /* 0: none in common */
    struct machine_change change;
};

/* Runs held against the same A; at least one. */
struct comparisons {
    struct comparison items[25];
    size_t n;
};

/* Turns of all CPU steps of a cell's work; 0 when there are none, NAN when unreadable. */
double match_turns(const struct series *series);

/* Matches and judges. 0 or -ENOMEM; release with comparison_free either way. The runs
 * must outlive it. */
int comparison_make(struct comparison *comparison, const struct run *a,
                    const struct run *b, char letter);
void comparison_free(struct comparison *comparison);
