/*
 * A results folder of the article's experiment made from the models, with noise, so that
 * readers, judges and reports can be tested on cells whose truth is known. One cell may
 * be altered: its latencies stretched, or made noisier. Header only: tests are one file
 * each.
 */
#ifndef JUGGLE_TESTS_SYNTHETIC_RUN_H
#define JUGGLE_TESTS_SYNTHETIC_RUN_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/files.h"
#include "common/stats/random.h"
#include "director/matrix.h"

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
    bool quick_probes;   /* `/` is quick whatever the strategy does */
    const char *failing; /* the cell whose first request gets a 500, or NULL */
    unsigned seed;       /* of the noise; 0 is one like any other */
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

static json_t *synthetic_sample(unsigned id, const char *path, double start_us,
                                double latency_us, int status, json_t *worker) {
    return json_pack("{s:i, s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:i, s:i, s:f, s:f, s:o,"
                     "s:n}",
                     "id", (int)id, "user", (int)id, "path", path, "planned_us", start_us,
                     "start_us", start_us, "connect_us", 50.0, "first_byte_us",
                     latency_us, "latency_us", latency_us, "status", status, "bytes", 4,
                     "queue_us", 0.0, "run_us", latency_us, "worker", worker, "error");
}

static json_t *synthetic_load(double epoch_ns, json_t *requests) {
    return json_pack("{s:i, s:s, s:s, s:I, s:{s:s, s:[]}, s:o}", "schema", 1, "kind",
                     "juggle load", "mode", "closed", "epoch_ns", (json_int_t)epoch_ns,
                     "validity", "verdict", "VALID", "reasons", "requests", requests);
}

static json_t *synthetic_requests(const struct synthetic *s,
                                  const struct cell_parameters *p, double shift,
                                  struct random *random, double *end_us) {
    json_t *list = json_array();
    bool altered = s->altered != NULL && strcmp(p->name, s->altered) == 0;
    double noise = 1 + s->noise * (random_uniform(random) - 0.5);
    for (unsigned rank = 1; rank <= s->users; rank++) {
        struct synthetic_job job = synthetic_job(p, s->users, s->available, rank);
        double stretch =
            altered ? 1 + (s->stretch - 1) * (rank - 1) / fmax(1, s->users - 1.0) : 1;
        if (altered && s->outlier > 0 && rank == s->users)
            stretch *= s->outlier;
        double to_us = job.to_t * s->t_us * stretch * shift * noise;
        double from_us = job.from_t * s->t_us * stretch * shift * noise;
        json_t *worker =
            json_pack("{s:i, s:i, s:i, s:f, s:f, s:f, s:f}", "process", job.process,
                      "thread", job.thread, "cpu", 0, "from_us", from_us, "to_us", to_us,
                      "cpu_us", fmin(s->t_us, to_us - from_us), "wait_us", 0.0);
        bool fails = s->failing != NULL && strcmp(p->name, s->failing) == 0 && rank == 1;
        (void)json_array_append_new(
            list,
            synthetic_sample(rank, "/", 50, to_us + 100 + 300 * random_uniform(random),
                             fails ? 500 : 200, worker));
        *end_us = fmax(*end_us, to_us + 150);
    }
    return list;
}

static json_t *synthetic_probes(const struct synthetic *s,
                                const struct cell_parameters *p, double end_us,
                                double epoch_shift_us, struct random *random) {
    json_t *list = json_array();
    for (double at_us = -500e3; at_us < end_us + 100e3; at_us += p->probe_every_us) {
        bool busy = !s->quick_probes && at_us >= 0 && at_us < end_us;
        double latency_us = 150 + 300 * random_uniform(random);
        if (busy && strcmp(p->strategy, "blocking") == 0)
            latency_us += end_us - at_us;
        else if (busy && p->gil)
            latency_us += 5000 * random_uniform(random) * p->users;
        (void)json_array_append_new(
            list, synthetic_sample((unsigned)json_array_size(list), "/",
                                   at_us + epoch_shift_us, latency_us, 200, json_null()));
    }
    return list;
}

static void synthetic_write_cell(const char *folder, const struct synthetic *s,
                                 const struct cell_parameters *p, unsigned repeat,
                                 struct random *random) {
    char path[4096];
    double end_us = 0, epoch_ns = 5e12, prober_earlier_us = 700e3;
    bool altered = s->altered != NULL && strcmp(p->name, s->altered) == 0;
    double shift = 1 + (altered ? s->altered_noise * (repeat - 1.0) : 0);
    json_t *requests = synthetic_requests(s, p, shift, random, &end_us);
    json_t *probes = synthetic_probes(s, p, end_us, prober_earlier_us, random);
    const struct machine_state machine = {s->t_us / s->contention, s->available,
                                          s->turns_per_ms};
    double jobs_s = s->users * s->t_us / 1e6, seconds = end_us / 1e6;
    double idle_s = s->available * seconds - jobs_s; /* nobody else but what is missing */
    const struct cell_window window = {.seconds = seconds,
                                       .server_seconds = seconds,
                                       .cpus = s->cpus,
                                       .allowance = s->cpus,
                                       .idle_s = fmax(0, idle_s),
                                       .stolen_s = 0,
                                       .director_cpu_s = 0};
    json_t *cell =
        cell_build(p, repeat, &machine, &window, synthetic_load(epoch_ns, requests),
                   synthetic_load(epoch_ns - prober_earlier_us * 1e3, probes),
                   json_pack("{s:f, s:f}", "cpu_user_s", jobs_s, "cpu_system_s", 0.0),
                   json_pack("{s:f, s:f}", "cpu_user_s", 0.0, "cpu_system_s", 0.0));
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder, p->name, repeat);
    (void)cell_write(path, cell);
    json_decref(cell);
}

static size_t synthetic_plan(const struct synthetic *s, struct cell_plan *plans,
                             size_t max_cells) {
    static const char *const strategies[] = {
        "async", "blocking", "forking", "processing", "threading", "threadpool", NULL};
    static json_t *texts; /* the plans' texts live in it, to the end of the test */
    char given[64], why[300];
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
    int n = matrix_make("article", article, &setting, plans, max_cells, why, sizeof why);
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
        struct published *was = &plans[i].published;
        plans[i].parameters.work = s->work;
        json_t *published = was->mean > 0
                                ? json_pack("{s:f, s:f, s:f}", "mean_t", was->mean,
                                            "first_t", was->first, "last_t", was->last)
                                : json_null();
        (void)json_array_append_new(
            cells, json_pack("{s:s, s:s, s:o}", "name", plans[i].parameters.name, "label",
                             plans[i].parameters.label, "published", published));
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

#endif
