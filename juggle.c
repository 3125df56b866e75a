/* The subcommand table, and the standard streams, which each of them relies on. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/build_info.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "compare/compare.h"
#include "director/run.h"
#include "loadgen/load.h"
#include "report/report.h"
#include "selftest/selftest.h"
#include "server/core/spawner_child.h"
#include "server/front/serve.h"

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0]: the name; returns the exit status */
    const char *summary;               /* NULL: not for people, and in no list */
};

static const struct subcommand subcommands[] = {
    {"serve", serve_main, "serve one work under every strategy"},
    {"load", load_main, "send requests to a URL and time them"},
    {"run", run_main, "measure every cell of an experiment, then report"},
    {"report", report_main, "draw the charts and the report of a run again"},
    {"compare", compare_main, "hold runs against a baseline: faster, slower or the same"},
    {"selftest", selftest_main,
     "measure what is known beforehand, to prove the instrument"},
    {SPAWNER_COMMAND, spawner_main, NULL},
};

enum { N_SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

/* At exit everything that was printed has been written, or a line says why not. A reader
 * that left early, such as head, is no error. */
static void check_stdout(void) {
    struct pollfd reader = {STDOUT_FILENO, 0, 0};
    int error = files_flush(stdout);
    if (error == 0 || (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0))
        return;
    error_print("stdout could not be written: %s", strerror(-error));
    _exit(EXIT_USAGE);
}

/*
 * stdin, stdout and stderr as this program wants them, whoever started it. Where one is
 * closed, its number is taken by a descriptor that cannot be used; otherwise a file of
 * ours would get the number, and with it what is printed. A write to a peer that has
 * left, or beyond a limit of file size, is an error and does not end the process.
 */
static void prepare_streams(void) {
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) /* the lowest that is free is the one that lacks */
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    (void)atexit(check_stdout);
}

static void print_usage(FILE *out) {
    (void)fprintf(out, "usage: juggle COMMAND [options]\n\n");
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        if (subcommands[i].summary != NULL)
            (void)fprintf(out, "  %-8s %s\n", subcommands[i].name,
                          subcommands[i].summary);
    (void)fprintf(out, "\n'juggle COMMAND --help' lists the options of each.\n");
}

int main(int argc, char **argv) {
    prepare_streams();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        (void)printf("juggle %s\n", build_version);
        return EXIT_OK;
    }
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    error_exit("unknown command '%s'; 'juggle --help' lists them", argv[1]);
}
