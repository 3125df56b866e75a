/* The command line of `juggle serve`. Main thread, once. */
#ifndef JUGGLE_SERVER_SERVE_OPTIONS_H
#define JUGGLE_SERVER_SERVE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "strategies/strategy.h"

enum { SERVE_MAX_STRATEGIES = 64 };

struct serve_options {
    unsigned port;
    const char *bind;
    const char *only;
    const char *accept;
    const char *work;
    const char *upstream;
    uint64_t upstream_timeout_ns;
    uint64_t max_work_ns;
    uint64_t header_timeout_ns;
    unsigned threads, workers, processes;
    unsigned max_inflight;
    double turns_per_ms;
    bool gil;
    struct strategy_entry endpoints[SERVE_MAX_STRATEGIES + 1]; /* as --only chooses */
};

/*
 * Reads argv and fills in what was left open: limits from the descriptors there are,
 * turns by calibration. A wrong call is one line on stderr and exit 2. Texts point into
 * argv.
 */
void serve_options_read(struct serve_options *options, int argc, char **argv);

#endif
