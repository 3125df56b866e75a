/*
 * The file of `--samples`: the requests after the warm-up that ended, as a table
 * (common/sample_table.h), streamed. Main thread, after the run.
 */
#pragma once

#include <stdio.h>

#include "loadgen/export/export_source.h"

/* 0. */
int sample_rows_write(FILE *stream, const struct export_source *source);

/* How many rows it has. */
size_t sample_rows_count(const struct export_source *source);
