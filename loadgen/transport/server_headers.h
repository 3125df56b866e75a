/*
 * The two reply headers in which juggle's server says what happened inside:
 *   Server-Timing: queue;dur=0.012, run;dur=50.1, cpu;dur=50.0, wait;dur=0.000   (ms)
 *   Juggle-Worker: process=12 thread=13 cpu=1 from_ns=... to_ns=...   (monotonic)
 * Anything else, malformed ones included, is left unread, and of several lines, such as a
 * proxy's beside the server's, each sets what it says. Any thread.
 */
#ifndef JUGGLE_LOADGEN_SERVER_HEADERS_H
#define JUGGLE_LOADGEN_SERVER_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "loadgen/samples/sample.h"

/* A report in which nothing was said yet. */
void server_headers_clear(struct server_report *report);

/* Reads one header line, not terminated; true when it was one of the two. */
bool server_headers_read(const char *line, size_t line_bytes,
                         struct server_report *report);

#endif
