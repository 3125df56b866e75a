/*
 * The article's measurement, and what C adds to it. Its "threading" ran under CPython's
 * GIL, its "processing" made fresh processes for every request (here: forking), and its
 * last run was four such servers on four CPUs (here: as many as there are CPUs).
 */
#include <math.h>

#include "experiments/experiment.h"

/* With what the article has of it. */
#define ROW(name, label, strategy, settings, model, hues, ...)                           \
    { name, label, strategy, settings, model, {__VA_ARGS__}, hues }
static const struct contestant contestants[] = {
    ROW("blocking", "blocking", "blocking", "", &model_in_turn, HUES_OF_LOOP, 5.51, 1.00,
        10.00),
    ROW("threading-gil", "threading (GIL)", "threading", "gil=yes", &model_interleaved,
        HUES_OF_THREADS, 9.90, 9.69, 10.02),
    ROW("forking", "forking", "forking", "", &model_shared, HUES_OF_PROCESSES, 4.99, 4.96,
        5.04),
    ROW("hybrid-shared", "%u GIL servers (shared)", "threading",
        "gil=yes processes=SERVERS accept=shared", &model_split_servers, HUES_OF_THREADS,
        4.74, 3.93, 5.89),
    ROW("hybrid-reuseport", "%u GIL servers (reuseport)", "threading",
        "gil=yes processes=SERVERS accept=reuseport", &model_split_servers,
        HUES_OF_THREADS, 0, 0, 0),
    ROW("threading", "threading", "threading", "", &model_shared, HUES_OF_THREADS, 0, 0,
        0),
    ROW("threadpool", "threadpool", "threadpool", "", &model_steps, HUES_OF_THREADS, 0, 0,
        0),
    ROW("processing", "processing", "processing", "", &model_steps, HUES_OF_PROCESSES, 0,
        0, 0),
    {0},
};
#undef ROW

static const struct preset presets[] = {
    {"usual", "", 2, 290, true, NULL},
    {"quick", "work=cpu:100ms", 2, 57, false, NULL},
    {"short", "work=cpu:100ms", 2, 100, false, NULL},
    {"article", "work=cpu:4540ms", 3, 0, false, NULL},
    {0},
};

static double busy_p50_ms(const struct cell *cell) {
    return metric_busy_p50_us(cell) / 1000;
}

/* The median wait of `/` by the median time that was left when it was asked for. */
static double wait_by_time_left(const struct cell *cell) {
    return metric_busy_p50_us(cell) / (metric_end_us(cell) / 2);
}

/* CPython lets a thread hold the GIL for 5 ms while others wait, so a request for `/`
 * takes its turn behind as many of them as there are users; it takes one or two turns. */
static double wait_by_turns(const struct cell *cell) {
    static const double switch_interval_ms = 5;
    return busy_p50_ms(cell) / (switch_interval_ms * (double)cell->n_requests);
}

static double last_by_first(const struct cell *cell) {
    return metric_last_us(cell) / metric_first_us(cell);
}

static double n_users(const struct cell *cell) {
    return (double)cell->n_requests;
}

/* The last of n users who are served in turn waits n times as long as the first. */
static double steps_by_users(const struct cell *cell) {
    return last_by_first(cell) / n_users(cell);
}

static double n_workers(const struct cell *cell) {
    return (double)cell->parameters.workers;
}

static double requests_by_worker(const struct cell *cell) {
    return n_users(cell) / n_workers(cell);
}

static double requests_by_cpu(const struct cell *cell) {
    return n_users(cell) / cpus_allowed(cell);
}

/* The slowdown of the last, had all CPUs been available: what others took made it longer
 * by as much. */
static double last_on_all_cpus(const struct cell *cell) {
    return metric_last_slowdown(cell) * available_share(cell);
}

/*
 * The mean latency of the first, second and last W answers of a pool of W workers, in
 * steps as long as W jobs take on the CPUs available (W / A own T, never less than one),
 * by their number: 1 each.
 */
static double in_steps(const struct cell *cell, double latency_us) {
    double own_t =
        fmax(1, (double)cell->parameters.workers / metric_cpus_available(cell));
    return latency_us / (metric_own_t_us(cell) * own_t);
}

static double first_step(const struct cell *cell) {
    return in_steps(cell, metric_first_step_us(cell));
}

static double second_step(const struct cell *cell) {
    return in_steps(cell, metric_second_step_us(cell)) / 2;
}

static double last_step(const struct cell *cell) {
    unsigned n_workers = cell->parameters.workers;
    double n_steps = n_workers > 0 ? floor((double)cell->n_answered / n_workers) : NAN;
    return in_steps(cell, metric_last_step_us(cell)) / n_steps;
}

#define MORE_JOBS_THAN_CPUS(cell)                                                        \
    ABOUT("requests for each CPU", cell, requests_by_cpu, AT_LEAST(2),                   \
          "it takes two users for each CPU: --users", NULL)
/* Judged only while other programs leave CPUs to a strategy that could use them. */
#define WHILE_AVAILABLE(cell, least)                                                     \
    WHILE("CPUs available", cell, metric_cpus_available, AT_LEAST(least), NULL)
