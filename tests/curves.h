/*
 * A run in memory whose cells are contestants x users, with figures that are planted and
 * not measured: y in machine.cores (metric_machine_cores), what one of x is worth in
 * machine.turns_per_ms. Header only: tests are one file each.
 */
#ifndef JUGGLE_TESTS_CURVES_H
#define JUGGLE_TESTS_CURVES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measured/run.h"

enum { MOST_CELLS = 400 };

static struct planted_curves {
    struct cell cells[MOST_CELLS];
    struct cell *repeats[MOST_CELLS][16];
    struct series series[MOST_CELLS];
    struct sample samples[MOST_CELLS];
    char names[MOST_CELLS][64];
    struct run run;
} planted;

static void planted_begin(void) {
    json_decref(planted.run.info);
    planted = (struct planted_curves){.run = {.folder = "", .series = planted.series}};
    planted.run.info = json_pack("{s:[]}", "cells");
}

/* Plans a cell of that contestant; its repeats follow. */
static struct series *planted_series(const char *contestant, unsigned users) {
    size_t at = planted.run.n_series++;
    struct series *series = &planted.series[at];
    (void)snprintf(planted.names[at], sizeof planted.names[at], "%s-users%u", contestant,
                   users);
    *series = (struct series){.repeats = planted.repeats[at], .place = 1};
    (void)json_array_append_new(json_object_get(planted.run.info, "cells"),
                                json_pack("{s:s, s:{s:s, s:s}}", "name",
                                          planted.names[at], "parameters", "experiment",
                                          "users", "contestant", contestant));
    return series;
}

static struct cell *planted_repeat(struct series *series, const char *contestant,
                                   unsigned users, unsigned repeat, double y) {
    size_t at = planted.run.n_cells++;
    struct cell *cell = &planted.cells[at];
    planted.samples[at] = (struct sample){.status = 200};
    *cell = (struct cell){
        .repeat = repeat, .requests = &planted.samples[at], .n_requests = 1};
    cell->parameters =
        (struct cell_parameters){.experiment = "users",
                                 .name = planted.names[series - planted.series],
                                 .label = contestant,
                                 .contestant = contestant,
                                 .contestant_label = contestant,
                                 .users = users};
    cell->machine.cores = y;
    cell->machine.turns_per_ms = 1;
    cell->window.server_seconds = 1;
    planted.run.cells = planted.cells;
    series->repeats[series->n_repeats++] = cell;
    series->parameters = &series->repeats[0]->parameters;
    return cell;
}

/* A cell with so many repeats of about that y: 1 % apart. */
static struct series *planted_cell(const char *contestant, unsigned users,
                                   unsigned n_repeats, double y) {
    struct series *series = planted_series(contestant, users);
    for (unsigned repeat = 1; repeat <= n_repeats; repeat++)
        (void)planted_repeat(series, contestant, users, repeat,
                             y * (1 + 0.01 * ((repeat * 7 + users) % 3 - 1.0)));
    return series;
}

#endif
