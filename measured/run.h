/*
 * One results folder as data: run.json and every readable cell. Cells that cannot be
 * read are named and left out; the rest is still reported. Main thread.
 */
#pragma once

#include "measured/cell.h"
#include "measured/cell_plan.h"

enum { RUN_SCHEMA = 1 };

/*
 * The repeats of one cell, in order of repeat; numbers may be left out, since a run
 * measures some cells more often than others. What figures mean across repeats is the
 * business of the reader; percentiles are never averaged.
 */
struct series {
    const struct cell_plan *plan;
    const struct cell_parameters *parameters; /* of its first repeat */
    struct cell **repeats;
    size_t n_repeats; /* at least 1 */
    /* INVALID ones, which figures do not rest on, behind the others in `repeats`: those
     * without a failed request, while they are fewer than the rest. */
    size_t n_left_out;
};

struct run {
    char *folder, *folder_shown; /* where it is, and what that is called in texts */
    json_t *info;                /* run.json */
    const char **experiments;    /* their names, in order; texts live in info */
    size_t n_experiments;        /* at least 1 */
    struct cell_plan *plans;     /* what it was to measure */
    size_t n_plans;
    struct cell **cells; /* every repeat of every cell */
    size_t n_cells;
    struct cell **repeats; /* those of all series, one after the other */
    struct series *series; /* one per measured cell, in the order of plans */
    size_t n_series;
    struct series *twins; /* of cells that are in series; compared with these alone */
    size_t n_twins;
    char **left_out; /* one line for each file or cell that is not reported, and why */
    size_t n_left_out;
};

/* Reads the folder. NULL with one line in `why` when run.json is missing or foreign. */
struct run *run_read(const char *folder, char why[WHY_BYTES]);
void run_free(struct run *run);

/*
 * Adds a cell that was measured since, cells/NAME of the folder, for who judges and draws
 * nothing: its latencies are let go of once they are summed up, and no other cell is read
 * again. 0 or -errno with one line in `why`. Series and their repeats have moved.
 */
int run_add(struct run *run, const char *name, char why[WHY_BYTES]);

/* Whether somebody ended it before it was done. */
bool run_is_interrupted(const struct run *run);

/* The plans and series of one experiment, which stand together; the rest is the run's.
 * Its claims are judged on this: others have cells that are called the same. */
struct run run_part(const struct run *run, const char *experiment);

/* The series or twin of that name, NULL when it was not measured. */
const struct series *run_find(const struct run *run, const char *cell_name);

/* The work of an experiment as it was typed, "" when it does not say. */
const char *run_work_asked(const struct run *run, const char *experiment);

/* That repeat of the series, NULL when there is none. */
const struct cell *series_repeat(const struct series *series, unsigned repeat);
