/* The three streams; see standard_streams.h. */
#include "common/base/standard_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/error.h"
#include "common/base/files.h"

static bool reader_has_left(void) {
    struct pollfd reader = {STDOUT_FILENO, 0, 0};
    return poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0;
}

static void check_stdout(void) {
    int error = files_flush(stdout);
    if (error == 0 || reader_has_left())
        return;
    error_print("stdout could not be written: %s", strerror(-error));
    _exit(EXIT_USAGE);
}

void standard_streams_prepare(void) {
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) /* the lowest that is free is the one that lacks */
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    (void)atexit(check_stdout);
}
