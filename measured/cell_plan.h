/*
 * A cell that a run is to measure, as run.json says it: written when the run begins, read
 * by whoever goes on with the run or reads it. Main thread.
 */
#pragma once

#include <stdint.h>

#include "measured/parameters.h"

/* What was published before about the same cell, as slowdowns; all 0: nothing. */
struct published {
    double mean, first, last;
};

struct cell_plan {
    struct cell_parameters parameters;
    const char *asked; /* its work as asked for: "cpu:200ms" */
    struct published published;
    unsigned place;      /* of its contestant among all of the experiment, from 1 */
    const char *twin_of; /* the cell that this one repeats, or NULL */
    const char *skipped; /* why it cannot be measured on this machine, or NULL */
    /* What one of its jobs should take alone: known once a run knows its turns. */
    uint64_t cpu_ns, wait_ns;
};

/* Its object in "cells", a new reference. */
json_t *cell_plan_pack(const struct cell_plan *plan);

/*
 * And back, the texts living in the object; `index` is its place in the list. Older files
 * have no parameters but name, label and experiment, or only the name. 0; 1 with a line
 * in `why` when what was published cannot be read and is left out; -EINVAL with a line.
 */
int cell_plan_read(const json_t *object, size_t index, struct cell_plan *plan,
                   char why[WHY_BYTES]);
