/*
 * How long reports of large runs take, and their memory: of eight cells in 25 repeats of
 * 1,000 requests each, and of one cell of 2,000,000 requests, all made from the models.
 * And what the director itself holds while it measures such a cell.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/children.h"
#include "tests/synthetic_run.h"

enum { N_REPEATS = 25, N_REQUESTS = 1000, N_ROUNDS = 3, MANY_REQUESTS = 2000000 };

/* What one report took. */
struct took {
    double s, megabytes;
};

static struct took run_once(const char *const *words) {
    uint64_t began_ns = clock_now_ns();
    struct child child = bench_run(words);
    if (child.status != 0)
        error_exit("bench: 'juggle %s %s' failed", words[1], words[2]);
    return (struct took){(double)(clock_now_ns() - began_ns) / (double)NS_PER_S,
                         (double)child.usage.ru_maxrss / 1024};
}

static void make_run(char *folder, const struct synthetic *truth) {
    if (mkdtemp(folder) == NULL)
        error_exit("bench: cannot write to /tmp");
    synthetic_write(folder, truth);
}

static void run_all(struct bench_result *result, const char *const *words,
                    bool by_memory) {
    struct took took = {0, 0};
    for (size_t i = 0; i < N_ROUNDS; i++) {
        took = run_once(words);
        result->values[result->n_values++] = by_memory ? took.megabytes : took.s;
    }
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last: %.2f s, at most %.0f MiB", took.s, took.megabytes);
}

static void report_all(struct bench_result *result, bool by_memory) {
    char folder[] = "/tmp/juggle-report-XXXXXX";
    const char *words[] = {"juggle", "report", folder, NULL};
    struct synthetic truth = synthetic_default;
    truth.repeats = N_REPEATS;
    truth.users = N_REQUESTS;
    truth.t_us = 2e3; /* of a second or two, so that the probes of `/` stay few */
    make_run(folder, &truth);
    run_all(result, words, by_memory);
    bench_remove(folder);
}

/* One cell of so many requests, of 200 s. */
static struct synthetic make_many(void) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    truth.users = 1000;
    truth.rounds = MANY_REQUESTS / truth.users;
    truth.only = "blocking";
    truth.t_us = 100;
    return truth;
}

static void report_many(struct bench_result *result, bool by_memory) {
    char folder[] = "/tmp/juggle-report-XXXXXX";
    const char *words[] = {"juggle", "report", folder, NULL};
    struct synthetic truth = make_many();
    make_run(folder, &truth);
    run_all(result, words, by_memory);
    bench_remove(folder);
}

static void run_compare_memory(struct bench_result *result) {
    char folder[] = "/tmp/juggle-report-XXXXXX", other[] = "/tmp/juggle-report-XXXXXX";
    const char *words[] = {"juggle", "compare", folder, other, NULL};
    struct synthetic truth = make_many();
    make_run(folder, &truth);
    truth.seed = 1;
    make_run(other, &truth);
    run_all(result, words, true);
    bench_remove(folder);
    bench_remove(other);
}

static void run_many_time(struct bench_result *result) {
    report_many(result, false);
}

static void run_many_memory(struct bench_result *result) {
    report_many(result, true);
}

static void run_time(struct bench_result *result) {
    report_all(result, false);
}

static void run_memory(struct bench_result *result) {
    report_all(result, true);
}

/* A real run of 100 users with 20,000 requests each. */
static void run_director_memory(struct bench_result *result) {
    char folder[] = "/tmp/juggle-report-XXXXXX", path[80];
    if (mkdtemp(folder) == NULL)
        error_exit("bench: cannot write to /tmp");
    const char *words[] = {"juggle", "run",   "-e",    "own",  "-s",       "async",
                           "--work", "cpu:0", "-u",    "100",  "--rounds", "20000",
                           "-r",     "1",     "--out", folder, NULL};
    (void)run_once(words);
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    json_t *info = json_load_file(path, 0, NULL);
    double peak = json_number_value(json_object_get(info, "director_peak_rss_bytes"));
    json_decref(info);
    bench_remove(folder);
    result->values[result->n_values++] = peak > 0 ? peak / 1048576 : NAN;
}

const struct bench bench_report[] = {
    {"report of 200 cells of 1,000 requests, charts included", "s ", 0, 5, run_time},
    {"report of 200 cells of 1,000 requests, memory", "MiB ", 0, 200, run_memory},
    {"report of 2,000,000 requests, charts included", "s ", 0, 10, run_many_time},
    {"report of 2,000,000 requests: peak memory", "MiB ", 0, 256, run_many_memory},
    {"compare of twice 2,000,000 requests: peak memory", "MiB ", 0, 256,
     run_compare_memory},
    {"run of a cell of 2,000,000 requests: the director's peak memory", "MiB ", 0, 256,
     run_director_memory},
    {0},
};
