/* What goes back to the client. Loop thread. */
#pragma once

#include <stdbool.h>

#include "server/front/endpoint.h"

struct evhttp_request;

/*
 * Answers the request with what the finished job came to and sends it at once. The
 * request, and with `closes` its connection, may be gone when this returns. Callbacks on
 * its completion are to be set before.
 */
void reply_send(struct evhttp_request *http, const struct job *job,
                const struct endpoint *endpoint, bool closes);
