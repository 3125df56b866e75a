/* The subcommand `juggle report`, and the order in which a report is built. */
#include "report/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/command_line.h"
#include "common/error.h"
#include "common/files.h"
#include "common/options.h"
#include "report/cell_page.h"
#include "report/data.h"
#include "report/gnuplot.h"
#include "report/overview.h"
#include "report/pages.h"
#include "report/terminal.h"

/* The folders of a report, and what each chart is drawn from. 0 or -errno. */
static int write_data(const struct overview *overview) {
    static const char *const folders[] = {"data", "charts"};
    char path[4096];
    int error = 0;
    for (size_t i = 0; i < sizeof folders / sizeof *folders && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", overview->run->folder, folders[i]);
        error = files_make_folder(path);
    }
    for (const struct chart *chart = charts; chart->name != NULL && error == 0; chart++)
        error = data_write(overview, chart);
    return error;
}

/* What is missing, and how the charts are drawn once it is there. */
static void say_no_charts(const char *folder, const char *problem) {
    char *quoted = command_line_quote(folder);
    error_print("no charts: %s, then draw them with: juggle report %s", problem,
                quoted != NULL ? quoted : folder);
    free(quoted);
}

/* Draws every chart that can be drawn; what cannot is one line. True: all are there. */
static bool draw_charts(const struct overview *overview) {
    char scripts[4096], why[1024];
    const char *folder = overview->run->folder;
    bool all = true;
    if (gnuplot_find_scripts(scripts, sizeof scripts) != 0) {
        say_no_charts(folder,
                      "the plots/ folder is not to be found; set JUGGLE_PLOTS to it");
        return false;
    }
    for (const struct chart *chart = charts; chart->name != NULL; chart++) {
        int error = gnuplot_draw(scripts, folder, chart, why, sizeof why);
        if (error == -ENOENT) {
            say_no_charts(folder, "gnuplot is missing; install it (Debian: gnuplot-nox)");
            return false;
        }
        if (error != 0)
            error_print("%s", why);
        all &= error == 0;
    }
    return all;
}

/* Everything but the terminal; 0 or -errno. */
static int write_all(const struct overview *overview, bool *charts_drawn) {
    int error = overview_write(overview);
    if (error == 0)
        error = write_data(overview);
    if (error != 0)
        return error;
    if (overview->run->n_series == 0)
        error_print("no charts: no cell was measured");
    else
        *charts_drawn = draw_charts(overview);
    return pages_write(overview, *charts_drawn);
}

static int build(struct run *run, FILE *out) {
    struct overview *overview = overview_make(run);
    if (overview == NULL)
        return -ENOMEM;
    bool charts_drawn = false;
    int error = write_all(overview, &charts_drawn);
    terminal_print(overview, out);
    if (error != 0)
        error_print("%s: the report could not be written: %s", run->folder,
                    strerror(-error));
    else
        (void)fprintf(out, "\nreport: %s/report.html, report.md; %s: %s/%s\n",
                      run->folder, charts_drawn ? "charts" : "data of the charts",
                      run->folder, charts_drawn ? "charts" : "data");
    overview_free(overview);
    return error;
}

int report_build(const char *folder, FILE *out) {
    char why[4608];
    struct run *run = run_read(folder, why, sizeof why);
    if (run == NULL) {
        error_print("%s", why);
        return -EINVAL;
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
    int first = options_parse(&command, argc, argv);
    if (cell != NULL && argc - first != 0)
        error_exit("report: --cell FILE shows one file; leave '%s' away", argv[first]);
    if (cell != NULL)
        return show_cell(cell);
    if (argc - first != 1)
        error_exit("report: one results folder is expected, such as results/latest");
    size_t length = strlen(argv[first]);
    while (length > 1 && argv[first][length - 1] == '/')
        argv[first][--length] = '\0';
    if (files_is_standard(argv[first]))
        error_exit("report: a results folder cannot be read from standard input; "
                   "--cell - reads one file there, and ./- is a folder of that name");
    keep_what_cannot_be_rebuilt(argv[first]);
    int error = report_build(argv[first], stdout);
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}
