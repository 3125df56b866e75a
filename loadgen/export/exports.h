/*
 * The files that a run leaves: every request as CSV and, with all that is known of the
 * run, as JSON, the latencies as a table of percentiles in HdrHistogram's text form, and
 * the samples as the table that cells of a run have.
 * Each appears whole or not at all. To add a kind, add a name here and a row in
 * exports.c. Main thread.
 */
#pragma once

#include "common/base/files.h"
#include "loadgen/export/rows.h"

enum { EXPORT_CSV, EXPORT_HISTOGRAM, EXPORT_JSON, EXPORT_SAMPLES, N_EXPORTS };

struct exports {
    const char *paths[N_EXPORTS]; /* NULL: not wanted */
    struct whole_file files[N_EXPORTS];
};

/* Opens the files whose paths are set; one that cannot be is one line and exit 2. */
void exports_begin(struct exports *exports);

/* Writes them; a line on stderr for each that could not be. Returns how many. */
unsigned exports_write(struct exports *exports, const struct export_source *source);

/* Instead of exports_write, when there is nothing to write. */
void exports_abandon(struct exports *exports);
