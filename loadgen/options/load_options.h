/*
 * The command line of `juggle load`: siege's everyday options under siege's names, and
 * our own. Main thread, once.
 */
#pragma once

#include <jansson.h>

#include "loadgen/options/load_settings.h"

/* Options of `load` and `merge` alike: rows of files that are written, by their paths. */
#define LOAD_EXPORT(name, path, help)                                                    \
    { 0, name, "FILE", &option_file, path, help }
#define LOAD_EXPORT_ROWS(paths)                                                          \
    LOAD_EXPORT("csv", &(paths)[EXPORT_CSV], "write every request to FILE as CSV"),      \
        LOAD_EXPORT("histogram", &(paths)[EXPORT_HISTOGRAM],                             \
                    "write the latencies to FILE as HdrHistogram's percentile table"),   \
        LOAD_EXPORT("samples", &(paths)[EXPORT_SAMPLES],                                 \
                    "write every request after the warm-up to FILE, a table; then "      \
                    "--json has none")

/*
 * Reads argv and checks that the options go together; a wrong call is one line on stderr
 * and exit 2. Texts point into argv.
 */
void load_options_read(struct load_options *options, int argc, char **argv);

/* What of argv all parts of one load have in common, as options_words has it. */
json_t *load_options_words(int argc, char **argv);
