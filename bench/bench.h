/*
 * `make bench`: speed and memory, as ratios within one run. Each bench measures a thing
 * and what it is held against in turn, pair by pair, and answers with one ratio per pair;
 * the median is held against the bound. A missed bound is said, never hidden.
 */
#ifndef JUGGLE_BENCH_BENCH_H
#define JUGGLE_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "director/programs/server.h"

enum { BENCH_MAX_PAIRS = 64 };

struct bench_result {
    double values[BENCH_MAX_PAIRS]; /* one per pair */
    size_t n_values;
    char detail[240];  /* absolute figures behind the ratio */
    char skipped[200]; /* why nothing was measured; "" otherwise */
};

struct bench {
    const char *name;
    const char *unit;   /* behind the figure: "", "s", "KiB" */
    double least, most; /* where the median must lie; 0 and INFINITY: no bound */
    void (*run)(struct bench_result *result);
};

/* Each file's benches, name NULL at the end. */
extern const struct bench bench_makespan[];
extern const struct bench bench_requests[];
extern const struct bench bench_waiting[];
extern const struct bench bench_gil[];
extern const struct bench bench_generator[];
extern const struct bench bench_accuracy[];
extern const struct bench bench_report[];
extern const struct bench bench_compare[];
extern const struct bench bench_steps[];

/* A server of this binary on a free port; ends the process when it cannot start. */
struct child;
void bench_start_server(struct child *server, const char *const *options,
                        char url[SERVER_URL_BYTES]);

/* Runs this binary to its end; stops the bench when that takes longer than ten minutes.
 */
struct child bench_run(const char *const *words);

/*
 * What a shell's command prints, when it has ended; for fclose. Its status, as waitpid
 * gives it, goes into `status` unless that is NULL. Stops the bench as bench_run does.
 */
FILE *bench_shell(const char *command, int *status);

/* Removes a folder of a bench's own with all that is in it. */
void bench_remove(const char *folder);

/*
 * Runs this binary's load generator and returns what it wrote with --json, or stops the
 * bench. `options` NULL at the end.
 */
json_t *bench_load(const char *const *options);

/* From the first request's start to the last one's end, in seconds. */
double bench_makespan_s(const json_t *load);

/* From here on this process and what it starts run on that CPU; -1: on any it may. */
void bench_pin(int cpu);

#endif
