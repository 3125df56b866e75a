/*
 * Files for other programs: every request as CSV, and the latencies as a table of
 * percentiles in HdrHistogram's text form. Each appears whole or not at all. To add a
 * kind, add a name here and a row in exports.c. Main thread.
 */
#ifndef JUGGLE_LOADGEN_EXPORTS_H
#define JUGGLE_LOADGEN_EXPORTS_H

#include <stdbool.h>

#include "common/files.h"
#include "loadgen/drive.h"
#include "loadgen/urls.h"

enum { EXPORT_CSV, EXPORT_HISTOGRAM, N_EXPORTS };

struct exports {
    const char *paths[N_EXPORTS]; /* NULL: not wanted */
    struct whole_file files[N_EXPORTS];
};

/* Opens the files whose paths are set; one that cannot be is one line and exit 2. */
void exports_begin(struct exports *exports);

/* Writes them; a line on stderr for each that could not be. Returns how many. */
unsigned exports_write(struct exports *exports, const struct drive_result *result,
                       const struct urls *urls, bool from_planned);

/* Instead of exports_write, when there is nothing to write. */
void exports_abandon(struct exports *exports);

#endif
