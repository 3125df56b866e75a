/*
 * A results folder of the article's experiment made from the models, with noise, so that
 * readers, judges and reports can be tested on cells whose truth is known. One cell may
 * be altered: its latencies stretched, or made noisier. Header only: tests are one file
 * each.
 */
#ifndef JUGGLE_TESTS_SYNTHETIC_RUN_H
#define JUGGLE_TESTS_SYNTHETIC_RUN_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/files.h"
#include "common/stats/random.h"
#include "director/plan/matrix.h"
#include "measured/run.h"

struct synthetic {
    double t_us;       /* own T of every job */
    double available;  /* CPUs that there are for the cell; it uses all of them, or one */
    double contention; /* own T by T alone */
    double turns_per_ms, noise;
    unsigned users, repeats, cpus;
    const char *altered;  /* a cell's name, or NULL */
    double stretch;       /* of its latencies, from the first rank (1) to the last */
    double altered_noise; /* between its repeats */
    double outlier; /* its last latency in each repeat is so many times as long; 0: not */
    const char *work;
    bool quick_probes;    /* `/` is quick whatever the strategy does */
    const char *failing;  /* the cell whose first request gets a 500, or NULL */
    unsigned rounds;      /* of each user; 0 is one, like any other */
    double waiting_share; /* of the own T of every job */
    const char *only;     /* the one cell that there is; NULL: all */
    unsigned seed;        /* of the noise; 0 is one like any other */
};

static const struct synthetic synthetic_default = {.t_us = 200e3,
                                                   .available = 1.8,
                                                   .contention = 1.1,
                                                   .turns_per_ms = 1e6,
                                                   .noise = 0.01,
                                                   .work = "cpu:1000000turns",
                                                   .users = 10,
                                                   .repeats = 3,
                                                   .cpus = 2,
                                                   .stretch = 1};

/* One job: who ran it and when, in T. */
struct synthetic_job {
    int process, thread;
    double from_t, to_t;
};

static struct synthetic_job synthetic_job(const struct cell_parameters *p, unsigned n,
                                          double cores, unsigned rank) {
    double shared_t = fmax(1, n / fmax(1, cores));
    if (strcmp(p->strategy, "blocking") == 0)
        return (struct synthetic_job){100, 100, rank - 1.0, rank};
    if (strcmp(p->strategy, "forking") == 0)
        return (struct synthetic_job){100 + (int)rank, 100 + (int)rank, 0, shared_t};
    if (strcmp(p->strategy, "threading") == 0 && !p->gil)
        return (struct synthetic_job){100, 100 + (int)rank, 0, shared_t};
    if (p->gil && p->processes == 1)
        return (struct synthetic_job){100, 100 + (int)rank, 0, n * (0.97 + 0.003 * rank)};
    if (p->gil) { /* 40 % of the users on the server that ends first, the rest on another
                   */
        unsigned n_less = n * 4 / 10;
        double rate = fmin(1, cores / 2), less_t = n_less / rate;
        double more_t = less_t + (n - n_less - n_less) / fmin(1, cores);
        return rank <= n_less ? (struct synthetic_job){200, 200 + (int)rank, 0, less_t}
                              : (struct synthetic_job){100, 100 + (int)rank, 0, more_t};
    }
    double step_t = fmax(1, p->workers / fmax(1, cores));
    double from_t = (rank - 1) / p->workers * step_t; /* whole steps: integer division */
    int worker = 101 + (int)((rank - 1) % p->workers);
    bool is_thread = strcmp(p->strategy, "threadpool") == 0;
    return (struct synthetic_job){is_thread ? 100 : worker, worker, from_t,
                                  from_t + step_t};
}

static struct sample synthetic_sample(unsigned id, double start_us, double latency_us,
                                      int status) {
    struct sample sample = sample_unknown;
    sample.id = sample.user = id;
    sample.planned_us = sample.start_us = start_us;
    sample.connect_us = 50;
    sample.first_byte_us = sample.latency_us = sample.run_us = latency_us;
    sample.queue_us = 0;
    sample.bytes = 4;
    sample.status = status;
    sample.answered = sample_is_answered(status, NULL);
    return sample;
}

