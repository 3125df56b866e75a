/*
 * A proof is a measurement whose answer is known beforehand. It is played on a stage: one
 * server and one load generator as child processes, and a folder for their files. To add
 * a proof, write its function, declare it here and give it a row in selftest.c. Main
 * thread. Functions that return int answer 0; -EINTR; or another -errno with one line in
 * stage->why.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "director/generator.h"

enum { STAGE_COLUMNS = 2 };

struct stage {
    char folder[4000];
    struct child server; /* its pid is 0 while none runs */
    char url[160];       /* the server's, with a slash at its end */
    struct generator generator;
    json_t *load;                   /* the requests file of the last load; or NULL */
    double *columns[STAGE_COLUMNS]; /* that were made of it */
    char why[200];
};

enum proof_verdict {
    PROOF_HOLDS,
    PROOF_SPOILT, /* it does not hold, and a busy machine could be why: tried again */
    PROOF_FAILS,  /* it does not hold, and no machine is an excuse */
};

struct proof_outcome {
    enum proof_verdict verdict;
    char expected[200], found[240]; /* one line each, without its end */
};

/*
 * Measures on the stage, which the caller clears, and says what came out. `n_try` counts
 * from 1, so that a draw can be another one.
 */
typedef int proof_function(struct stage *stage, unsigned n_try,
                           struct proof_outcome *outcome);

proof_function proof_stall, proof_sleep, proof_little, proof_counting, proof_exponential,
    proof_constant, proof_saturation;

/* Makes the folder, in TMPDIR or /tmp; a line on stderr and exit 2 when it cannot. */
void stage_open(struct stage *stage);

/* Ends what runs, at once, frees the load and removes its files; the stage can be used
 * again. */
void stage_clear(struct stage *stage);

/* The same, and removes the folder. */
void stage_close(struct stage *stage);

/* Starts a server that knows every strategy and is not calibrated. */
int stage_serve(struct stage *stage);

/* Starts `juggle load` with options (NULL at the end) on server's URL and `path`; with
 * `path` NULL the options say what is loaded. */
int stage_start_load(struct stage *stage, const char *const *options, const char *path);

/* Waits for its end and takes its requests file; a failed request is an error. */
int stage_finish_load(struct stage *stage);

/* stage_serve, stage_start_load and stage_finish_load. */
int stage_measure(struct stage *stage, const char *const *options, const char *path);

/* One figure of every request of the load, sorted; the stage's. Of up to STAGE_COLUMNS
 * keys; NULL without memory. */
double *stage_column(struct stage *stage, const char *key, size_t *n_values);
