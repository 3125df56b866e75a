/*
 * One results folder as data: run.json and every readable cell. Cells that cannot be
 * read are named and left out; the rest is still reported. Main thread.
 */
#ifndef JUGGLE_MEASURED_RUN_H
#define JUGGLE_MEASURED_RUN_H

#include "measured/cell.h"

enum { RUN_SCHEMA = 1 };

/*
 * The repeats of one cell, in order of repeat. What figures mean across repeats is the
 * business of the reader; percentiles are never averaged.
 */
struct series {
    const struct cell_parameters *parameters; /* of its first repeat */
    struct cell **repeats;
    size_t n_repeats;
};

struct run {
    char *folder;
    json_t *info;       /* run.json */
    struct cell *cells; /* every repeat of every cell */
    size_t n_cells;
    struct series *series; /* one per cell, in the order of run.json's "cells" */
    size_t n_series;
    char **left_out; /* one line for each file that could not be read */
    size_t n_left_out;
};

/* Reads the folder. NULL with one line in `why` when run.json is missing or foreign. */
struct run *run_read(const char *folder, char *why, size_t why_bytes);
void run_free(struct run *run);

/* The series of that name, NULL when it was not measured. */
const struct series *run_find(const struct run *run, const char *cell_name);

#endif
