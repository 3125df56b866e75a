/*
 * The figures of a cell as rows. Terminal, report, summary.json and `juggle compare` loop
 * over them: to have another figure in all of these, add a row here. results/README.md
 * explains the keys. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "measured/merged.h"

/* In which table of the report a figure stands. */
enum figure_table {
    TABLE_NONE, /* in summary.json alone */
    TABLE_WAITS,
    TABLE_CPUS,
    TABLE_SLOWEST,
    TABLE_COST,
    TABLE_BESIDE,
    TABLE_MACHINE,
    N_TABLES
};

/* How the values of several repeats become one. */
enum figure_repeats {
    REPEATS_LOG_MEAN,   /* mean; 95 % interval by Student's t on the logarithmic scale */
    REPEATS_MEAN,       /* the same on the linear scale: what may be near 0 */
    REPEATS_MOST,       /* the most of any repeat, without an interval */
    REPEATS_MERGED,     /* the median of the probes of all repeats together */
    REPEATS_PERCENTILE, /* `percentile` of the latencies of all repeats together */
};

enum figure_better { BETTER_NEITHER, BETTER_LOWER, BETTER_HIGHER };

struct figure {
    const char *key;   /* in summary.json, with its unit: "own_t_us" */
    const char *label; /* head of its column: "own T" */
    const char *unit;  /* that people read it in: "ms"; NULL: it has none */
    double per_unit;   /* so many of the key's unit are one of that; 0: the same */
    bool is_count;     /* shown as a whole number, else with three significant digits */
    bool is_amount; /* cannot be negative: an interval that reaches 0 is an upper limit */
    enum figure_repeats repeats;
    int percentile; /* PERCENTILE_99: of those two; 0 is the median */
    metric *of;     /* one repeat; NULL: the percentile of its latencies */
    enum figure_better better;
    enum figure_table table;
    const char
        *on_terminal;        /* head of its column on the last screen, "*" being its unit,
                                without which it stands in the cells; NULL: it has none there */
    const char *compared_as; /* its key in compare.json; NULL: it is not compared */
    bool is_judged;          /* `juggle compare` has a verdict on it */
    const char *meaning;     /* one sentence, without the full stop */
};

/* Times are microseconds and memory is bytes in files. */
#define IN_S .unit = "s", .per_unit = 1e6
#define IN_MS .unit = "ms", .per_unit = 1e3
#define IN_KIB .unit = "KiB", .per_unit = 1024

