/*
 * Measuring one cell: a fresh server, a prober beside it, the users, and what the
 * processes used. Everything runs as children of the director. Main thread.
 */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "common/workload/work.h"
#include "director/plan/contestants.h"
#include "director/programs/server.h"
#include "measured/cell.h"

/* What is the same for every cell of a run. */
struct measure_setting {
    double turns_per_ms;
    const char *upstream; /* URL that fetch steps get; NULL: no step fetches */
    const struct contestants *contestants; /* those that are no strategies */
    const struct declarations *steps;
    struct far_hosts hosts;
    const char *folder;   /* for the load generators' files, removed again */
    uint64_t patience_ns; /* the longest that the users' load may take */
    uint64_t began_ns;    /* of the run */
    uint64_t *loaded_ns;  /* gets what time load was running added */
};

/*
 * Measures the cell once and writes its file, `path`, with the tables of its samples
 * beside it. 0, with "" or what was wrong with its server all the same in `why`; -EINTR;
 * or another -errno with one line in `why`.
 */
int measure_cell(const struct measure_setting *setting,
                 const struct cell_parameters *parameters, unsigned repeat,
                 const struct machine_state *machine, const char *path,
                 char why[WHY_BYTES]);

/*
 * How many turns of its own counting loop an external server makes in a millisecond of
 * its CPU time, by lone requests with ever more {turns} in its path; what else its
 * command says is the cell's. Errors as measure_cell's.
 */
int measure_turns(const struct measure_setting *setting,
                  const struct cell_parameters *parameters, double *turns_per_ms,
                  char why[WHY_BYTES]);

/* A server that waits for lone jobs of a strategy all through a run. Errors as
 * measure_cell's. */
int measure_start_lone(const struct measure_setting *setting, const char *strategy,
                       const char *work, struct server *lone, char why[WHY_BYTES]);

/*
 * T alone in microseconds: what each of `n_requests` jobs, one after the other, took by
 * itself, the median; NAN when that is nothing. Errors as measure_cell's.
 */
int measure_lone(const struct measure_setting *setting, struct server *lone,
                 unsigned n_requests, double *t_alone_us, char why[WHY_BYTES]);
