/*
 * The text of HTTP/1.1 requests, made once for each target before the run. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_HTTP1_REQUEST_H
#define JUGGLE_LOADGEN_HTTP1_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "loadgen/targets/urls.h"
#include "loadgen/transport/transport.h"

struct http1_request {
    char *text; /* head and body; owned */
    size_t n_bytes;
    bool is_idempotent; /* may be sent again when nobody knows what became of it */
};

/* 0 or -ENOMEM; the caller frees `text`. */
int http1_request_make(struct http1_request *request, const struct target *target,
                       const struct transport_config *config);

#endif
