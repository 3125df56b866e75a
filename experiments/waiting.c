/*
 * Requests that wait, for a timer or for another server: how many of them can a strategy
 * hold, and what does each cost? Users ask again as soon as they are answered, for so
 * many seconds, and who still waits then is awaited. A strategy ends where its answers
 * fail, which charts and tables show, or at a bound stated here.
 */
#include <math.h>
#include <string.h>

#include "experiments/experiment.h"

static const struct preset presets[] = {
    {"usual", "", 2, 600, false, NULL},
    {"quick", "work=sleep:100ms seconds=0.7", 2, 57, false, "blocking,processing"},
    {"short", "work=sleep:100ms seconds=0.7", 2, 60, false, "blocking,processing"},
    {"large", "work=sleep:1s,fetch:1s users=10,100,1000,10000 seconds=4 drain=20", 2, 900,
     false, NULL},
    {0},
};

/* The last of many users would wait for minutes, and processes crowd out the generator.
 */
static const char *why_not(const struct cell_parameters *cell) {
    enum { MOST_USERS_OF_A_QUEUE = 10, MOST_PROCESSES = 100 };
    bool is_queue = strcmp(cell->strategy, "blocking") == 0 ||
                    strcmp(cell->strategy, "threadpool") == 0 ||
                    strcmp(cell->strategy, "processing") == 0;
    if (is_queue && cell->users > MOST_USERS_OF_A_QUEUE)
        return "it works on few requests at a time, so more than 10 users would only "
               "queue";
    if (strcmp(cell->strategy, "forking") == 0 && cell->users > MOST_PROCESSES)
        return "with more than 100 users the start of their processes would take most of "
               "the time";
    return NULL;
}

#define ALONG_USERS .axis = "users", .axis_title = "users, each with a request that waits"
#define CURVES(work, of_work, name_of_work)                                              \
    {.kind = "curve",                                                                    \
     .name = "throughput-" name_of_work,                                                 \
     .title = "Answers a second, by the users who wait " of_work,                        \
     .reading = "A line for each strategy, its 95 % interval as a band, or as thin "     \
                "strokes where it is wide. Who holds "                                   \
                "all users at once answers in proportion to them. A cross marks cells "  \
                "in which requests failed; a line ends where a strategy was not asked "  \
                "for more.",                                                             \
     ALONG_USERS,                                                                        \
     .where = "work=" work,                                                              \
     .figure = FIGURE_THROUGHPUT,                                                        \
     .is_log = true},                                                                    \
        {.kind = "curve",                                                                \
         .name = "latency-" name_of_work,                                                \
         .title = "Mean latency, by the users who wait " of_work,                        \
         .reading = "Level, as long as nobody waits for anybody else.",                  \
         ALONG_USERS,                                                                    \
         .where = "work=" work,                                                          \
         .figure = FIGURE_MEAN,                                                          \
         .is_log = true},                                                                \
    {                                                                                    \
        .kind = "curve", .name = "memory-" name_of_work,                                 \
        .title = "Memory of each waiting request, by the users who wait " of_work,       \
        .reading = "What the server's processes held of their own "                      \
                   "beyond what they held idle, by the users. The connection is in it.", \
        ALONG_USERS, .where = "work=" work, .figure = FIGURE_MEMORY_PER_USER,            \
        .is_log = true                                                                   \
    }

static const struct chart charts[] = {
    CURVES("sleep:100ms", "100 ms for a timer", "sleep-100ms"),
    CURVES("sleep:1000ms", "1 s for a timer", "sleep-1s"),
    CURVES("fetch:100ms", "100 ms for another server", "fetch-100ms"),
    CURVES("fetch:1000ms", "1 s for another server", "fetch-1s"),
    {0},
};

static const struct along all_users = {.experiment = "waiting", .axis = "users"};

static const struct along hundred = {.experiment = "waiting",
                                     .axis = "users",
                                     .reduce = curve_mean,
                                     .from = 100,
                                     .to = 100};

static const struct along thousand = {.experiment = "waiting",
                                      .axis = "users",
                                      .reduce = curve_most,
                                      .from = 1000,
                                      .to = INFINITY};

/*
 * "Holds" is that a thousand users and more wait for the timer, and at most half as long
 * again for the server. "In one thread" has room for a helper. A thread has touched two
 * pages of its stack and one of what it keeps beside it; twice what async holds is more
 * than buffers and allocators explain, as both have the connection and the job.
 */
static const struct criterion async_holds_many[] = {
    ABOUT("steps that wait", "async", metric_n_waiting_steps, AT_LEAST(1),
          "it is about work that waits", &all_users),
    FIGURE("slowdown of 1000 users and more", "", "async", metric_slowdown, AT_MOST(1.5),
           &thousand,
           "with 1,000 users and more they waited at most * times as long as alone"),
    FIGURE("threads of the server", "", "async", metric_peak_threads, AT_MOST(2.5),
           &thousand, "with 1,000 users and more the server had at most * threads"),
    AGAINST("threading", "memory a request of 100 users", "x threading's", "async",
            metric_memory_per_user_bytes, AT_MOST(0.5), &hundred,
            "a request took * % of the memory that it takes under threading"),
    AGAINST("forking", "memory a request of 100 users", "x forking's", "async",
            metric_memory_per_user_bytes, AT_MOST(0.5), &hundred,
            "a request took * % of the memory that it takes under forking"),
    {0},
};

static const struct claim claims[] = {
    {"async-holds-many",
     "async holds a thousand waiting requests in one thread, where a thread or a process "
     "for each pays memory",
     async_holds_many},
    {0},
};

const struct experiment experiment_waiting = {
    .question = "How many requests that only wait can each strategy hold at once, and "
                "what does each of them cost?",
    .settings = "work=sleep:100ms,sleep:1s,fetch:100ms,fetch:1s users=10,100,1000 "
                "seconds=2 drain=5 workers=CPUS",
    .presets = presets,
    .contestants = contestants_of_strategies,
    .leaves_out = "threading-gil", /* nothing computes */
    .why_not = why_not,
    .probe_every_us = 10000,
    .alone = "async",
    .charts = charts,
    .claims = claims,
};
