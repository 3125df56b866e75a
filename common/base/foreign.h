/*
 * Text that somebody else may have written, made fit to be shown: on a terminal, in
 * Markdown, in HTML, beside a chart. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the text can be shown unchanged: valid UTF-8 without control characters,
 * without characters that change the direction of a line, and without the backtick, which
 * begins code in our documents.
 */
bool foreign_is_plain(const char *text);

/*
 * Writes the text with each character that cannot be shown as `\x1b` or `\u202e`, cut
 * after a whole character where there is no room for more. Returns `shown`.
 */
char *foreign_show(const char *text, char *shown, size_t shown_bytes);

/* The same in memory that the caller frees; NULL when there is none. */
char *foreign_copy(const char *text);
