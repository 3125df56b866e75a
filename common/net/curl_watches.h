/*
 * The sockets of libcurl's that an event loop watches, by descriptor. A connection stays
 * watched while libcurl has no use for it, which saves two system calls a request: it is
 * idle, and will be used again. Loop thread only.
 */
#ifndef JUGGLE_COMMON_CURL_WATCHES_H
#define JUGGLE_COMMON_CURL_WATCHES_H

#include <stdbool.h>

#include <curl/curl.h>
#include <event2/event.h>

/* Starts zeroed but for its base. */
struct curl_watches {
    struct event_base *base;
    struct curl_watch *all; /* by descriptor */
    unsigned n;
};

/* What libcurl wants of a socket from now on, CURL_POLL_IN and so on; `ready` is called
 * with `context` when it is so, and when an idle one has something. 0, or -1 when it
 * cannot be watched. */
int curl_watches_want(struct curl_watches *watches, curl_socket_t fd, int what,
                      event_callback_fn ready, void *context);

/* For `ready`: whether libcurl wants to know. An idle connection that has something was
 * closed, which libcurl sees at its next use, so it is watched no longer. */
bool curl_watches_is_wanted(struct curl_watches *watches, curl_socket_t fd);

/* To be called before the socket is closed. */
void curl_watches_forget(struct curl_watches *watches, curl_socket_t fd);

void curl_watches_free(struct curl_watches *watches);

#endif
