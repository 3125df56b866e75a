/*
 * The article's measurement, and what C adds to it. Its "threading" ran under CPython's
 * GIL, its "processing" made fresh processes for every request (here: forking), and its
 * last run was four such servers on four CPUs (here: as many as there are CPUs).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "experiments/experiment.h"

/* How one cell of the plan differs from the others. */
struct variant {
    const char *name, *label;
    const char *strategy;
    const char *accept; /* "" for one process; else one server per CPU, at least two */
    bool gil;
    const struct model *model;
    struct published published;
};

static const struct variant variants[] = {
    {"blocking", "blocking", "blocking", "", false, &model_in_turn, {5.51, 1.00, 10.00}},
    {"threading-gil",
     "threading, GIL",
     "threading",
     "",
     true,
     &model_interleaved,
     {9.90, 9.69, 10.02}},
    {"forking", "forking", "forking", "", false, &model_shared, {4.99, 4.96, 5.04}},
    {"hybrid-shared",
     "servers, GIL, shared",
     "threading",
     "shared",
     true,
     &model_split_servers,
     {4.74, 3.93, 5.89}},
    {"hybrid-reuseport",
     "servers, GIL, reuseport",
     "threading",
     "reuseport",
     true,
     &model_split_servers,
     {0, 0, 0}},
    {"threading", "threading", "threading", "", false, &model_shared, {0, 0, 0}},
    {"threadpool", "threadpool", "threadpool", "", false, &model_steps, {0, 0, 0}},
    {"processing", "processing", "processing", "", false, &model_steps, {0, 0, 0}},
};

enum { N_VARIANTS = sizeof variants / sizeof *variants, MAX_LABEL_BYTES = 48 };

static bool is_listed(const char *const *strategies, const char *name) {
    for (; *strategies != NULL; strategies++)
        if (strcmp(*strategies, name) == 0)
            return true;
    return false;
}

/* Its CPU work is what blocking shows; how it waits is the business of others. */
static bool is_left_to_others(const char *strategy) {
    return strcmp(strategy, "async") == 0;
}

static const struct variant *find_variant(const char *name) {
    for (size_t i = 0; i < N_VARIANTS; i++)
        if (strcmp(variants[i].name, name) == 0)
            return &variants[i];
    return NULL;
}

static struct cell_plan plan_cell(const struct experiment_setting *setting,
                                  const struct variant *variant) {
    static char labels[N_VARIANTS][MAX_LABEL_BYTES];
    unsigned n_servers = setting->usable_cpus > 2 ? setting->usable_cpus : 2;
    const char *label = variant->label;
    if (variant->accept[0] != '\0') {
        char *own = labels[variant - variants];
        (void)snprintf(own, MAX_LABEL_BYTES, "%u %s", n_servers, label);
        label = own;
    }
    return (struct cell_plan){
        .parameters = {.experiment = "article",
                       .name = variant->name,
                       .label = label,
                       .strategy = variant->strategy,
                       .accept = variant->accept,
                       .gil = variant->gil,
                       .processes = variant->accept[0] != '\0' ? n_servers : 1,
                       .workers = setting->usable_cpus,
                       .users = setting->users,
                       .rounds = 1,
                       .probe_every_us = 10000},
        .published = variant->published,
    };
}

static struct cell_plan plan_newcomer(const struct experiment_setting *setting,
                                      const char *strategy) {
    struct cell_plan plan = plan_cell(setting, &variants[0]);
    plan.parameters.name = strategy;
    plan.parameters.label = strategy;
    plan.parameters.strategy = strategy;
    plan.published = (struct published){0};
    return plan;
}