/* What `juggle load --json` says beside a table of so many samples. */
static json_t *synthetic_load(double epoch_ns, size_t n_samples) {
    return json_pack("{s:i, s:s, s:s, s:I, s:I, s:{s:s, s:[]}}", "schema", 2, "kind",
                     "juggle load", "mode", "closed", "epoch_ns", (json_int_t)epoch_ns,
                     "samples", (json_int_t)n_samples, "validity", "verdict", "VALID",
                     "reasons");
}

/* A table of the cell, to be given to synthetic_end_table. */
static FILE *synthetic_begin_table(const char *cell_path, enum cell_list list) {
    char path[4200];
    (void)cell_table_path(cell_path, list, path, sizeof path);
    FILE *table = fopen(path, "we");
    if (table != NULL)
        sample_table_begin(table);
    return table;
}

/* Times in the tables count from a moment so long before the users started. */
#define SYNTHETIC_USERS_FROM_US 700e3

static void synthetic_put(FILE *table, struct sample sample) {
    sample.planned_us += SYNTHETIC_USERS_FROM_US;
    sample.start_us += SYNTHETIC_USERS_FROM_US;
    sample.from_us += SYNTHETIC_USERS_FROM_US;
    sample.to_us += SYNTHETIC_USERS_FROM_US;
    sample_table_put(table, &sample);
}

static size_t synthetic_requests(const struct synthetic *s,
                                 const struct cell_parameters *p, double shift,
                                 struct random *random, FILE *table, double *end_us) {
    bool altered = s->altered != NULL && strcmp(p->name, s->altered) == 0;
    double noise = 1 + s->noise * (random_uniform(random) - 0.5);
    unsigned n = s->users * (s->rounds > 0 ? s->rounds : 1);
    for (unsigned rank = 1; rank <= n; rank++) {
        struct synthetic_job job = synthetic_job(p, n, s->available, rank);
        double stretch =
            altered ? 1 + (s->stretch - 1) * (rank - 1) / fmax(1, n - 1.0) : 1;
        if (altered && s->outlier > 0 && rank == n)
            stretch *= s->outlier;
        double to_us = job.to_t * s->t_us * stretch * shift * noise;
        double from_us = job.from_t * s->t_us * stretch * shift * noise;
        bool fails = s->failing != NULL && strcmp(p->name, s->failing) == 0 && rank == 1;
        struct sample sample = synthetic_sample(
            rank, 50, to_us + 100 + 300 * random_uniform(random), fails ? 500 : 200);
        sample.process = job.process;
        sample.thread = job.thread;
        sample.from_us = from_us;
        sample.to_us = to_us;
        sample.cpu_us = fmin(s->t_us, to_us - from_us) * (1 - s->waiting_share);
        sample.wait_us = fmin(s->t_us, to_us - from_us) * s->waiting_share;
        synthetic_put(table, sample);
        *end_us = fmax(*end_us, to_us + 150);
    }
    return n;
}

static size_t synthetic_probes(const struct synthetic *s, const struct cell_parameters *p,
                               double end_us, struct random *random, FILE *table) {
    unsigned n = 0;
    for (double at_us = -500e3; at_us < end_us + 100e3; at_us += p->probe_every_us) {
        bool busy = !s->quick_probes && at_us >= 0 && at_us < end_us;
        double latency_us = 150 + 300 * random_uniform(random);
        if (busy && strcmp(p->strategy, "blocking") == 0)
            latency_us += end_us - at_us;
        else if (busy && p->gil)
            latency_us += 5000 * random_uniform(random) * p->users;
        synthetic_put(table, synthetic_sample(n++, at_us, latency_us, 200));
    }
    return n;
}

