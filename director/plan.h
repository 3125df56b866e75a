/*
 * What a run will do, decided before anything is measured: options, experiments, their
 * cells and how long they may take. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/workload/work.h"
#include "director/matrix.h"

enum { PLAN_MAX_CELLS = 256, PLAN_MAX_EXPERIMENTS = 8, PLAN_MAX_PASSES = 200 };

/* One of the experiments of a run. */
struct planned_experiment {
    const char *name;
    const struct experiment *experiment;
    unsigned first_cell, n_cells; /* its A/A cell is the last one, if there is one */
};

struct plan {
    struct planned_experiment experiments[PLAN_MAX_EXPERIMENTS];
    unsigned n_experiments;
    struct cell_plan cells[PLAN_MAX_CELLS]; /* experiment by experiment */
    unsigned n_cells;
    unsigned n_repeats; /* at least, with a budget; else exactly */
    uint64_t budget_ns; /* for all of it; the first pass is whole; 0: none */
    double precision;   /* wanted of each mean slowdown, as a share */
    uint64_t seed;
    const char *out;      /* the results folder; NULL: a new one below results/ */
    const char *upstream; /* NULL: our own, when a step fetches */
    const char *resume;   /* the folder of the run that goes on; NULL: a new one */
    bool is_list, is_dry_run, is_anyway;
    json_t *texts; /* the texts of the cells live in it */
};

/*
 * Reads the command line; wrong ones end the process with exit 2. A run that goes on has
 * no cells yet: resume_read adds them.
 */
void plan_read(struct plan *plan, int argc, char **argv);

/* The experiment that a cell belongs to. */
const struct planned_experiment *plan_experiment_of(const struct plan *plan,
                                                    unsigned cell);

/* Whether a step of any cell is of that kind. */
bool plan_has_step(const struct plan *plan, enum step_kind kind);

/*
 * `n` times so long, and no longer than a year or so: whatever users ask for, sums and
 * differences of a few hundred of these have room in 64 bits.
 */
uint64_t plan_times_ns(uint64_t n, uint64_t duration_ns);

/* How long one request of the cell alone should take, with turns of that speed and
 * fetches of that length. */
uint64_t plan_alone_ns(const struct cell_plan *cell, double turns_per_ms,
                       uint64_t fetch_ns);

/*
 * How long the cell may take, in nanoseconds, when one request alone takes `alone_ns`:
 * an upper bound, as if the jobs ran one after the other.
 */
uint64_t plan_cell_bound_ns(const struct cell_plan *cell, uint64_t alone_ns);

/* The same as a lower bound: as if all jobs ran at once. */
uint64_t plan_cell_least_ns(const struct cell_plan *cell, uint64_t alone_ns);

/*
 * Ends the process with exit 2 when not even the passes that are always made fit into the
 * budget: how long they take at least, and what to leave out.
 */
void plan_check_budget(const struct plan *plan, double turns_per_ms, uint64_t fetch_ns);

/* --list: the experiments, their cells and claims, the strategies and the axes. */
void plan_print_list(const struct plan *plan);

/* --dry-run: the cells and how long they may take. */
void plan_print(const struct plan *plan, double turns_per_ms, uint64_t fetch_ns);
