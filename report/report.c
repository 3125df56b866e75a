/* The subcommand `juggle report`, and the order in which a report is built. */
#include "report/report.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/folders.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "common/children/interrupts.h"
#include "common/document/document.h"
#include "common/document/picture.h"
#include "common/document/terminal.h"
#include "report/cell/cell_page.h"
#include "report/charts/chart.h"
#include "report/figures/overview.h"
#include "report/pages.h"
#include "report/screen.h"
#include "report/summary.h"
#include "report/tables.h"

/* Every chart of every experiment: what it is drawn from, and where it goes. */
struct pictures {
    struct picture *items;
    size_t n;
};

/* Writes what they are drawn from. 0 or -errno. */
static int write_data(const struct overview *first, struct pictures *pictures) {
    static const char *const inside[] = {"data", "charts"};
    char path[4096];
    int error = 0;
    for (size_t i = 0; i < sizeof inside / sizeof *inside && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", first->run->folder, inside[i]);
        error = files_make_own_folder(path);
    }
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (const struct chart *chart = chart_list(one);
             chart->kind != NULL && error == 0; chart = chart_next(one, chart)) {
            struct picture *longer =
                realloc(pictures->items, (pictures->n + 1) * sizeof *pictures->items);
            if (longer == NULL)
                return -ENOMEM;
            pictures->items = longer;
            longer[pictures->n].script = chart->kind;
            (void)chart_name(one, chart, longer[pictures->n].name);
            (void)chart_title(one, chart, longer[pictures->n].title,
                              sizeof longer->title);
            pictures->n++;
            error = chart_write(one, chart);
        }
    return error;
}

/* Everything but the terminal. 0 or -errno; *drawn as pictures_draw. */
static int write_all(const struct overview *first, struct pictures *pictures,
                     const char *later, int *drawn) {
    int error = summary_write(first);
    if (error == 0)
        error = write_data(first, pictures);
    if (error != 0)
        return error;
    if (first->run->n_series == 0)
        error_print("no charts: no cell was measured");
    else
        *drawn = pictures_draw(first->run->folder, pictures->items, pictures->n, later);
    return pages_write(first, *drawn == 0);
}

static struct run *read_or_say(const char *folder) {
    char why[WHY_BYTES];
    struct run *run = run_read(folder, why);
    if (run == NULL)
        error_print("report: %s", why);
    return run;
}

int report_build(const char *folder, FILE *out) {
    char later[2 * PATH_MAX + 40];
    struct run *run = read_or_say(folder);
    if (run == NULL)
        return interrupts_came() != 0 ? -EINTR : -EINVAL;
    struct overview *first = overview_make(run);
    struct pictures pictures = {NULL, 0};
    int drawn = -ENOENT, error = -ENOMEM;
    char *program = command_line_quote(program_invocation_name);
    char *quoted = command_line_quote(folder);
    (void)snprintf(later, sizeof later, "type: %s report %s",
                   program != NULL ? program : "juggle",
                   quoted != NULL ? quoted : folder);
    free(program);
    free(quoted);
    if (first != NULL)
        error =
            interrupts_came() == 0 ? write_all(first, &pictures, later, &drawn) : -EINTR;
    if (first != NULL && error != -EINTR)
        screen_print(first, out);
    if (error != 0)
        error_print("%s: the report could not be written: %s; to write it later, %s",
                    run->folder, strerror(-error), later);
    else
        (void)fprintf(out, "Report: %s/report.html%s\n", run->folder_shown,
                      drawn == 0 ? "" : ", without charts");
    free(pictures.items);
    overview_free(first);
    run_free(run);
    return error == 0 && drawn != -ENOENT ? drawn : error;
}