static void synthetic_write_cell(const char *folder, const struct synthetic *s,
                                 const struct cell_parameters *p, unsigned repeat,
                                 struct random *random) {
    char path[4096];
    double end_us = 0, epoch_ns = 5e12;
    bool altered = s->altered != NULL && strcmp(p->name, s->altered) == 0;
    double shift = 1 + (altered ? s->altered_noise * (repeat - 1.0) : 0);
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder, p->name, repeat);
    FILE *table = synthetic_begin_table(path, CELL_REQUESTS);
    size_t n_requests = synthetic_requests(s, p, shift, random, table, &end_us);
    (void)fclose(table);
    table = synthetic_begin_table(path, CELL_PROBES);
    size_t n_probes = synthetic_probes(s, p, end_us, random, table);
    (void)fclose(table);
    const struct machine_state machine = {s->t_us / s->contention, s->available,
                                          s->turns_per_ms};
    double jobs_s = (double)n_requests * s->t_us / 1e6, seconds = end_us / 1e6;
    double idle_s = s->available * seconds - jobs_s; /* nobody else but what is missing */
    const struct cell_window window = {.seconds = seconds,
                                       .server_seconds = seconds,
                                       .cpus = s->cpus,
                                       .allowance = s->cpus,
                                       .idle_s = fmax(0, idle_s),
                                       .stolen_s = 0,
                                       .director_cpu_s = 0};
    json_t *cell = cell_build(
        p, repeat, &machine, &window,
        (uint64_t)(epoch_ns - SYNTHETIC_USERS_FROM_US * 1e3),
        synthetic_load(epoch_ns, n_requests), synthetic_load(epoch_ns, n_probes),
        json_pack("{s:f, s:f}", "cpu_user_s", jobs_s, "cpu_system_s", 0.0),
        json_pack("{s:f, s:f}", "cpu_user_s", 0.0, "cpu_system_s", 0.0));
    (void)files_write_json(path, cell);
    json_decref(cell);
}

static size_t synthetic_plan(const struct synthetic *s, struct cell_plan *plans,
                             size_t max_cells) {
    static const char *const strategies[] = {
        "async", "blocking", "forking", "processing", "threading", "threadpool", NULL};
    static json_t *texts; /* the plans' texts live in it, to the end of the test */
    char given[64], why[WHY_BYTES];
    if (texts == NULL)
        texts = json_array();
    (void)snprintf(given, sizeof given, "users=%u", s->users);
    const struct experiment *article = experiment_find("article");
    const struct matrix_setting setting = {.usable_cpus = s->cpus,
                                           .open_files = 100000,
                                           .strategies = strategies,
                                           .preset = article->presets,
                                           .given = given,
                                           .texts = texts};
    int n = matrix_make("article", article, &setting, plans, max_cells, why);
    return n > 0 ? (size_t)n : 0;
}

/* Writes run.json and cells/ into the folder, which is made. */
static void synthetic_write(const char *folder, const struct synthetic *s) {
    struct cell_plan plans[32];
    char path[4096];
    struct random random;
    random_seed(&random, 7 + s->seed);
    size_t n = synthetic_plan(s, plans, 32);
    json_t *cells = json_array();
    (void)snprintf(path, sizeof path, "%s/cells", folder);
    (void)files_make_folder(path);
    for (size_t i = 0; i < n; i++) {
        if (s->only != NULL && strcmp(plans[i].parameters.name, s->only) != 0)
            continue;
        plans[i].parameters.work = s->work;
        plans[i].asked = ""; /* tests say it in run.json */
        (void)json_array_append_new(cells, cell_plan_pack(&plans[i]));
        for (unsigned repeat = 1; repeat <= s->repeats; repeat++)
            synthetic_write_cell(folder, s, &plans[i].parameters, repeat, &random);
    }
    json_t *run = json_pack(
        "{s:i, s:s, s:s, s:s, s:[s, s], s:i, s:{s:s, s:i}, s:{s:s}, s:i, s:i, s:b, s:o}",
        "schema", 1, "kind", "juggle run", "started_at", "2026-01-02T03:04:05Z",
        "experiment", "article", "argv", "juggle", "run", "seed", 7, "machine",
        "cpu_model", "Synthetic CPU", "cpus_usable", (int)s->cpus, "versions", "juggle",
        "0", "repeats", (int)s->repeats, "users", (int)s->users, "interrupted", 0,
        "cells", cells);
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    (void)files_write_json(path, run);
    json_decref(run);
}

/* The run in a folder; the test fails where it cannot be read. */
static inline struct run *read_run(const char *folder) {
    char why[WHY_BYTES];
    struct run *run = run_read(folder, why);
    if (run == NULL)
        fail_msg("%s", why);
    return run;
}

/* Has the load generator say of a repeat, in its file, that it was slow. 0 or -errno. */
static inline int synthetic_spoil(const char *folder, const char *name, unsigned repeat) {
    char path[200];
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder, name, repeat);
    json_t *json = json_load_file(path, 0, NULL);
    (void)json_object_set_new(
        json_object_get(json, "load"), "validity",
        json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "verdict", "INVALID", "reasons", "check",
                  "generator_gaps", "verdict", "INVALID", "says", "it was slow; wait"));
    int error = files_write_json(path, json);
    json_decref(json);
    return error;
}

#endif
