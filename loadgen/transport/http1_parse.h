/*
 * A parser of HTTP/1 replies: bytes in, in pieces of any size, and what they mean out.
 * No I/O and no allocation. It reads what strangers send, so everything is bounded: a
 * head, trailers and 1xx replies included, and what is looked at of a header line. The
 * result does not depend on how the bytes were cut. Any thread; one at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadgen/samples/sample.h"

enum {
    HTTP1_MAX_HEAD_BYTES = 64 * 1024,
    HTTP1_MAX_HEAD_LINES = 256,
    HTTP1_LINE_BYTES = 512,
    HTTP1_KNOWN_BYTES = 1024,
};

enum http1_stage {
    HTTP1_STATUS_LINE,
    HTTP1_HEADERS,
    HTTP1_TRAILERS, /* lines up to here count against the bounds, and viewers see them */
    HTTP1_CHUNK_SIZE,
    HTTP1_CHUNK_END, /* lines up to here */
    HTTP1_COUNTED_BODY,
    HTTP1_BODY_UNTIL_CLOSE,
    HTTP1_CHUNK_DATA,
    HTTP1_DONE, /* the reply is whole */
    HTTP1_BAD,  /* it is no HTTP/1 reply, or goes beyond a bound */
    HTTP1_LAST_OF_HEAD = HTTP1_TRAILERS,
    HTTP1_LAST_OF_LINES = HTTP1_CHUNK_END,
};

/* Who wants to see the reply's text; each line of a head without its end. */
struct http1_viewer {
    void (*line)(void *context, const char *line, size_t n_bytes);
    void (*body)(void *context, const char *bytes, size_t n_bytes);
    void *context;
};

/* What a head says: of 1xx replies until the final one comes. */
struct http1_head {
    int status;        /* 0: not known yet */
    unsigned protocol; /* 10 or 11 */
    bool keeps_alive;  /* once it is whole: whether the connection may be used again */
    bool has_report;

    bool has_length, is_chunked, is_coded;
    size_t n_bytes;      /* of all heads so far, and of trailers */
    unsigned n_lines;    /* the same */
    uint64_t left_bytes; /* of the body or chunk */
};

/* The head that was read last, and what it said: servers repeat themselves to the byte,
 * and comparing costs a tenth of reading. Two for the parsers of a thread, one of them
 * for replies to HEADs, behind which no body follows; zeroed. */
struct http1_known {
    size_t n_bytes; /* 0: none is known */
    enum http1_stage next_stage;
    struct http1_head head;
    char text[HTTP1_KNOWN_BYTES];
};

/* Fields of the first group are for the caller to read; `report` when it has one. */
struct http1_parser {
    enum http1_stage stage;
    enum sample_error bad; /* at HTTP1_BAD: what was */
    struct http1_head head;
    uint64_t body_bytes; /* chunk sizes and the like not counted */

    bool is_of_head, last_line_frames;
    size_t n_line_bytes; /* of a line whose end has not come; may exceed the room */
    const struct http1_viewer *viewer;
    struct http1_known *known;
    struct server_report report;
    char line[HTTP1_LINE_BYTES];
};

/* For the reply to a HEAD or to any other request. `viewer` may be NULL, and so may
 * `known`, which changes nothing but the time taken. */
void http1_parse_begin(struct http1_parser *parser, bool is_of_head,
                       const struct http1_viewer *viewer, struct http1_known *known);

/* Takes bytes until the reply is whole or bad, and returns how many it took; what is left
 * over is not part of this reply. */
size_t http1_parse(struct http1_parser *parser, const char *bytes, size_t n_bytes);

/* The connection was closed: a body that lasts until then is whole now. */
void http1_parse_close(struct http1_parser *parser);
