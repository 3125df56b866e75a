/*
 * One lane of the http1 transport: its connection, and the request that is on it. Most
 * requests cost one send and one recv: a request is sent where it starts, right behind
 * connect() even, since on a loopback that has already connected; the connection stays
 * watched from then on; and the clock is read once for what a socket has to say.
 *
 * A server may close a kept connection just when the next request is sent on it. As
 * browsers do, a request of which not a byte of a reply came is sent again on a new one,
 * once, where that does no harm. Its time then covers both attempts, and it is counted as
 * retried. Loop thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/event_struct.h>

#include "loadgen/transport/http1_parse.h"
#include "loadgen/transport/transport.h"

enum { HTTP1_READ_BYTES = 64 * 1024 };

/* The text of requests to a target, made once before the run. */
struct http1_request {
    char *text;         /* head and body; owned */
    size_t n_bytes;     /* 0: it is to connect, and over when that is done */
    size_t host;        /* its index */
    bool is_idempotent; /* may be sent again when nobody knows what became of it */
};

struct http1_lane;

/* What the lanes of a transport share. */
struct http1_shared {
    struct transport_config config;
    /* The lane's request is over; it may begin another one from inside this call. Where
     * there was no connection, lane->lost says why. */
    void (*ended)(struct http1_lane *lane, enum sample_error error, uint64_t now_ns);
    const struct addrinfo **preferred; /* of each host: the address that answered last */
    struct transport_counts counts;
    const struct http1_viewer *viewer; /* NULL: nobody looks */
    struct http1_known known;          /* the head of the last reply that was read */
    char buffer[HTTP1_READ_BYTES];
};

/* Starts zeroed, with `shared`, `index`, `begins_row` and fd = -1. */
struct http1_lane {
    struct http1_shared *shared;
    TAILQ_ENTRY(http1_lane) link; /* the transport's */
    const struct http1_request *request;
    size_t n_sent;
    int lost; /* -errno with which sending ended; what was received is yet to be read */
    uint64_t start_ns, connected_ns, first_byte_ns;
    size_t host; /* that the connection leads to */
    const struct addrinfo *address;
    int fd;           /* -1: no connection */
    int spare_family; /* fd is a new socket of this address family; 0: it is not */
    unsigned index, n_addresses_tried;
    short watched; /* EV_READ | EV_WRITE */
    bool is_up;    /* a request is in flight; the transport ends that in `ended` */
    bool is_connected, is_reused, is_retried;
    bool begins_row; /* the transport's: of lanes that were allocated together */
    struct event event;
    struct http1_parser parser;
};

/* Sends a request on an idle lane. 0, or -errno when it has failed at once: `ended` is
 * never called from in here. */
int http1_lane_begin(struct http1_lane *lane, const struct http1_request *request,
                     uint64_t start_ns);

/* Makes a socket for the first connection, so that starting costs less. */
void http1_lane_prepare(struct http1_lane *lane);

/* Closes the connection, if there is one. */
void http1_lane_drop(struct http1_lane *lane);
