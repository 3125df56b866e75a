/*
 * One libcurl multi handle on the event loop. A multi handle slows down with its
 * connections (nearly all of it a linear search), so the transport keeps many small ones.
 * Loop thread.
 */
#ifndef JUGGLE_LOADGEN_CURL_SHARD_H
#define JUGGLE_LOADGEN_CURL_SHARD_H

#include <stdint.h>

#include <curl/curl.h>
#include <event2/event.h>

struct curl_shard;

/* A transfer ended; the handle is out of the shard already and may be added again.
 * `ended_ns` is when libcurl came to know, which may be before this call. */
typedef void curl_shard_done(CURL *easy, CURLcode code, uint64_t ended_ns);

/* Never opens more than `max_connections`. NULL when memory or descriptors ran out. */
struct curl_shard *curl_shard_new(struct event_base *base, unsigned max_connections,
                                  curl_shard_done *done);

/* Drops idle connections; every handle must have been removed. */
void curl_shard_free(struct curl_shard *shard);

/* Once for every handle, before it is first added. */
void curl_shard_adopt(struct curl_shard *shard, CURL *easy);

/* Begins a transfer now, not on the loop's next pass. `done` is never called from here.
 */
void curl_shard_start(struct curl_shard *shard, CURL *easy);

/* Drops a transfer and its connection. */
void curl_shard_cancel(struct curl_shard *shard, CURL *easy);

#endif
