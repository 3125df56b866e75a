/*
 * The headers that a user adds with -H, and what they do to those of the program, the
 * same over every transport and as with curl: 'Name: value' takes the place of the
 * program's header of that name, 'Name:' takes it away, and 'Name;' sends it without a
 * value. Main thread, then loop thread.
 */
#ifndef JUGGLE_LOADGEN_HEADERS_H
#define JUGGLE_LOADGEN_HEADERS_H

#include <stdbool.h>

enum { HEADERS_MOST = 64 };

struct headers {
    const char *lines[HEADERS_MOST]; /* as given; owned by who gave them */
    unsigned n;
};

/* 0, -EINVAL when `line` has none of the three forms, or -ERANGE beyond HEADERS_MOST. */
int headers_add(struct headers *headers, const char *line);

/* Whether one of that name is there, whatever it does. */
bool headers_have(const struct headers *headers, const char *name);

/* Whether they say that each connection is for one request. */
bool headers_ask_to_close(const struct headers *headers);

/* Whether bodies are to be sent in chunks. */
bool headers_ask_for_chunks(const struct headers *headers);

/* Whether a line goes with a request, which may have no body to be framed. */
bool headers_suit(const char *line, bool has_body);

/*
 * Why requests with these would be no valid messages, as one sentence that says what to
 * do; NULL: they are.
 */
const char *headers_refusal(const struct headers *headers, bool http2);

#endif
