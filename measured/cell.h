/*
 * One measured cell as data: what its file in cells/ says. The director builds the
 * file, everything else reads it, and this module is the only one that knows its keys
 * (results/README.md explains each). Times are microseconds; those of samples count from
 * the epoch of the cell. Main thread.
 */
#ifndef JUGGLE_MEASURED_CELL_H
#define JUGGLE_MEASURED_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "measured/parameters.h"

enum {
    /* 1 had an object for each sample; 2 turns without their unit, and T and E around
     * each repeat. */
    CELL_SCHEMA = 3,
    LOAD_SCHEMA = 2, /* of `juggle load --json`; 1 had paths in place of URLs */
};

/* One request as the load generator saw it, and what the server said about it. */
struct sample {
    unsigned id, user;
    double planned_us, start_us, connect_us, first_byte_us, latency_us;
    int status; /* HTTP status, 0 when no answer came */
    double bytes;
    const char *error; /* NULL: none */
    double queue_us, run_us;
    /* Who ran it; process 0 when the server did not say. */
    int process, thread, cpu;
    double from_us, to_us;  /* when the worker took it and was done */
    double cpu_us, wait_us; /* of that: computing, and in sleeps or fetches */
};

/*
 * The machine just before a cell was measured: what it is worth, not what a strategy is.
 * NAN: not known.
 */
struct machine_state {
    double t_alone_us;   /* one job alone: CPU time of its CPU steps and its waits */
    double cores;        /* E: counting loops on every CPU, against one alone */
    double turns_per_ms; /* of one counting loop alone */
};

/*
 * What the CPUs did from just before the users came until the last of them had gone: from
 * which follows how many CPUs the cell could have had. NAN: not known.
 */
struct cell_window {
    double began_s; /* since the run began */
    double seconds;
    double server_seconds; /* how long the server lived: its costs are of all of that */
    double cpus;           /* that this process may run on */
    double allowance;      /* of CPUs: those, or the quota where that is less */
    double idle_s;         /* CPU seconds in which nothing ran, on those CPUs */
    double stolen_s;       /* that the hypervisor gave to others */
    double director_cpu_s; /* that the director itself took */
    bool generator_apart;  /* load generator and director had CPUs of their own */
};

struct cell {
    char *path; /* of its file, owned */
    struct cell_parameters parameters;
    unsigned repeat; /* from 1: the pass of the run in which it was measured */
    struct machine_state machine;
    struct cell_window window;
    /*
     * CPUs that others had, of the whole pass where this window alone is too short for
     * the kernel's ticks (run.h sets it); NAN: the window's own.
     */
    double others_in_pass;
    bool open_loop; /* requests came by a schedule, not when users were free */
    struct sample *requests;
    size_t n_requests;
    double *latencies_us; /* of the answered ones, ascending */
    size_t n_answered;
    struct sample *probes; /* `/` asked for while the cell ran */
    size_t n_probes;
    json_t *json;  /* the file without its samples, owned; the texts above live in it */
    json_t *texts; /* owned; those of samples live in it */
};

/* A request counts as answered when the server did its work: status 200, no error. */
bool sample_is_answered(const struct sample *sample);

/*
 * Reads cells/NAME.json. 0, or -errno with one line in `why` naming file and field.
 * Release with cell_free.
 */
int cell_read(const char *path, struct cell *cell, char *why, size_t why_bytes);
void cell_free(struct cell *cell);

/*
 * The same, or what `juggle load --json` wrote, as a cell that knows nothing but its
 * load: its parameters are empty (name NULL), nothing is known of the machine, and
 * requests of the warm-up are left out.
 */
int cell_read_either(const char *path, struct cell *cell, char *why, size_t why_bytes);

/*
 * The object of a new cell's file. `load` and `probe` are what `juggle load --json` wrote
 * for the users and for the prober (probe may be NULL), `server` and `generator` what the
 * processes used; references are taken over. The prober's times are moved to the epoch
 * of the users. A new reference, or NULL when a load file lacks its epoch or requests.
 */
json_t *cell_build(const struct cell_parameters *parameters, unsigned repeat,
                   const struct machine_state *machine, const struct cell_window *window,
                   json_t *load, json_t *probe, json_t *server, json_t *generator);

/* Writes such an object as a whole file. 0 or -errno. */
int cell_write(const char *path, const json_t *cell);

#endif
