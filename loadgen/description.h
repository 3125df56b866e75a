/* A run of `juggle load` as JSON; results/README.md explains its fields. Main thread. */
#ifndef JUGGLE_LOADGEN_DESCRIPTION_H
#define JUGGLE_LOADGEN_DESCRIPTION_H

#include <jansson.h>

#include "loadgen/drive/drive.h"
#include "loadgen/drive/search_run.h"
#include "loadgen/options/load_options.h"
#include "loadgen/statistics/by_url.h"
#include "loadgen/statistics/summary.h"
#include "loadgen/statistics/validity.h"

/* What a run came to. */
struct outcome {
    const struct drive_result *result;
    const struct search_report *search; /* NULL: there was none */
    struct summary summary;
    struct by_url by_url;
    struct validity validity;
};

/* What -j prints: siege's keys, ours, the statistics of each URL, the verdict, and how
 * the run was made; a new reference. */
json_t *description_statistics(const struct load_options *options,
                               const struct outcome *outcome);

/*
 * Everything of the requests file but the requests; a new reference. `argv` is taken
 * over.
 */
json_t *description_make(const struct load_options *options,
                         const struct drive_config *config, const struct outcome *outcome,
                         json_t *argv);

#endif
