/*
 * libcurl's multi interface on a libevent base, in shards: one multi handle with 5,000
 * connections does a tenth of the requests that it does with 50 (nearly all of it a
 * linear search), so transfers are spread over many small ones. A transfer keeps its
 * shard for life, and with it the connection that its easy handle left there. There are
 * never more connections than attached transfers. Loop thread only.
 */
#pragma once

#include <stdint.h>
#include <sys/queue.h>

#include <curl/curl.h>

struct event_base;
struct curl_loop;
struct curl_shard;

/* One easy handle on the loop. Its owner embeds it in what the transfer is for. */
struct curl_transfer {
    CURL *easy; /* its PRIVATE and CLOSESOCKETFUNCTION are ours */
    struct curl_shard *shard;
    TAILQ_ENTRY(curl_transfer) link; /* in its shard */
    curl_socket_t fd;                /* while under way: that was waited for last */
    /* NULL, or called when libcurl closes that, which may hold what it has not read: it
     * gives up without looking where it cannot send. To be set once it is attached. */
    void (*closing)(struct curl_transfer *transfer, curl_socket_t fd);
};

/*
 * Called once for each started transfer that was not cancelled, when it is off its multi
 * handle, and never from inside a call of this module: any transfer may be started again
 * at once, this one included. `ended_ns` is when libcurl came to know of the end, on the
 * monotonic clock; that may be before this call.
 */
typedef void curl_loop_finished(struct curl_transfer *transfer, CURLcode result,
                                uint64_t ended_ns);

/* NULL when out of memory; to be closed after every transfer was detached. */
struct curl_loop *curl_loop_open(struct event_base *base, curl_loop_finished *finished);
void curl_loop_close(struct curl_loop *loop);

/* Open files that so many transfers need, connections included. */
uint64_t curl_loop_files_needed(uint64_t n_transfers);

/* Gives the transfer an easy handle with what both our users need. 0 or -ENOMEM. */
int curl_loop_attach(struct curl_loop *loop, struct curl_transfer *transfer);

/* Starts it now, not on the loop's next pass; it must be attached and not under way. 0 or
 * -ENOMEM. */
int curl_loop_start(struct curl_transfer *transfer);

/* Takes it off the loop without a call to `finished`; its connection is closed. */
void curl_loop_cancel(struct curl_transfer *transfer);

/* Frees the easy handle; the transfer must not be under way. */
void curl_loop_detach(struct curl_transfer *transfer);
