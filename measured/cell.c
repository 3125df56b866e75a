/* Reading of cell files; see cell.h. */
#include "measured/cell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    ROW(number, cell, effective_cores, true),
    {0},
};

static const struct field sample_fields[] = {
    ROW(unsigned, sample, id, false),
    ROW(unsigned, sample, user, false),
    ROW(number, sample, planned_us, false),
    ROW(number, sample, start_us, false),
    ROW(number, sample, connect_us, true),
    ROW(number, sample, first_byte_us, true),
    ROW(number, sample, latency_us, false),
    ROW(integer, sample, status, false),
    ROW(number, sample, bytes, true),
    ROW(text, sample, error, true),
    ROW(number, sample, queue_us, true),
    ROW(number, sample, run_us, true),
    {0},
};

static const struct field worker_fields[] = {
    ROW(integer, sample, process, false), ROW(integer, sample, thread, false),
    ROW(integer, sample, cpu, true),      ROW(number, sample, from_us, false),
    ROW(number, sample, to_us, false),    ROW(number, sample, cpu_us, true),
    ROW(number, sample, wait_us, true),   {0},
};

bool sample_is_answered(const struct sample *sample) {
    return sample->status == 200 && sample->error == NULL;
}

static int read_sample(const json_t *json, const char *list, size_t index,
                       struct sample *sample, char *why, size_t why_bytes) {
    char where[64];
    (void)snprintf(where, sizeof where, "%s[%zu].", list, index);
    int error = fields_read(json, sample_fields, sample, where, why, why_bytes);
    const json_t *worker = json_object_get(json, "worker");
    if (error != 0 || worker == NULL || json_is_null(worker))
        return error;
    (void)snprintf(where, sizeof where, "%s[%zu].worker.", list, index);
    return fields_read(worker, worker_fields, sample, where, why, why_bytes);
}

/* The samples of one list; the caller frees them, read completely or not. */
static int read_samples(const json_t *json, const char *list, struct sample **samples,
                        size_t *n_samples, char *why, size_t why_bytes) {
    const json_t *array = json_object_get(json, list);
    if (!json_is_array(array)) {
        (void)snprintf(why, why_bytes, "%s: an array is expected%s", list,
                       array == NULL ? ", it is missing" : "");
        return -EINVAL;
    }
    *n_samples = json_array_size(array);
    *samples = calloc(*n_samples + 1, sizeof **samples);
    if (*samples == NULL)
        return -ENOMEM;
    int error = 0;
    for (size_t i = 0; i < *n_samples && error == 0; i++)
        error =
            read_sample(json_array_get(array, i), list, i, *samples + i, why, why_bytes);
    return error;
}

static int read_all(struct cell *cell, char *why, size_t why_bytes) {
    const json_t *json = cell->json;
    int error = fields_read(json_object_get(json, "parameters"), parameter_fields,
                            &cell->parameters, "parameters.", why, why_bytes);
    if (error == 0)
        error = fields_read(json, cell_fields, cell, "", why, why_bytes);
    const char *mode = fields_get_text(json_object_get(json, "load"), "mode", "closed");
    cell->open_loop = strcmp(mode, "open") == 0;
    if (error == 0)
        error = read_samples(json, "requests", &cell->requests, &cell->n_requests, why,
                             why_bytes);
    if (error == 0)
        error =
            read_samples(json, "probes", &cell->probes, &cell->n_probes, why, why_bytes);
    return error;
}

int cell_read(const char *path, struct cell *cell, char *why, size_t why_bytes) {
    *cell = (struct cell){0};
    cell->json = fields_load(path, "juggle cell", CELL_SCHEMA, why, why_bytes);
    if (cell->json == NULL)
        return -EINVAL;
    char field[256] = "out of memory";
    int error = read_all(cell, field, sizeof field);
    if (error != 0) {
        (void)snprintf(why, why_bytes, "%s: %s", path, field);
        cell_free(cell);
    }
    return error;
}

void cell_free(struct cell *cell) {
    free(cell->requests);
    free(cell->probes);
    json_decref(cell->json);
    *cell = (struct cell){0};
}
