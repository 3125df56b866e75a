/*
 * The GIL against the real one: ten jobs at once under --gil and ten threads of CPython.
 * Held against each other are the mean ends of the threads, each in units of its own T.
 * T is a tenth of the whole: the lock lets one run at a time, and a run alone would be
 * measured at another moment of a machine whose speed wanders by more than the bound.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/children/children.h"

enum { N_JOBS = 10, N_PAIRS = 7 };

/* The mean in T of when jobs ended; 0 unless there are ten of them. */
static double mean_t(const double *ends, size_t n_ends) {
    double sum = 0, last = 0;
    for (size_t i = 0; i < n_ends; i++) {
        sum += ends[i];
        last = ends[i] > last ? ends[i] : last;
    }
    return n_ends == N_JOBS ? sum / N_JOBS / (last / N_JOBS) : 0;
}

/* 0 where there is no python3. */
static double python_mean_t(void) {
    double ends[N_JOBS + 1];
    size_t n_ends = 0;
    FILE *output = bench_shell("python3 bench/gil_threads.py 20000000 2>/dev/null", NULL);
    while (n_ends <= N_JOBS && fscanf(output, "%lf", &ends[n_ends]) == 1)
        n_ends++;
    (void)fclose(output);
    return mean_t(ends, n_ends);
}

/* By when the threads were done, as the server stamped it: replies wait for the loop. */
static double our_mean_t(const char *url) {
    const char *options[] = {"-c", "10", "-r", "1", "-b", url, NULL};
    double ends[N_JOBS];
    size_t i, n_ends = 0;
    json_t *load = bench_load(options), *request;
    json_array_foreach(json_object_get(load, "requests"), i, request) {
        const json_t *worker = json_object_get(request, "worker");
        if (worker != NULL && n_ends < N_JOBS)
            ends[n_ends++] = json_number_value(json_object_get(worker, "to_us"));
    }
    json_decref(load);
    return mean_t(ends, n_ends);
}

static void run_gil(struct bench_result *result) {
    char base[160], url[240];
    struct child server;
    const char *options[] = {"--gil", "--only", "threading", NULL};
    double ours = 0, python = python_mean_t();
    if (python == 0) {
        (void)snprintf(result->skipped, sizeof result->skipped, "install python3");
        return;
    }
    bench_start_server(&server, options, base);
    (void)snprintf(url, sizeof url, "%sthreading/?work=cpu:400ms", base);
    for (size_t i = 0; i < N_PAIRS; i++) {
        ours = our_mean_t(url);
        python = python_mean_t();
        result->values[result->n_values++] = ours / python;
    }
    children_stop(&server, NS_PER_S);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.2f T under --gil, %.2f T in CPython", ours, python);
}

const struct bench bench_gil[] = {
    {"mean end of ten jobs in T, --gil / threads of CPython", "", 0.95, 1.05, run_gil},
    {0},
};
