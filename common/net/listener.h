/* Listening sockets. Before any server process is forked. */
#pragma once

#include <stdbool.h>

enum { LISTENER_URL_BYTES = 96 };

/*
 * A non-blocking, close-on-exec socket that listens on the numeric address and port, with
 * Nagle off for what it accepts. *port 0 becomes the one the kernel chose. `shares_port`:
 * several sockets may listen on it, and the kernel spreads connections over them.
 * The descriptor, or -errno.
 */
int listener_open(const char *address, unsigned *port, bool shares_port);

/* "http://127.0.0.1:8000/"; returns url. */
char *listener_url(const char *address, unsigned port, char url[LISTENER_URL_BYTES]);
