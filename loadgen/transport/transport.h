/*
 * A transport carries requests: it is all that knows a protocol library. Requests travel
 * in lanes: a lane is a row of requests, one at a time, and there are never more
 * connections than lanes. To add one, define another `const struct transport` and choose
 * it in transport_choice.c. Loop thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "loadgen/samples/sample.h"
#include "loadgen/targets/hosts.h"
#include "loadgen/targets/urls.h"
#include "loadgen/transport/headers.h"

struct event_base;

/* What became of a request. Stamps are of the monotonic clock, and in this order. Where
 * redirects were followed, all but the connection is of the last reply. */
struct answer {
    uint64_t connected_ns;  /* 0: the connection was there already, or never came */
    uint64_t first_byte_ns; /* 0: none came */
    uint64_t ended_ns;
    uint64_t body_bytes;
    int status; /* 0: no answer */
    unsigned protocol;
    enum sample_error error;
    const struct server_report *server_report; /* NULL: none; valid during the call */
};

/* Of https; files are PEM, and NULL where there is none. */
struct tls {
    const char *authority_path;              /* whose certificates alone are accepted */
    const char *certificate_path, *key_path; /* of ours; the key may be in the first */
    bool accepts_any;                        /* certificate */
};

struct transport_config {
    struct event_base *base;
    const struct urls *urls;   /* outlives the transport; so does what follows */
    const struct hosts *hosts; /* of the urls, or what stands before them */
    /* Called once for each request that is on its way, never from inside `start`. */
    void (*done)(void *context, unsigned lane, const struct answer *answer);
    void *context;
    uint64_t timeout_ns; /* of a whole request; 0: none */
    const char *user_agent;
    const char *content_type; /* of bodies */
    const struct headers *headers;
    bool keep_alive;
    struct tls tls;     /* curl alone, as the next two, and proxies and redirects */
    bool http2;         /* one connection a lane all the same */
    bool keeps_cookies; /* of each lane for itself */
    bool preconnects;   /* `reserve` opens connections, before the run; http1 alone */
    bool small_buffers; /* thousands of lanes */
    FILE *show_headers; /* NULL, or where to show what is sent and received */
    bool show_body;     /* there as well */
};

struct transport_counts {
    uint64_t n_connections; /* made so far */
    uint64_t n_retried;     /* requests sent again: see http1_lane.h */
    uint64_t n_unconnected; /* lanes that could not connect before the run */
    int unconnected_error;  /* -errno of the last of these */
};

struct transport {
    const char *name;

    /* Open files needed for that many lanes, connections included. */
    uint64_t (*files_needed)(uint64_t n_lanes);

    /* NULL when memory or descriptors ran out. The config is copied. */
    void *(*open)(const struct transport_config *config);

    /* Makes all lanes below n_lanes, so that starting on them costs least; again, to add
     * more. 0 or -errno; where it preconnects and a signal breaks the loop, 0. */
    int (*reserve)(void *transport, unsigned n_lanes);

    /* Sends a request to a target (its index) on an idle lane. `start_ns` is now, as
     * the caller has just read it. 0, or -errno when it has failed at once: `done` is not
     * called. */
    int (*start)(void *transport, unsigned lane, size_t target, uint64_t start_ns);

    /* Drops the lane's request; `done` will not be called. */
    void (*cancel)(void *transport, unsigned lane);

    struct transport_counts (*counts)(const void *transport);

    /* What was in flight has been cancelled. */
    void (*close)(void *transport);
};

extern const struct transport curl_transport;  /* any URL */
extern const struct transport http1_transport; /* targets that are plain (urls.h) */
