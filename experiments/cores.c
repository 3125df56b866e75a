/*
 * The same work on one CPU, on two, and so on to all there are: who gets faster by it,
 * and by how much. The load generator keeps to the CPUs that the server does not have,
 * where there are any.
 */
#include <math.h>

#include "experiments/experiment.h"

static const struct preset presets[] = {
    {"usual", "", 3, 290, false, NULL},
    {"quick", "seconds=0.5", 2, 57, false, "forking,threadpool"},
    {"short", "seconds=0.5", 2, 60, false, "forking,threadpool"},
    {0},
};

static double busy_of_model(const struct closed_model *model,
                            const struct closed_system *system) {
    return fmin(system->n_users, model->most(system));
}

static double busy_bound(const struct closed_system *system) {
    return system->n_cpus;
}

#define ALONG_CPUS .axis = "cpus", .axis_title = "CPUs that the server may run on"

static const struct chart charts[] = {
    {.kind = "curve",
     .name = "throughput",
     .title = "Answers a second, by the number of CPUs: who has use for more of them",
     .reading = "A line for each strategy, its 95 % interval as a band, or as thin "
                "strokes where it is wide. A cross marks cells in "
                "which requests failed. With six values or more the laws "
                "below are fitted to them.",
     ALONG_CPUS,
     .figure = FIGURE_THROUGHPUT,
     .model = closed_throughput,
     .bound = closed_throughput_bound,
     .bound_formula = "A / T",
     .has_fits = true},
    {.kind = "curve",
     .name = "busy",
     .title = "CPUs kept busy, by the number of CPUs: the speed-up but for contention",
     .reading = "The CPU time of the jobs by the time that passed. What other "
                "programs took is in the bound, so that they do not bend a line.",
     ALONG_CPUS,
     .figure = FIGURE_CPUS_BUSY,
     .model = busy_of_model,
     .bound = busy_bound,
     .bound_formula = "A"},
    {.kind = "curve",
     .name = "contention",
     .title =
         "What a job takes by itself, as a multiple of a lone one, by the CPUs in use",
     .reading = "Above 1, jobs beside each other take longer than a lone one: their "
                "CPUs share caches, a core, or a host.",
     ALONG_CPUS,
     .figure = FIGURE_CONTENTION},
    {.kind = "curve",
     .name = "latency",
     .title = "Mean latency, by the number of CPUs",
     .reading = "Lower is better.",
     ALONG_CPUS,
     .figure = FIGURE_MEAN,
     .model = closed_latency_us,
     .bound = closed_latency_bound_us,
     .bound_formula = "N T / A"},
    {0},
};

static const struct along all_cpus = {
    .experiment = "cores", .axis = "cpus", .reduce = curve_least};

static const struct along several_cpus = {.experiment = "cores",
                                          .axis = "cpus",
                                          .reduce = curve_most,
                                          .from = 2,
                                          .to = INFINITY};

static double cpus_of_machine(const struct cell *cell) {
    return cell->window.generator_apart ? INFINITY : cell->window.cpus;
}

#define ONE_CPU(whose)                                                                   \
    WHILE("CPUs available", whose, metric_cpus_available, AT_LEAST(1.5), &several_cpus), \
        FIGURE("CPUs kept busy of several", "", whose, metric_cpus_busy, AT_MOST(1.05),  \
               &several_cpus, "on several CPUs @ kept at most * of them busy")

/* Linear growth is that as many CPUs as are available are kept busy, of one as of all. */
static const struct criterion processes_grow_with_the_cpus[] = {
    ABOUT_COMPUTING("processing", &all_cpus),
    ABOUT_SEVERAL(cpus_of_machine, "processing", &all_cpus),
    FIGURE("kept busy at any number", "of the CPUs available", "processing",
           metric_busy_share, AT_LEAST(0.9), &all_cpus,
           "on any number of CPUs @ kept at least * % of the free ones busy"),
    {0},
};

/* Another CPU can take over what is not the job: hence 5 %. */
static const struct criterion one_thread_does_not[] = {
    ABOUT_COMPUTING("blocking", &all_cpus),
    ABOUT_SEVERAL(cpus_of_machine, "blocking", &all_cpus),
    ONE_CPU("blocking"),
    ONE_CPU("threading-gil"),
    {0},
};

static const struct claim claims[] = {
    {"processes-grow-with-the-cpus",
     "what processes do grows in proportion to the CPUs there are to be had",
     processes_grow_with_the_cpus},
    {"one-thread-does-not",
     "what one thread does, or threads under a GIL do, does not grow with the CPUs",
     one_thread_does_not},
    {0},
};

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
