/* The command line of `juggle serve`. Main thread, once. */
#pragma once

#include <stdbool.h>

#include "server/core/fetch.h"
#include "server/front/front.h"
#include "strategies/strategy.h"

enum { SERVE_MAX_STRATEGIES = 64 };

struct serve_options {
    unsigned port;
    const char *bind;
    const char *accept;
    unsigned processes;
    bool gil;
    struct strategy_setting pools;
    struct declarations steps;
    uint64_t step_timeout_ns;
    struct fetch_setting fetch;
    struct front_setting front;
    struct strategy_entry strategies[SERVE_MAX_STRATEGIES + 1]; /* those of --only */
};

/*
 * Reads argv and fills in what was left open: limits from the descriptors there are,
 * turns by calibration. A wrong call is one line on stderr and exit 2. Texts point into
 * argv, and the front's setting into `options`, which therefore stays where it is.
 */
void serve_options_read(struct serve_options *options, int argc, char **argv);
