/* What libcurl tells of a request that has ended, and is told before the run of hosts and
 * of the requests to each target: else it would look names up within the times. Loop
 * thread. */
#pragma once

#include <curl/curl.h>

#include "loadgen/targets/urls.h"
#include "loadgen/transport/transport.h"

struct curl_requests {
    const struct transport_config *config;
    struct curl_slist *headers[2]; /* of requests without a body, and with one */
    struct curl_slist *names;      /* for CURLOPT_RESOLVE: resolved before the run */
    struct curl_slist *routes;     /* for CURLOPT_CONNECT_TO */
};

/*
 * Whether libcurl of that version, as curl_version_info has it, can use a connection
 * again for HTTP/2 over plain http. From 7.88.0 until 8.0.0 it puts its HTTP/2 layer on
 * such a connection a second time, and every other request fails (curl/curl#10634).
 */
bool curl_requests_can_keep_plain_http2(unsigned version);

/* Starts zeroed. 0 or -ENOMEM; the caller frees it either way, after the last handle. */
int curl_requests_make(struct curl_requests *requests,
                       const struct transport_config *config);
void curl_requests_free(struct curl_requests *requests);

/* Whether libcurl can use the files, as far as it can be known without a connection to
 * anybody else. 0, or -EINVAL with what it says of them in `why`, which has
 * CURL_ERROR_SIZE bytes. */
int curl_requests_try_tls(const struct tls *tls, char *why);

/* Sets a new handle for the run. 0 or -ENOMEM. */
int curl_requests_prepare(const struct curl_requests *requests, CURL *easy);

/* Sets a handle for a target: its next requests go there. 0 or -ENOMEM. */
int curl_requests_aim(const struct curl_requests *requests, CURL *easy,
                      const struct target *target);

/* How long the handle's next request may take; 0: any time. */
void curl_requests_limit(CURL *easy, uint64_t timeout_ns);

/* What a sample says of how the transfer has just ended; `text` is what libcurl wrote. */
enum sample_error curl_requests_error(CURL *easy, CURLcode code, const char *text);

/* Whether an HTTP/2 server has ended the connection in order (GOAWAY) without looking at
 * the request. libcurl has no text for that, and one for each breach of the protocol. */
bool curl_requests_is_goodbye(CURLcode code, const char *text);
