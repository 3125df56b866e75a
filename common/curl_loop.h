/*
 * libcurl's multi interface on a libevent base, in shards: one multi handle with 5,000
 * connections does a tenth of the requests that it does with 50, so transfers are spread
 * over many small ones. A transfer keeps its shard for life, and with it the connection
 * that its easy handle left there. Loop thread only.
 */
#ifndef JUGGLE_COMMON_CURL_LOOP_H
#define JUGGLE_COMMON_CURL_LOOP_H

#include <curl/curl.h>

struct event_base;
struct curl_loop;
struct curl_shard;

/* One easy handle on the loop; embed it in what the transfer is for. Owned by the user.
 */
struct curl_transfer {
    CURL *easy; /* CURLOPT_PRIVATE is ours */
    struct curl_shard *shard;
};

/*
 * `finished` is called once for each started transfer that was not cancelled, when it is
 * off its multi handle: it may start any transfer again at once, this one included.
 */
struct curl_loop *curl_loop_open(struct event_base *base,
                                 void (*finished)(struct curl_transfer *, CURLcode));

/* Gives the transfer an easy handle with what both our users need. 0 or -ENOMEM. */
int curl_loop_attach(struct curl_loop *loop, struct curl_transfer *transfer);

/* Starts it; it must be attached and not under way. 0 or -ENOMEM. */
int curl_loop_start(struct curl_transfer *transfer);

/* Takes it off the loop without a call to `finished`; its connection is closed. */
void curl_loop_cancel(struct curl_transfer *transfer);

/* Frees the easy handle; the transfer must not be under way. */
void curl_loop_detach(struct curl_transfer *transfer);

/* After every transfer was detached. */
void curl_loop_close(struct curl_loop *loop);

#endif
