/*
 * Text inside a buffer, not terminated, as header lines come from the network. Any
 * thread.
 */
#ifndef JUGGLE_LOADGEN_SPAN_H
#define JUGGLE_LOADGEN_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

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

#endif
