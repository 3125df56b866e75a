/*
 * The same work on one CPU, on two, and so on to all there are: who gets faster by it,
 * and by how much. The load generator keeps to the CPUs that the server does not have,
 * where there are any.
 */
#include "experiments/experiment.h"

static const struct preset presets[] = {
    {"usual", "", 3, 290, false, NULL},
    {"quick", "seconds=0.5", 2, 57, false, "forking,threadpool"},
    {"short", "seconds=0.5", 2, 60, false, "forking,threadpool"},
    {0},
};

static const struct chart charts[] = {
    {.kind = "curve",
     .name = "throughput",
     .title = "Answers a second, by the number of CPUs: who has use for more of them",
     .reading =
         "A line for each contestant, its 95 % interval as a band. A is the CPUs "
         "available, W the workers of a pool, T what a job takes by itself. A cross "
         "marks cells in which requests failed. With six values or more the laws "
         "below are fitted to them.",
     .axis = "cpus",
     .axis_title = "CPUs that the server may run on",
     .figure = FIGURE_THROUGHPUT,
     .model = closed_throughput,
     .bound = closed_throughput_bound,
     .bound_formula = "A / T",
     .has_fits = true},
    {.kind = "curve",
     .name = "latency",
     .title = "Mean latency, by the number of CPUs",
     .reading = "The same cells.",
     .axis = "cpus",
     .axis_title = "CPUs that the server may run on",
     .figure = FIGURE_MEAN,
     .model = closed_latency_us,
     .bound = closed_latency_bound_us,
     .bound_formula = "N T / A"},
    {0},
};

static const struct claim claims[] = {{0}};

const struct experiment experiment_cores = {
    .question = "What do more CPUs bring each strategy, for work that computes?",
    .settings = "work=cpu:20ms users=4CPUS seconds=1 drain=30 cpus=1..CPUS",
    .presets = presets,
    .contestants = contestants_of_strategies,
    .leaves_out = "async", /* its CPU work is what blocking shows */
    .probe_every_us = 10000,
    .alone = "blocking",
    .charts = charts,
    .claims = claims,
};
