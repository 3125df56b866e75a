/*
 * From rows to cells: the contestants of an experiment times the values of its axes. What
 * settings are, and which of them win, experiments/experiment.h says. Main thread.
 */
#pragma once

#include "director/plan/contestants.h"
#include "experiments/experiment.h"

enum { MATRIX_MAX_VALUES = 64, MATRIX_MAX_VALUE_BYTES = 1000 };

struct matrix_setting {
    unsigned usable_cpus, open_files; /* limits: a cell that takes more is skipped */
    const char *const *strategies;    /* every strategy there is, NULL at the end */
    const char *only; /* "a,b": cells of these strategies alone; NULL: all; "": none */
    const struct contestants *contestants; /* that are no strategies; NULL: none */
    bool leaves_peers;                     /* those from peers/ have no cells here */
    const struct preset *preset;
    const char *given; /* settings of the command line, "" for none */
    json_t *texts;     /* an array; the texts of the cells live in it */
};

/* The text among `texts`, which live as long as the plan; "" when memory ran out. */
const char *matrix_keep(json_t *texts, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The cells of the experiment, in the order of tables and charts: contestant by
 * contestant, each along its axes. Of an external one these are the parameters of the
 * load, `cpus`, and the names in its command. Returns how many; or -EINVAL with a line in
 * `why`: an unknown key, a value that cannot be, more than `max_cells`.
 */
int matrix_make(const char *name, const struct experiment *experiment,
                const struct matrix_setting *setting, struct cell_plan *cells,
                size_t max_cells, char why[WHY_BYTES]);
