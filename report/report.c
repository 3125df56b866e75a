/* The subcommand `juggle report`, and the order in which a report is built. */
#include "report/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/folders.h"
#include "common/base/options.h"
#include "common/children/interrupts.h"
#include "report/cell_page.h"
#include "report/data.h"
#include "report/document.h"
#include "report/gnuplot.h"
#include "report/overview.h"
#include "report/pages.h"
#include "report/terminal.h"

/* Every chart of every experiment: what it is drawn from, and where it goes. */
struct pictures {
    struct drawing *items;
    size_t n;
};

static int make_folders(const char *folder) {
    static const char *const inside[] = {"data", "charts"};
    char path[4096];
    int error = 0;
    for (size_t i = 0; i < sizeof inside / sizeof *inside && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, inside[i]);
        error = files_make_own_folder(path);
    }
    return error;
}

/* Writes what they are drawn from. 0 or -errno. */
static int write_data(const struct overview *first, struct pictures *pictures) {
    int error = make_folders(first->run->folder);
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (const struct chart *chart = data_charts(one);
             chart->kind != NULL && error == 0; chart++) {
            struct drawing *longer =
                realloc(pictures->items, (pictures->n + 1) * sizeof *pictures->items);
            if (longer == NULL)
                return -ENOMEM;
            pictures->items = longer;
            longer[pictures->n].script = chart->kind;
            (void)data_name(one, chart, longer[pictures->n++].name);
            error = data_write(one, chart);
        }
    return error;
}

/* Everything but the terminal. 0 or -errno; *drawn as gnuplot_draw. */
static int write_all(const struct overview *first, struct pictures *pictures,
                     int *drawn) {
    char later[4200];
    int error = overview_write(first);
    if (error == 0)
        error = write_data(first, pictures);
    if (error != 0)
        return error;
    char *quoted = command_line_quote(first->run->folder);
    (void)snprintf(later, sizeof later, "type: juggle report %s",
                   quoted != NULL ? quoted : first->run->folder);
    free(quoted);
    if (first->run->n_series == 0)
        error_print("no charts: no cell was measured");
    else
        *drawn = gnuplot_draw(first->run->folder, pictures->items, pictures->n, later);
    return pages_write(first, *drawn == 0);
}

/* Where everything is; names of charts are relative to the report. */
static void print_places(const struct run *run, const struct pictures *pictures,
                         bool are_drawn, FILE *out) {
    char line[4096];
    size_t length =
        (size_t)snprintf(line, sizeof line, "%s",
                         are_drawn ? "charts: charts/" : "data of the charts: data/");
    for (size_t i = 0; i < pictures->n && length < sizeof line; i++)
        length += (size_t)snprintf(line + length, sizeof line - length, "%s%s.%s",
                                   i > 0 ? ", " : "", pictures->items[i].name,
                                   are_drawn ? "svg" : "tsv");
    (void)fprintf(out, "report: %s/report.html\n", run->folder_shown);
    terminal_wrap(line, 2, out);
}

static int build(struct run *run, FILE *out) {
    struct overview *first = overview_make(run);
    if (first == NULL)
        return -ENOMEM;
    struct pictures pictures = {NULL, 0};
    int drawn = -ENOENT;
    int error = interrupts_came() == 0 ? write_all(first, &pictures, &drawn) : -EINTR;
    if (error != -EINTR)
        terminal_print(first, out);
    if (error != 0)
        error_print("%s: the report could not be written: %s", run->folder,
                    strerror(-error));
    else
        print_places(run, &pictures, drawn == 0, out);
    free(pictures.items);
    overview_free(first);
    return error == 0 && drawn != -ENOENT ? drawn : error;
}

int report_build(const char *folder, FILE *out) {
    char why[4608];
    struct run *run = run_read(folder, why, sizeof why);
    if (run == NULL) {
        error_print("%s", why);
        return interrupts_came() != 0 ? -EINTR : -EINVAL;
    }
    int error = build(run, out);
    run_free(run);
    return error;
}

/* One cell on the terminal. Returns the exit status. */
static int show_cell(const char *path) {
    struct cell cell;
    char why[4864];
    if (cell_read_either(path, &cell, why, sizeof why) != 0) {
        error_print(
            "%s; report --cell shows a file of cells/, or of 'juggle load --json'", why);
        return EXIT_USAGE;
    }
    int error = cell_page_print(&cell, path, stdout);
    if (error != 0)
        error_print("%s: %s", path, strerror(-error));
    cell_free(&cell);
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}

bool report_is_unfinished(const char *folder) {
    pid_t holder;
    if (!folders_is_held(folder, &holder))
        return false;
    char who[40] = "another process";
    if (holder > 0)
        (void)snprintf(who, sizeof who, "process %d", (int)holder);
    error_print("%s: %s is still measuring into it; what is said here is of what is "
                "whole by now",
                folder, who);
    return true;
}

static bool has(const char *folder, const char *name) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

/* A report whose cells were taken away would be replaced by one that says nothing. */
static void keep_what_cannot_be_rebuilt(const char *folder) {
    if (has(folder, "summary.json") && !has(folder, "cells"))
        error_exit("report: %s/cells is not there, and a report is made from what it "
                   "holds; the report that is there stays as it is",
                   folder);
}

/* What the dead left in the folder goes, unless a run is at work there. */
static void tidy(const char *folder) {
    static const char *const inside[] = {".", "cells", "data", "charts"};
    char path[4200];
    if (report_is_unfinished(folder))
        return;
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, inside[i]);
        folders_remove_asides(path);
    }
}

int report_main(int argc, char **argv) {
    const char *cell = NULL;
    const struct option_row rows[] = {
        {0, "cell", "FILE", &option_text, &cell,
         "show one cell's file, or one of 'juggle load --json', and write nothing"},
        {0},
    };
    const struct command command = {
        .name = "report",
        .operands = "DIR",
        .summary = "rebuild tables, findings, charts and reports of a results folder",
        .rows = rows,
    };
    int first = options_parse(&command, argc, argv, NULL);
    if (cell != NULL && argc - first != 0)
        error_exit("report: --cell FILE shows one file; leave '%s' away", argv[first]);
    if (cell != NULL)
        return show_cell(cell);
    if (argc - first != 1 || argv[first][0] == '\0')
        error_exit("report: one results folder is expected, such as results/latest");
    size_t length = strlen(argv[first]);
    while (length > 1 && argv[first][length - 1] == '/')
        argv[first][--length] = '\0';
    if (files_is_standard(argv[first]))
        error_exit("report: a results folder cannot be read from standard input; "
                   "--cell - reads one file there, and ./- is a folder of that name");
    keep_what_cannot_be_rebuilt(argv[first]);
    if (interrupts_heed() != 0)
        error_exit("report: %s", strerror(errno));
    tidy(argv[first]);
    int error = report_build(argv[first], stdout);
    if (error == -EINTR)
        return EXIT_SIGNALLED + interrupts_came();
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}
