/*
 * The GIL against the real one: ten jobs at once under --gil and ten threads of CPython,
 * each in units of its own T, and the ratio of the means.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/clock.h"
#include "director/process.h"

enum { N_JOBS = 10, N_PAIRS = 7 };

/* The mean latency in T of ten threads of CPython; 0 where there is no python3. */
static double python_mean_t(void) {
    FILE *output = popen("python3 bench/gil_threads.py 6000000 2>/dev/null", "r");
    double alone_s, end_s, sum_s = 0;
    int n_ends = 0;
    if (output == NULL)
        return 0;
    if (fscanf(output, "%lf", &alone_s) == 1)
        while (fscanf(output, "%lf", &end_s) == 1 && ++n_ends > 0)
            sum_s += end_s;
    (void)pclose(output);
    return n_ends == N_JOBS ? sum_s / N_JOBS / alone_s : 0;
}

static double mean_latency_us(const char *users, const char *rounds, const char *url) {
    const char *options[] = {"-c", users, "-r", rounds, "-b", url, NULL};
    json_t *load = bench_load(options), *request;
    const json_t *requests = json_object_get(load, "requests");
    size_t i;
    double sum_us = 0;
    json_array_foreach(requests, i, request) {
        sum_us += json_number_value(json_object_get(request, "latency_us"));
    }
    double mean_us = sum_us / (double)json_array_size(requests);
    json_decref(load);
    return mean_us;
}

static void run_gil(struct bench_result *result) {
    char base[160], url[240];
    struct process server;
    const char *options[] = {"--gil", "--only", "threading", NULL};
    double ours = 0, python = python_mean_t();
    if (python == 0) {
        (void)snprintf(result->skipped, sizeof result->skipped, "install python3");
        return;
    }
    bench_start_server(&server, options, base, sizeof base);
    (void)snprintf(url, sizeof url, "%sthreading/?work=cpu:100ms", base);
    for (size_t i = 0; i < N_PAIRS; i++) {
        ours = mean_latency_us("1", "5", url);
        ours = mean_latency_us("10", "1", url) / ours;
        python = python_mean_t();
        result->values[result->n_values++] = ours / python;
    }
    process_stop(&server, NS_PER_S);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.2f T under --gil, %.2f T in CPython", ours, python);
}

const struct bench bench_gil[] = {
    {"mean of ten jobs in T, --gil / threads of CPython", "", 0.95, 1.05, run_gil},
    {0},
};
