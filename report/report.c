/* The subcommand `juggle report`, and the order in which a report is built. */
#include "report/report.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/folders.h"
#include "common/base/options.h"
#include "common/children/interrupts.h"
#include "common/document/document.h"
#include "common/document/picture.h"
#include "common/document/terminal.h"
#include "report/answer.h"
#include "report/cell_page.h"
#include "report/chart.h"
#include "report/overview.h"
#include "report/pages.h"
#include "report/trust.h"

static json_t *pack_estimate(const struct estimate *estimate) {
    return json_pack("{s:o, s:o, s:o, s:i}", "value", fields_number(estimate->value),
                     "low", fields_number(estimate->interval.low), "high",
                     fields_number(estimate->interval.high), "n_repeats",
                     (int)estimate->n_repeats);
}

static json_t *pack_probes(const struct probe_figures *probes) {
    return json_pack("{s:i, s:o, s:o}", "n_probes", (int)probes->n_probes, "p50_us",
                     fields_number(probes->p50_us), "max_us",
                     fields_number(probes->max_us));
}

static json_t *pack_repeats(const struct series *series) {
    json_t *list = json_array();
    for (size_t i = 0; i < series->n_repeats; i++) {
        json_t *object = json_pack("{s:i}", "repeat", (int)series->repeats[i]->repeat);
        for (enum figure_id k = 0; k < N_FIGURES; k++)
            (void)json_object_set_new(object, figures[k].key,
                                      fields_number(figure_value(k, series->repeats[i])));
        (void)json_array_append_new(list, object);
    }
    return list;
}

/* One list per repeat of the requests that each server process took. */
static json_t *pack_splits(const struct series *series) {
    json_t *list = json_array();
    if (series->parameters->processes < 2)
        return list;
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct sums *sums = &series->repeats[i]->sums;
        json_t *split = json_array();
        for (size_t k = 0; k < series->parameters->processes && k < SUMS_MAX_SERVERS; k++)
            (void)json_array_append_new(split, json_integer(sums->per_server[k]));
        (void)json_array_append_new(list, split);
    }
    return list;
}

static json_t *pack_published(const struct published *published) {
    if (published->mean <= 0)
        return json_null();
    return json_pack("{s:f, s:f, s:f}", "mean_t", published->mean, "first_t",
                     published->first, "last_t", published->last);
}

static json_t *pack_model(const struct overview_row *row) {
    if (row->model == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:o}", "formula", row->model->formula, "meaning",
                     row->model->meaning, "error", pack_estimate(&row->model_error));
}

static json_t *us_or_null(double seconds) {
    return fields_number(seconds * 1e6);
}

/* By name; null where the samples do not carry it. */
static json_t *pack_percentiles(const struct overview_row *row) {
    json_t *object = json_object();
    for (int i = 0; i < N_PERCENTILES; i++) {
        const struct percentile *percentile = &row->percentiles[i];
        (void)json_object_set_new(
            object, percentile->name,
            isfinite(percentile->seconds)
                ? json_pack("{s:o, s:o, s:o}", "value_us",
                            us_or_null(percentile->seconds), "low_us",
                            us_or_null(percentile->interval_s.low), "high_us",
                            us_or_null(percentile->interval_s.high))
                : json_null());
    }
    return object;
}

static json_t *pack_outliers(const struct overview_row *row) {
    const struct outliers *found = &row->outliers;
    return json_pack("{s:i, s:o, s:o, s:i}", "n_requests",
                     (int)(found->n_low + found->n_high), "low_us",
                     us_or_null(found->low), "high_us", us_or_null(found->high),
                     "n_repeats", (int)row->n_outlying_repeats);
}

static json_t *pack_row(const struct overview_row *row) {
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:i, s:i}",
        "experiment", row->series->parameters->experiment, "name",
        row->series->parameters->name, "label", row->series->parameters->label,
        "published", pack_published(&row->series->published), "validity",
        validity_level_name(row->validity.level), "validity_why", row->validity.why,
        "percentiles", pack_percentiles(row), "interval_method",
        merged_method(&row->merged), "outliers", pack_outliers(row), "model",
        pack_model(row), "probe_idle", pack_probes(&row->idle), "probe_busy",
        pack_probes(&row->busy), "requests_per_server", pack_splits(row->series),
        "n_requests", (int)row->n_requests, "n_failed", (int)row->n_failed);
    json_t *estimates = json_object();
    for (size_t k = 0; k < N_FIGURES; k++)
        (void)json_object_set_new(estimates, figures[k].key,
                                  pack_estimate(&row->estimates[k]));
    (void)json_object_set_new(object, "figures", estimates);
    (void)json_object_set_new(object, "repeats", pack_repeats(row->series));
    return object;
}

