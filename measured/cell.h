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

enum {
    CELL_SCHEMA = 2, /* 1 had an object for each sample */
    LOAD_SCHEMA = 1, /* of what `juggle load --json` writes */
};

/* What was asked for: the cell's parameters, the same in every repeat. */
struct cell_parameters {
    const char *experiment;
    const char *name; /* unique in its experiment, fit for a file name: "threading-gil" */
    const char *label;    /* for people: "threading, GIL" */
    const char *strategy; /* endpoint without slashes */
    const char *accept;   /* "shared" or "reuseport"; "" for one process */
    const char *work;     /* canonical, CPU steps in turns */
    bool gil;
    unsigned processes; /* server processes that share the port; 1: no prefork */
    unsigned workers;   /* size of the pools */
    unsigned users, rounds;
    double probe_every_us; /* a `/` is asked for so often; 0: no probe */
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

struct cell {
    char *path; /* of its file, owned */
    struct cell_parameters parameters;
    unsigned repeat;        /* from 1 */
    double t_us;            /* T: one request alone, measured before this repeat */
    double effective_cores; /* E, measured before this repeat; NAN: not known */
    double turns_per_ms;    /* of one counting loop alone, then; NAN: not known */
    /* After this repeat; NAN: not known. */
    double t_after_us, effective_cores_after, turns_per_ms_after;
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
 * load: its parameters are empty (name NULL), T and E are NAN, and requests of the
 * warm-up are left out.
 */
int cell_read_either(const char *path, struct cell *cell, char *why, size_t why_bytes);

/* The key of the first parameter in which two cells differ; NULL: in none. */
const char *cell_parameters_differ(const struct cell_parameters *left,
                                   const struct cell_parameters *right);

/* T and E as measured beside the cells of a repeat, and the speed of one loop alone. */
struct yardstick {
    double t_us, effective_cores, turns_per_ms; /* the last two may be NAN */
};

/* Beyond this the machine was not the same from the start of a repeat to its end. */
#define CELL_MAX_DRIFT 0.05

/*
 * How far T and E moved while the repeat ran, the larger of the two as a share, or that
 * of the one that is known; NAN when the repeat did not end.
 */
double cell_drift(const struct cell *cell);

/* Of which it is not known how far they moved: "T or E", "T", "E"; NULL: of neither. */
const char *cell_drift_unknown(const struct cell *cell);

/* Whether it is known that neither moved by more than CELL_MAX_DRIFT. */
bool cell_is_steady(const struct cell *cell);

/*
 * The object of a new cell's file. `load` and `probe` are what `juggle load --json` wrote
 * for the users and for the prober (probe may be NULL), `server` and `generator` what the
 * processes used; references are taken over. The prober's times are moved to the epoch
 * of the users. A new reference, or NULL when a load file lacks its epoch or requests.
 */
json_t *cell_build(const struct cell_parameters *parameters, unsigned repeat,
                   const struct yardstick *before, json_t *load, json_t *probe,
                   json_t *server, json_t *generator);

/* Writes such an object as a whole file. 0 or -errno. */
int cell_write(const char *path, const json_t *cell);

/* Adds what was measured when the repeat was over to such an object. */
void cell_add_after(json_t *cell, const struct yardstick *after);

#endif
