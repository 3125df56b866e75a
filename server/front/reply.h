/* What goes back to the client. Loop thread. */
#ifndef JUGGLE_SERVER_REPLY_H
#define JUGGLE_SERVER_REPLY_H

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

#endif
