/* Reading of cell files; see cell.h. */
#include "measured/cell.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats.h"
#include "measured/cell_samples.h"
#include "measured/fields.h"

#define ROW(type, owner, member, may_lack)                                               \
    { #member, &field_##type, offsetof(struct owner, member), may_lack }

static const struct field parameter_fields[] = {
    ROW(text, cell_parameters, experiment, false),
    ROW(text, cell_parameters, name, false),
    ROW(text, cell_parameters, label, false),
    ROW(text, cell_parameters, strategy, false),
    ROW(text, cell_parameters, accept, false),
    ROW(text, cell_parameters, work, false),
    ROW(boolean, cell_parameters, gil, false),
    ROW(unsigned, cell_parameters, processes, false),
    ROW(unsigned, cell_parameters, workers, false),
    ROW(unsigned, cell_parameters, users, false),
    ROW(unsigned, cell_parameters, rounds, false),
    ROW(number, cell_parameters, probe_every_us, false),
    {0},
};

static const struct field cell_fields[] = {
    ROW(unsigned, cell, repeat, false),
    ROW(positive, cell, t_us, false),
    ROW(positive, cell, effective_cores, true),
    ROW(positive, cell, turns_per_ms, true),
    ROW(positive, cell, t_after_us, true),
    ROW(positive, cell, effective_cores_after, true),
    ROW(positive, cell, turns_per_ms_after, true),
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

static int read_cell(struct cell *cell, char *why, size_t why_bytes) {
    int error = fields_read(json_object_get(cell->json, "parameters"), parameter_fields,
                            &cell->parameters, "parameters.", why, why_bytes);
    if (error == 0)
        error = fields_read(cell->json, cell_fields, cell, "", why, why_bytes);
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
    cell->t_us = cell->t_after_us = NAN;
    cell->effective_cores = cell->effective_cores_after = NAN;
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
    *cell = (struct cell){0};
    cell->json = fields_load(path, "juggle cell", CELL_SCHEMA, why, why_bytes);
    if (cell->json == NULL)
        return -EINVAL;
    return read_loaded(path, cell, read_cell, why, why_bytes);
}

int cell_read_either(const char *path, struct cell *cell, char *why, size_t why_bytes) {
    *cell = (struct cell){0};
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

/* Whether two values of that type are the same. */
static bool is_same(const struct field_type *type, const void *left, const void *right) {
    if (type == &field_text)
        return strcmp(*(const char *const *)left, *(const char *const *)right) == 0;
    if (type == &field_boolean)
        return *(const bool *)left == *(const bool *)right;
    if (type == &field_unsigned)
        return *(const unsigned *)left == *(const unsigned *)right;
    return *(const double *)left == *(const double *)right;
}

const char *cell_parameters_differ(const struct cell_parameters *left,
                                   const struct cell_parameters *right) {
    for (const struct field *field = parameter_fields; field->key != NULL; field++)
        if (!is_same(field->type, (const char *)left + field->offset,
                     (const char *)right + field->offset))
            return field->key;
    return NULL;
}

static double t_drift(const struct cell *cell) {
    return fabs(cell->t_after_us / cell->t_us - 1);
}

static double cores_drift(const struct cell *cell) {
    return fabs(cell->effective_cores_after / cell->effective_cores - 1);
}

double cell_drift(const struct cell *cell) {
    return fmax(t_drift(cell), cores_drift(cell)); /* of the one that is no NAN */
}

const char *cell_drift_unknown(const struct cell *cell) {
    bool t_is_known = isfinite(t_drift(cell)), cores_are = isfinite(cores_drift(cell));
    return t_is_known && cores_are ? NULL : cores_are ? "T" : t_is_known ? "E" : "T or E";
}

bool cell_is_steady(const struct cell *cell) {
    return cell_drift_unknown(cell) == NULL && cell_drift(cell) <= CELL_MAX_DRIFT;
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
