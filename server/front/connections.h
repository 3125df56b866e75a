/*
 * The connections of one server process: accepts them, pauses while there are no free
 * descriptors, and ends those whose request trickles in, of which the kernel tells it
 * from time to time. Loop thread; one at a time in a process.
 */
#pragma once

#include <stdint.h>

struct connections;
struct event_base;
struct evhttp;
struct evhttp_connection;

/* The longest head of a request. So much of a request, or all of it where it is shorter,
 * has to arrive within the limit given below, and the rest at this rate or faster. */
enum { CONNECTIONS_MAX_HEAD_BYTES = 16 * 1024, CONNECTIONS_LEAST_BYTES_PER_S = 1000 };

/* Accepts for `http` from the listening socket, which it then owns. 0 ns: no limit. NULL:
 * out of memory. */
struct connections *connections_open(struct event_base *base, struct evhttp *http,
                                     int listen_fd, uint64_t header_timeout_ns);

/* Closes the listening socket. */
void connections_stop_listening(struct connections *connections);

/* From `busy` until `idle` the caller owns the close callback of the connection, and
 * calls `gone` from it. */
void connections_busy(struct connections *connections, struct evhttp_connection *http);
void connections_idle(struct connections *connections, struct evhttp_connection *http);
void connections_gone(struct connections *connections, struct evhttp_connection *http);

/* After evhttp_free, which ends the connections. */
void connections_close(struct connections *connections);