static json_t *pack_range(const struct range *range) {
    return json_pack("{s:o, s:o, s:o}", "median", fields_number(range->median), "low",
                     fields_number(range->low), "high", fields_number(range->high));
}

static json_t *pack_machine(const struct machine_figures *machine) {
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "t_alone_us",
                     pack_range(&machine->t_alone_us), "cores",
                     pack_range(&machine->cores), "cpus_available",
                     pack_range(&machine->cpus_available), "cpus_allowed",
                     fields_number(machine->cpus_allowed), "others_share",
                     fields_number(machine->others_share), "stolen_share",
                     fields_number(machine->stolen_share));
}

static json_t *pack_run(const struct overview *first) {
    json_t *rows = json_array(), *left_out = json_array(), *names = json_array();
    json_t *answers = json_array();
    struct answer answer;
    for (const struct overview *one = first; one != NULL; one = one->next) {
        (void)json_array_append_new(names, json_string(one->name));
        answer_make(one, &answer);
        for (size_t i = 0; i < answer.n_sentences; i++)
            (void)json_array_append_new(answers, json_string(answer.sentences[i]));
        for (size_t i = 0; i < one->n_rows; i++)
            (void)json_array_append_new(rows, pack_row(&one->rows[i]));
    }
    for (size_t i = 0; i < first->run->n_left_out; i++)
        (void)json_array_append_new(left_out, json_string(first->run->left_out[i]));
    return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 2, "kind",
                     "juggle summary", "experiment", first->name, "experiments", names,
                     "answer", answers, "machine", pack_machine(&first->machine), "cells",
                     rows, "twins", trust_twins(first->run), "left_out", left_out);
}

static json_t *pack_finding(const struct overview *overview, size_t index) {
    const struct claim *claim = &overview->experiment->claims[index];
    const struct finding *finding = &overview->findings[index];
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "experiment",
        overview->name, "id", claim->id, "claim", claim->text, "verdict",
        verdict_name(finding->verdict), "headline", finding->headline, "figure",
        finding->figure, "interval", finding->interval, "why", finding->why, "rule",
        finding->rule, "evidence", finding->evidence, "more_repeats",
        fields_number(finding->n_more), "more_s", fields_number(finding->more_s));
}

static json_t *pack_findings(const struct overview *first) {
    json_t *list = json_array();
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++)
            (void)json_array_append_new(list, pack_finding(one, i));
    return list;
}

/* Writes one file of the folder and lets go of `json`. */
static int write_json(const struct overview *overview, const char *name, json_t *json) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", overview->run->folder, name);
    int error = json != NULL ? files_write_json(path, json) : -1;
    json_decref(json);
    return error;
}

static int write_summary(const struct overview *first) {
    int error = write_json(first, "summary.json", pack_run(first));
    if (error == 0)
        error = write_json(first, "findings.json", pack_findings(first));
    return error;
}

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
                     int *drawn) {
    char later[4200];
    int error = write_summary(first);
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
        *drawn = pictures_draw(first->run->folder, pictures->items, pictures->n, later);
    return pages_write(first, *drawn == 0);
}

