/* Header lines: those that a user adds with -H, and those in which juggle's server
 * reports, and spans, the pieces of text that lines are made of. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "loadgen/samples/sample.h"

/* Text inside a buffer, not terminated, as header lines come from the network. */
struct span {
    const char *text;
    size_t n_bytes;
};

static inline bool span_is_digit(char c) {
    return c >= '0' && c <= '9';
}

static inline bool span_is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Without blanks at both ends. */
static inline struct span span_trim(struct span span) {
    while (span.n_bytes > 0 && span_is_blank(span.text[0]))
        span.text++, span.n_bytes--;
    while (span.n_bytes > 0 && span_is_blank(span.text[span.n_bytes - 1]))
        span.n_bytes--;
    return span;
}

/* Letter case apart. */
static inline bool span_equals(struct span span, const char *word) {
    return strlen(word) == span.n_bytes &&
           strncasecmp(span.text, word, span.n_bytes) == 0;
}

/* Takes the next of a list with commas; false at its end. */
static inline bool span_next(struct span *list, struct span *item) {
    if (list->n_bytes == 0)
        return false;
    const char *comma = memchr(list->text, ',', list->n_bytes);
    size_t length = comma != NULL ? (size_t)(comma - list->text) : list->n_bytes;
    size_t taken = comma != NULL ? length + 1 : length;
    *item = span_trim((struct span){list->text, length});
    *list = (struct span){list->text + taken, list->n_bytes - taken};
    return true;
}

/* The user's, as with curl: 'Name: value' takes the place of the program's header of that
 * name, 'Name:' takes it away, and 'Name;' sends it without a value. */
enum { HEADERS_MOST = 64 };

struct headers {
    const char *lines[HEADERS_MOST]; /* as given; owned by who gave them */
    unsigned n;
};

/* 0, -EINVAL when `line` has none of the three forms, or -ERANGE beyond HEADERS_MOST. */
int headers_add(struct headers *headers, const char *line);

/* Whether one of that name is there, whatever it does. */
bool headers_have(const struct headers *headers, const char *name);

/* Whether one of that name lists the word, such as "close" in "Connection". */
bool headers_list(const struct headers *headers, const char *name, const char *word);

/* Whether a line goes with a request, which may have no body to be framed. */
bool headers_suit(const char *line, bool has_body);

/* Why requests with these would be no valid messages, in a sentence that says what to do;
 * NULL: they are. */
const char *headers_refusal(const struct headers *headers, bool http2);

/* A report in which nothing was said yet. */
void headers_clear_report(struct server_report *report);

/*
 * Reads a line, not terminated, of a reply's head; true when it was one of the two in
 * which juggle's server says what happened inside:
 *   Server-Timing: queue;dur=0.012, run;dur=50.1, cpu;dur=50.0, wait;dur=0.000   (ms)
 *   Juggle-Worker: process=12 thread=13 cpu=1 from_ns=... to_ns=...   (monotonic)
 * Of several lines, such as a proxy's beside the server's, each sets what it says.
 */
bool headers_read_report(const char *line, size_t line_bytes,
                         struct server_report *report);
