/*
 * Ten CPU jobs of 100 ms: from the first request to the last answer, against the same
 * jobs run by bare processes, W at a time, without HTTP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/children/children.h"
#include "common/workload/counting.h"

enum { N_JOBS = 10, N_PAIRS = 15 };

static double bare_makespan_s(uint64_t turns) {
    unsigned n_workers = machine_usable_cpus(), n_running = 0;
    uint64_t began_ns = clock_now_ns();
    for (unsigned i = 0; i < N_JOBS; i++) {
        if (n_running == n_workers)
            n_running -= waitpid(-1, NULL, 0) > 0;
        pid_t pid = fork();
        if (pid == 0)
            _exit(counting_loop(turns) != turns);
        if (pid < 0)
            error_exit("bench: cannot fork");
        n_running++;
    }
    while (n_running > 0)
        n_running -= waitpid(-1, NULL, 0) > 0;
    return (double)(clock_now_ns() - began_ns) / 1e9;
}

static double served_makespan_s(const char *url) {
    const char *options[] = {"-c", "10", "-r", "1", "-b", url, NULL};
    json_t *load = bench_load(options);
    double makespan_s = bench_makespan_s(load);
    json_decref(load);
    return makespan_s;
}

static void compare(const char *strategy, struct bench_result *result) {
    char base[160], url[240], turns_per_ms[40];
    double speed = counting_calibrate(200 * NS_PER_MS), bare_s = 0, served_s = 0;
    uint64_t turns = (uint64_t)(100 * speed);
    (void)snprintf(turns_per_ms, sizeof turns_per_ms, "%.17g", speed);
    const char *options[] = {"--only", strategy, "--turns-per-ms", turns_per_ms, NULL};
    struct child server;
    bench_start_server(&server, options, base);
    (void)snprintf(url, sizeof url, "%s%s/?work=cpu:%lluturns", base, strategy,
                   (unsigned long long)turns);
    for (size_t i = 0; i < N_PAIRS; i++) {
        bare_s = bare_makespan_s(turns);
        served_s = served_makespan_s(url);
        result->values[result->n_values++] = served_s / bare_s;
    }
    children_stop(&server, NS_PER_S);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.3f s served, %.3f s bare", served_s, bare_s);
}

static void run_processing(struct bench_result *result) {
    compare("processing", result);
}

static void run_threadpool(struct bench_result *result) {
    compare("threadpool", result);
}

static void run_threading(struct bench_result *result) {
    compare("threading", result);
}

const struct bench bench_makespan[] = {
    {"makespan of 10 jobs, processing / bare processes", "", 0, 1.03, run_processing},
    {"makespan of 10 jobs, threadpool / bare processes", "", 0, 1.03, run_threadpool},
    {"makespan of 10 jobs, threading / bare processes", "", 0, 1.03, run_threading},
    {0},
};
