/* The subcommand `juggle compare`: folders in, tables, files and an exit status out. */
#include "compare/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

struct request {
    bool markdown, json;
    const char *out;
    struct rules rules;
};

/* Everything that is read; freed as a whole. */
struct compared {
    struct run *runs[MAX_RUNS];
    struct pair pairs[MAX_RUNS];
    size_t n_runs, n_pairs;
};

/* Every folder and every pair. 0, or -errno after a line on stderr. */
static int read_all(struct compared *all, char **folders, size_t n_folders) {
    char why[4608];
    for (size_t i = 0; i < n_folders; i++) {
        size_t length = strlen(folders[i]);
        while (length > 1 && folders[i][length - 1] == '/')
            folders[i][--length] = '\0';
        if (files_is_standard(folders[i])) {
            error_print("compare: a results folder cannot be read from standard input; "
                        "./- is a folder of that name");
            return -EINVAL;
        }
        (void)report_is_unfinished(folders[i]);
        all->runs[i] = run_read(folders[i], why, sizeof why);
        if (all->runs[i] == NULL) {
            error_print("%s", why);
            return -EINVAL;
        }
        all->n_runs++;
    }
    for (size_t i = 1; i < n_folders; i++) {
        struct pair *pair = &all->pairs[all->n_pairs++];
        if (pair_make(pair, (char)('A' + i), all->runs[0], all->runs[i]) != 0) {
            error_print("compare: out of memory");
            return -ENOMEM;
        }
        if (pair->comparison->n_cells == 0) {
            error_print("compare: %s and %s have no cell in common; 'juggle report' on "
                        "each shows what they measured",
                        folders[0], folders[i]);
            return -EINVAL;
        }
    }
    return 0;
}

static int write_markdown(const struct compared *all, const char *folder,
                          bool charts_drawn) {
    struct whole_file file;
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/compare.md", folder);
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    error = print_document(all->pairs, all->n_pairs, charts_drawn, &document_markdown,
                           file.stream);
    int unwritten = files_commit(&file);
    return error != 0 ? error : unwritten;
}

/* The folder with its data, charts and texts. 0, or -errno after a line on stderr. */
static int write_folder(const struct compared *all, const char *folder, int *drawn) {
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/compare.json", folder);
    int error = charts_write(all->pairs, all->n_pairs, folder);
    json_t *json = print_json(all->pairs, all->n_pairs);
    if (error == 0)
        error = json != NULL ? files_write_json(path, json) : -ENOMEM;
    json_decref(json);
    if (error == 0) {
        *drawn = charts_draw(all->pairs, all->n_pairs, folder);
        error = write_markdown(all, folder, *drawn == 0);
    }
    if (error != 0)
        error_print("compare: %s cannot be written: %s", folder, strerror(-error));
    return error;
}

/* 0 or -errno. */
static int print_to_stdout(const struct compared *all, const struct request *request) {
    if (!request->json)
        return print_document(all->pairs, all->n_pairs, false,
                              request->markdown ? &document_markdown : &document_terminal,
                              stdout);
    json_t *json = print_json(all->pairs, all->n_pairs);
    int error = json != NULL && json_dumpf(json, stdout,
                                           JSON_INDENT(1) | JSON_REAL_PRECISION(9)) == 0
                    ? 0
                    : -ENOMEM;
    (void)fputc('\n', stdout);
    json_decref(json);
    if (error != 0)
        error_print("compare: the comparison cannot be printed as JSON");
    return error;
}

static int answer(const struct compared *all, const struct request *request) {
    int drawn = -ENOENT;
    int error = print_to_stdout(all, request);
    if (error == 0 && request->out != NULL)
        error = write_folder(all, request->out, &drawn);
    if (error != 0)
        return EXIT_USAGE;
    if (drawn == -EINTR)
        return EXIT_SIGNALLED + interrupts_came();
    char out[4200];
    if (request->out != NULL)
        (void)foreign_show(request->out, out, sizeof out);
    if (request->out != NULL && !request->json && !request->markdown)
        (void)printf("\ncomparison: %s/compare.md\n%s beside it: %s/\n", out,
                     drawn == 0 ? "charts" : "data of the charts",
                     drawn == 0 ? "charts" : "data");
    unsigned n_broken = 0;
    for (size_t i = 0; i < all->n_pairs; i++)
        n_broken += rules_report(&request->rules, all->pairs[i].comparison);
    return drawn != 0 && drawn != -ENOENT ? EXIT_USAGE
           : n_broken > 0                 ? EXIT_REQUIREMENT
                                          : EXIT_OK;
}

int compare_main(int argc, char **argv) {
    static struct request request;
    static struct compared all;
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
        .summary = "Holds results folders against the first: faster, slower, same or "
                   "undecided,\ncell by cell, with intervals over repeats.",
        .rows = rows,
        .examples =
            "  juggle compare results/before results/latest\n"
            "  juggle compare --fail-if 'slower>5%' results/before results/latest\n",
    };
    int first = options_parse(&command, argc, argv, NULL);
    size_t n_folders = (size_t)(argc - first);
    size_t n_named = 0;
    while (n_named < n_folders && argv[first + (int)n_named][0] != '\0')
        n_named++;
    if (n_folders < 2 || n_folders > MAX_RUNS || n_named < n_folders)
        error_exit(
            "compare: a baseline's results folder and those to hold against it are "
            "expected, %d in all at most",
            MAX_RUNS);
    if (request.out != NULL && files_is_standard(request.out))
        error_exit("compare: --out wants a folder; --json and --markdown print to "
                   "standard output, and ./- is a folder of that name");
    if (request.markdown && request.json)
        error_exit("compare: --markdown and --json exclude each other");
    if (interrupts_heed() != 0)
        error_exit("compare: %s", strerror(errno));
    int status = read_all(&all, argv + first, n_folders) == 0 ? answer(&all, &request)
                                                              : EXIT_USAGE;
    for (size_t i = 0; i < all.n_pairs; i++)
        pair_free(&all.pairs[i]);
    for (size_t i = 0; i < all.n_runs; i++)
        run_free(all.runs[i]);
    return status;
}
