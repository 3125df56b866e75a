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
