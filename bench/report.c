/*
 * How long a report of a large run takes, and its memory: eight cells in 25 repeats of
 * 1,000 requests each, made from the models.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/children.h"
#include "tests/synthetic_run.h"

enum { N_REPEATS = 25, N_REQUESTS = 1000, N_ROUNDS = 3 };

/* What one report took. */
struct took {
    double s, megabytes;
};

static struct took report_once(const char *folder) {
    const char *words[] = {"juggle", "report", folder, NULL};
    uint64_t began_ns = clock_now_ns();
    struct child report = bench_run(words);
    if (report.status != 0)
        error_exit("bench: the report of %s failed", folder);
    return (struct took){(double)(clock_now_ns() - began_ns) / (double)NS_PER_S,
                         (double)report.usage.ru_maxrss / 1024};
}

static void report_all(struct bench_result *result, bool by_memory) {
    char folder[] = "/tmp/juggle-report-XXXXXX";
    struct synthetic truth = synthetic_default;
    struct took took = {0, 0};
    truth.repeats = N_REPEATS;
    truth.users = N_REQUESTS;
    truth.t_us = 2e3; /* of a second or two, so that the probes of `/` stay few */
    if (mkdtemp(folder) == NULL)
        error_exit("bench: cannot write to /tmp");
    synthetic_write(folder, &truth);
    for (size_t i = 0; i < N_ROUNDS; i++) {
        took = report_once(folder);
        result->values[result->n_values++] = by_memory ? took.megabytes : took.s;
    }
    bench_remove(folder);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last: %.2f s, at most %.0f MiB", took.s, took.megabytes);
}

static void run_time(struct bench_result *result) {
    report_all(result, false);
}

static void run_memory(struct bench_result *result) {
    report_all(result, true);
}

const struct bench bench_report[] = {
    {"report of 200 cells of 1,000 requests, charts included", "s ", 0, 5, run_time},
    {"report of 200 cells of 1,000 requests, memory", "MiB ", 0, 200, run_memory},
    {0},
};