/* ROW(id, members of struct figure), in the order of the columns. */
#define FIGURES(ROW)                                                                     \
    ROW(OWN_T, .key = "own_t_us", .label = "own T", IN_MS, .of = metric_own_t_us,        \
        .table = TABLE_CPUS, .compared_as = "own_t",                                     \
        .meaning = "what a job of the cell took by itself while it ran: the CPU time "   \
                   "of its CPU steps and its waits")                                     \
    ROW(MEAN, .key = "mean_us", .label = "mean latency", IN_S, .on_terminal = "mean *",  \
        .of = metric_mean_us, .better = BETTER_LOWER, .table = TABLE_WAITS,              \
        .compared_as = "mean_latency", .is_judged = true,                                \
        .meaning = "the mean latency of the answered requests")                          \
    ROW(FIRST, .key = "first_us", .label = "first", IN_S, .of = metric_first_us,         \
        .better = BETTER_LOWER, .table = TABLE_WAITS,                                    \
        .meaning = "the shortest latency of a repeat")                                   \
    ROW(LAST, .key = "last_us", .label = "last", IN_S, .on_terminal = "last *",          \
        .of = metric_last_us, .better = BETTER_LOWER, .table = TABLE_WAITS,              \
        .meaning = "the longest latency of a repeat")                                    \
    ROW(THROUGHPUT, .key = "throughput_per_s", .label = "answers", .unit = "1/s",        \
        .of = metric_throughput, .better = BETTER_HIGHER, .table = TABLE_WAITS,          \
        .meaning = "answered requests a second, from the first start to the last "       \
                   "answer")                                                             \
    ROW(SLOWDOWN, .key = "slowdown_mean", .label = "slowdown",                           \
        .on_terminal = "slowdown", .of = metric_slowdown, .better = BETTER_LOWER,        \
        .table = TABLE_WAITS, .compared_as = "slowdown", .is_judged = true,              \
        .meaning = "the mean latency divided by own T")                                  \
    ROW(FIRST_SLOWDOWN, .key = "slowdown_first", .label = "of the first",                \
        .of = metric_first_slowdown, .better = BETTER_LOWER, .table = TABLE_WAITS,       \
        .meaning = "the slowdown of the shortest latency")                               \
    ROW(LAST_SLOWDOWN, .key = "slowdown_last", .label = "of the last",                   \
        .of = metric_last_slowdown, .better = BETTER_LOWER, .table = TABLE_WAITS,        \
        .meaning = "the slowdown of the longest latency")                                \
    ROW(SPREAD, .key = "spread", .label = "spread", .of = metric_spread,                 \
        .repeats = REPEATS_MEAN,                                                         \
        .meaning = "the time from the first answer to the last as a share of the last")  \
    ROW(CPUS_BUSY, .key = "cpus_busy", .label = "CPUs busy", .on_terminal = "CPUs busy", \
        .of = metric_cpus_busy, .table = TABLE_CPUS, .compared_as = "cpus_busy",         \
        .meaning = "CPUs kept busy (B): the CPU time of the jobs divided by the time "   \
                   "from the first start to the last end")                               \
    ROW(CPUS_AVAILABLE, .key = "cpus_available", .label = "CPUs available",              \
        .of = metric_cpus_available, .table = TABLE_CPUS,                                \
        .meaning = "the CPUs allowed less what other programs took of them and what a "  \
                   "hypervisor gave away meanwhile (A)")                                 \
    ROW(BUSY_SHARE, .key = "busy_share", .label = "busy / available",                    \
        .of = metric_busy_share, .better = BETTER_HIGHER, .table = TABLE_CPUS,           \
        .meaning = "how much of the CPUs that it could have had it kept busy (B / A)")   \
    ROW(T_ALONE, .key = "t_alone_us", .label = "T alone", IN_MS,                         \
        .of = metric_t_alone_us, .meaning = "what a job took alone just before")         \
    ROW(CONTENTION, .key = "contention", .label = "contention", .of = metric_contention, \
        .table = TABLE_MACHINE,                                                          \
        .meaning = "own T divided by the nearest T alone (K): the price of sharing "     \
                   "caches, a core's two threads or a host")                             \
    ROW(EFFECTIVE_CORES, .key = "effective_cores", .label = "effective cores",           \
        .of = metric_effective_cores, .table = TABLE_MACHINE,                            \
        .meaning = "the CPUs kept busy divided by contention (B / K): how many cores' "  \
                   "worth of work it got")                                               \
    ROW(MACHINE_CORES, .key = "machine_cores", .label = "E", .of = metric_machine_cores, \
        .meaning = "how many counting loops' worth of work all CPUs did at once just "   \
                   "before")                                                             \
    ROW(OTHERS_SHARE, .key = "others_share", .label = "taken by others",                 \
        .of = metric_others_share, .repeats = REPEATS_MEAN,                              \
        .meaning = "the share of all CPUs' time that other programs took meanwhile")     \
    ROW(STOLEN_SHARE, .key = "stolen_share", .label = "stolen",                          \
        .of = metric_stolen_share, .repeats = REPEATS_MEAN,                              \
        .meaning =                                                                       \
            "the share of all CPUs' time that the hypervisor gave away meanwhile")       \
    ROW(OVERHEAD, .key = "overhead_us", .label = "overhead a request", IN_MS,            \
        .of = metric_overhead_us, .repeats = REPEATS_MEAN, .better = BETTER_LOWER,       \
        .table = TABLE_CPUS,                                                             \
        .meaning = "the server's CPU time a request beyond its job's, start-up and "     \
                   "probes included")                                                    \
    ROW(P50, .key = "p50_us", .label = "p50", IN_MS, .repeats = REPEATS_PERCENTILE,      \
        .percentile = PERCENTILE_50, .better = BETTER_LOWER, .table = TABLE_SLOWEST,     \
        .meaning = "half of the answers took no longer")                                 \
    ROW(P90, .key = "p90_us", .label = "p90", IN_MS, .repeats = REPEATS_PERCENTILE,      \
        .percentile = PERCENTILE_90, .better = BETTER_LOWER, .table = TABLE_SLOWEST,     \
        .meaning = "9 answers in 10 took no longer")                                     \
    ROW(P95, .key = "p95_us", .label = "p95", IN_MS, .repeats = REPEATS_PERCENTILE,      \
        .percentile = PERCENTILE_95, .better = BETTER_LOWER, .table = TABLE_SLOWEST,     \
        .meaning = "19 answers in 20 took no longer")                                    \
    ROW(P99, .key = "p99_us", .label = "p99", IN_MS, .repeats = REPEATS_PERCENTILE,      \
        .percentile = PERCENTILE_99, .better = BETTER_LOWER, .table = TABLE_SLOWEST,     \
        .meaning = "99 answers in 100 took no longer")                                   \
    ROW(P99_9, .key = "p99_9_us", .label = "p99.9", IN_MS,                               \
        .repeats = REPEATS_PERCENTILE, .percentile = PERCENTILE_99_9,                    \
        .better = BETTER_LOWER, .table = TABLE_SLOWEST,                                  \
        .meaning = "999 answers in 1,000 took no longer")                                \
    ROW(MAX, .key = "max_us", .label = "max", IN_MS, .repeats = REPEATS_PERCENTILE,      \
        .percentile = PERCENTILE_MAX, .better = BETTER_LOWER, .table = TABLE_SLOWEST,    \
        .meaning = "the longest latency of all repeats")                                 \
    ROW(IDLE_P50, .key = "idle_p50_us", .label = "`/` idle: p50", IN_MS,                 \
        .of = metric_idle_p50_us, .repeats = REPEATS_MERGED, .better = BETTER_LOWER,     \
        .table = TABLE_BESIDE,                                                           \
        .meaning = "the median latency of `/` before the users came")                    \
    ROW(BUSY_P50, .key = "busy_p50_us", .label = "`/` busy: p50", IN_MS,                 \
        .on_terminal = "home page", .of = metric_busy_p50_us, .repeats = REPEATS_MERGED, \
        .better = BETTER_LOWER, .table = TABLE_BESIDE,                                   \
        .meaning = "the median latency of `/` while the users waited")                   \
    ROW(BUSY_MAX, .key = "busy_max_us", .label = "`/` busy: max", IN_MS,                 \
        .of = metric_busy_max_us, .repeats = REPEATS_MOST, .better = BETTER_LOWER,       \
        .table = TABLE_BESIDE,                                                           \
        .meaning = "the longest latency of `/` while the users waited")                  \
    ROW(CPU_PER_REQUEST, .key = "cpu_per_request_us", .label = "CPU a request", IN_MS,   \
        .on_terminal = "CPU * /req", .of = metric_cpu_per_request_us,                    \
        .better = BETTER_LOWER, .table = TABLE_COST, .compared_as = "cpu_per_request",   \
        .meaning =                                                                       \
            "the CPU time of all server processes, start-up and probes included, "       \
            "divided by the answered requests")                                          \
    ROW(MEMORY_PER_USER, .key = "memory_per_user_bytes", .label = "memory a request",    \
        IN_KIB, .on_terminal = "* /req", .of = metric_memory_per_user_bytes,             \
        .repeats = REPEATS_MEAN, .is_amount = true, .better = BETTER_LOWER,              \
        .table = TABLE_COST,                                                             \
        .meaning = "the most that the server's processes held of their own (anonymous "  \
                   "PSS) beyond what they held idle, divided by the requests that it "   \
                   "held at once: one of each user, and those for the home page that "   \
                   "were due during their longest wait; not known where no look at the " \
                   "server found more")                                                  \
    ROW(PEAK_THREADS, .key = "peak_threads", .label = "threads", .is_count = true,       \
        .of = metric_peak_threads, .repeats = REPEATS_MOST, .better = BETTER_LOWER,      \
        .table = TABLE_COST,                                                             \
        .meaning = "the most threads of the server at one moment of any repeat")         \
    ROW(PEAK_PROCESSES, .key = "peak_processes", .label = "processes", .is_count = true, \
        .of = metric_peak_processes, .repeats = REPEATS_MOST, .better = BETTER_LOWER,    \
        .table = TABLE_COST,                                                             \
        .meaning = "the most processes of the server at one moment of any repeat")       \
    ROW(PEAK_PSS, .key = "peak_pss_bytes", .label = "memory", IN_KIB,                    \
        .of = metric_peak_pss_bytes, .better = BETTER_LOWER,                             \
        .meaning = "the most memory (PSS) that all server processes held at one moment") \
    ROW(MOST_LOADED, .key = "most_loaded", .label = "most loaded",                       \
        .of = metric_most_loaded,                                                        \
        .meaning = "of several servers, the requests of the one that had most divided "  \
                   "by its even share")                                                  \
    ROW(FAILED_SHARE, .key = "failed_share", .label = "failed", .unit = "%",             \
        .per_unit = 0.01, .of = metric_failed_share, .repeats = REPEATS_MEAN,            \
        .is_amount = true, .better = BETTER_LOWER,                                       \
        .meaning = "of the requests that ended, the share that failed")                  \
    ROW(N_FAILED, .key = "n_failed", .label = "failed", .of = metric_n_failed,           \
        .repeats = REPEATS_MEAN, .better = BETTER_LOWER,                                 \
        .meaning = "the requests of a repeat that were not answered with status 200")

