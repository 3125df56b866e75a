/*
 * The files that a run leaves: every request as CSV, as JSON with all that is known of
 * the run, or as the table that cells of a run have (common/stats/sample_table.h), and
 * the latencies as percentiles in HdrHistogram's text form. All are streamed, and appear
 * whole or not at all. To add a kind, add a name here and a row in exports.c; keys and
 * columns are explained in results/README.md. Main thread, after the run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/files.h"
#include "loadgen/drive/drive.h"
#include "loadgen/targets/urls.h"

enum { EXPORT_CSV, EXPORT_HISTOGRAM, EXPORT_JSON, EXPORT_SAMPLES, N_EXPORTS };

struct exports {
    const char *paths[N_EXPORTS]; /* NULL: not wanted */
    struct whole_file files[N_EXPORTS];
};

/* Where everything comes from; nothing of it is taken over. */
struct export_source {
    const struct drive_result *result;
    const struct urls *urls;
    const json_t *head;      /* of the JSON; NULL when that is not wanted */
    bool has_table;          /* requests are in the table, not in the JSON */
    bool is_part;            /* they are in it for `juggle merge`, and not for people */
    uint64_t table_epoch_ns; /* from which times in it count; 0: from the start */
};

/* Opens the files whose paths are set, before the run; one that cannot be is one line and
 * exit 2. */
void exports_begin(struct exports *exports);

/* Writes them; a line on stderr for each that could not be. Returns how many. */
unsigned exports_write(struct exports *exports, const struct export_source *source);

/* Instead of exports_write, when there is nothing to write. */
void exports_abandon(struct exports *exports);

/* The head with the key "requests" added at its end, or "samples", how many there are,
 * where they are in a table or, behind it, in "samples_base64". 0 or -ENOMEM. */
int exports_write_json(FILE *stream, const struct export_source *source);
