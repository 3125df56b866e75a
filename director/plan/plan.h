/*
 * What a run will do, decided before anything is measured: experiments, their cells and
 * how long they may take. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/workload/work.h"
#include "director/plan/contestants.h"
#include "director/programs/server.h"
#include "experiments/experiment.h"
#include "measured/grid.h"

enum { PLAN_MAX_CELLS = 256, PLAN_MAX_EXPERIMENTS = 8, PLAN_MAX_PASSES = 200 };

/* One of the experiments of a run, which are measured one after the other. */
struct planned_experiment {
    const char *name;
    const struct experiment *experiment;
    unsigned first_cell, n_cells; /* its A/A cell is the last one, if there is one */
    unsigned n_repeats; /* of each cell: at least, with a budget; else exactly */
    double weight;      /* its share of the budget, against those of the others */
    unsigned last_pass; /* the last one measured before a run was cut; 0: a new run */
};

struct plan {
    struct planned_experiment experiments[PLAN_MAX_EXPERIMENTS];
    unsigned n_experiments;
    struct cell_plan cells[PLAN_MAX_CELLS]; /* experiment by experiment */
    unsigned n_cells;
    struct contestants contestants; /* those that are no strategies */
    uint64_t budget_ns;             /* for all of it; the first pass is whole; 0: none */
    double precision;               /* wanted of each mean slowdown, as a share */
    double p99_us;                  /* what users may wait; 0: nothing was said of it */
    uint64_t seed;
    const char *out;      /* the results folder; NULL: a new one below results/ */
    const char *upstream; /* NULL: our own, when a step fetches */
    struct declarations steps;
    struct remote server_host, from; /* open, if not here (plan_hosts) */
    const char *resume; /* the folder of the run that goes on; NULL: a new one */
    bool is_list, is_dry_run, is_anyway, is_plain;
    bool is_of_all; /* nobody said what: what does not fit into the budget is left out */
    json_t *texts;  /* the texts of the cells live in it */
};

/* Where the run is to take place. */
struct far_hosts plan_hosts(struct plan *plan);

/* Connects to the hosts that are not this one; ends the process with exit 2 if not. */
void plan_connect(struct plan *plan);
/* The cells of an experiment that are served as one of them is, but for the sizes of
 * pools, as a grid of places among the experiment's cells; without its A/A cell. */
void plan_grid(const struct plan *plan, const struct planned_experiment *planned,
               unsigned cell, struct grid *grid);

/* Whether a cell is measured before the others of its grid: it is in none, or a coarse
 * point of it. */
bool plan_is_coarse(const struct plan *plan, const struct planned_experiment *planned,
                    unsigned cell);
