/*
 * One of several parts of a load as its JSON holds it: what `load --share` writes beside
 * the samples, and `juggle merge` reads. Main thread.
 */
#pragma once

#include <jansson.h>

#include "common/base/error.h"
#include "loadgen/drive/threads.h"
#include "loadgen/options/load_settings.h"
#include "loadgen/targets/urls.h"

struct part {
    const char *path;
    unsigned number, n_parts, n_threads;
    const char *version;
    json_t *json; /* what its texts live in; without the samples */
    struct threads_part merge;
};

/* The object under "share", with the options that all parts have in common; a new
 * reference. */
json_t *part_json(const struct load_options *options, const struct drive_config *config,
                  const struct drive_result *result, json_t *words);

/*
 * Reads a file of `load --share --json`, of this version of juggle: all of the part, and
 * the targets of its samples. 0, or -EINVAL and one line in `why` that names the file.
 * Release with part_free either way; it starts zeroed.
 */
int part_read(struct part *part, const char *path, char why[WHY_BYTES]);
void part_free(struct part *part);

/* 0 where both are of one load; else -EINVAL and one line in `why` that names them. */
int part_check(const struct part *part, const struct part *first, char why[WHY_BYTES]);

/* What the whole load was to be, and what it asked for. 0, or -errno and one line. */
int part_read_whole(const struct part *part, struct load_options *options,
                    struct urls *urls, char why[WHY_BYTES]);
