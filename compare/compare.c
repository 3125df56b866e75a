/* The subcommand `juggle compare`: folders in, tables, files and an exit status out. */
#include "compare/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/foreign.h"
#include "common/base/options.h"
#include "common/children/interrupts.h"
#include "common/document/terminal.h"
#include "compare/charts.h"
#include "compare/print.h"
#include "compare/rules.h"
#include "report/report.h"

enum { MAX_RUNS = 26 }; /* as many as there are letters */

static struct request {
    bool markdown, json;
    const char *out;
    struct rules rules;
} request;

/* Everything that is read; freed as a whole. */
static struct run *runs[MAX_RUNS];
static size_t n_runs;
static struct comparisons all;

static const struct option_row rows[] = {
    {0, "fail-if", "RULE", &rules_option, &request.rules,
     "exit 3 when a cell is so: 'slower>5%', 'faster>10%'; may be repeated"},
    {0, "markdown", "", &option_flag, &request.markdown,
     "print Markdown instead of a table for the terminal"},
    {0, "json", "", &option_flag, &request.json,
     "print JSON instead, with everything; results/README.md explains it"},
    {'o', "out", "FOLDER", &option_folder, &request.out,
     "write compare.md, compare.json, data and charts there as well"},
    {0},
};

static const struct command command = {
    .name = "compare",
    .operands = "A B [C ...]",
    .summary = "Compares results folders with the first: faster, slower, same or "
               "undecided,\ncell by cell, with intervals over repeats.",
    .rows = rows,
    .examples = "  juggle compare results/before results/latest\n"
                "  juggle compare --fail-if 'slower>5%' results/before results/latest\n",
};

/* The folder's run. 0, or -errno after a line on stderr. */
static int read_run(char *folder) {
    char why[WHY_BYTES], path[4200];
    struct stat own, other;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        folder[--length] = '\0';
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    bool has_results = stat(path, &own) == 0;
    for (size_t i = 0; has_results && i < n_runs; i++) {
        (void)snprintf(path, sizeof path, "%s/run.json", runs[i]->folder);
        if (stat(path, &other) == 0 && other.st_dev == own.st_dev &&
            other.st_ino == own.st_ino) {
            error_print("compare: %s and %s are the same results; give those of another "
                        "run to compare with them",
                        runs[i]->folder_shown, folder);
            return -EINVAL;
        }
    }
    (void)report_is_unfinished(folder);
    runs[n_runs] = run_read(folder, why);
    if (runs[n_runs] == NULL) {
        error_print("compare: %s%s", why,
                    has_results ? ""
                                : "; give a folder that 'juggle run' made, such as "
                                  "results/latest");
        return -EINVAL;
    }
    n_runs++;
    return 0;
}

/* Holds a run against the first. The same. */
static int hold_against_first(size_t i) {
    struct comparison *comparison = &all.items[all.n++];
    if (comparison_make(comparison, runs[0], runs[i], (char)('A' + i)) != 0) {
        error_print("compare: out of memory");
        return -ENOMEM;
    }
    if (comparison->n_cells == 0) {
        error_print("compare: %s and %s have no cell in common; 'juggle report' on each "
                    "shows what they measured",
                    runs[0]->folder_shown, runs[i]->folder_shown);
        return -EINVAL;
    }
    return 0;
}

/* The folder with its data, charts and texts. 0, or -errno after a line on stderr. */
static int write_folder(const char *folder, int *drawn) {
    char path[4200];
    struct whole_file file;
    (void)snprintf(path, sizeof path, "%s/compare.json", folder);
    int error = charts_write(&all, folder);
    json_t *json = print_json(&all);
    if (error == 0)
        error = json != NULL ? files_write_json(path, json) : -ENOMEM;
    json_decref(json);
    if (error == 0) {
        *drawn = charts_draw(&all, folder);
        (void)snprintf(path, sizeof path, "%s/compare.md", folder);
        error = files_begin_own(&file, path);
    }
    if (error == 0) {
        error = print_document(&all, *drawn == 0, &document_markdown, file.stream);
        int unwritten = files_commit(&file);
        error = error != 0 ? error : unwritten;
    }
    if (error != 0)
        error_print("compare: %s cannot be written: %s; choose another folder with --out",
                    folder, strerror(-error));
    return error;
}

/* 0, or -errno after a line on stderr. */
static int print_to_stdout(void) {
    int error = 0;
    if (request.json) {
        json_t *json = print_json(&all);
        if (json == NULL ||
            json_dumpf(json, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(9)) != 0)
            error = -ENOMEM;
        (void)fputc('\n', stdout);
        json_decref(json);
    } else {
        error = print_document(&all, false,
                               request.markdown ? &document_markdown : &document_terminal,
                               stdout);
    }
    if (error != 0)
        error_print("compare: the comparison cannot be printed: %s", strerror(-error));
    return error;
}

/* The exit status. */
static int answer(void) {
    int drawn = -ENOENT;
    unsigned n_broken = 0;
    if (print_to_stdout() != 0 ||
        (request.out != NULL && write_folder(request.out, &drawn) != 0))
        return EXIT_USAGE;
    if (drawn == -EINTR)
        return EXIT_SIGNALLED + interrupts_came();
    char out[4200];
    if (request.out != NULL && !request.json && !request.markdown)
        (void)printf("\ncomparison: %s/compare.md\n%s beside it: %s/\n",
                     foreign_show(request.out, out, sizeof out),
                     drawn == 0 ? "charts" : "data of the charts",
                     drawn == 0 ? "charts" : "data");
    for (size_t i = 0; i < all.n; i++)
        n_broken += rules_report(&request.rules, &all.items[i]);
    return drawn != 0 && drawn != -ENOENT ? EXIT_USAGE
           : n_broken > 0                 ? EXIT_REQUIREMENT
                                          : EXIT_OK;
}

int compare_main(int argc, char **argv) {
    int first = options_parse(&command, argc, argv, NULL), error = 0;
    if (argc - first < 2 || argc - first > MAX_RUNS)
        error_exit("compare: give the results folder of a baseline and those to compare "
                   "with it, %d in all at most",
                   MAX_RUNS);
    for (int i = first; i < argc; i++)
        if (argv[i][0] == '\0' || files_is_standard(argv[i]))
            error_exit("compare: '%s' is no results folder; ./- is one of that name",
                       argv[i]);
    if (request.out != NULL && files_is_standard(request.out))
        error_exit("compare: --out wants a folder; --json and --markdown print to "
                   "standard output, and ./- is a folder of that name");
    if (request.markdown && request.json)
        error_exit("compare: --markdown and --json exclude each other");
    if (interrupts_heed() != 0)
        error_exit("compare: %s", strerror(errno));
    for (int i = first; i < argc && error == 0; i++)
        error = read_run(argv[i]);
    for (size_t i = 1; i < n_runs && error == 0; i++)
        error = hold_against_first(i);
    int status = error == 0 ? answer() : EXIT_USAGE;
    for (size_t i = 0; i < all.n; i++)
        comparison_free(&all.items[i]);
    for (size_t i = 0; i < n_runs; i++)
        run_free(runs[i]);
    return status;
}