/* The variants whose strategy exists, then every strategy that is in none of them. */
static size_t plan(const struct experiment_setting *setting, struct cell_plan *plans,
                   size_t max_cells) {
    size_t n_cells = 0;
    for (size_t i = 0; i < N_VARIANTS && n_cells < max_cells; i++)
        if (is_listed(setting->strategies, variants[i].strategy))
            plans[n_cells++] = plan_cell(setting, &variants[i]);
    for (size_t i = 0; setting->strategies[i] != NULL && n_cells < max_cells; i++)
        if (find_variant(setting->strategies[i]) == NULL &&
            !is_left_to_others(setting->strategies[i]))
            plans[n_cells++] = plan_newcomer(setting, setting->strategies[i]);
    return n_cells;
}

static const struct model *model(const struct cell_parameters *parameters) {
    const struct variant *variant = find_variant(parameters->name);
    return variant != NULL ? variant->model : NULL;
}

static double mean_by_in_turn(const struct cell *cell) {
    return metric_mean_t(cell) / model_mean_t(&model_in_turn, cell);
}

static double mean_by_interleaved(const struct cell *cell) {
    return metric_mean_t(cell) / model_mean_t(&model_interleaved, cell);
}

static double last_by_shared(const struct cell *cell) {
    return metric_last_t(cell) / model_shared.latency_t(cell, cell->n_requests);
}

static double last_by_serial(const struct cell *cell) {
    return metric_last_t(cell) / (double)cell->n_requests;
}

static double busy_p50_ms(const struct cell *cell) {
    return metric_busy_p50_us(cell) / 1000;
}

/* The median wait of `/` by the median time that was left when it was asked for. */
static double wait_by_time_left(const struct cell *cell) {
    return metric_busy_p50_us(cell) / (metric_end_us(cell) / 2);
}

static double n_users(const struct cell *cell) {
    return (double)cell->n_requests;
}

static double n_workers(const struct cell *cell) {
    return (double)cell->parameters.workers;
}

static double requests_by_worker(const struct cell *cell) {
    return n_users(cell) / n_workers(cell);
}

static double e_by_requests(const struct cell *cell) {
    return cell->effective_cores / n_users(cell);
}

static double first_step(const struct cell *cell) {
    return model_step_ratio(cell, 1);
}

static double second_step(const struct cell *cell) {
    return model_step_ratio(cell, 2);
}

#define AT_LEAST(low) (low), INFINITY
#define AT_MOST(high) -INFINITY, (high)
#define CONDITION(what, cell, figure, low)                                               \
    { what, "", cell, figure, NULL, AT_LEAST(low), true }
#define CPU_WORK(cell)                                                                   \
    { "steps that wait", "", cell, metric_n_waiting_steps, NULL, AT_MOST(0), true }
#define CORES_BEYOND_ONE(cell)                                                           \
    CONDITION("effective cores", cell, metric_effective_cores, 1.2)

static const struct criterion blocking_is_linear[] = {
    CONDITION("users", "blocking", n_users, 3),
    {"slope", "T per rank", "blocking", metric_slope_t, NULL, 0.85, 1.15, false},
    {"1 - R2", "", "blocking", metric_unexplained, NULL, AT_MOST(0.05), false},
    {"mean", "x (n+1)/2 T", "blocking", mean_by_in_turn, NULL, 0.85, 1.15, false},
    {0},
};

static const struct criterion blocking_stops_the_rest[] = {
    CONDITION("users", "blocking", n_users, 4),
    {"`/` p50", "T", "blocking", metric_busy_p50_t, NULL, AT_LEAST(1), false},
    {"p50", "of the time left", "blocking", wait_by_time_left, NULL, AT_LEAST(0.5),
     false},
    {0},
};

static const struct criterion gil_serialises[] = {
    CONDITION("users", "threading-gil", n_users, 3),
    CPU_WORK("threading-gil"),
    {"mean", "x n T", "threading-gil", mean_by_interleaved, NULL, 0.85, 1.15, false},
    {"spread", "of the last", "threading-gil", metric_spread, NULL, AT_MOST(0.3), false},
    {0},
};

