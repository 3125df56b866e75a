/* Three bytes as four digits of six bits; see base64.h. */
#include "loadgen/samples/base64.h"

#include <stdlib.h>
#include <string.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct base64 *base64, const unsigned char *bytes, size_t n_bytes) {
    for (size_t i = 0; i < n_bytes; i++) {
        base64->held = base64->held << 8 | bytes[i];
        if (++base64->n_held < 3)
            continue;
        for (int shift = 18; shift >= 0; shift -= 6)
            (void)putc_unlocked(digits[base64->held >> shift & 63], base64->out);
        base64->held = base64->n_held = 0;
    }
}

void base64_end(struct base64 *base64) {
    unsigned n_missing = (3 - base64->n_held) % 3;
    char last[4];
    if (n_missing == 0)
        return;
    base64->held <<= 8 * n_missing;
    for (unsigned i = 0; i < 4; i++)
        last[i] = i + n_missing < 4 ? digits[base64->held >> (18 - 6 * i) & 63] : '=';
    (void)fwrite(last, 1, sizeof last, base64->out);
}

unsigned char *base64_read(const char *text, size_t n_spare, size_t *n_bytes) {
    size_t n = strlen(text), n_padding = 0;
    while (n_padding < 2 && n_padding < n && text[n - 1 - n_padding] == '=')
        n_padding++;
    unsigned char *bytes = n % 4 == 0 ? calloc(n / 4 * 3 + n_spare + 1, 1) : NULL;
    unsigned char *at = bytes, values[256];
    uint32_t bits = 0;
    memset(values, 64, sizeof values);
    for (unsigned i = 0; i < 64; i++)
        values[(unsigned char)digits[i]] = (unsigned char)i;
    for (size_t i = 0; bytes != NULL && i < n; i++) {
        unsigned value = i + n_padding < n ? values[(unsigned char)text[i]] : 0;
        bits = bits << 6 | (value & 63);
        if (value == 64) {
            free(bytes);
            return NULL;
        }
        if (i % 4 < 3)
            continue;
        *at++ = (unsigned char)(bits >> 16);
        *at++ = (unsigned char)(bits >> 8);
        *at++ = (unsigned char)bits;
    }
    *n_bytes = n / 4 * 3 - n_padding;
    return bytes;
}
