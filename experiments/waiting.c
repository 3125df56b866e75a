/*
 * Requests that wait, for a timer or for another server: how many of them can a strategy
 * hold, and what does each cost? Users ask again as soon as they are answered, for so
 * many seconds, so what is compared is throughput; who waits longer than that is cut off.
 */
#include <string.h>

#include "experiments/experiment.h"

static const struct preset presets[] = {
    {"usual", "", 2, 290, false, NULL},
    {"quick", "work=sleep:100ms users=10,100,1000 seconds=0.5", 2, 57, false, "forking"},
    {"short", "work=sleep:100ms users=10,100,1000 seconds=0.5", 2, 60, false, "forking"},
    {"large", "work=sleep:1s users=10,100,1000,10000 seconds=4", 2, 900, false, NULL},
    {0},
};

/* Of a second's wait the fewest users say nothing that 100 ms do not. */
static bool is_hole(const struct cell_parameters *cell) {
    return strstr(cell->work, ":1s") != NULL && cell->users < 100;
}

static const struct claim claims[] = {{0}};

const struct experiment experiment_waiting = {
    .question = "How many requests that only wait can each strategy hold at once, and "
                "what does each of them cost?",
    .settings = "work=sleep:100ms,fetch users=10,100,1000 seconds=1 workers=CPUS",
    .presets = presets,
    .contestants = contestants_of_strategies,
    .leaves_out = "threading-gil", /* nothing computes */
    .is_hole = is_hole,
    .probe_every_us = 10000,
    .alone = "async",
    .claims = claims,
};