/* Where everything is; names of charts are relative to the report. */
static void print_places(const struct run *run, const struct pictures *pictures,
                         bool are_drawn, FILE *out) {
    char line[4096];
    size_t length =
        (size_t)snprintf(line, sizeof line, "%s",
                         are_drawn ? "charts: charts/" : "data of the charts: data/");
    for (size_t i = 0; run->n_experiments == 1 && i < pictures->n && length < sizeof line;
         i++)
        length += (size_t)snprintf(line + length, sizeof line - length, "%s%s.%s",
                                   i > 0 ? ", " : "", pictures->items[i].name,
                                   are_drawn ? "svg" : "tsv");
    if (run->n_experiments > 1)
        (void)snprintf(line + length, sizeof line - length, "%s.%s and %zu more",
                       pictures->n > 0 ? pictures->items[0].name : "none",
                       are_drawn ? "svg" : "tsv", pictures->n - (pictures->n > 0));
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
        pages_print(first, out);
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

/* What is asked for beside a folder. */
struct request {
    const char *cell, *chart, *strategies, *title, *format, *theme, *size, *out;
    bool is_narrow;
};

/* Cells of these strategies, or contestants, to the front; returns how many there are. */
static size_t put_first(struct run *run, const char *wanted) {
    size_t n = 0;
    for (size_t i = 0; i < run->n_series; i++) {
        const struct cell_parameters *who = run->series[i].parameters;
        if (!options_list_names(wanted, who->strategy) &&
            !options_list_names(wanted, who->contestant) &&
            !options_list_names(wanted, who->name))
            continue;
        struct series series = run->series[i];
        memmove(&run->series[n + 1], &run->series[n], (i - n) * sizeof series);
        run->series[n++] = series;
    }
    return n;
}

/* One picture of a folder. Returns the exit status. */
static int export_chart(const char *folder, const struct request *request) {
    char why[4608], path[256];
    struct picture_form form = {.format =
                                    request->format != NULL ? request->format : "svg",
                                .is_narrow = request->is_narrow};
    bool is_svg = strcmp(form.format, "svg") == 0;
    if (!is_svg && strcmp(form.format, "png") != 0 && strcmp(form.format, "pdf") != 0)
        error_exit("report: --format is svg, png or pdf, not '%s'", form.format);
    if (request->theme != NULL) {
        form.is_fixed = true;
        form.is_dark = strcmp(request->theme, "dark") == 0;
        if (!form.is_dark && strcmp(request->theme, "light") != 0)
            error_exit("report: --theme is light or dark, not '%s'", request->theme);
    }
    char end;
    if (request->size != NULL &&
        (sscanf(request->size, "%5ux%5u%c", &form.width, &form.height, &end) != 2 ||
         form.width < 100 || form.height < 100 || form.width > 10000 ||
         form.height > 10000))
        error_exit(
            "report: --size is WIDTHxHEIGHT in pixels, of 100 to 10000 each, such as "
            "1600x900, not '%s'",
            request->size);
    struct run *run = run_read(folder, why, sizeof why);
    if (run == NULL) {
        error_print("report: %s", why);
        return EXIT_USAGE;
    }
    size_t n_all = run->n_series;
    if (request->strategies != NULL &&
        (run->n_series = put_first(run, request->strategies)) == 0)
        error_exit("report: no cell of this run has one of the strategies '%s'",
                   request->strategies);
    struct overview *first = overview_make(run);
    (void)snprintf(path, sizeof path, "%.200s.%s", request->chart, form.format);
    const char *out = request->out != NULL ? request->out : path;
    int error = first != NULL
                    ? chart_export(first, request->chart, request->title, &form, out)
                    : -ENOMEM;
    if (error == 0 && !files_is_standard(out))
        (void)printf("%s\n", out);
    overview_free(first);
    run->n_series = n_all;
    run_free(run);
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}

int report_main(int argc, char **argv) {
    struct request request = {NULL};
    const struct option_row rows[] = {
        {0, "cell", "FILE", &option_text, &request.cell,
         "show one cell's file, or one of 'juggle load --json', and write nothing"},
        {0, "chart", "NAME", &option_text, &request.chart,
         "draw one chart for a slide or an article, such as waits or lanes, and nothing "
         "else"},
        {'s', "strategies", "A,B", &option_text, &request.strategies,
         "of --chart: only these (all)"},
        {0, "title", "TEXT", &option_text, &request.title,
         "of --chart: in place of its own"},
        {0, "format", "FORMAT", &option_text, &request.format,
         "of --chart: svg, png (two points for a pixel) or pdf (svg)"},
        {0, "theme", "THEME", &option_text, &request.theme,
         "of --chart: light or dark (an SVG follows its reader, the others are light)"},
        {0, "size", "WxH", &option_text, &request.size,
         "of --chart: the room for it in pixels, such as 1600x900"},
        {0, "narrow", "", &option_flag, &request.is_narrow,
         "of --chart: its form for a telephone"},
        {'o', "out", "FILE", &option_text, &request.out,
         "of --chart: where it goes; -: standard output (NAME.FORMAT)"},
        {0},
    };
    const struct command command = {
        .name = "report",
        .operands = "DIR",
        .summary = "rebuild tables, findings, charts and reports of a results folder",
        .rows = rows,
    };
    uint64_t said = 0;
    int first = options_parse(&command, argc, argv, &said);
    const char *cell = request.cell;
    if (request.chart == NULL &&
        (said & options_set(rows, "strategies,title,format,theme,size,narrow,out")) != 0)
        error_exit("report: which chart is to be drawn so? --chart waits");
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
    if (request.chart == NULL)
        keep_what_cannot_be_rebuilt(argv[first]);
    if (interrupts_heed() != 0)
        error_exit("report: %s", strerror(errno));
    if (request.chart != NULL)
        return export_chart(argv[first], &request);
    tidy(argv[first]);
    int error = report_build(argv[first], stdout);
    if (error == -EINTR)
        return EXIT_SIGNALLED + interrupts_came();
    return error == 0 ? EXIT_OK : EXIT_USAGE;
}
