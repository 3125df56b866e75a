/*
 * Requests that wait, for a timer or for another server: how many of them can a strategy
 * hold, and what does each cost? Users ask again as soon as they are answered, for so
 * many seconds, so what is compared is throughput; who waits longer than that is cut off.
 */
#include <string.h>

#include "experiments/experiment.h"
#include "measured/yardstick.h"

static const struct contestant contestants[] = {
    {"async", "async", "async", "", NULL, {0, 0, 0}},
    {"threading", "threading", "threading", "", NULL, {0, 0, 0}},
    {"threadpool", "threadpool", "threadpool", "", NULL, {0, 0, 0}},
    {"forking", "forking", "forking", "", NULL, {0, 0, 0}},
    {"processing", "processing", "processing", "", NULL, {0, 0, 0}},
    {"blocking", "blocking", "blocking", "", NULL, {0, 0, 0}},
    {0},
};

static const struct preset presets[] = {
    {"usual", "", 2, 290, false},
    {"quick", "work=sleep:100ms users=10,100,1000 seconds=0.5", 1, 57, false},
    {"large", "work=sleep:1s users=10,100,1000,10000 seconds=4", 2, 900, false},
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
    .contestants = contestants,
    .is_hole = is_hole,
    .probe_every_us = 10000,
    .alone = "async",
    .claims = claims,
};
