/* run.json back into a plan; see resume.h. */
#include "director/resume.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/machine.h"
#include "director/describe.h"

struct planned_fields {
    const char *name, *experiment, *asked, *twin_of, *skipped;
    unsigned place;
};

static const struct field cell_fields[] = {
    {"experiment", &field_text, offsetof(struct planned_fields, experiment), false},
    {"work_asked", &field_text, offsetof(struct planned_fields, asked), false},
    {"place", &field_unsigned, offsetof(struct planned_fields, place), false},
    {"twin_of", &field_text, offsetof(struct planned_fields, twin_of), true},
    {"skipped", &field_text, offsetof(struct planned_fields, skipped), true},
    {0},
};

static const struct field published_fields[] = {
    {"mean_t", &field_number, offsetof(struct published, mean), true},
    {"first_t", &field_number, offsetof(struct published, first), true},
    {"last_t", &field_number, offsetof(struct published, last), true},
    {0},
};

struct run_fields {
    const char *started_at;
    double precision, budget_s, seed;
    unsigned n_repeats;
};

static const struct field run_fields[] = {
    {"started_at", &field_text, offsetof(struct run_fields, started_at), false},
    {"precision", &field_number, offsetof(struct run_fields, precision), false},
    {"budget_s", &field_number, offsetof(struct run_fields, budget_s), false},
    {"repeats", &field_unsigned, offsetof(struct run_fields, n_repeats), false},
    {0},
};

static _Noreturn void refuse(const char *folder, const char *why) {
    error_exit("run: --resume: %s/run.json: %s", folder, why);
}

static void read_cell(struct plan *plan, const json_t *object, size_t i,
                      const char *folder) {
    char why[300], where[40];
    struct cell_plan *cell = &plan->cells[plan->n_cells];
    struct planned_fields fields;
    (void)snprintf(where, sizeof where, "cells[%zu].", i);
    *cell = (struct cell_plan){.place = 0};
    if (fields_read(object, cell_fields, &fields, where, why, sizeof why) != 0 ||
        parameters_read(json_object_get(object, "parameters"), &cell->parameters, why,
                        sizeof why) != 0)
        refuse(folder, why);
    const json_t *published = json_object_get(object, "published");
    if (json_is_object(published) &&
        fields_read(published, published_fields, &cell->published, where, why,
                    sizeof why) != 0)
        refuse(folder, why);
    cell->asked = fields.asked;
    cell->place = fields.place;
    cell->twin_of = fields.twin_of;
    cell->skipped = fields.skipped;
    struct planned_experiment *last =
        plan->n_experiments > 0 ? &plan->experiments[plan->n_experiments - 1] : NULL;
    if (last == NULL || strcmp(last->name, fields.experiment) != 0) {
        if (plan->n_experiments == PLAN_MAX_EXPERIMENTS)
            refuse(folder, "more experiments than a run may have");
        const struct experiment *experiment = experiment_find(fields.experiment);
        if (experiment == NULL)
            refuse(folder, "it has an experiment that this juggle does not know");
        last = &plan->experiments[plan->n_experiments++];
        *last = (struct planned_experiment){.name = fields.experiment,
                                            .experiment = experiment,
                                            .first_cell = plan->n_cells};
    }
    last->n_cells++;
    plan->n_cells++;
}

/* "host: a, now b", for each fact that is not what it was; how many there are. */
static unsigned find_differences(const json_t *info, char *text, size_t text_bytes) {
    static const char *const facts[][2] = {
        {"machine", "host"},    {"machine", "cpu_model"}, {"machine", "cpus_usable"},
        {"versions", "binary"}, {"versions", "juggle"},
    };
    json_t *now = describe_now();
    unsigned n = 0;
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const json_t *was =
            json_object_get(json_object_get(info, facts[i][0]), facts[i][1]);
        const json_t *is =
            json_object_get(json_object_get(now, facts[i][0]), facts[i][1]);
        if (json_equal(was, is))
            continue;
        char *before = json_dumps(was, JSON_ENCODE_ANY);
        char *after = json_dumps(is, JSON_ENCODE_ANY);
        if (length < text_bytes)
            length += (size_t)snprintf(text + length, text_bytes - length,
                                       "%s%s was %s and is %s", n > 0 ? "; " : "",
                                       facts[i][1], before != NULL ? before : "unknown",
                                       after != NULL ? after : "unknown");
        free(before);
        free(after);
        n++;
    }
    json_decref(now);
    return n;
}

