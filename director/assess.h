/*
 * What a run knows by now, and which cells are to be measured next so that it knows more:
 * first those by which claims are open that more repeats can decide, claims that take
 * least time before others, then sizes of pools that may be the best, then those whose
 * mean is not known well enough. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "director/plan/plan.h"
#include "measured/run.h"

struct assessment {
    size_t n_claims, n_decided; /* of those that are about what was planned */
    /* Of all cells the least known: half the 95 % interval of its mean slowdown, as a
     * share of that mean; INFINITY while a cell has less than two repeats. */
    double worst;
    char label[64];              /* that cell's */
    size_t n_unmet;              /* cells that are not within what was wanted */
    bool is_given_up;            /* something is open that the time left cannot decide */
    bool is_out[PLAN_MAX_CELLS]; /* of a grid: clearly worse than another size */
    bool is_wanted[PLAN_MAX_CELLS];
    double n_more[PLAN_MAX_CELLS]; /* repeats that the time left may still bring */
    size_t n_wanted;               /* 0: nothing is left that time could do */
};

/*
 * Judges what is known of an experiment, as the report will, and chooses for the next
 * pass. What cannot be decided in `left_s` seconds gives way to what can.
 */
void assess(const struct run *known, const struct plan *plan,
            const struct planned_experiment *planned, double left_s,
            struct assessment *assessment);

/* How far an experiment is. */
struct passes {
    unsigned n;            /* begun */
    bool is_short;         /* it has no time for all of its grids twice */
    const bool *is_broken; /* of each cell of the plan: not to be tried again */
    double left_s;         /* INFINITY: without a budget */
};

/*
 * Which cells the next pass is over; NULL, or why there is to be none: "repeats",
 * "decided", "undecidable". All of them in the passes that were asked for, then those
 * that decide; of grids for which that is too long the coarse points in the first pass,
 * and those that decide from the second one on.
 */
const char *assess_pass(const struct run *known, const struct plan *plan,
                        const struct planned_experiment *planned,
                        const struct passes *passes, struct assessment *next);
