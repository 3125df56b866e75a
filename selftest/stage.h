/*
 * What a proof is played on: one server and one load generator as child processes, and a
 * folder for their files. Main thread. Functions that return int answer 0; -EINTR; or
 * another -errno with one line in stage->why.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "director/generator.h"

struct stage {
    char folder[4000];
    struct child server; /* its pid is 0 while none runs */
    char url[160];       /* the server's, with a slash at its end */
    struct generator generator;
    char why[200];
};

/* Makes the folder, in TMPDIR or /tmp; a line on stderr and exit 2 when it cannot. */
void stage_open(struct stage *stage);

/* Ends what runs, at once, and removes its files; the stage can be used again. */
void stage_clear(struct stage *stage);

/* The same, and removes the folder. */
void stage_close(struct stage *stage);

/* Starts a server that knows every strategy and is not calibrated. */
int stage_serve(struct stage *stage);

/* Starts `juggle load` with options (NULL at the end) on server's URL and `path`; with
 * `path` NULL the options say what is loaded. */
int stage_start_load(struct stage *stage, const char *const *options, const char *path);

/* Waits for its end and gives its requests file, a new reference; a failed request is an
 * error. */
int stage_finish_load(struct stage *stage, json_t **load);

/* stage_serve, stage_start_load and stage_finish_load. */
int stage_measure(struct stage *stage, const char *const *options, const char *path,
                  json_t **load);

/* One figure of every request, in the order they ended; for free(). NULL without memory.
 */
double *stage_column(const json_t *load, const char *key, size_t *n_values);
