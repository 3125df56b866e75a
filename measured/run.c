/* Reading of results folders; see run.h. */
#include "measured/run.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/foreign.h"
#include "common/children/interrupts.h"
#include "measured/metric.h"
#include "measured/validity.h"

/* Notes a file or cell that will not be reported; paths lose the folder's name. */
static void __attribute__((format(printf, 2, 3)))
leave_out(struct run *run, const char *format, ...) {
    char text[WHY_BYTES], *line = text;
    size_t length = strlen(run->folder);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strncmp(line, run->folder, length) == 0 && line[length] == '/')
        line += length + 1;
    char *shown = foreign_copy(line);
    char **longer = realloc(run->left_out, (run->n_left_out + 1) * sizeof *run->left_out);
    if (longer != NULL)
        run->left_out = longer;
    if (longer != NULL && shown != NULL)
        run->left_out[run->n_left_out++] = shown;
    else
        free(shown);
}

/* Why no time was left for an experiment; NULL: there was. */
static const char *why_left_out(const struct run *run, const char *experiment) {
    size_t i;
    const json_t *entry;
    json_array_foreach(json_object_get(run->info, "experiments_left_out"), i, entry) {
        if (strcmp(fields_get_text(entry, "experiment", ""), experiment) == 0)
            return fields_get_text(entry, "why", "");
    }
    return NULL;
}

/* Older runs had one experiment. 0, or -errno with what is wrong in `why`. */
static int read_experiments(struct run *run, char why[WHY_BYTES]) {
    const json_t *list = json_object_get(run->info, "experiments");
    size_t n = json_array_size(list);
    static const struct field one[] = {{"experiment", &field_text, 0, false}, {0}};
    run->experiments = calloc(n + 1, sizeof *run->experiments);
    if (run->experiments == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name == NULL ||
            strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name))
            return error_say(why, -EINVAL, "experiments[%zu]: a name is expected", i);
        if (why_left_out(run, name) == NULL)
            run->experiments[run->n_experiments++] = name;
    }
    if (n > 0)
        return run->n_experiments > 0
                   ? 0
                   : error_say(why, -EINVAL,
                               "experiments: each of them was left out, so "
                               "there is nothing to report");
    run->n_experiments = 1;
    return fields_read(run->info, one, run->experiments, "", why);
}

static int read_plans(struct run *run, char why[WHY_BYTES]) {
    const json_t *list = json_object_get(run->info, "cells");
    if (!json_is_array(list))
        return error_say(why, -EINVAL, "cells: an array is expected");
    run->plans = calloc(json_array_size(list) + 1, sizeof *run->plans);
    if (run->plans == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int got = cell_plan_read(json_array_get(list, i), i, &run->plans[i], why);
        if (got < 0)
            return got;
        if (got > 0)
            leave_out(run, "run.json: %s", why);
        run->n_plans++;
    }
    return 0;
}

static int is_json_name(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".json") == 0;
}

/* Appends a cell. */
static int read_cell(struct run *run, const char *file_name, char why[WHY_BYTES]) {
    char path[4608];
    struct cell *cell = calloc(1, sizeof *cell);
    struct cell **longer = realloc(run->cells, (run->n_cells + 1) * sizeof *longer);
    (void)snprintf(path, sizeof path, "%s/cells/%s", run->folder, file_name);
    if (longer != NULL)
        run->cells = longer;
    int error = cell != NULL && longer != NULL
                    ? cell_read(path, cell, why)
                    : error_say(why, -ENOMEM, "%s: out of memory", path);
    if (error == 0)
        run->cells[run->n_cells++] = cell;
    else
        free(cell);
    return error;
}

/* Reads what cells/ holds, in the order of names. */
static int read_cells(struct run *run) {
    char folder[4096], why[WHY_BYTES];
    struct dirent **entries;
    (void)snprintf(folder, sizeof folder, "%s/cells", run->folder);
    int n_entries = scandir(folder, &entries, is_json_name, alphasort);
    if (n_entries < 0)
        return errno == ENOENT ? 0 : -errno;
    for (int i = 0; i < n_entries; i++) {
        if (interrupts_came() == 0 && read_cell(run, entries[i]->d_name, why) != 0)
            leave_out(run, "%s", why);
        free(entries[i]);
    }
    free(entries);
    return interrupts_came() != 0 ? -EINTR : 0;
}

/* Each experiment has passes of its own. */
static bool is_same_pass(const struct cell *one, const struct cell *other) {
    return one->repeat == other->repeat &&
           strcmp(one->parameters.experiment, other->parameters.experiment) == 0;
}

/*
 * Of the cells of a pass whose window is too short to tell, what others had in all of it.
 */
static void pool_short_windows(struct run *run, const struct cell *one) {
    double others_s = 0, seconds = 0;
    for (size_t i = 0; i < run->n_cells; i++) {
        double own_s = cell_others_s(run->cells[i]);
        if (!is_same_pass(run->cells[i], one) || !isfinite(own_s))
            continue;
        others_s += own_s;
        seconds += run->cells[i]->window.seconds;
    }
    for (size_t i = 0; i < run->n_cells; i++)
        if (is_same_pass(run->cells[i], one) &&
            run->cells[i]->window.seconds < CELL_LEAST_WINDOW_S)
            run->cells[i]->others_in_pass = others_s / seconds;
}

