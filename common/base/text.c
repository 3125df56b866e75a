/* Appending; see text.h. */
#include "common/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_append(char *text, size_t text_bytes, const char *format, ...) {
    size_t length = strnlen(text, text_bytes);
    va_list arguments;
    va_start(arguments, format);
    if (length < text_bytes)
        (void)vsnprintf(text + length, text_bytes - length, format, arguments);
    va_end(arguments);
}

const char *text_joint(size_t i, size_t n, const char *last) {
    return i == 0 ? "" : i + 1 < n ? ", " : last;
}
