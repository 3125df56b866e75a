/*
 * The head that was read last, and what it said: servers repeat themselves to the byte,
 * and comparing costs a tenth of reading. One for the parsers of a thread.
 */
#ifndef JUGGLE_LOADGEN_HTTP1_KNOWN_H
#define JUGGLE_LOADGEN_HTTP1_KNOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "loadgen/transport/http1_parse.h"

enum { HTTP1_KNOWN_BYTES = 1024 };

/* Starts zeroed. */
struct http1_known {
    size_t n_bytes; /* 0: none is known */
    bool is_head_reply;
    enum http1_stage next_stage;
    struct http1_head head;
    char text[HTTP1_KNOWN_BYTES];
};

/* At the start of a reply: when its head is the known one and here whole, the parser has
 * then read it. Returns its length, or 0. */
size_t http1_known_recall(struct http1_parser *parser, const char *bytes, size_t n_bytes);

/* The parser has just read such a head, of so many bytes. */
void http1_known_learn(const struct http1_parser *parser, const char *bytes,
                       size_t n_bytes);

#endif