/* Adds a cell unless it is none of this series after all. */
static void add_repeat(struct run *run, struct series *series, struct cell *cell) {
    const char *planned = series->plan->parameters.experiment;
    const char *own = cell->parameters.experiment, *key = NULL;
    size_t i = 0;
    while (i < run->n_experiments && strcmp(run->experiments[i], own) != 0)
        i++;
    if (series->n_repeats > 0)
        key = parameters_differ(&series->repeats[0]->parameters, &cell->parameters);
    if (i == run->n_experiments || (planned[0] != '\0' && strcmp(planned, own) != 0))
        leave_out(run, "%s: parameters.experiment: '%s' is not this run's", cell->path,
                  own);
    else if (series_repeat(series, cell->repeat) != NULL)
        leave_out(run, "%s: repeat %u of %s is there twice", cell->path, cell->repeat,
                  cell->parameters.name);
    else if (key != NULL)
        leave_out(run, "%s: parameters.%s: differs from that of repeat %u", cell->path,
                  key, series->repeats[0]->repeat);
    else
        series->repeats[series->n_repeats++] = cell;
}

bool run_is_interrupted(const struct run *run) {
    return json_is_true(json_object_get(run->info, "interrupted"));
}

/* Says why a planned cell has no repeats; of an experiment that was left out, once. */
static void explain_missing(struct run *run, const struct cell_plan *plan) {
    const char *experiment = plan->parameters.experiment, *name = plan->parameters.name;
    const char *why = why_left_out(run, experiment);
    char file[512]; /* how a line about one of its files begins */
    int length = snprintf(file, sizeof file, "cells/%s-r", name);
    size_t i = 0;
    while (i < run->n_left_out && strncmp(run->left_out[i], file, (size_t)length) != 0)
        i++;
    bool is_next =
        plan > run->plans && strcmp((plan - 1)->parameters.experiment, experiment) == 0;
    if (why != NULL && !is_next)
        leave_out(run, "%s: left out: %s", experiment, why);
    else if (why == NULL && plan->skipped != NULL)
        leave_out(run, "%s: not measured: %s", name, plan->skipped);
    else if (why == NULL)
        leave_out(run, "%s: %s", name,
                  i < run->n_left_out       ? "planned, but no cell of it can be read"
                  : run_is_interrupted(run) ? "not measured: interrupted"
                                            : "not measured");
}

static int compare_repeats(const void *left, const void *right) {
    unsigned a = (*(struct cell *const *)left)->repeat;
    unsigned b = (*(struct cell *const *)right)->repeat;
    return (a > b) - (a < b);
}

/* Requests that failed are what a server did, and stay in its figures. */
static bool may_be_left_out(const struct cell *cell) {
    return metric_n_failed(cell) == 0 && validity_of_cell(cell).level == VALIDITY_INVALID;
}

/* Puts the INVALID repeats behind the others, unless so few are left that chance has
 * chosen them. */
static void leave_out_invalid(struct series *series) {
    struct cell **repeats = series->repeats;
    size_t n = 0, n_bad = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n_bad += may_be_left_out(repeats[i]);
    if (n_bad == 0 || 2 * n_bad >= series->n_repeats)
        return;
    for (size_t i = 0; i < series->n_repeats; i++) {
        struct cell *cell = repeats[i];
        if (may_be_left_out(cell))
            continue;
        memmove(repeats + n + 1, repeats + n, (i - n) * sizeof(struct cell *));
        repeats[n++] = cell;
    }
    series->n_repeats = n;
    series->n_left_out = n_bad;
}

/* The series of a planned cell, its repeats at the end of those of the others; how many
 * they are. */
static size_t gather_series(struct run *run, const struct cell_plan *plan,
                            struct cell **repeats) {
    const char *name = plan->parameters.name;
    struct series series = {.plan = plan, .repeats = repeats};
    if (run_find(run, name) != NULL) {
        leave_out(run, "run.json: cells[%zu].name: '%s' is there twice",
                  (size_t)(plan - run->plans), name);
        return 0;
    }
    for (size_t i = 0; i < run->n_cells; i++)
        if (strcmp(run->cells[i]->parameters.name, name) == 0)
            add_repeat(run, &series, run->cells[i]);
    if (series.n_repeats == 0) {
        explain_missing(run, plan);
        return 0;
    }
    qsort(repeats, series.n_repeats, sizeof(struct cell *), compare_repeats);
    leave_out_invalid(&series);
    series.parameters = &repeats[0]->parameters;
    if (plan->twin_of != NULL)
        run->twins[run->n_twins++] = series;
    else
        run->series[run->n_series++] = series;
    return series.n_repeats + series.n_left_out;
}

static void free_series(struct run *run) {
    free(run->series);
    free(run->twins);
    free(run->repeats);
    run->series = run->twins = NULL;
    run->repeats = NULL;
    run->n_series = run->n_twins = 0;
}