static const struct criterion threads_keep_answering[] = {
    {"`/` p50: GIL", "ms", "threading-gil", busy_p50_ms, NULL, AT_MOST(100), false},
    {"GIL", "x blocking's", "threading-gil", busy_p50_ms, "blocking", AT_MOST(0.2),
     false},
    {"no GIL", "ms", "threading", busy_p50_ms, NULL, AT_MOST(100), false},
    {"no GIL", "x blocking's", "threading", busy_p50_ms, "blocking", AT_MOST(0.2), false},
    {0},
};

static const struct criterion processes_use_the_cores[] = {
    CPU_WORK("forking"),
    CORES_BEYOND_ONE("forking"),
    {"last", "x n T / E", "forking", last_by_shared, NULL, 0.75, 1.33, false},
    {"last", "x n T", "forking", last_by_serial, NULL, AT_MOST(0.9), false},
    {0},
};

static const struct criterion pool_makes_a_staircase[] = {
    CPU_WORK("processing"),
    CONDITION("workers", "processing", n_workers, 2),
    CONDITION("requests per worker", "processing", requests_by_worker, 2),
    {"1st step", "x model", "processing", first_step, NULL, 0.67, 1.5, false},
    {"2nd", "x model", "processing", second_step, NULL, 0.67, 1.5, false},
    {"rise between steps", "", "processing", metric_rise_between_steps, NULL,
     AT_LEAST(0.7), false},
    {0},
};

static const struct criterion fresh_pools_end_together[] = {
    CPU_WORK("forking"),
    {"E by requests", "", "forking", e_by_requests, NULL, AT_MOST(0.5), true},
    {"spread", "of the last", "forking", metric_spread, NULL, AT_MOST(0.3), false},
    {0},
};

static const struct criterion without_a_gil_threads_match[] = {
    CPU_WORK("threading"),
    CORES_BEYOND_ONE("threading"),
    {"last", "x processing's", "threading", metric_last_t, "processing", 0.75, 1.33,
     false},
    {"last", "x n T / E", "threading", last_by_shared, NULL, 0.75, 1.33, false},
    {"last", "x n T", "threading", last_by_serial, NULL, AT_MOST(0.9), false},
    {0},
};

static const struct criterion hybrid_matches_pool[] = {
    CPU_WORK("hybrid-shared"),
    {"mean", "x forking's", "hybrid-shared", metric_mean_t, "forking", 0.75, 1.33, false},
    {"spread", "of the last", "hybrid-shared", metric_spread, NULL, AT_LEAST(0.1), false},
    {"spread", "x forking's", "hybrid-shared", metric_spread, "forking", AT_LEAST(1),
     false},
    {0},
};

static const struct claim claims[] = {
    {"blocking-is-linear", "under blocking the k-th answer takes k T",
     blocking_is_linear},
    {"blocking-stops-the-rest", "while blocking works, `/` waits",
     blocking_stops_the_rest},
    {"gil-serialises", "threads under a GIL all end near n T", gil_serialises},
    {"threads-keep-answering", "while threads work, `/` is still answered at once",
     threads_keep_answering},
    {"processes-use-the-cores", "processes bring n T down to n T / E",
     processes_use_the_cores},
    {"pool-makes-a-staircase",
     "with one pool of W workers, W requests take about T, the next W about 2 T "
     "(T W / E each where the W CPUs are worth less than W cores)",
     pool_makes_a_staircase},
    {"fresh-pools-end-together", "with a process per request all end together",
     fresh_pools_end_together},
    {"without-a-gil-threads-match",
     "without a GIL threads run on all cores, as processes do",
     without_a_gil_threads_match},
    {"hybrid-matches-pool",
     "several servers x threads average about the same as processes, unevenly",
     hybrid_matches_pool},
    {0},
};

const struct experiment experiment_article = {
    .question = "While requests do heavy work, how long does each wait, and are others "
                "still served?",
    .default_work = "cpu:200ms",
    .default_users = 10,
    .alone = "blocking",
    .plan = plan,
    .model = model,
    .claims = claims,
};
