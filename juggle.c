/* The subcommand table, nothing else. */
#include <stdio.h>
#include <string.h>

#include "common/base/build_info.h"
#include "common/base/error.h"
#include "common/base/standard_streams.h"
#include "compare/compare.h"
#include "director/run.h"
#include "loadgen/load.h"
#include "report/report.h"
#include "selftest/selftest.h"
#include "server/core/spawner_child.h"
#include "server/front/serve.h"

struct subcommand {
    const char *name;
    int (*run)(int argc,
               char **argv); /* argv[0] is the subcommand; returns exit status */
    const char *summary;     /* NULL: not for people, and in no list */
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

static void print_usage(FILE *out) {
    (void)fprintf(out, "usage: juggle COMMAND [options]\n\n");
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        if (subcommands[i].summary != NULL)
            (void)fprintf(out, "  %-8s %s\n", subcommands[i].name,
                          subcommands[i].summary);
    (void)fprintf(out, "\n'juggle COMMAND --help' lists the options of each.\n");
}

int main(int argc, char **argv) {
    standard_streams_prepare();
    if (argc < 2)
        print_usage(stderr);
    if (argc < 2)
        return EXIT_USAGE;
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
