/*
 * One measured cell as data: what its file in cells/ says, and what its samples come to.
 * The director builds the file, everything else reads it, and this module is the only one
 * that knows its keys (results/README.md explains each). Samples go by while a cell is
 * read: four bytes are kept of each. Times are microseconds; those of samples count from
 * the moment the users started. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "common/stats/sample_table.h"
#include "measured/parameters.h"
#include "measured/sums.h"

enum {
    /* 1 had an object for each sample; 2 turns without their unit, and T and E around
     * each repeat; 3 lists of samples in place of tables beside the file. */
    CELL_SCHEMA = 4,
    LOAD_SCHEMA = 2, /* of `juggle load --json`; 1 had paths in place of URLs */
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
    bool generator_apart;  /* load generator and director had other CPUs, or hosts */
    /* Of an external server, which does not say what its jobs took: */
    double tree_cpu_s; /* what its processes took */
    double idle_cpus;  /* CPUs that they took before the users came */
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
    bool open_loop;       /* requests came by a schedule, not when users were free */
    double users_from_us; /* when the users started, in the times of its tables */
    /* The server's moments are by another machine's clock than the generator's: only what
     * lies between two of them means something. */
    bool clocks_differ;
    size_t n_requests, n_answered;
    size_t n_probes; /* `/` asked for while the cell ran */
    struct sums sums;
    /*
     * Of the answered requests, and of the answered probes before the users came and,
     * [true], while they waited; in the order in which they came. Empty once dropped.
     */
    struct latencies latencies, probes[2];
    json_t *json; /* the file, owned; the texts above live in it */
};

/*
 * Reads cells/NAME.json, and the tables of its samples beside it. 0, or -errno with one
 * line in `why` naming file and field. Release with cell_free.
 */
int cell_read(const char *path, struct cell *cell, char why[WHY_BYTES]);
void cell_free(struct cell *cell);

/*
 * The same, or what `juggle load --json` wrote, as a cell that knows nothing but its
 * load: its parameters are empty (name NULL), nothing is known of the machine, and
 * requests of the warm-up are left out.
 */
int cell_read_either(const char *path, struct cell *cell, char why[WHY_BYTES]);

/* Lets go of the users' latencies, where the sums are enough. Those of the few probes
 * stay: their median is that of all repeats. */
void cell_drop_latencies(struct cell *cell);

enum cell_list { CELL_REQUESTS, CELL_PROBES };

/* Gets each sample in its turn; what is not 0 ends the reading. */
typedef int sample_visit(void *context, const struct sample *sample);

/*
 * Reads the samples once more, for what needs more of them than their sums: from the
 * tables beside the file, or from the lists that stood in it before schema 4 and stand in
 * that of `juggle load --json`. Requests of a warm-up are passed over. 0, what a visit
 * returned, or -errno.
 */
int cell_visit(const struct cell *cell, enum cell_list list, sample_visit *visit,
               void *context);

/* The name of a table: cells/NAME-r1.tsv or .probes.tsv beside cells/NAME-r1.json. 0, or
 * -EINVAL where that is no such name. */
int cell_table_path(const char *cell_path, enum cell_list list, char *path,
                    size_t path_bytes);

/*
 * The object of a new cell's file. `load` and `probe` are what `juggle load --json` wrote
 * for the users and for the prober (probe may be NULL), whose tables count times from
 * `epoch_ns` of the monotonic clock; `server` and `generator` what the processes used;
 * references are taken over. A new reference, or NULL when a load file does not say when
 * it began or how many samples it has.
 */
json_t *cell_build(const struct cell_parameters *parameters, unsigned repeat,
                   const struct machine_state *machine, const struct cell_window *window,
                   uint64_t epoch_ns, json_t *load, json_t *probe, json_t *server,
                   json_t *generator);
