/*
 * The statistics of each URL of a run that asked for several. Lines of a file with the
 * same method and URL are one URL, whatever they post. A warm-up is left out. Main
 * thread, after the run.
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

/*
 * 0 or -ENOMEM, then there are none. `from_planned`: latencies count from the planned
 * start. Takes 8 bytes for each sample meanwhile. Release with by_url_free.
 */
int by_url_make(struct by_url *by_url, const struct drive_result *result,
                const struct urls *urls, bool from_planned);
void by_url_free(struct by_url *by_url);

/* A table of at most 20 URLs; nothing unless there are several. */
void by_url_print(const struct by_url *by_url, FILE *out);

/* An array of objects, null unless there are several URLs; a new reference. */
json_t *by_url_json(const struct by_url *by_url);
