/*
 * The connections of http1's lanes: sockets, addresses in turn, watching; before the run
 * as well. Of a lane it knows nothing but that. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_HTTP1_CONNECT_H
#define JUGGLE_LOADGEN_HTTP1_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

struct http1_lane;

/* Makes a socket for the first connection, so that starting costs less. */
void http1_connect_prepare(struct http1_lane *lane);

/*
 * Begins to connect to the address that answered last, or else to the one behind that
 * tried before. 0 when it is on its way, or stands already; or -errno.
 */
int http1_connect_next(struct http1_lane *lane);

/* Whether there are addresses that were not tried, and no connection. */
bool http1_connect_has_more(const struct http1_lane *lane);

/* How connecting went: 0 or -errno. Notes a connection that stands. */
int http1_connect_finish(struct http1_lane *lane);
void http1_connect_note(struct http1_lane *lane, uint64_t now_ns);

/* Waits for `what`, EV_READ or with EV_WRITE, and for the server to close. 0 or -errno.
 */
int http1_connect_watch(struct http1_lane *lane, short what);

/* The same when it may have been told of already, and is to be told again. */
int http1_connect_watch_anew(struct http1_lane *lane, short what);

/* Closes the connection, if there is one. */
void http1_connect_drop(struct http1_lane *lane);

/*
 * Connects before the run: shared->n_preconnecting says how many are still on their way.
 * `ready` is for when the socket of such a lane has something to tell, and `give_up` ends
 * it with -errno. A lane that got no connection is counted, and connects when its first
 * request starts.
 */
void http1_connect_early(struct http1_lane *lane);
void http1_connect_early_ready(struct http1_lane *lane);
void http1_connect_early_give_up(struct http1_lane *lane, int error);

#endif