char *report_table(struct overview **rows, const struct run *known,
                   const char *experiment) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&text, &n_bytes);
    struct document *document = out != NULL ? document_on(out, &document_terminal) : NULL;
    *rows = overview_update(*rows, known, experiment);
    if (document != NULL && *rows != NULL && (*rows)->n_rows > 0)
        tables_write_short(*rows, NULL, document);
    if (document != NULL)
        (void)document_commit(document);
    if (out != NULL && fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* Cells of the usual folder, or of one that a path is in. */
static const char *suggest_cell(const char *path) {
    static const char latest[] = "results/latest/cells";
    const char *slash = strrchr(path, '/');
    char folder[4200];
    struct dirent **entries = NULL;
    (void)snprintf(folder, sizeof folder, "%.*s/",
                   slash != NULL ? (int)(slash - path) : (int)sizeof latest - 1,
                   slash != NULL ? path : latest);
    int n = scandir(folder, &entries, NULL, alphasort);
    const char **names = calloc((size_t)(n > 0 ? n : 0) + 1, sizeof *names);
    for (int i = 0; names != NULL && i < n; i++)
        names[i] = entries[i]->d_name;
    const char *meant = names != NULL ? options_suggest(slash != NULL ? slash + 1 : path,
                                                        folder, names, sizeof *names)
                                      : "";
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    free(names);
    return meant;
}

/* One cell on the terminal. Returns the exit status. */
static int show_cell(const char *path) {
    struct cell cell;
    char why[WHY_BYTES];
    if (cell_read_either(path, &cell, why) != 0) {
        bool is_there = files_is_standard(path) || access(path, F_OK) == 0;
        error_print(
            "%s; %sreport --cell shows a file of cells/, or of 'juggle load --json'", why,
            is_there ? "" : suggest_cell(path));
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

/* A report whose cells were taken away would be replaced by one that says nothing. */
static void check_folder(const char *folder) {
    char run[4200], summary[4200], cells[4200];
    (void)snprintf(run, sizeof run, "%s/run.json", folder);
    (void)snprintf(summary, sizeof summary, "%s/summary.json", folder);
    (void)snprintf(cells, sizeof cells, "%s/cells", folder);
    if (access(run, R_OK) != 0)
        error_exit("report: %s: %s; give a folder that 'juggle run' made, such as "
                   "results/latest",
                   run, strerror(errno));
    if (access(summary, F_OK) == 0 && access(cells, F_OK) != 0)
        error_exit("report: %s is not there, and a report is made from what it holds; "
                   "the report that is there stays as it is",
                   cells);
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

/* What is asked for beside a folder. */
static struct request {
    const char *cell, *chart, *strategies, *title, *format, *theme, *size, *out;
    bool is_narrow, is_brief;
} request;

static const struct option_row rows[] = {
    {0, "cell", "FILE", &option_text, &request.cell,
     "show one cell's file, or one of 'juggle load --json', and write nothing"},
    {0, "brief", "", &option_flag, &request.is_brief,
     "print a Markdown table of five columns and a line to cite it by, and write "
     "nothing"},
    {0, "chart", "NAME", &option_text, &request.chart,
     "draw one chart for a slide or an article, such as waits or lanes, and nothing "
     "else"},
    {'s', "strategies", "A,B", &option_text, &request.strategies,
     "of --chart: only these (default all)"},
    {0, "title", "TEXT", &option_text, &request.title, "of --chart: in place of its own"},
    {0, "format", "FORMAT", &option_text, &request.format,
     "of --chart: svg, png (two points for a pixel) or pdf (default svg)"},
    {0, "theme", "THEME", &option_text, &request.theme,
     "of --chart: light or dark (default light; an SVG follows its reader)"},
    {0, "size", "WxH", &option_text, &request.size,
     "of --chart: the room for it in pixels, such as 1600x900"},
    {0, "narrow", "", &option_flag, &request.is_narrow,
     "of --chart: its form for a telephone"},
    {'o', "out", "FILE", &option_file, &request.out,
     "of --chart: where it goes; -: standard output (default NAME.FORMAT)"},
    {0},
};
static const struct command command = {
    .name = "report",
    .operands = "FOLDER",
    .summary = "Rebuilds tables, findings, charts and reports of a results folder.",
    .rows = rows,
    .examples = "  juggle report results/latest\n"
                "  juggle report results/latest --chart waits --format png\n"
                "  juggle report --cell results/latest/cells/blocking-r1.json\n",
};

static bool is_called(const struct cell_parameters *who, const char *list) {
    return options_list_names(list, who->strategy) ||
           options_list_names(list, who->contestant) ||
           options_list_names(list, who->name);
}

/* That each name of a list is of a strategy, a contestant or a cell of the run. */
static void check_names(const struct run *run, const char *wanted) {
    const char **names = calloc(run->n_series + 1, sizeof *names);
    char word[128], list[600] = "";
    size_t n = 0;
    for (size_t i = 0; names != NULL && i < run->n_series; i++) {
        const struct cell_parameters *who = run->series[i].parameters;
        size_t k = 0;
        while (k < n && strcmp(names[k], who->contestant) != 0)
            k++;
        if (k < n)
            continue;
        names[n++] = who->contestant;
        text_append(list, sizeof list, "%s%s", n > 1 ? ", " : "", who->contestant);
    }
    for (const char *at = wanted; names != NULL && at != NULL;
         at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        size_t i = 0;
        (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(at, ","), at);
        while (i < run->n_series && !is_called(run->series[i].parameters, word))
            i++;
        if (i == run->n_series)
            error_exit("report: --strategies: no cell of this run is called '%s'; "
                       "%sthere are %s",
                       word, options_suggest(word, "", names, sizeof *names), list);
    }
    free(names);
}

/* Cells of these strategies, or contestants, to the front; returns how many there are. */
static size_t put_first(struct run *run, const char *wanted) {
    size_t n = 0;
    for (size_t i = 0; i < run->n_series; i++) {
        if (!is_called(run->series[i].parameters, wanted))
            continue;
        struct series series = run->series[i];
        memmove(&run->series[n + 1], &run->series[n], (i - n) * sizeof series);
        run->series[n++] = series;
    }
    return n;
}

/* A table and a line for a message or a document. Returns the exit status. */
static int print_brief(const char *folder) {
    struct run *run = read_or_say(folder);
    struct overview *first = run != NULL ? overview_make(run) : NULL;
    int error = first != NULL ? pages_print_brief(first, stdout) : -ENOMEM;
    if (run != NULL && error != 0)
        error_print("report: %s: %s", folder, strerror(-error));
    overview_free(first);
    run_free(run);
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}

/* One picture of a folder. Returns the exit status. */
static int export_chart(const char *folder) {
    char path[256];
    struct picture_form form = {.format = request.format != NULL ? request.format : "svg",
                                .is_narrow = request.is_narrow};
    bool is_svg = strcmp(form.format, "svg") == 0;
    if (!is_svg && strcmp(form.format, "png") != 0 && strcmp(form.format, "pdf") != 0)
        error_exit("report: --format is svg, png or pdf, not '%s'", form.format);
    if (request.theme != NULL) {
        form.is_fixed = true;
        form.is_dark = strcmp(request.theme, "dark") == 0;
        if (!form.is_dark && strcmp(request.theme, "light") != 0)
            error_exit("report: --theme is light or dark, not '%s'", request.theme);
    }
    char end;
    if (request.size != NULL &&
        (sscanf(request.size, "%5ux%5u%c", &form.width, &form.height, &end) != 2 ||
         form.width < 100 || form.height < 100 || form.width > 10000 ||
         form.height > 10000))
        error_exit(
            "report: --size is WIDTHxHEIGHT in pixels, of 100 to 10000 each, such as "
            "1600x900, not '%s'",
            request.size);
    struct run *run = read_or_say(folder);
    if (run == NULL)
        return EXIT_USAGE;
    size_t n_all = run->n_series;
    if (n_all == 0)
        error_exit("report: no cell of %s can be read, so there is nothing to draw; "
                   "--resume measures them",
                   folder);
    if (request.strategies != NULL) {
        check_names(run, request.strategies);
        run->n_series = put_first(run, request.strategies);
    }
    struct overview *first = overview_make(run);
    (void)snprintf(path, sizeof path, "%.200s.%s", request.chart, form.format);
    const char *out = request.out != NULL ? request.out : path;
    int error = first != NULL
                    ? chart_export(first, request.chart, request.title, &form, out)
                    : -ENOMEM;
    if (error == 0 && !files_is_standard(out))
        (void)printf("%s\n", out);
    overview_free(first);
    run->n_series = n_all;
    run_free(run);
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}

int report_main(int argc, char **argv) {
    uint64_t said = 0;
    int first = options_parse(&command, argc, argv, &said);
    const char *cell = request.cell;
    if (request.chart == NULL &&
        (said & options_set(rows, "strategies,title,format,theme,size,narrow,out")) != 0)
        error_exit(
            "report: --strategies, --title, --format, --theme, --size, --narrow and "
            "--out are of one chart; name it, as in --chart waits");
    if (cell != NULL && argc - first != 0)
        error_exit("report: --cell FILE shows one file; leave out '%s'", argv[first]);
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
    if (request.is_brief && request.chart != NULL)
        error_exit(
            "report: --brief prints a table and --chart draws a picture; leave out "
            "one of them");
    check_folder(argv[first]);
    if (request.is_brief)
        return print_brief(argv[first]);
    if (interrupts_heed() != 0)
        error_exit("report: %s", strerror(errno));
    if (request.chart != NULL)
        return export_chart(argv[first]);
    tidy(argv[first]);
    int error = report_build(argv[first], stdout);
    if (error == -EINTR)
        return EXIT_SIGNALLED + interrupts_came();
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}
