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
#include "common/base/options.h"
#include "common/children/keeper.h"
#include "compare/compare.h"
#include "director/programs/hold.h"
#include "director/run.h"
#include "loadgen/load.h"
#include "loadgen/merge.h"
#include "report/report.h"
#include "selftest/selftest.h"
#include "server/core/spawner_child.h"
#include "server/front/serve.h"

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0]: the name; returns the exit status */
    const char *summary;               /* NULL: not for people, and in no list */
};

static int help_main(int argc, char **argv);
static int version_main(int argc, char **argv);

static const struct subcommand subcommands[] = {
    {"serve", serve_main, "serve one work under every strategy"},
    {"load", load_main, "send requests to a URL and time them"},
    {"merge", merge_main, "make one result of a load that several machines sent"},
    {"run", run_main, "measure every strategy, then report"},
    {"report", report_main, "draw the charts and the report of a run again"},
    {"compare", compare_main, "compare runs with a baseline: faster, slower or the same"},
    {"selftest", selftest_main,
     "measure what is known beforehand, to prove the instrument"},
    {"help", help_main, "say what there is; 'help run' is 'run --help'"},
    {"version", version_main, "say which juggle this is"},
    {SPAWNER_COMMAND, spawner_main, NULL},
    {KEEPER_COMMAND, keeper_main, NULL},
    {HOLD_COMMAND, hold_main, NULL},
    {0},
};

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
    (void)fprintf(out,
                  "usage: juggle COMMAND [options]\n"
                  "Measures which concurrency strategy fits a work on these CPUs.\n\n"
                  "Examples:\n"
                  "  juggle run --quick           every strategy, within a minute\n"
                  "  juggle run -w cpu:5ms+sleep:50ms -u 100     a work of your own\n"
                  "  juggle serve                 the strategies as a server\n"
                  "  juggle load -c 10 -r 5 http://127.0.0.1:8000/\n\n"
                  "Commands:\n");
    for (const struct subcommand *one = subcommands; one->name != NULL; one++)
        if (one->summary != NULL)
            (void)fprintf(out, "  %-8s %s\n", one->name, one->summary);
    (void)fprintf(out, "\n'juggle COMMAND --help' lists the options of each.\n");
}

static const struct subcommand *find_subcommand(const char *name) {
    const struct subcommand *one = subcommands;
    while (one->name != NULL && strcmp(name, one->name) != 0)
        one++;
    if (one->name == NULL)
        error_exit("unknown command '%s'; %s'juggle --help' lists them", name,
                   options_suggest(name, "", &subcommands->name, sizeof *subcommands));
    return one;
}

static int version_main(int argc, char **argv) {
    (void)argc, (void)argv;
    (void)printf("juggle %s\n", build_version);
    return EXIT_OK;
}

/* Of the command that is named, or of all of them. */
static int help_main(int argc, char **argv) {
    const struct subcommand *one = argc > 1 ? find_subcommand(argv[1]) : NULL;
    if (one == NULL || one->run == help_main || one->run == version_main) {
        print_usage(stdout);
        return EXIT_OK;
    }
    char *asked[] = {argv[1], "--help", NULL};
    return one->run(2, asked);
}

int main(int argc, char **argv) {
    prepare_streams();
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    return find_subcommand(name)->run(argc - 1, argv + 1);
}
