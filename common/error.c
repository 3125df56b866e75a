/* One line on stderr per error; see error.h. */
#include "common/error.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/secrets.h"

static void print_line(const char *format, va_list arguments) {
    char line[1024];
    char shown[2 * sizeof line];
    (void)vsnprintf(line, sizeof line, format, arguments);
    secrets_hide_message(line, shown, sizeof shown);
    for (char *c = shown; *c != '\0'; c++) /* what it quotes may hold a line end */
        *c = iscntrl((unsigned char)*c) ? '?' : *c;
    (void)fprintf(stderr, "juggle: %s\n", shown);
}

void error_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
}

_Noreturn void error_exit(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line(format, arguments);
    va_end(arguments);
    exit(EXIT_USAGE);
}
