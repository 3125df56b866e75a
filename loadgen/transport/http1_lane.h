/*
 * One lane of the http1 transport: its connection, and the request that is on it. A
 * request is sent where it starts, right behind connect() even, because on a loopback
 * that has already connected. One on a kept connection that the server closes just then
 * is sent again, once and where that does no harm, and counted as retried. Loop thread.
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
    char *text; /* head, and the body unless that is long; owned */
    size_t n_text_bytes;
    const char *body;            /* a long one, which all threads share; else NULL */
    size_t n_bytes;              /* of both; 0: it is to connect, no more */
    size_t host;                 /* its index */
    bool is_idempotent, is_head; /* as its method is */
};

struct http1_lane;

/* The transport, and what its lanes share. */
struct http1 {
    struct transport_config config;
    struct http1_request *requests; /* of each target */
    struct http1_lane **lanes;
    unsigned n_lanes, n_preconnecting;
    TAILQ_HEAD(lane_list, http1_lane) in_flight; /* oldest first */
    struct event *deadline;
    bool deadline_is_set;
    /* The lane's request is over; it may begin another one from inside this call. Where
     * there was no connection, lane->lost says why. */
    void (*ended)(struct http1_lane *lane, enum sample_error error, uint64_t now_ns);
    const struct addrinfo **preferred; /* of each host: the address that answered last */
    struct transport_counts counts;
    struct http1_viewer viewer;  /* of what is shown, if anything is */
    struct http1_known known[2]; /* the head of the last reply; [1]: to a HEAD */
    char buffer[HTTP1_READ_BYTES];
};

/* Starts zeroed, with `http1`, `index`, `begins_row` and fd = -1. */
struct http1_lane {
    struct http1 *http1;
    TAILQ_ENTRY(http1_lane) link; /* in flight */
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
