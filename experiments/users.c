/*
 * How many users at a time a strategy is good for: from one to 64 users who ask again as
 * soon as they are answered, for a given time. What the closed model of each contestant
 * expects (measured/theory/closed.h) is drawn thin.
 */
#include <math.h>

#include "experiments/experiment.h"

static const struct preset presets[] = {
    {"usual", "", 3, 900, false, NULL},
    {"quick", "users=1,4,16 seconds=0.5", 2, 57, false, "async,threading-gil,forking"},
    {"short", "users=1,4,16 seconds=0.5", 2, 60, false, "async,threading-gil,forking"},
    {0},
};

static const struct chart charts[] = {
    {.kind = "curve",
     .name = "throughput",
     .title = "Answers a second, by the number of users: who grows, and how far",
     .reading =
         "A line for each strategy, its 95 % interval as a band, or as thin strokes "
         "where it is wide. Throughput grows "
         "with the users until the CPUs that a strategy can use are busy. Z is the time "
         "that users think. A cross marks cells in which requests failed.",
     .axis = "users",
     .axis_title = "users",
     .figure = FIGURE_THROUGHPUT,
     .model = closed_throughput,
     .bound = closed_throughput_bound,
     .bound_formula = "N / (T + Z) and A / T"},
    {.kind = "curve",
     .name = "latency",
     .title = "Mean latency, by the number of users",
     .reading = "Once throughput has stopped growing, every user more "
                "makes all of them wait longer. Both axes are logarithmic.",
     .axis = "users",
     .axis_title = "users",
     .figure = FIGURE_MEAN,
     .is_log = true,
     .model = closed_latency_us,
     .bound = closed_latency_bound_us,
     .bound_formula = "T and N T / A - Z"},
    {.kind = "curve",
     .name = "median",
     .title = "The latency that half of the answers stayed below, by the number of users",
     .reading =
         "Users who ask again see the same mean whether CPUs are shared "
         "among all requests or serve them in turn. Where the median is below it, some "
         "requests waited much longer than others.",
     .axis = "users",
     .axis_title = "users",
     .figure = FIGURE_P50,
     .is_log = true},
    {0},
};

/* Answers in the time that a job takes by itself: how much of the CPUs' worth is served,
 * whatever the CPUs are worth at the time. */
static double throughput_in_own_t(const struct cell *cell) {
    return metric_throughput(cell) * metric_own_t_us(cell) / 1e6;
}

/* The mean latency in units of what a round of all users takes on the CPUs available. */
static double mean_in_rounds(const struct cell *cell) {
    return metric_slowdown(cell) * cell_cpus(cell) / cell->parameters.users;
}

/* Where the contestant's model has its knee; of a strategy of nobody's, where all CPUs
 * are busy. */
static double model_knee(const struct cell *cell) {
    struct closed_system system = closed_system_of(cell);
    const struct contestant *contestant =
        experiment_contestant(experiment_find("users"), cell->parameters.contestant);
    const struct closed_model *model =
        contestant != NULL ? contestant->model->closed : &closed_all_cpus;
    return fmax(1, closed_knee(model, &system)); /* fewer users there are not */
}

/* Of the CPUs available, what the server's processes took, overhead and all. */
static double taken_share(const struct cell *cell) {
    return metric_throughput(cell) * metric_cpu_per_request_us(cell) / 1e6 /
           cell_cpus(cell);
}

static const struct along all_users = {.experiment = "users", .axis = "users"};

/* Growth is told from there. */
static const struct along one_user = {
    .experiment = "users", .axis = "users", .from = 1, .to = 1};

static const struct along knee = {.experiment = "users",
                                  .axis = "users",
                                  .reduce = curve_knee,
                                  .per = model_knee,
                                  .share = 0.1};

/* From twice the knee on queues are long. */
#define BEYOND_THE_KNEE                                                                  \
    .experiment = "users", .axis = "users", .reduce = curve_mean, .per = model_knee,     \
    .from = 2, .to = INFINITY
static const struct along beyond_the_knee = {BEYOND_THE_KNEE};

/* Those left out use one CPU, and are slower by that. */
static const struct along beyond_the_knee_of_many = {
    BEYOND_THE_KNEE, .but = "blocking,async,threading-gil"};

static const struct criterion growth_ends_at_the_cpus[] = {
    ABOUT_COMPUTING(EVERY_CONTESTANT, &all_users),
    WHILE("share of the CPUs available to one user", EVERY_CONTESTANT, available_share,
          AT_LEAST(0.85), &one_user),
    FIGURE("knee of throughput", "x the model's", EVERY_CONTESTANT, throughput_in_own_t,
           BETWEEN(0.67, 1.5), &knee,
           "with @, answers a second grew up to * times the users that theory expects"),
    {0},
};

/* By Little's law N = X R. In the first round the answers of a pool take half of N T / A
 * on average, which makes its mean less by a share of N / 2 of the answers there are: at
 * most an eighth with 64 users and 250 answers. Overhead takes some percent more. */
static const struct criterion turns_and_shares_mean_alike[] = {
    ABOUT_COMPUTING("threadpool", &all_users),
    ABOUT_SEVERAL(cpus_allowed, "threadpool", &all_users),
    AGAINST("threading", "mean latency of threadpool in N T / A", "x threading's",
            "threadpool", mean_in_rounds, BETWEEN(0.8, 1.25), &beyond_the_knee,
            "under threadpool they waited * times as long as under threading"),
    {0},
};

static const struct criterion overhead_explains_the_rest[] = {
    ABOUT_COMPUTING(EVERY_CONTESTANT, &all_users),
    ABOUT_SEVERAL(cpus_allowed, EVERY_CONTESTANT, &all_users),
    FIGURE("CPUs taken by the server", "x those available", EVERY_CONTESTANT, taken_share,
           BETWEEN(0.87, 1.15), &beyond_the_knee_of_many,
           "with @, the server took * % of the free CPUs"),
    {0},
};

static const struct claim claims[] = {
    {"growth-ends-at-the-cpus",
     "throughput grows with the users until the CPUs that a strategy can use are busy, "
     "and no further",
     growth_ends_at_the_cpus},
    {"turns-and-shares-mean-alike",
     "users who ask again wait as long on average for a pool, which serves in turn, as "
     "for threads, which share the CPUs",
     turns_and_shares_mean_alike},
    {"overhead-explains-the-rest",
     "beyond the knee no strategy that uses all CPUs answers more than another, but for "
     "what its overhead takes",
     overhead_explains_the_rest},
    {0},
};

const struct experiment experiment_users = {
    .question =
        "How many answers a second does a strategy give to how many users, and how "
        "long do they wait?",
    .settings = "work=cpu:20ms users=1..64 seconds=2 drain=30 workers=CPUS",
    .presets = presets,
    .contestants = contestants_of_strategies,
    .leaves_out = "",
    .alone = "blocking",
    .charts = charts,
    .claims = claims,
};
