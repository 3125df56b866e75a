/* Reading of results folders; see run.h. */
#include "measured/run.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/foreign.h"
#include "common/children/interrupts.h"
#include "measured/metric.h"

struct planned_cell {
    const char *name, *twin_of, *skipped;
    const char *experiment; /* NULL: not said, an older file of one experiment */
    unsigned place;         /* 0: not said, an older file */
};

static const struct field planned_fields[] = {
    {"name", &field_text, offsetof(struct planned_cell, name), false},
    {"place", &field_unsigned, offsetof(struct planned_cell, place), true},
    {"twin_of", &field_text, offsetof(struct planned_cell, twin_of), true},
    {"skipped", &field_text, offsetof(struct planned_cell, skipped), true},
    {"experiment", &field_text, offsetof(struct planned_cell, experiment), true},
    {0},
};

static const struct field published_fields[] = {
    {"mean_t", &field_number, offsetof(struct published, mean), false},
    {"first_t", &field_number, offsetof(struct published, first), false},
    {"last_t", &field_number, offsetof(struct published, last), false},
    {0},
};

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
static int read_experiments(struct run *run, char *why, size_t why_bytes) {
    const json_t *list = json_object_get(run->info, "experiments");
    size_t n = json_array_size(list);
    static const struct field one[] = {{"experiment", &field_text, 0, false}, {0}};
    run->experiments = calloc(n + 1, sizeof *run->experiments);
    if (run->experiments == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name == NULL ||
            strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != strlen(name)) {
            (void)snprintf(why, why_bytes, "experiments[%zu]: a name is expected", i);
            return -EINVAL;
        }
        if (why_left_out(run, name) == NULL)
            run->experiments[run->n_experiments++] = name;
    }
    if (n == 0)
        run->n_experiments = 1;
    return n > 0 ? 0 : fields_read(run->info, one, run->experiments, "", why, why_bytes);
}

/* Whether the run, and where its plan says so the cell, is of that experiment. */
static bool is_of_run(const struct run *run, const char *planned,
                      const char *experiment) {
    size_t i = 0;
    while (i < run->n_experiments && strcmp(run->experiments[i], experiment) != 0)
        i++;
    return i < run->n_experiments &&
           (planned == NULL || strcmp(planned, experiment) == 0);
}

/* Notes a file or cell that will not be reported; paths lose the folder's name. */
static void leave_out(struct run *run, const char *line) {
    size_t length = strlen(run->folder);
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

static int is_json_name(const struct dirent *entry) {
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".json") == 0;
}

/* Appends a cell; the list of them has room for it. */
static int read_one(struct run *run, const char *file_name, char *why, size_t why_bytes) {
    char path[4608];
    struct cell *cell = calloc(1, sizeof *cell);
    (void)snprintf(path, sizeof path, "%s/cells/%s", run->folder, file_name);
    (void)snprintf(why, why_bytes, "%s: out of memory", path);
    int error = cell != NULL ? cell_read(path, cell, why, why_bytes) : -ENOMEM;
    if (error == 0)
        run->cells[run->n_cells++] = cell;
    else
        free(cell);
    return error;
}

/* Reads what cells/ holds, in the order of names. */
static int read_cells(struct run *run) {
    char folder[4096], why[4864];
    struct dirent **entries;
    (void)snprintf(folder, sizeof folder, "%s/cells", run->folder);
    int n_entries = scandir(folder, &entries, is_json_name, alphasort);
    if (n_entries < 0)
        return errno == ENOENT ? 0 : -errno;
    run->cells = calloc((size_t)n_entries + 1, sizeof *run->cells);
    for (int i = 0; i < n_entries; i++) {
        if (run->cells != NULL && interrupts_came() == 0 &&
            read_one(run, entries[i]->d_name, why, sizeof why) != 0)
            leave_out(run, why);
        free(entries[i]);
    }
    free(entries);
    if (interrupts_came() != 0)
        return -EINTR;
    return run->cells != NULL ? 0 : -ENOMEM;
}

/* Adds a cell unless it is none of this series after all. */
static void add_repeat(struct run *run, const char *experiment, struct series *series,
                       struct cell *cell) {
    char line[4864] = "";
    const char *key =
        series->n_repeats > 0
            ? parameters_differ(&series->repeats[0]->parameters, &cell->parameters)
            : NULL;
    if (!is_of_run(run, experiment, cell->parameters.experiment))
        (void)snprintf(line, sizeof line,
                       "%s: parameters.experiment: '%s' is not this run's", cell->path,
                       cell->parameters.experiment);
    else if (series_repeat(series, cell->repeat) != NULL)
        (void)snprintf(line, sizeof line, "%s: repeat %u of %s is there twice",
                       cell->path, cell->repeat, cell->parameters.name);
    else if (key != NULL)
        (void)snprintf(line, sizeof line,
                       "%s: parameters.%s: differs from that of repeat %u", cell->path,
                       key, series->repeats[0]->repeat);
    if (line[0] != '\0')
        leave_out(run, line);
    else
        series->repeats[series->n_repeats++] = cell;
}