#define WHILE_QUIET(cell)                                                                \
    WHILE("share of the CPUs available", cell, available_share, AT_LEAST(0.85), NULL)

/* Served in turn; `order` is the row that says by what the order is known. */
#define LINEAR(order)                                                                    \
    {                                                                                    \
        ABOUT("users", "blocking", n_users, AT_LEAST(3), "it takes 3 users: --users",    \
              NULL),                                                                     \
            TELL("latency of the last", "x the first", "blocking", last_by_first,        \
                 "the last of # users waited * times as long as the first"),             \
            SHARE(                                                                       \
                "1 - R2 of latency on rank", "", "blocking", metric_unexplained,         \
                AT_MOST(0.05),                                                           \
                "the place in the queue explains all but * % of how the waits differ"),  \
            order,                                                                       \
            FIGURE("CPUs kept busy", "", "blocking", metric_cpus_busy, AT_MOST(1.05),    \
                   NULL, "blocking kept * CPUs busy"),                                   \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

#define IN_ORDER                                                                         \
    SHARE("answered in order", "", "blocking", metric_in_order, AT_LEAST(0.9),           \
          "* % of the answers came in the order of asking")
/* A server of somebody else's does not say in which order requests came to it. */
#define IN_STEPS                                                                         \
    FIGURE("latency of the last by the first", "x the number of users", "blocking",      \
           steps_by_users, BETWEEN(0.67, 1.5), NULL,                                     \
           "the last user waited * times as long as # jobs like the first take in turn")

static const struct criterion blocking_is_linear[] = LINEAR(IN_ORDER);
static const struct criterion blocking_is_linear_outside[] = LINEAR(IN_STEPS);

static const struct criterion blocking_stops_the_rest[] = {
    ABOUT("users", "blocking", n_users, AT_LEAST(4), "it takes 4 users: --users", NULL),
    FIGURE("`/` waited", "of the time left", "blocking", wait_by_time_left, AT_LEAST(0.5),
           NULL,
           "who asked for the home page waited * % of the time that the work had left"),
    {0},
};

#define SERIALISED_BY_A_GIL(most_spread)                                                 \
    ABOUT("users", "threading-gil", n_users, AT_LEAST(3), "it takes 3 users: --users",   \
          NULL),                                                                         \
        ABOUT_COMPUTING("threading-gil", NULL),                                          \
        ABOUT_SEVERAL(cpus_allowed, "threading-gil", NULL),                              \
        WHILE_AVAILABLE("threading-gil", 1.5),                                           \
        FIGURE("CPUs kept busy", "", "threading-gil", metric_cpus_busy, AT_MOST(1.05),   \
               NULL, "@ kept * CPUs busy"),                                              \
        SHARE("spread", "of the last", "threading-gil", metric_spread,                   \
              AT_MOST(most_spread), "the first answer came * % sooner than the last")

static const struct criterion gil_serialises[] = {
    SERIALISED_BY_A_GIL(0.5),
    {0},
};

/* A server of somebody else's may have a pool of threads, as executors are: of n jobs the
 * first W end late together, and sooner by 1 - W / n than the last. In turn they would be
 * by 1 - 1 / n; the bound is halfway for ten users and the fewest threads that CPython's
 * executor has. */
static const struct criterion gil_serialises_outside[] = {
    SERIALISED_BY_A_GIL(0.7),
    {0},
};

#define ANSWERED_UNDER_A_GIL                                                             \
    TELL("`/` took", "ms", "threading-gil", busy_p50_ms,                                 \
         "under @ the home page took * ms"),                                             \
        SHARE("`/` waited, GIL", "of the time left", "threading-gil", wait_by_time_left, \
              AT_MOST(0.5),                                                              \
              "under @ the home page took * % of the time that the work had left"),      \
        FIGURE("`/` under a GIL", "turns of 5 ms a user", "threading-gil",               \
               wait_by_turns, AT_MOST(4), NULL,                                          \
               "under @ the home page waited while every user had * turns of 5 ms")

static const struct criterion threads_keep_answering_outside[] = {
    ANSWERED_UNDER_A_GIL,
    {0},
};

static const struct criterion threads_keep_answering[] = {
    ANSWERED_UNDER_A_GIL,
    SHARE("`/` waited, no GIL", "of the time left", "threading", wait_by_time_left,
          AT_MOST(0.5),
          "under threading the home page took * % of the time that the work had left"),
    FIGURE("`/` without one", "ms", "threading", busy_p50_ms, AT_MOST(100), NULL,
           "under threading the home page took * ms"),
    {0},
};

static const struct criterion processes_use_the_cores[] = {
    ABOUT_COMPUTING("forking", NULL),
    ABOUT_SEVERAL(cpus_allowed, "forking", NULL),
    MORE_JOBS_THAN_CPUS("forking"),
    FIGURE("kept busy", "of the CPUs available", "forking", metric_busy_share,
           AT_LEAST(0.9), NULL, "@ kept * % of the free CPUs busy"),
    {0},
};

static const struct criterion pool_makes_a_staircase[] = {
    ABOUT_COMPUTING("processing", NULL),
    ABOUT("workers", "processing", n_workers, AT_LEAST(2), "it takes a pool of 2 workers",
          NULL),
    ABOUT("requests for each worker", "processing", requests_by_worker, AT_LEAST(2),
          "it takes two users for each worker: --users", NULL),
    WHILE_AVAILABLE("processing", 1),
    FIGURE("1st step", "steps of W / A own T", "processing", first_step,
           BETWEEN(0.67, 1.5), NULL,
           "the first group of answers took * times what theory expects"),
    FIGURE("2nd step", "x 2 of them", "processing", second_step, BETWEEN(0.67, 1.5), NULL,
           "the second group of answers took * times what theory expects"),
    FIGURE("last step", "x its number", "processing", last_step, BETWEEN(0.67, 1.5), NULL,
           "the last group of answers took * times what theory expects"),
    {0},
};

static const struct criterion fresh_pools_end_together[] = {
    ABOUT_COMPUTING("forking", NULL),
    ABOUT_SEVERAL(cpus_allowed, "forking", NULL),
    MORE_JOBS_THAN_CPUS("forking"),
    WHILE_QUIET("forking"),
    SHARE("spread", "of the last", "forking", metric_spread, AT_MOST(0.3),
          "the first answer came * % sooner than the last"),
    {0},
};

static const struct criterion without_a_gil_threads_match[] = {
    ABOUT_COMPUTING("threading", NULL),
    ABOUT_SEVERAL(cpus_allowed, "threading", NULL),
    MORE_JOBS_THAN_CPUS("threading"),
    AGAINST("processing", "share of the CPUs kept busy", "x processing's", "threading",
            metric_busy_share, BETWEEN(0.85, 1.18), NULL,
            "threading kept * times as many CPUs busy as processing"),
    AGAINST("processing", "slowdown of the last on all CPUs", "x processing's",
            "threading", last_on_all_cpus, BETWEEN(0.75, 1.33), NULL,
            "the last user waited * times as long as under processing"),
    {0},
};

static const struct criterion hybrid_matches_pool[] = {
    ABOUT_COMPUTING("hybrid-shared", NULL),
    ABOUT_SEVERAL(cpus_allowed, "hybrid-shared", NULL),
    MORE_JOBS_THAN_CPUS("hybrid-shared"),
    WHILE_AVAILABLE("hybrid-shared", 1.5),
    AGAINST("forking", "mean slowdown", "x forking's", "hybrid-shared", metric_slowdown,
            BETWEEN(0.75, 1.33), NULL, "users waited * times as long as under forking"),
    FIGURE("requests of the server that had most", "x an even share", "hybrid-shared",
           metric_most_loaded, AT_LEAST(1.1), NULL,
           "the server with most requests had * times its even share"),
    {0},
};

static const struct claim claims[] = {
    {"blocking-is-linear", "under blocking the k-th user waits for k jobs",
     blocking_is_linear},
    {"blocking-stops-the-rest", "while blocking works, the home page waits",
     blocking_stops_the_rest},
    {"gil-serialises",
     "threading (GIL) keeps one CPU busy, and all its users are answered late",
     gil_serialises},
    {"threads-keep-answering",
     "while threading works, with a GIL or without, the home page is still answered",
     threads_keep_answering},
    {"processes-use-the-cores", "forking uses all CPUs that are free",
     processes_use_the_cores},
    {"pool-makes-a-staircase",
     "processing answers in steps: as many requests as it has workers, then as many "
     "again",
     pool_makes_a_staircase},
    {"fresh-pools-end-together", "under forking all users are answered together",
     fresh_pools_end_together},
    {"without-a-gil-threads-match", "threading uses all CPUs, as processing does",
     without_a_gil_threads_match},
    {"hybrid-matches-pool",
     "under GIL servers (shared) users wait as long as under forking, but unevenly",
     hybrid_matches_pool},
    {0},
};

const struct claim claims_of_servers[] = {
    {"blocking-is-linear", "under a blocking loop the k-th user waits for k jobs",
     blocking_is_linear_outside},
    {"blocking-stops-the-rest", "while a blocking loop works, the home page waits",
     blocking_stops_the_rest},
    {"gil-serialises", "threads under a GIL keep one CPU busy, and all of them end late",
     gil_serialises_outside},
    {"threads-keep-answering", "while threads work, the home page is still answered",
     threads_keep_answering_outside},
    {"processes-use-the-cores",
     "fresh processes for each request use all CPUs that are free",
     processes_use_the_cores},
    {"fresh-pools-end-together", "with fresh processes for each request all end together",
     fresh_pools_end_together},
    {0},
};

const struct experiment experiment_article = {
    .question = "While requests do heavy work, how long does each wait, and are others "
                "still served?",
    .settings = "work=cpu:200ms users=USERS rounds=1 workers=CPUS",
    .presets = presets,
    .contestants = contestants,
    .leaves_out = "async", /* its CPU work is what blocking shows */
    .probe_every_us = 10000,
    .alone = "blocking",
    .claims = claims,
};
