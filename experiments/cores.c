/*
 * The same work on one CPU, on two, and so on to all there are: who gets faster by it,
 * and by how much. The load generator keeps to the CPUs that the server does not have,
 * where there are any.
 */
#include "experiments/experiment.h"
#include "measured/yardstick.h"

static const struct contestant contestants[] = {
    {"processing", "processing", "processing", "", NULL, {0, 0, 0}},
    {"threadpool", "threadpool", "threadpool", "", NULL, {0, 0, 0}},
    {"threading", "threading", "threading", "", NULL, {0, 0, 0}},
    {"threading-gil", "threading (GIL)", "threading", "gil=yes", NULL, {0, 0, 0}},
    {"forking", "forking", "forking", "", NULL, {0, 0, 0}},
    {"blocking", "blocking", "blocking", "", NULL, {0, 0, 0}},
    {0},
};

static const struct preset presets[] = {
    {"usual", "", 3, 290, false}, {"quick", "seconds=0.5", 2, 57, false}, {0}};

static const struct claim claims[] = {{0}};

const struct experiment experiment_cores = {
    .question = "What do more CPUs bring each strategy, for work that computes?",
    .settings = "work=cpu:20ms users=4CPUS seconds=1 cpus=1..CPUS",
    .presets = presets,
    .contestants = contestants,
    .leaves_out = "async", /* its CPU work is what blocking shows */
    .probe_every_us = 10000,
    .alone = "blocking",
    .claims = claims,
};
