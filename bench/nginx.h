/*
 * nginx as a peer: one process on one CPU that answers 200 by itself, on a free loopback
 * port, from a folder of its own.
 */
#ifndef JUGGLE_BENCH_NGINX_H
#define JUGGLE_BENCH_NGINX_H

#include <stdbool.h>

#include "bench/bench.h"
#include "common/children/children.h"

struct nginx {
    struct child process;
    char folder[40];
    char url[60];
};

/* Whether a command is there; if not, the result says what to install. */
bool peer_is_installed(const char *name, struct bench_result *result);

/* Starts zeroed. Ends the process when it cannot start. */
void nginx_start(struct nginx *nginx, int cpu);
void nginx_stop(struct nginx *nginx);

#endif
