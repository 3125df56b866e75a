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
        error = files_make_own_folder(path);
    }
    for (const struct chart *chart = charts; chart->name != NULL && error == 0; chart++)
        error = data_write(overview, chart);
    return error;
}

static const char *name_of_chart(size_t i) {
    return charts[i].name;
}

/* Everything but the terminal. 0 or -errno; *drawn as gnuplot_draw. */
static int write_all(const struct overview *overview, int *drawn) {
    char later[4200];
    int error = overview_write(overview);
    if (error == 0)
        error = write_data(overview);
    if (error != 0)
        return error;
    char *quoted = command_line_quote(overview->run->folder);
    (void)snprintf(later, sizeof later, "type: juggle report %s",
                   quoted != NULL ? quoted : overview->run->folder);
    free(quoted);
    if (overview->run->n_series == 0)
        error_print("no charts: no cell was measured");
    else
        *drawn = gnuplot_draw(overview->run->folder, name_of_chart, later);
    return pages_write(overview, *drawn == 0);
}

static int build(struct run *run, FILE *out) {
    struct overview *overview = overview_make(run);
    if (overview == NULL)
        return -ENOMEM;
    int drawn = -ENOENT;
    int error = interrupts_came() == 0 ? write_all(overview, &drawn) : -EINTR;
    if (error != -EINTR)
        terminal_print(overview, out);
    if (error != 0)
        error_print("%s: the report could not be written: %s", run->folder,
                    strerror(-error));
    else
        (void)fprintf(out, "\nreport: %s/report.html, report.md; %s: %s/%s\n",
                      run->folder_shown, drawn == 0 ? "charts" : "data of the charts",
                      run->folder_shown, drawn == 0 ? "charts" : "data");
    overview_free(overview);
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
    int first = options_parse(&command, argc, argv);
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
