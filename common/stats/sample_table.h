/*
 * The table of samples: a row for each request, tabs between its values, under a first
 * line that names the columns. The load generator writes it, whoever reads results reads
 * it, and this unit alone knows its form (results/README.md explains the columns). Both
 * stream, so a table of any length takes the same memory. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/fields.h"

/*
 * One request as the load generator saw it, and what the server said about it. Times are
 * microseconds, NAN where they are not known.
 */
struct sample {
    unsigned id, user;
    double planned_us, start_us;
    double connect_us, first_byte_us; /* from the start */
    double latency_us;
    int status; /* HTTP status, 0 when no answer came */
    double bytes;
    const char *error; /* NULL: none; of one that was read: until the next is read */
    bool answered;     /* sample_is_answered said so when it was written */
    double queue_us, run_us;
    int process, thread, cpu; /* who ran it; process 0 when the server did not say */
    double from_us, to_us;    /* when the worker took it and was done */
    double cpu_us, wait_us;   /* of its job: computing, and in sleeps or fetches */
};

/*
 * Whether the server did its work: status 200 and no error. This is the one place that
 * decides it; all others read the column `answered`.
 */
static inline bool sample_is_answered(int status, const char *error) {
    return status == 200 && error == NULL;
}

/* One column. To add one, add a member to the struct and a row to the table. Booleans are
 * written as 0 or 1, doubles to a tenth. */
struct sample_column {
    const char *name;
    const struct field_type *type;
    size_t offset; /* in struct sample */
    bool may_lack;
    bool is_workers; /* empty where the server did not say who ran the request */
};

enum { N_SAMPLE_COLUMNS = 20 };
extern const struct sample_column sample_columns[N_SAMPLE_COLUMNS];

/* A sample of which nothing is known. */
extern const struct sample sample_unknown;

/* The first line, and a row. What the stream could not take, its owner learns from it. */
void sample_table_begin(FILE *out);
void sample_table_put(FILE *out, const struct sample *sample);

/*
 * Opens a table, which must be a regular file; columns with other names than ours are
 * passed over. NULL with `why`, which does not name the file; the table uses it until it
 * is closed.
 */
struct sample_table *sample_table_open(const char *path, char why[WHY_BYTES]);

/*
 * Reads the next sample: 1, or 0 at the end. A file may be anybody's: what is no number,
 * a row with too many or too few values and a last line without its end are -EPROTO, what
 * the system refuses is another -errno, and `why` names line and column. The text of an
 * error is fit to be shown (common/base/foreign.h).
 */
int sample_table_next(struct sample_table *table, struct sample *sample);

void sample_table_close(struct sample_table *table);