static void add_series(struct run *run, const struct series *series) {
    if (series->twin_of != NULL)
        run->twins[run->n_twins++] = *series;
    else
        run->series[run->n_series++] = *series;
}

/* Among the twins as well; NULL: there is none. */
static struct series *find_series(const struct run *run, const char *name) {
    for (size_t i = 0; i < run->n_twins; i++)
        if (strcmp(run->twins[i].parameters->name, name) == 0)
            return &run->twins[i];
    for (size_t i = 0; i < run->n_series; i++)
        if (strcmp(run->series[i].parameters->name, name) == 0)
            return &run->series[i];
    return NULL;
}

/* What was published of a planned cell, all 0 when nothing or nothing readable. */
static struct published read_published(struct run *run, const json_t *planned,
                                       const char *where) {
    struct published published = {0};
    const json_t *object = json_object_get(planned, "published");
    char why[256], line[320];
    if (object == NULL || json_is_null(object))
        return published;
    (void)snprintf(line, sizeof line, "%spublished.", where);
    if (fields_read(object, published_fields, &published, line, why, sizeof why) == 0)
        return published;
    (void)snprintf(line, sizeof line, "run.json: %s", why);
    leave_out(run, line);
    return (struct published){0};
}

/* Whether a file of the cell is there and was left out. */
static bool was_measured(const struct run *run, const char *name) {
    char start[512];
    int length = snprintf(start, sizeof start, "cells/%s-r", name);
    size_t i = 0;
    while (i < run->n_left_out && strncmp(run->left_out[i], start, (size_t)length) != 0)
        i++;
    return i < run->n_left_out;
}

static int compare_repeats(const void *left, const void *right) {
    unsigned a = (*(struct cell *const *)left)->repeat;
    unsigned b = (*(struct cell *const *)right)->repeat;
    return (a > b) - (a < b);
}

/* Its repeats are all there. */
static void end_series(struct series *series) {
    qsort(series->repeats, series->n_repeats, sizeof(struct cell *), compare_repeats);
    series->parameters = &series->repeats[0]->parameters;
}

/* `where` is the place in run.json, "cells[3].". */
static int gather_series(struct run *run, const json_t *planned,
                         const struct planned_cell *cell, const char *where) {
    const char *name = cell->name;
    char line[512];
    if (find_series(run, name) != NULL) {
        (void)snprintf(line, sizeof line, "run.json: %sname: '%s' is there twice", where,
                       name);
        leave_out(run, line);
        return 0;
    }
    struct series series = {.repeats = calloc(run->n_cells + 1, sizeof *series.repeats),
                            .place = cell->place > 0 ? cell->place
                                                     : (unsigned)run->n_series + 1,
                            .twin_of = cell->twin_of};
    if (series.repeats == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_cells; i++)
        if (strcmp(run->cells[i]->parameters.name, name) == 0)
            add_repeat(run, cell->experiment, &series, run->cells[i]);
    if (series.n_repeats == 0) {
        const char *experiment = cell->experiment != NULL ? cell->experiment : "";
        if (why_left_out(run, experiment) != NULL)
            (void)snprintf(line, sizeof line, "%s: left out: %s", experiment,
                           why_left_out(run, experiment));
        else if (cell->skipped != NULL)
            (void)snprintf(line, sizeof line, "%s: skipped, because %s", name,
                           cell->skipped);
        else
            (void)snprintf(line, sizeof line,
                           was_measured(run, name)
                               ? "%s: planned, but no cell of it can be read"
                               : "%s: not measured",
                           name);
        if (run->n_left_out == 0 || strcmp(run->left_out[run->n_left_out - 1], line) != 0)
            leave_out(run, line); /* an experiment is named once */
        free(series.repeats);
        return 0;
    }
    end_series(&series);
    series.published = read_published(run, planned, where);
    add_series(run, &series);
    return 0;
}

static void free_series(struct run *run) {
    for (size_t i = 0; i < run->n_series; i++)
        free(run->series[i].repeats);
    for (size_t i = 0; i < run->n_twins; i++)
        free(run->twins[i].repeats);
    free(run->series);
    free(run->twins);
    run->series = run->twins = NULL;
    run->n_series = run->n_twins = 0;
}

/* Makes series of the cells. */
static int gather(struct run *run, char *why, size_t why_bytes) {
    const json_t *list = json_object_get(run->info, "cells");
    if (!json_is_array(list)) {
        (void)snprintf(why, why_bytes, "cells: an array is expected");
        return -EINVAL;
    }
    free_series(run);
    run->series = calloc(json_array_size(list) + 1, sizeof *run->series);
    run->twins = calloc(json_array_size(list) + 1, sizeof *run->twins);
    if (run->series == NULL || run->twins == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *planned = json_array_get(list, i);
        struct planned_cell cell;
        char where[32];
        (void)snprintf(where, sizeof where, "cells[%zu].", i);
        int error = fields_read(planned, planned_fields, &cell, where, why, why_bytes);
        if (error == 0)
            error = gather_series(run, planned, &cell, where);
        if (error != 0)
            return error;
    }
    return 0;
}

