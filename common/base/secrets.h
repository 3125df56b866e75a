/*
 * Keeps secrets out of everything that is written: the value of a header that carries a
 * credential, and the password of a user in a URL, become "***". Whatever writes a
 * header, a URL or a word of a command line calls this; error.c calls it for its lines. A
 * header is secret when its name contains authorization, cookie, key, token or secret, in
 * upper or lower case. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/*
 * A copy without secrets of a header ("Name: value"), a URL with or without its scheme,
 * or a word of a command line that holds one of them, its option before it or not
 * ("--header=Name: value"). The caller frees it; NULL when memory ran out.
 */
char *secrets_hide(const char *text);

/* The same as JSON: a string, or null for bytes that are not UTF-8, which words and URLs
 * may hold and JSON may not. A new reference. */
json_t *secrets_json(const char *text);

/*
 * The same for a line of text that quotes headers and URLs in '...'; cut to the room for
 * it. The password of a URL is hidden even where the line was cut inside it.
 */
void secrets_hide_message(const char *line, char *shown, size_t shown_bytes);

/* Writes the head of a request or reply, or a line of it, without secrets. What follows
 * an empty line is a body, and written as it is. */
void secrets_write_head(const char *bytes, size_t n_bytes, FILE *out);
