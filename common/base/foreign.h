/*
 * Text that somebody else may have written, made fit to be shown: on a terminal, in
 * Markdown, in HTML, beside a chart. Any thread.
 */
#ifndef JUGGLE_COMMON_FOREIGN_H
#define JUGGLE_COMMON_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether it can be shown as it is: valid UTF-8 without control characters, without those
 * that turn the direction of a line, and without the backtick, which begins code in our
 * documents.
 */
bool foreign_is_plain(const char *text);

/*
 * The text with `\x1b` or `\u202e` in the place of what is not so, cut at a whole
 * character where there is no room. Returns `shown`.
 */
char *foreign_show(const char *text, char *shown, size_t shown_bytes);

/* The same, as long as it must be; for free(). NULL when memory is out. */
char *foreign_copy(const char *text);

#endif