/* Of each experiment the last pass of which there is a cell; how long all cells took. */
static void look_at_cells(struct plan *plan, const char *folder,
                          struct resumed *resumed) {
    struct planned_experiment *planned = plan->experiments;
    for (unsigned i = 0; i < plan->n_cells; i++) {
        char path[4300];
        planned += i == planned->first_cell + planned->n_cells;
        for (unsigned pass = 1; pass <= PLAN_MAX_PASSES; pass++) {
            if (!resume_has_cell(folder, &plan->cells[i], pass))
                continue;
            planned->last_pass = pass > planned->last_pass ? pass : planned->last_pass;
            (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder,
                           plan->cells[i].parameters.name, pass);
            json_t *cell = json_load_file(path, 0, NULL);
            double seconds =
                fields_get_number(json_object_get(cell, "window"), "server_seconds");
            resumed->measured_s += isfinite(seconds) ? seconds : 0;
            json_decref(cell);
        }
    }
}

/* How often and in which share; runs of older releases say the one alone. */
static void read_lengths(struct plan *plan, const json_t *info, unsigned n_repeats) {
    const json_t *lengths = json_object_get(info, "lengths");
    for (unsigned i = 0; i < plan->n_experiments; i++) {
        struct planned_experiment *planned = &plan->experiments[i];
        const json_t *length = json_array_get(lengths, i);
        const json_t *own = json_object_get(length, "repeats");
        double weight = fields_get_number(length, "weight");
        json_int_t n_own = json_integer_value(own);
        planned->n_repeats = n_own > 0 && n_own <= 1000000 ? (unsigned)n_own : n_repeats;
        planned->weight = weight >= 0 ? weight : 1;
    }
    plan->is_of_all = plan->n_experiments > 1;
}

void resume_read(struct plan *plan, const char *folder, bool anyway,
                 struct resumed *resumed) {
    char path[4200], why[300], differences[700];
    struct run_fields fields;
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    *resumed = (struct resumed){
        .info = fields_load(path, "juggle run", RUN_SCHEMA, why, sizeof why)};
    if (resumed->info == NULL)
        error_exit("run: --resume: %s", why);
    const json_t *cells = json_object_get(resumed->info, "cells");
    if (fields_read(resumed->info, run_fields, &fields, "", why, sizeof why) != 0)
        refuse(folder, why);
    if (json_array_size(cells) == 0 || json_array_size(cells) > PLAN_MAX_CELLS)
        refuse(folder, "it has no cells, or too many");
    if (!json_is_object(json_object_get(json_array_get(cells, 0), "parameters")))
        refuse(folder, "it was made by a release that could not resume; run it anew");
    if (find_differences(resumed->info, differences, sizeof differences) > 0 && !anyway)
        error_exit(
            "run: --resume: %s is of another machine or program: %s; --anyway goes "
            "on nevertheless, and the report says so",
            folder, differences);
    for (size_t i = 0; i < json_array_size(cells); i++)
        read_cell(plan, json_array_get(cells, i), i, folder);
    const json_t *calibration = json_object_get(resumed->info, "calibration");
    resumed->turns_per_ms = fields_get_number(calibration, "turns_per_ms");
    resumed->started_at = fields.started_at;
    if (!(resumed->turns_per_ms > 0))
        refuse(folder, "calibration.turns_per_ms: a number above 0 is expected");
    plan->seed = (uint64_t)json_integer_value(json_object_get(resumed->info, "seed"));
    plan->precision = fields.precision;
    read_lengths(plan, resumed->info, fields.n_repeats);
    look_at_cells(plan, folder, resumed);
    double left_s = fmax(1, fields.budget_s - resumed->measured_s);
    if (plan->budget_ns == 0 && fields.budget_s > 0)
        plan->budget_ns = (uint64_t)(left_s * (double)NS_PER_S);
    json_t *times = json_object_get(resumed->info, "resumed");
    json_t *text = json_string(differences);
    if (times == NULL)
        (void)json_object_set_new(resumed->info, "resumed", times = json_array());
    (void)json_array_append_new(times, text);
}

bool resume_has_cell(const char *folder, const struct cell_plan *cell, unsigned repeat) {
    char path[4300];
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder,
                   cell->parameters.name, repeat);
    return access(path, F_OK) == 0;
}
