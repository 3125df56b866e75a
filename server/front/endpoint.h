/*
 * What a request asks for, read from its path and query: which endpoint, which work.
 * Knows HTTP only by its words; no libevent connection. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "strategies/strategy.h"

enum { DELAY_MAX_BYTES = 16 * 1024 * 1024 };

struct endpoint_setting {
    const struct strategy_entry *strategies; /* name NULL at the end */
    const char *default_work;                /* for every one; NULL: each one's own */
    double turns_per_ms;
    uint64_t max_work_ns; /* for one request */
};

enum endpoint_kind { ENDPOINT_INDEX, ENDPOINT_DELAY, ENDPOINT_STRATEGY, ENDPOINT_ERROR };

struct endpoint {
    enum endpoint_kind kind;
    const struct strategy *strategy; /* ENDPOINT_STRATEGY */
    bool relays;         /* ENDPOINT_STRATEGY: the upstream's answer is ours */
    unsigned body_bytes; /* ENDPOINT_DELAY */
};

/*
 * Reads the path ("/NAME/", with or without the trailing slash) and the raw query
 * (NULL: none). The work goes to the job; where the request makes no sense the result is
 * ENDPOINT_ERROR and the job has failed with 400 or 404 and one line.
 */
void endpoint_read(const struct endpoint_setting *setting, const char *path,
                   const char *query, struct endpoint *endpoint, struct job *job);
