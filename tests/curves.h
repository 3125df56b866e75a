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
    struct cell *all[MOST_CELLS];
    struct cell *repeats[MOST_CELLS][16];
    struct cell_plan plans[MOST_CELLS];
    struct series series[MOST_CELLS];
    char names[MOST_CELLS][64];
    struct run run;
} planted;

static void planted_begin(void) {
    planted = (struct planted_curves){.run = {.folder = "",
                                              .series = planted.series,
                                              .plans = planted.plans,
                                              .cells = planted.all}};
}

/* A cell with so many repeats of about that y: 1 % apart. */
static struct series *planted_cell(const char *contestant, unsigned users,
                                   unsigned n_repeats, double y) {
    size_t at = planted.run.n_series++;
    struct series *series = &planted.series[at];
    (void)snprintf(planted.names[at], sizeof planted.names[at], "%s-users%u", contestant,
                   users);
    const struct cell_parameters parameters = {.experiment = "users",
                                               .name = planted.names[at],
                                               .label = contestant,
                                               .contestant = contestant,
                                               .contestant_label = contestant,
                                               .users = users};
    planted.plans[planted.run.n_plans++] =
        (struct cell_plan){.parameters = parameters, .place = 1};
    *series = (struct series){.plan = &planted.plans[at], .repeats = planted.repeats[at]};
    for (unsigned repeat = 1; repeat <= n_repeats; repeat++) {
        struct cell *cell = &planted.cells[planted.run.n_cells];
        *cell = (struct cell){
            .parameters = parameters,
            .repeat = repeat,
            .n_requests = 1,
            .n_answered = 1,
            .machine = {.cores = y * (1 + 0.01 * ((repeat * 7 + users) % 3 - 1.0)),
                        .turns_per_ms = 1},
            .window = {.server_seconds = 1}};
        planted.all[planted.run.n_cells++] = cell;
        series->repeats[series->n_repeats++] = cell;
    }
    series->parameters = &series->repeats[0]->parameters;
    return series;
}

#endif
