/* One line on stderr per error; see error.h. */
#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/foreign.h"

static void print_line(const char *format, va_list arguments) {
    char line[1024], shown[2048];
    (void)vsnprintf(line, sizeof line, format, arguments);
    (void)fprintf(stderr, "juggle: %s\n", foreign_show(line, shown, sizeof shown));
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
