/*
 * The file of `--json`: what was asked for, the statistics and every request, streamed so
 * that millions of requests need no memory for it. Main thread. results/README.md
 * explains the keys.
 */
#pragma once

#include <stdio.h>

#include "loadgen/export/export_source.h"

/*
 * Writes the head with the key "requests" added at its end, or "samples", how many there
 * are, where they have a table of their own. 0 or -ENOMEM.
 */
int requests_file_write(FILE *stream, const struct export_source *source);
