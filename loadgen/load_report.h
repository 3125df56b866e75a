/*
 * What `juggle load` says of a run when it is over: on the terminal, in files, and by its
 * exit status. Main thread.
 */
#pragma once

#include <jansson.h>

#include "loadgen/drive/drive.h"
#include "loadgen/drive/search.h"
#include "loadgen/options/load_options.h"

/*
 * Judges, prints and writes what the run, or the last one of a search (or NULL), came
 * to, and finishes the export files that were begun. Of the JSON, `argv` is the command
 * line and `share` tells of parts (NULL: there are none). Returns the exit status.
 */
int load_report(struct load_options *options, const struct drive_config *config,
                const struct drive_result *result, const struct search_report *search,
                json_t *argv, json_t *share);
