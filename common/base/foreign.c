/* Showing what others wrote; see foreign.h. */
#include "common/base/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of the UTF-8 character that the text begins with, 0 when it is none. */
static size_t read_character(const char *text, unsigned *code) {
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t n = first < 0x80   ? 1
               : first < 0xC0 ? 0
               : first < 0xE0 ? 2
               : first < 0xF0 ? 3
                              : 4;
    *code = n < 2 ? first : first & (0x7FU >> n);
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | ((unsigned char)text[i] & 0x3FU);
    }
    bool is_one = n > 0 && *code >= least[n] && *code <= 0x10FFFF &&
                  (*code < 0xD800 || *code > 0xDFFF);
    return is_one ? n : 0;
}

static bool is_plain(unsigned code) {
    return code >= 0x20 && code != '`' && (code < 0x7F || code > 0x9F) &&
           (code < 0x2028 || code > 0x202E) && (code < 0x2066 || code > 0x2069);
}

bool foreign_is_plain(const char *text) {
    unsigned code;
    for (size_t n; *text != '\0'; text += n)
        if ((n = read_character(text, &code)) == 0 || !is_plain(code))
            return false;
    return true;
}

char *foreign_show(const char *text, char *shown, size_t shown_bytes) {
    size_t used = 0;
    while (*text != '\0') {
        unsigned code;
        char piece[8];
        size_t n = read_character(text, &code);
        if (n > 0 && is_plain(code))
            (void)snprintf(piece, sizeof piece, "%.*s", (int)n, text);
        else if (n > 0 && code > 0xFF)
            (void)snprintf(piece, sizeof piece, "\\u%04x", code & 0xFFFF);
        else
            (void)snprintf(piece, sizeof piece, "\\x%02x",
                           n > 0 ? code & 0xFF : (unsigned char)text[0]);
        size_t length = strlen(piece);
        if (used + length >= shown_bytes)
            break;
        memcpy(shown + used, piece, length);
        used += length;
        text += n > 0 ? n : 1;
    }
    shown[used] = '\0';
    return shown;
}

char *foreign_copy(const char *text) {
    size_t bytes = 6 * strlen(text) + 1; /* no character becomes longer */
    char *shown = malloc(bytes);
    return shown != NULL ? foreign_show(text, shown, bytes) : NULL;
}
