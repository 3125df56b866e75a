/*
 * One lane of the curl transport: its easy handle, what libcurl tells of the request on
 * it, and what became of that.
 *
 * A request that meets a kept connection which was closed just then is sent again, as
 * over http1: a GET, of which nothing was answered. libcurl does so by itself where it
 * can, and for POSTs as well, so it is watched, counted, and kept from that; where it
 * does not, as when an HTTP/2 server says good-bye, the lane is to be started again.
 *
 * libcurl gives a request up whose sending fails, though a server that reads no further
 * may have answered before: what came is read here, over plain http. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_CURL_LANE_H
#define JUGGLE_LOADGEN_CURL_LANE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/net/curl_loop.h"
#include "loadgen/transport/curl_requests.h"
#include "loadgen/transport/http1_parse.h"
#include "loadgen/transport/transport.h"

/* What the lanes of a transport share. */
struct curl_shared {
    struct transport_config config;
    struct curl_requests requests;
    struct transport_counts counts;
};

/* Starts zeroed, with `shared` and `index`. */
struct curl_lane {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    struct curl_shared *shared;
    unsigned index;
    const struct target *target; /* what the handle is set for */
    struct answer answer;        /* of the request in flight */
    uint64_t start_ns;
    long n_connects, n_redirects; /* of that request */
    bool was_sent;                /* at least once */
    bool is_second;               /* started again */
    bool is_stale;                /* libcurl would send a POST again, and must not */
    bool head_ended;              /* that of the final reply */
    struct server_report report;
    uint64_t unread_ns; /* when something was found that libcurl had not read; 0: never */
    struct http1_parser unread;
    char error_text[CURL_ERROR_SIZE];
};

/* Once it is attached to a loop. 0 or -ENOMEM. */
int curl_lane_set_up(struct curl_lane *lane);

/* For a new request to a target. */
void curl_lane_begin(struct curl_lane *lane, const struct target *target,
                     uint64_t start_ns);

/* The transfer ended: fills the answer, its time apart. False when it is to be started
 * again instead, and is set for that. */
bool curl_lane_end(struct curl_lane *lane, CURLcode code, uint64_t now_ns);

#endif
