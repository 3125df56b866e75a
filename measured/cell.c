/* Reading of cell files; see cell.h. */
#include "measured/cell.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "measured/cell_samples.h"

#define ROW(type, owner, member, may_lack)                                               \
    { #member, &field_##type, offsetof(struct owner, member), may_lack }

static const struct field cell_fields[] = {
    ROW(unsigned, cell, repeat, false),
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

bool sample_is_answered(const struct sample *sample) {
    return sample->status == 200 && sample->error == NULL;
}

static int sort_latencies(struct cell *cell) {
    cell->latencies_us = calloc(cell->n_requests + 1, sizeof *cell->latencies_us);
    if (cell->latencies_us == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < cell->n_requests; i++)
        if (sample_is_answered(&cell->requests[i]))
            cell->latencies_us[cell->n_answered++] = cell->requests[i].latency_us;
    stats_sort(cell->latencies_us, cell->n_answered);
    return 0;
}

/* Reads the samples, and lets go of their JSON: a run has many, and they are large. */
static int read_samples(struct cell *cell, const char *key, struct sample **samples,
                        size_t *n_samples, char *why, size_t why_bytes) {
    int error = cell_samples_read(cell->json, key, cell->texts, samples, n_samples, why,
                                  why_bytes);
    (void)json_object_del(cell->json, key);
    return error;
}

static int read_requests(struct cell *cell, char *why, size_t why_bytes) {
    const char *mode =
        fields_get_text(json_object_get(cell->json, "load"), "mode", "closed");
    cell->open_loop = strcmp(mode, "open") == 0;
    cell->texts = json_array();
    int error = read_samples(cell, "requests", &cell->requests, &cell->n_requests, why,
                             why_bytes);
    return error == 0 ? sort_latencies(cell) : error;
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
    if (error == 0)
        error = read_machine(cell, why, why_bytes);
    if (error == 0)
        error = read_requests(cell, why, why_bytes);
    if (error == 0)
        error =
            read_samples(cell, "probes", &cell->probes, &cell->n_probes, why, why_bytes);
    return error;
}

static void drop_warmup(json_t *requests) {
    for (size_t i = json_array_size(requests); i-- > 0;)
        if (json_is_true(json_object_get(json_array_get(requests, i), "warmup")))
            (void)json_array_remove(requests, i);
}

/* The file of a load becomes the "load" of a cell. */
static int read_load(struct cell *cell, char *why, size_t why_bytes) {
    json_t *load = cell->json, *requests = json_incref(json_object_get(load, "requests"));
    (void)json_object_del(load, "requests");
    drop_warmup(requests);
    cell->json = json_pack("{s:o, s:o*}", "load", load, "requests", requests);
    cell->machine = (struct machine_state){NAN, NAN, NAN};
    cell->window = (struct cell_window){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false};
    return cell->json != NULL ? read_requests(cell, why, why_bytes) : -ENOMEM;
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

void cell_free(struct cell *cell) {
    free(cell->path);
    free(cell->requests);
    free(cell->latencies_us);
    free(cell->probes);
    json_decref(cell->texts);
    json_decref(cell->json);
    *cell = (struct cell){0};
}
