/* Reading of cell files; see cell.h. */
#include "measured/cell.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"

#define ROW(type, owner, member, may_lack)                                               \
    { #member, &field_##type, offsetof(struct owner, member), may_lack }

enum { FIRST_WITH_TABLES = 4 }; /* of schemas: samples stand beside the file */

static const struct field cell_fields[] = {
    ROW(unsigned, cell, repeat, false),
    ROW(number, cell, users_from_us, true),
    {0},
};

static const struct field machine_fields[] = {
    ROW(positive, machine_state, t_alone_us, true),
    ROW(positive, machine_state, cores, true),
    ROW(positive, machine_state, turns_per_ms, true),
    {0},
};

static const struct field window_fields[] = {
    ROW(natural, cell_window, began_s, true),
    ROW(positive, cell_window, seconds, true),
    ROW(positive, cell_window, server_seconds, true),
    ROW(positive, cell_window, cpus, true),
    ROW(positive, cell_window, allowance, true),
    ROW(natural, cell_window, idle_s, true),
    ROW(natural, cell_window, stolen_s, true),
    ROW(natural, cell_window, director_cpu_s, true),
    ROW(boolean, cell_window, generator_apart, true),
    {0},
};

/* Before schema 3 they stood in the cell itself, measured before its repeat. */
static const struct field old_machine_fields[] = {
    {"t_us", &field_positive, offsetof(struct machine_state, t_alone_us), true},
    {"effective_cores", &field_positive, offsetof(struct machine_state, cores), true},
    {"turns_per_ms", &field_positive, offsetof(struct machine_state, turns_per_ms), true},
    {0},
};

static int visit(struct cell *cell, enum cell_list list, sample_visit *take,
                 struct sums_maker *maker, char *why, size_t why_bytes) {
    int error = cell_samples_visit(cell->path, cell->json, list, cell->users_from_us,
                                   take, maker, why, why_bytes);
    if (error == -ENOMEM)
        (void)snprintf(why, why_bytes, "out of memory");
    return error;
}

/* Has the samples go by, the users' first: their end tells which probes were in time. */
static int read_samples(struct cell *cell, char *why, size_t why_bytes) {
    const char *mode =
        fields_get_text(json_object_get(cell->json, "load"), "mode", "closed");
    cell->open_loop = strcmp(mode, "open") == 0;
    struct sums_maker maker = {.open_loop = cell->open_loop,
                               .counts_servers = cell->parameters.processes > 1,
                               .n_each = cell->parameters.workers};
    int error = visit(cell, CELL_REQUESTS, sums_take_request, &maker, why, why_bytes);
    if (error == 0 && cell->parameters.name != NULL) /* a load alone has no probes */
        error = visit(cell, CELL_PROBES, sums_take_probe, &maker, why, why_bytes);
    if (error == 0)
        error = sums_make(&maker);
    if (error != 0) {
        sums_abandon(&maker);
        return error;
    }
    cell->sums = maker.sums;
    cell->n_requests = maker.n_requests;
    cell->n_answered = maker.answers.n;
    cell->n_probes = maker.n_probes;
    cell->latencies = maker.answers;
    cell->probes[false] = maker.probes[false];
    cell->probes[true] = maker.probes[true];
    return 0;
}

/* An object that is not there is one in which nothing is known. */
static int read_object(const json_t *json, const char *key, const struct field *fields,
                       void *target, char *why, size_t why_bytes) {
    json_t *object = json_incref(json_object_get(json, key)), *none = json_object();
    char where[32];
    (void)snprintf(where, sizeof where, "%s.", key);
    int error = fields_read(object != NULL ? object : none, fields, target, where, why,
                            why_bytes);
    json_decref(object);
    json_decref(none);
    return error;
}

static int read_machine(struct cell *cell, char *why, size_t why_bytes) {
    bool is_old = json_object_get(cell->json, "machine") == NULL;
    int error = is_old ? fields_read(cell->json, old_machine_fields, &cell->machine, "",
                                     why, why_bytes)
                       : read_object(cell->json, "machine", machine_fields,
                                     &cell->machine, why, why_bytes);
    if (error == 0)
        error = read_object(cell->json, "window", window_fields, &cell->window, why,
                            why_bytes);
    return error;
}

static int read_cell(struct cell *cell, char *why, size_t why_bytes) {
    int error = parameters_read(json_object_get(cell->json, "parameters"),
                                &cell->parameters, why, why_bytes);
    if (error == 0)
        error = fields_read(cell->json, cell_fields, cell, "", why, why_bytes);
    if (isnan(cell->users_from_us)) /* of an older file all times count from there */
        cell->users_from_us = 0;
    if (error == 0)
        error = read_machine(cell, why, why_bytes);
    if (error == 0)
        error = read_samples(cell, why, why_bytes);
    /* Lists of an older file are large, and a run has many. */
    cell_samples_drop(cell->json, CELL_REQUESTS);
    cell_samples_drop(cell->json, CELL_PROBES);
    return error;
}

/* The file of a load becomes the "load" of a cell. Its list stays: it may be a pipe's. */
static int read_load(struct cell *cell, char *why, size_t why_bytes) {
    json_t *load = cell->json, *requests = json_incref(json_object_get(load, "requests"));
    (void)json_object_del(load, "requests");
    cell->json = json_pack("{s:o, s:o*}", "load", load, "requests", requests);
    cell->machine = (struct machine_state){NAN, NAN, NAN};
    cell->window = (struct cell_window){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false};
    return cell->json != NULL ? read_samples(cell, why, why_bytes) : -ENOMEM;
}

/* Ends the reading of a file whose JSON the cell has: 0, or frees the cell. */
static int read_loaded(const char *path, struct cell *cell,
                       int (*read)(struct cell *cell, char *why, size_t why_bytes),
                       char *why, size_t why_bytes) {
    char field[256] = "out of memory";
    cell->path = strdup(path);
    int error = cell->path != NULL ? read(cell, field, sizeof field) : -ENOMEM;
    if (error != 0) {
        (void)snprintf(why, why_bytes, "%s: %s", path, field);
        cell_free(cell);
    }
    return error;
}

int cell_read(const char *path, struct cell *cell, char *why, size_t why_bytes) {
    *cell = (struct cell){.others_in_pass = NAN};
    cell->json = fields_load(path, "juggle cell", CELL_SCHEMA, why, why_bytes);
    if (cell->json == NULL)
        return -EINVAL;
    return read_loaded(path, cell, read_cell, why, why_bytes);
}

int cell_read_either(const char *path, struct cell *cell, char *why, size_t why_bytes) {
    *cell = (struct cell){.others_in_pass = NAN};
    cell->json = fields_load_any(path, why, why_bytes);
    if (cell->json == NULL)
        return -EINVAL;
    bool is_load = strcmp(fields_get_text(cell->json, "kind", ""), "juggle load") == 0;
    if (!fields_is_known(cell->json, path, is_load ? "juggle load" : "juggle cell",
                         is_load ? LOAD_SCHEMA : CELL_SCHEMA, why, why_bytes)) {
        cell_free(cell);
        return -EINVAL;
    }
    return read_loaded(path, cell, is_load ? read_load : read_cell, why, why_bytes);
}

int cell_visit(const struct cell *cell, enum cell_list list, sample_visit *take,
               void *context) {
    char why[256];
    bool was_inside =
        json_object_get(cell->json, "schema") != NULL &&
        json_integer_value(json_object_get(cell->json, "schema")) < FIRST_WITH_TABLES;
    json_t *json =
        was_inside ? fields_load(cell->path, "juggle cell", CELL_SCHEMA, why, sizeof why)
                   : json_incref(cell->json);
    int result = json != NULL
                     ? cell_samples_visit(cell->path, json, list, cell->users_from_us,
                                          take, context, why, sizeof why)
                     : -EINVAL;
    json_decref(json);
    return result;
}

void cell_drop_latencies(struct cell *cell) {
    struct latencies *all[] = {&cell->latencies, &cell->probes[false],
                               &cell->probes[true]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        free(all[i]->us);
        *all[i] = (struct latencies){0};
    }
}

void cell_free(struct cell *cell) {
    cell_drop_latencies(cell);
    free(cell->path);
    json_decref(cell->json);
    *cell = (struct cell){0};
}

static bool is_load(const json_t *load) {
    return json_is_integer(json_object_get(load, "epoch_ns")) &&
           json_is_integer(json_object_get(load, "samples"));
}

json_t *cell_build(const struct cell_parameters *parameters, unsigned repeat,
                   const struct machine_state *machine, const struct cell_window *window,
                   uint64_t epoch_ns, json_t *load, json_t *probe, json_t *server,
                   json_t *generator) {
    json_t *cell = NULL;
    if (is_load(load) && (probe == NULL || is_load(probe))) {
        json_int_t began_ns = json_integer_value(json_object_get(load, "epoch_ns"));
        cell = json_pack("{s:i, s:s, s:o, s:i, s:o, s:o, s:f, s:O*, s:O*, s:O, s:O*}",
                         "schema", CELL_SCHEMA, "kind", "juggle cell", "parameters",
                         parameters_pack(parameters), "repeat", (int)repeat, "machine",
                         fields_pack(machine_fields, machine), "window",
                         fields_pack(window_fields, window), "users_from_us",
                         (double)(began_ns - (json_int_t)epoch_ns) / 1e3, "server",
                         server, "generator", generator, "load", load, "probe", probe);
        /* A monotonic clock means nothing to who reads this later. */
        (void)json_object_del(load, "epoch_ns");
        (void)json_object_del(probe, "epoch_ns");
    }
    json_decref(load);
    json_decref(probe);
    json_decref(server);
    json_decref(generator);
    return cell;
}
