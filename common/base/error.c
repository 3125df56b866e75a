/* One line on stderr per error; see error.h. */
#include "common/base/error.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/foreign.h"
#include "common/base/secrets.h"

static void (*clear_first)(void);

void error_clear_first(void (*clear)(void)) {
    clear_first = clear;
}

/* Blanks become line ends, so that a terminal of 80 columns breaks no word; `at` columns
 * stand before the line. */
static void wrap(char *line, int at) {
    enum { COLUMNS = 80 };
    char *blank = NULL;
    int at_blank = 0;
    for (char *c = line; *c != '\0'; c++) {
        at += ((unsigned char)*c & 0xc0) != 0x80; /* not within a character of UTF-8 */
        if (at > COLUMNS && blank != NULL) {
            *blank = '\n';
            at -= at_blank;
            blank = NULL;
        }
        if (*c == ' ') {
            blank = c;
            at_blank = at;
        }
    }
}

int error_columns(void) {
    const char *kind = getenv("TERM");
    struct winsize size;
    if (isatty(STDERR_FILENO) == 0 || (kind != NULL && strcmp(kind, "dumb") == 0))
        return 0;
    bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return is_known ? size.ws_col - 1 : 79; /* in the last one it would be wrapped */
}

/* The arguments may hold a credential or a line end. */
void error_print(const char *format, ...) {
    char line[WHY_BYTES], hidden[2 * sizeof line], shown[2 * sizeof hidden];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    secrets_hide_message(line, hidden, sizeof hidden);
    if (clear_first != NULL)
        clear_first();
    (void)foreign_show(hidden, shown, sizeof shown);
    if (isatty(STDERR_FILENO))
        wrap(shown, (int)sizeof "juggle: " - 1);
    (void)fprintf(stderr, "juggle: %s\n", shown);
}

int error_say(char why[WHY_BYTES], int error, const char *format, ...) {
    char line[WHY_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    (void)strcpy(why, line);
    return error;
}
