/*
 * What `juggle compare` makes of runs whose truth is known: the same thing twice, and a
 * job that is a tenth longer. Whole runs, one after the other, so this takes minutes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/workload/counting.h"

enum { N_PAIRS = 5 };

/* How the cells of a comparison were called. */
struct calls {
    unsigned n_faster, n_slower, n_same, n_undecided;
};

static void make_run(const char *folder, const char *options) {
    char command[400];
    (void)snprintf(command, sizeof command,
                   "bin/juggle run --out %s %s >/dev/null 2>%s.err", folder, options,
                   folder);
    int status;
    (void)fclose(bench_shell(command, &status));
    if (status != 0)
        error_exit("bench: '%s' failed", command);
}

static void count(const json_t *comparison, struct calls *calls) {
    size_t i;
    json_t *cell;
    const json_t *pair = json_array_get(json_object_get(comparison, "pairs"), 0);
    json_array_foreach(json_object_get(pair, "cells"), i, cell) {
        const json_t *latency = json_object_get(cell, "mean_latency");
        const char *verdict = json_string_value(json_object_get(latency, "verdict"));
        calls->n_faster += verdict != NULL && strcmp(verdict, "faster") == 0;
        calls->n_slower += verdict != NULL && strcmp(verdict, "slower") == 0;
        calls->n_same += verdict != NULL && strcmp(verdict, "same") == 0;
        calls->n_undecided += verdict != NULL && strcmp(verdict, "undecided") == 0;
    }
}

static void compare(const char *a, const char *b, struct calls *calls) {
    char command[300];
    (void)snprintf(command, sizeof command, "bin/juggle compare --json %s %s", a, b);
    int status;
    FILE *output = bench_shell(command, &status);
    json_t *comparison = json_loadf(output, 0, NULL);
    (void)fclose(output);
    if (comparison == NULL || status != 0)
        error_exit("bench: '%s' failed", command);
    count(comparison, calls);
    json_decref(comparison);
}

/* N_PAIRS runs of each kind in turn; compares each A with the B that came next. */
static struct calls compare_in_turn(const char *a_options, const char *b_options) {
    char folder[] = "/tmp/juggle-compare-XXXXXX", a[64], b[64];
    struct calls calls = {0};
    if (mkdtemp(folder) == NULL)
        error_exit("bench: cannot write to /tmp");
    for (unsigned i = 0; i < N_PAIRS; i++) {
        (void)snprintf(a, sizeof a, "%s/a%u", folder, i);
        (void)snprintf(b, sizeof b, "%s/b%u", folder, i);
        make_run(a, a_options);
        make_run(b, b_options);
        compare(a, b, &calls);
    }
    bench_remove(folder);
    return calls;
}

static void keep(struct bench_result *result, const struct calls *calls, double value) {
    result->values[result->n_values++] = value;
    (void)snprintf(result->detail, sizeof result->detail,
                   "%u faster, %u slower, %u same, %u undecided", calls->n_faster,
                   calls->n_slower, calls->n_same, calls->n_undecided);
}

/* Eight cells a run. */
static void run_same_twice(struct bench_result *result) {
    struct calls calls = compare_in_turn("--quick --repeat 3", "--quick --repeat 3");
    keep(result, &calls, calls.n_faster + calls.n_slower);
}

/*
 * Four cells a run, in turns, which no calibration changes between the two. At least five
 * repeats, as always, and more for 40 s: less than a run takes that is not told
 * otherwise.
 */
static void run_longer(struct bench_result *result) {
    static const char format[] =
        "--work cpu:%.0fturns --repeat 5 --budget 40s --strategies "
        "blocking,forking,threadpool,processing";
    char a[160], b[160];
    double turns = 100 * counting_calibrate(300 * NS_PER_MS);
    (void)snprintf(a, sizeof a, format, turns);
    (void)snprintf(b, sizeof b, format, 1.1 * turns);
    struct calls calls = compare_in_turn(a, b);
    keep(result, &calls, calls.n_slower);
}

const struct bench bench_compare[] = {
    {"compare: 40 of the same, called faster or slower", "", 0, 2, run_same_twice},
    {"compare: 20 of jobs 10 % longer, called slower", "", 18, INFINITY, run_longer},
    {0},
};
