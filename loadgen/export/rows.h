/*
 * Every request of a run as a row of a file: CSV, JSON, or the table that cells of a run
 * have (common/stats/sample_table.h). Streamed, so that millions of requests need no
 * memory for it. Main thread, after the run. results/README.md explains keys and columns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "loadgen/drive/drive.h"
#include "loadgen/targets/urls.h"

/* Where everything comes from; nothing of it is taken over. */
struct export_source {
    const struct drive_result *result;
    const struct urls *urls;
    bool from_planned;       /* latencies count from the planned start */
    const json_t *head;      /* of the JSON; NULL when that is not wanted */
    bool has_table;          /* requests are in the table, not in the JSON */
    uint64_t table_epoch_ns; /* from which times in it count; 0: from the start */
};

/* 0 or -ENOMEM. */
int rows_write_csv(FILE *stream, const struct export_source *source);

/*
 * What was asked for, the statistics and every request: the head with the key "requests"
 * added at its end, or "samples", how many there are, where they are in a table. 0 or
 * -ENOMEM.
 */
int rows_write_json(FILE *stream, const struct export_source *source);

/* The requests after the warm-up that ended. 0. */
int rows_write_table(FILE *stream, const struct export_source *source);
