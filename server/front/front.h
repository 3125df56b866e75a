/*
 * The front of one server process takes requests in and sends replies out. The only user
 * of evhttp. Requests are handled in order of arrival, and a reply is on the wire before
 * the next handler runs. Loop thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/front/endpoint.h"

struct loop;
struct front;

struct front_setting {
    struct endpoint_setting endpoint;
    uint64_t header_timeout_ns; /* see connections.h */
    unsigned max_inflight;      /* jobs; what comes beyond is answered 503 */
};

/* Serves what arrives on the listening socket, which it owns. NULL: out of memory. */
struct front *front_open(struct loop *loop, const struct front_setting *setting,
                         int listen_fd);

/* Stops listening and finishes what is in flight, then breaks the loop. */
void front_drain(struct front *front);

/* True when every request that had arrived was answered. */
bool front_is_drained(const struct front *front);

/* After the strategies were stopped. */
void front_close(struct front *front);