#define FIGURE_ID(id, ...) FIGURE_##id,
enum figure_id { FIGURES(FIGURE_ID) N_FIGURES };
#undef FIGURE_ID

extern const struct figure figures[N_FIGURES];

/* Of one repeat; NAN when it does not carry the figure. */
double figure_value(enum figure_id id, const struct cell *cell);

/* Of all repeats of a cell, as the row combines them; NAN of percentiles, which have
 * percentile_estimate. */
struct estimate figure_estimate(const struct series *series, enum figure_id id);

/* What the merged samples carry, in the unit of files. */
struct estimate percentile_estimate(const struct percentile *percentile,
                                    size_t n_repeats);

/* Numbers as people read them; all return text. */
enum { FIGURE_BYTES = 80 };

/* Three significant digits, and four decimals at most: "0.533", "5.51", "1002"; "-". */
char *figure_number(double value, char text[FIGURE_BYTES]);

/* Two significant digits, or a whole number: "0.53", "1.0", "180"; "-". */
char *figure_rounded(double value, char text[FIGURE_BYTES]);

/* A time of so many microseconds in such digits, with its unit: "0.12 ms", "133 ms", and
 * from a second on "1.3 s"; "-". */
char *figure_time(double us, char text[FIGURE_BYTES]);

/* A value of the figure in its unit, without the unit. */
char *figure_text(enum figure_id id, double value, char text[FIGURE_BYTES]);

/* "5.51", or "5.51 (5.40 to 5.62)"; "<78.1" of an amount that may be 0. */
char *figure_estimate_text(enum figure_id id, const struct estimate *estimate,
                           char text[FIGURE_BYTES]);

/* The head of its column: "own T, ms". */
char *figure_head(enum figure_id id, char text[FIGURE_BYTES]);