/* Makes series of the cells, and names those of another run. 0 or -ENOMEM. */
static int gather(struct run *run) {
    size_t n = 0;
    free_series(run);
    run->series = calloc(run->n_plans + 1, sizeof *run->series);
    run->twins = calloc(run->n_plans + 1, sizeof *run->twins);
    run->repeats = calloc(run->n_cells + 1, sizeof(struct cell *));
    if (run->series == NULL || run->twins == NULL || run->repeats == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_plans; i++)
        n += gather_series(run, &run->plans[i], run->repeats + n);
    for (size_t i = 0; i < run->n_cells; i++) {
        const char *name = run->cells[i]->parameters.name;
        size_t k = 0;
        while (k < run->n_plans && strcmp(run->plans[k].parameters.name, name) != 0)
            k++;
        if (k == run->n_plans)
            leave_out(run, "%s: parameters.name: '%s' is not a cell of this run",
                      run->cells[i]->path, name);
    }
    return 0;
}

static int read_folder(struct run *run, char why[WHY_BYTES]) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/run.json", run->folder);
    run->info = fields_load(path, "juggle run", RUN_SCHEMA, why);
    if (run->info == NULL)
        return -EINVAL;
    (void)error_say(why, 0, "out of memory");
    int error = read_experiments(run, why);
    if (error == 0)
        error = read_plans(run, why);
    if (error == 0)
        error = read_cells(run);
    for (size_t i = 0; error == 0 && i < run->n_cells; i++)
        if (isnan(run->cells[i]->others_in_pass) &&
            run->cells[i]->window.seconds < CELL_LEAST_WINDOW_S)
            pool_short_windows(run, run->cells[i]);
    if (error == 0)
        error = gather(run);
    if (error == -EINTR)
        return error_say(why, error, "%s: interrupted while it was read", run->folder);
    return error == 0 ? 0 : error_say(why, error, "%s: %s", path, why);
}

struct run *run_read(const char *folder, char why[WHY_BYTES]) {
    struct run *run = calloc(1, sizeof *run);
    (void)error_say(why, 0, "%s: out of memory", folder);
    if (run == NULL)
        return NULL;
    run->folder = strdup(folder);
    run->folder_shown = foreign_copy(folder);
    if (run->folder != NULL && run->folder_shown != NULL && read_folder(run, why) == 0)
        return run;
    run_free(run);
    return NULL;
}

static void forget_left_out(struct run *run) {
    for (size_t i = 0; i < run->n_left_out; i++)
        free(run->left_out[i]);
    run->n_left_out = 0;
}

void run_free(struct run *run) {
    if (run == NULL)
        return;
    free_series(run);
    forget_left_out(run);
    for (size_t i = 0; i < run->n_cells; i++) {
        cell_free(run->cells[i]);
        free(run->cells[i]);
    }
    free(run->cells);
    free(run->plans);
    free(run->left_out);
    free(run->experiments);
    json_decref(run->info);
    free(run->folder);
    free(run->folder_shown);
    free(run);
}

int run_add(struct run *run, const char *name, char why[WHY_BYTES]) {
    int error = read_cell(run, name, why);
    if (error != 0)
        return error;
    struct cell *cell = run->cells[run->n_cells - 1];
    cell_drop_latencies(cell);
    pool_short_windows(run, cell);
    forget_left_out(run);
    return gather(run);
}

struct run run_part(const struct run *run, const char *experiment) {
    struct run part = *run;
    if (run->n_plans == 0 || run->plans[0].parameters.experiment[0] == '\0')
        return part; /* plans of older runs do not say which */
#define CUT(list, n, of)                                                                 \
    for (; part.n > 0 && strcmp(part.list->of.experiment, experiment) != 0; part.n--)    \
        part.list++;                                                                     \
    while (part.n > 0 && strcmp(part.list[part.n - 1].of.experiment, experiment) != 0)   \
    part.n--
    CUT(plans, n_plans, parameters);
    CUT(series, n_series, plan->parameters);
#undef CUT
    return part;
}

const struct series *run_find(const struct run *run, const char *cell_name) {
    for (size_t i = 0; i < run->n_series; i++)
        if (strcmp(run->series[i].parameters->name, cell_name) == 0)
            return &run->series[i];
    for (size_t i = 0; i < run->n_twins; i++)
        if (strcmp(run->twins[i].parameters->name, cell_name) == 0)
            return &run->twins[i];
    return NULL;
}

const char *run_work_asked(const struct run *run, const char *experiment) {
    for (size_t i = 0; i < run->n_plans; i++)
        if (run->plans[i].asked[0] != '\0' &&
            strcmp(run->plans[i].parameters.experiment, experiment) == 0)
            return run->plans[i].asked;
    return fields_get_text(run->info, "work_asked", "");
}

const struct cell *series_repeat(const struct series *series, unsigned repeat) {
    for (size_t i = 0; i < series->n_repeats; i++)
        if (series->repeats[i]->repeat == repeat)
            return series->repeats[i];
    return NULL;
}
