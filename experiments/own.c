/*
 * A work of one's own, or any matrix: every strategy at every value that is asked for.
 * Users ask again as soon as they are answered, for so many seconds, unless --rounds says
 * how often. Threads and processes of a pool are as many as there are CPUs; work that
 * waits would leave those idle, so there is a second pool of each, of ten for each CPU,
 * unless the command line says how many.
 */
#include <string.h>

#include "common/workload/work.h"
#include "experiments/experiment.h"

#define ROW(name, label, strategy, settings, hues)                                       \
    { name, label, strategy, settings, NULL, {0, 0, 0}, hues }
static const struct contestant contestants[] = {
    ROW("blocking", "blocking", "blocking", "", HUES_OF_LOOP),
    ROW("async", "async", "async", "", HUES_OF_LOOP),
    ROW("threading", "threading", "threading", "", HUES_OF_THREADS),
    ROW("threadpool", "threadpool", "threadpool", "", HUES_OF_THREADS),
    ROW("threadpool-large", "threadpool (ten a CPU)", "threadpool", "workers=10CPUS",
        HUES_OF_THREADS),
    ROW("forking", "forking", "forking", "", HUES_OF_PROCESSES),
    ROW("processing", "processing", "processing", "", HUES_OF_PROCESSES),
    ROW("processing-large", "processing (ten a CPU)", "processing", "workers=10CPUS",
        HUES_OF_PROCESSES),
    {0},
};
#undef ROW

static const struct preset presets[] = {
    {"usual", "", 2, 290, false, NULL},
    {"quick", "seconds=1", 2, 57, false, NULL},
    {"short", "seconds=1", 2, 60, false, NULL},
    {0},
};

/* Only work that waits has use for more workers than there are CPUs, and where their
 * number is given the second pool would be the first once more. */
static bool is_hole(const struct cell_parameters *cell, unsigned usable_cpus) {
    struct work work = {0};
    (void)work_parse_kept(cell->work, 1, &work);
    bool waits = work_has_step(&work, STEP_SLEEP) || work_has_step(&work, STEP_FETCH) ||
                 work_has_step(&work, STEP_DECLARED); /* it may */
    bool is_given = cell->workers != 10 * usable_cpus ||
                    (cell->threads > 0 && strcmp(cell->strategy, "threadpool") == 0);
    return (!waits || is_given) && strstr(cell->contestant, "-large") != NULL;
}

static const struct claim claims[] = {{0}};

const struct experiment experiment_own = {
    .question = "Which strategy suits this work, for so many users, on these CPUs?",
    .settings = "work=cpu:20ms+sleep:80ms users=USERS seconds=2 drain=30 workers=CPUS",
    .presets = presets,
    .contestants = contestants,
    .is_hole = is_hole,
    .probe_every_us = 10000,
    .alone = "blocking",
    .claims = claims,
};
