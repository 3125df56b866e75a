/*
 * What a run will do, decided before anything is measured: options, the experiment, its
 * cells and how long they may take. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_PLAN_H
#define JUGGLE_DIRECTOR_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/work/work.h"
#include "experiments/experiment.h"

enum { PLAN_MAX_CELLS = 128 };

struct plan {
    const char *experiment_name;
    const struct experiment *experiment;
    struct cell_plan cells[PLAN_MAX_CELLS];
    unsigned n_cells;          /* the A/A cell is the last one, if there is one */
    unsigned n_repeats, users; /* repeats: at least, with a budget; else exactly */
    uint64_t budget_ns;        /* for all of it; the first pass is whole; 0: none */
    double precision;          /* wanted of each mean slowdown, as a share */
    uint64_t seed;
    const char *work_text; /* as asked for: "cpu:200ms" */
    const char *out;       /* the results folder; NULL: a new one below results/ */
    const char *upstream;  /* NULL: our own, when a step fetches */
    bool is_list, is_dry_run, has_twin;
};

/* Reads the command line; wrong ones end the process with exit 2. */
void plan_read(struct plan *plan, int argc, char **argv);

/*
 * `n` times so long, and no longer than a year or so: whatever users ask for, sums and
 * differences of a few hundred of these have room in 64 bits.
 */
uint64_t plan_times_ns(uint64_t n, uint64_t duration_ns);

/*
 * How long the cell may take, in nanoseconds, when one request alone takes `alone_ns`:
 * an upper bound, as if the jobs ran one after the other.
 */
uint64_t plan_cell_bound_ns(const struct cell_plan *cell, uint64_t alone_ns);

/* --list: the experiments, their cells and claims, and the strategies. */
void plan_print_list(const struct plan *plan);

/* --dry-run: the cells and how long they may take. */
void plan_print(const struct plan *plan, uint64_t alone_ns);

#endif
