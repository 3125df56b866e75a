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

/* How one character, or a byte that belongs to none, is shown. */
struct piece {
    size_t n_read;
    char text[8];
};

static struct piece show_next(const char *text) {
    struct piece piece;
    unsigned code;
    piece.n_read = read_character(text, &code);
    if (piece.n_read > 0 && is_plain(code)) {
        memcpy(piece.text, text, piece.n_read);
        piece.text[piece.n_read] = '\0';
    } else if (piece.n_read > 1 && code > 0xFF) {
        (void)snprintf(piece.text, sizeof piece.text, "\\u%04x", code & 0xFFFF);
    } else {
        (void)snprintf(piece.text, sizeof piece.text, "\\x%02x",
                       piece.n_read > 0 ? code : (unsigned char)text[0]);
        piece.n_read = piece.n_read > 0 ? piece.n_read : 1;
    }
    return piece;
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
        struct piece piece = show_next(text);
        size_t length = strlen(piece.text);
        if (used + length >= shown_bytes)
            break;
        memcpy(shown + used, piece.text, length);
        used += length;
        text += piece.n_read;
    }
    shown[used] = '\0';
    return shown;
}

char *foreign_copy(const char *text) {
    size_t bytes = 6 * strlen(text) + 1; /* no character becomes longer */
    char *shown = malloc(bytes);
    return shown != NULL ? foreign_show(text, shown, bytes) : NULL;
}
