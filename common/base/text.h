/* Texts that are put together in buffers of a fixed size. Any thread. */
#pragma once

#include <stddef.h>

/* Writes behind what `text` holds. What does not fit into its text_bytes is cut; it ends
 * with a NUL all the same. */
void text_append(char *text, size_t text_bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What stands before item i of n in "a, b and c": "", ", " or `last`, here " and ". */
const char *text_joint(size_t i, size_t n, const char *last);
