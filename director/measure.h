/*
 * Measuring one cell: a fresh server, a prober beside it, the users, and what the
 * processes used. Everything runs as children of the director. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_MEASURE_H
#define JUGGLE_DIRECTOR_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "measured/cell.h"

/* What is the same for every cell of a run. */
struct measure_setting {
    double turns_per_ms;
    const char *upstream; /* URL that fetch steps get; NULL: no step fetches */
    const char *folder;   /* for the load generators' files, removed again */
    uint64_t patience_ns; /* the longest that the users' load may take */
    void (*tick)(void);   /* called while waiting */
};

/*
 * T in microseconds: the median latency of `n_requests` requests of the work, one after
 * the other, on a fresh server. 0; -EINTR; or another -errno with one line in `why`.
 */
int measure_alone(const struct measure_setting *setting, const char *strategy,
                  const char *work, unsigned n_requests, double *t_us, char *why,
                  size_t why_bytes);

/* Measures the cell once; *cell is a new reference. Errors as above. */
int measure_cell(const struct measure_setting *setting,
                 const struct cell_parameters *parameters, unsigned repeat,
                 const struct yardstick *before, json_t **cell, char *why,
                 size_t why_bytes);

struct child;

/*
 * Starts `juggle serve` with the options (NULL at the end) on a free port and waits until
 * it can serve; its URL ends with a slash. Errors as above; on error nothing runs.
 */
int measure_start_server(struct child *server, const char *const *options, char *url,
                         size_t url_bytes, char *why, size_t why_bytes);

#endif
