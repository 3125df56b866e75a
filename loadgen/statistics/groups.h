/*
 * The statistics of groups of samples: of each URL of a run that asked for several, where
 * lines of a file with the same method and URL are one URL whatever they post, and of
 * each second of a run. Main thread, after the run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "common/stats/percentiles.h"
#include "loadgen/drive/drive.h"
#include "loadgen/statistics/statuses.h"
#include "loadgen/targets/urls.h"

/* Which group a sample is of. */
typedef size_t group_of_sample(const void *context, const struct load_sample *sample);

/*
 * The latencies of the successful that were planned after the warm-up: those of a group
 * together, sorted. `ends` holds how many each group has, and then where they end.
 * `group_of` is NULL for a single group. NULL without memory; the caller frees them.
 */
double *groups_latencies(const struct drive_result *result, uint64_t warmup_ns,
                         group_of_sample *group_of, const void *context, size_t *ends,
                         size_t n_groups);

struct url_figures {
    const struct target *target; /* the first of its kind; belongs to the urls */
    uint64_t n_ok, n_failed, n_bytes;
    struct statuses statuses;
    double response_s; /* mean of the successful; NAN without one */
    struct percentile percentiles[N_PERCENTILES];
};

struct by_url {
    struct url_figures *items; /* those asked for, in the order of the file */
    size_t n;
};

/* 0 or -ENOMEM; release with by_url_free. A warm-up is left out. */
int by_url_make(struct by_url *by_url, const struct drive_result *result,
                const struct urls *urls);
void by_url_free(struct by_url *by_url);

/* A table of at most 20 URLs; nothing unless there are several. */
void by_url_print(const struct by_url *by_url, FILE *out);

/* An array of objects, null unless there are several URLs; a new reference. */
json_t *by_url_json(const struct by_url *by_url);

/*
 * Second by second, the warm-up included: {"columns": [names], "rows": [[numbers]]}, null
 * for what the samples of a second do not carry; NULL without memory; a new reference.
 */
json_t *seconds_json(const struct drive_result *result);
