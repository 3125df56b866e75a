/* Bytes as text and back: base64 with padding (RFC 4648). Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What of the bytes put so far is yet to be written; starts zeroed but for `out`. */
struct base64 {
    FILE *out;
    uint32_t held;
    unsigned n_held;
};

/* What the stream could not take, its owner learns from it. */
void base64_put(struct base64 *base64, const unsigned char *bytes, size_t n_bytes);
void base64_end(struct base64 *base64);

/* The bytes of a text, which the caller frees, with `n_spare` zeroes behind them. NULL
 * where it is no such text, or memory ran out. */
unsigned char *base64_read(const char *text, size_t n_spare, size_t *n_bytes);
