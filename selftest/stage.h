/*
 * A proof is a measurement whose answer is known beforehand. It is played on a stage: one
 * server and one load generator as child processes, and a folder for their files. To add
 * a proof, write it as those in open_loop.c, declare it here and name it in selftest.c.
 * Main thread. Functions that return bool answer false when it could not be done, with
 * why in stage->found.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "director/programs/generator.h"
#include "director/programs/server.h"

enum { STAGE_COLUMNS = 2 };

struct stage {
    char folder[4000];
    struct child server;        /* its pid is 0 while none runs */
    char url[SERVER_URL_BYTES]; /* the server's, with a slash at its end */
    struct generator generator;
    json_t *load;                   /* the requests file of the last load; or NULL */
    double *columns[STAGE_COLUMNS]; /* that were made of it */
    unsigned n_tries;               /* this one included: a draw can be another one */
    char found[WHY_BYTES];          /* what came out, in one line without its end */
};

enum proof_verdict {
    PROOF_HOLDS,
    PROOF_SPOILT, /* it does not hold, and a busy machine could be why: tried again */
    PROOF_FAILS,  /* it does not hold, and no machine is an excuse */
};

struct proof {
    const char *name, *claim, *expected;
    /* Measures on the stage, which the caller clears, and says what it found. */
    enum proof_verdict (*run)(struct stage *stage);
};

extern const struct proof proof_stall, proof_sleep, proof_little, proof_counting,
    proof_exponential, proof_constant, proof_saturation;

/* Makes the folder, in TMPDIR or /tmp; a line on stderr and exit 2 when it cannot. */
void stage_open(struct stage *stage);

/* Ends what runs, at once, frees the load and removes its files; the stage can be used
 * again. */
void stage_clear(struct stage *stage);

/* The same, and removes the folder. */
void stage_close(struct stage *stage);

/* Sets stage->found. */
void stage_find(struct stage *stage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Starts a server that knows every strategy and is not calibrated. */
bool stage_serve(struct stage *stage);

/* Starts `juggle load` with options (NULL at the end) on server's URL and `path`; with
 * `path` NULL the options say what is loaded. */
bool stage_start_load(struct stage *stage, const char *const *options, const char *path);

/* Waits for its end and takes its requests file; a failed request is an error. */
bool stage_finish_load(struct stage *stage);

/* stage_serve, stage_start_load and stage_finish_load. */
bool stage_measure(struct stage *stage, const char *const *options, const char *path);

/* One figure of every request of the load, sorted; the stage's. Of up to STAGE_COLUMNS
 * keys. */
bool stage_column(struct stage *stage, const char *key, double **values,
                  size_t *n_values);
