/*
 * Errors of the setup tier: one line on stderr that says what, where and what to do
 * about it. Runtime errors never come here; they become counted statuses.
 */
#pragma once

#include <stdlib.h>

/* Room for a line that tells whoever called what went wrong. */
enum { WHY_BYTES = 5120 };

enum exit_status {
    EXIT_OK = 0,
    EXIT_FAILED_REQUESTS = 1,
    EXIT_USAGE = 2,
    EXIT_REQUIREMENT = 3,
    EXIT_SIGNALLED = 128, /* and the number of the signal: 130 for SIGINT */
};

/* Prints "juggle: <message>" and a newline on stderr, on a terminal in lines of 80
 * columns; what a terminal would obey is escaped (common/base/foreign.h). Any thread. */
void error_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, then exits with EXIT_USAGE. Only before anything has to be undone. */
#define error_exit(...) (error_print(__VA_ARGS__), exit(EXIT_USAGE))

/* Writes such a line, whose arguments may hold the one that is there. Returns `error`. */
int error_say(char why[WHY_BYTES], int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The columns of a line on stderr that may be drawn and written over; 0: there it is no
 * terminal, or one that only prints (TERM=dumb). Any thread. */
int error_columns(void);

/* Before each of these lines `clear` is called, to take what is drawn off a terminal. */
void error_clear_first(void (*clear)(void));