bool run_plans(const struct run *run, const char *name) {
    const json_t *list = json_object_get(run->info, "cells");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(fields_get_text(json_array_get(list, i), "name", ""), name) == 0)
            return true;
    return false;
}

const char *run_work_asked(const struct run *run, const char *experiment) {
    const json_t *list = json_object_get(run->info, "cells");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *planned = json_array_get(list, i);
        const char *asked = fields_get_text(planned, "work_asked", "");
        if (asked[0] != '\0' &&
            strcmp(fields_get_text(planned, "experiment", ""), experiment) == 0)
            return asked;
    }
    return fields_get_text(run->info, "work_asked", "");
}

/* Each experiment has passes of its own. */
static bool is_same_pass(const struct cell *one, const struct cell *other) {
    return one->repeat == other->repeat &&
           strcmp(one->parameters.experiment, other->parameters.experiment) == 0;
}

/* Of the cells of a pass whose window is too short to tell, what others had in all of it.
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

static bool is_first_of_pass(const struct run *run, size_t index) {
    size_t i = 0;
    while (!is_same_pass(run->cells[i], run->cells[index]))
        i++;
    return i == index;
}

/* Cells of another run that lie in the folder. */
static void name_strangers(struct run *run) {
    for (size_t i = 0; i < run->n_cells; i++) {
        const struct cell *cell = run->cells[i];
        char line[4864];
        if (run_plans(run, cell->parameters.name))
            continue;
        (void)snprintf(line, sizeof line,
                       "%s: parameters.name: '%s' is not a cell of this run", cell->path,
                       cell->parameters.name);
        leave_out(run, line);
    }
}

static int read_folder(struct run *run, char *why, size_t why_bytes) {
    char path[4096], field[256] = "out of memory";
    (void)snprintf(path, sizeof path, "%s/run.json", run->folder);
    run->info = fields_load(path, "juggle run", RUN_SCHEMA, why, why_bytes);
    if (run->info == NULL)
        return -EINVAL;
    int error = read_experiments(run, field, sizeof field);
    if (error == 0)
        error = read_cells(run);
    for (size_t i = 0; error == 0 && i < run->n_cells; i++)
        if (is_first_of_pass(run, i))
            pool_short_windows(run, run->cells[i]);
    if (error == 0)
        error = gather(run, field, sizeof field);
    if (error == 0)
        name_strangers(run);
    else if (error == -EINTR)
        (void)snprintf(why, why_bytes, "%s: interrupted while it was read", run->folder);
    else
        (void)snprintf(why, why_bytes, "%s: %s", path, field);
    return error;
}

struct run *run_read(const char *folder, char *why, size_t why_bytes) {
    struct run *run = calloc(1, sizeof *run);
    (void)snprintf(why, why_bytes, "%s: out of memory", folder);
    if (run == NULL)
        return NULL;
    run->folder = strdup(folder);
    run->folder_shown = foreign_copy(folder);
    if (run->folder != NULL && run->folder_shown != NULL &&
        read_folder(run, why, why_bytes) == 0)
        return run;
    run_free(run);
    return NULL;
}

void run_free(struct run *run) {
    if (run == NULL)
        return;
    free_series(run);
    for (size_t i = 0; i < run->n_cells; i++) {
        cell_free(run->cells[i]);
        free(run->cells[i]);
    }
    for (size_t i = 0; i < run->n_left_out; i++)
        free(run->left_out[i]);
    free(run->cells);
    free(run->left_out);
    free(run->experiments);
    json_decref(run->info);
    free(run->folder);
    free(run->folder_shown);
    free(run);
}

int run_add(struct run *run, const char *name, char *why, size_t why_bytes) {
    struct cell **cells = realloc(run->cells, (run->n_cells + 1) * sizeof(struct cell *));
    if (cells == NULL)
        return -ENOMEM;
    run->cells = cells;
    int error = read_one(run, name, why, why_bytes);
    if (error != 0)
        return error;
    struct cell *cell = run->cells[run->n_cells - 1];
    cell_drop_latencies(cell);
    pool_short_windows(run, cell);
    struct series *series = find_series(run, cell->parameters.name);
    if (series == NULL) { /* its first repeat: it gets its place among the others */
        for (size_t i = 0; i < run->n_left_out; i++)
            free(run->left_out[i]);
        run->n_left_out = 0;
        return gather(run, why, why_bytes);
    }
    struct cell **repeats =
        realloc(series->repeats, (series->n_repeats + 1) * sizeof(struct cell *));
    if (repeats == NULL)
        return -ENOMEM;
    series->repeats = repeats;
    add_repeat(run, cell->parameters.experiment, series, cell);
    end_series(series);
    return 0;
}

const struct series *run_find(const struct run *run, const char *cell_name) {
    for (size_t i = 0; i < run->n_series; i++)
        if (strcmp(run->series[i].parameters->name, cell_name) == 0)
            return &run->series[i];
    return NULL;
}

const struct cell *series_repeat(const struct series *series, unsigned repeat) {
    for (size_t i = 0; i < series->n_repeats; i++)
        if (series->repeats[i]->repeat == repeat)
            return series->repeats[i];
    return NULL;
}
