/* Samples in cell files; see cell_samples.h. A new column is a row in a table here. */
#include "measured/cell_samples.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"

#define COLUMN(type, member, may_lack)                                                   \
    { #member, &field_##type, offsetof(struct sample, member), may_lack }

static const struct field own_fields[] = {
    COLUMN(unsigned, id, false),
    COLUMN(unsigned, user, false),
    COLUMN(number, planned_us, false),
    COLUMN(number, start_us, false),
    COLUMN(number, connect_us, true),
    COLUMN(number, first_byte_us, true),
    COLUMN(natural, latency_us, false),
    COLUMN(integer, status, false),
    COLUMN(number, bytes, true),
    COLUMN(text, error, true),
    COLUMN(number, queue_us, true),
    COLUMN(number, run_us, true),
    {0},
};

/* Who ran it: of schema 1 in an object of their own, "worker". */
static const struct field worker_fields[] = {
    COLUMN(integer, process, false), COLUMN(integer, thread, false),
    COLUMN(integer, cpu, true),      COLUMN(number, from_us, false),
    COLUMN(number, to_us, false),    COLUMN(number, cpu_us, true),
    COLUMN(number, wait_us, true),   {0},
};

enum {
    N_OWN = sizeof own_fields / sizeof *own_fields - 1,
    N_WORKER = sizeof worker_fields / sizeof *worker_fields - 1,
    N_COLUMNS = N_OWN + N_WORKER,
};

static const size_t NOWHERE = (size_t)-1;

static const struct field *column(size_t index) {
    return index < N_OWN ? &own_fields[index] : &worker_fields[index - N_OWN];
}

/* Writing */

/* Tenths of microseconds: below that is noise, and digits are what takes the room. */
static json_t *pack_value(const json_t *value) {
    if (value == NULL)
        return json_null();
    if (!json_is_real(value))
        return json_deep_copy(value);
    double tenths = round(json_real_value(value) * 10);
    if (fmod(tenths, 10) == 0 && fabs(tenths) < 1e15)
        return json_integer((json_int_t)(tenths / 10));
    return json_real(tenths / 10);
}

json_t *cell_samples_pack(const json_t *objects) {
    json_t *columns = json_array(), *rows = json_array(), *object;
    size_t i;
    for (size_t k = 0; k < N_COLUMNS; k++)
        (void)json_array_append_new(columns, json_string(column(k)->key));
    json_array_foreach((json_t *)objects, i, object) {
        json_t *row = json_array(), *worker = json_object_get(object, "worker");
        for (size_t k = 0; k < N_COLUMNS; k++)
            (void)json_array_append_new(
                row,
                pack_value(json_object_get(k < N_OWN ? object : worker, column(k)->key)));
        (void)json_array_append_new(rows, row);
    }
    return json_pack("{s:o, s:o}", "columns", columns, "rows", rows);
}

void cell_samples_print(const json_t *cell, const char *key, FILE *out) {
    const json_t *list = json_object_get(cell, key);
    const json_t *rows = json_object_get(list, "rows");
    (void)fprintf(out, "\"%s\": {\"columns\": ", key);
    (void)json_dumpf(json_object_get(list, "columns"), out, JSON_COMPACT);
    (void)fprintf(out, ", \"rows\": [");
    size_t i;
    json_t *row;
    json_array_foreach((json_t *)rows, i, row) {
        (void)fprintf(out, i > 0 ? ",\n" : "\n");
        (void)json_dumpf(row, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
    }
    (void)fprintf(out, "\n]}");
}

/* Reading */

/* A list of either form while it is read. */
struct list {
    const json_t *entries; /* objects or rows */
    const char *key;
    size_t places[N_COLUMNS]; /* of each column in a row; NOWHERE: not there */
    size_t n_places;          /* values that a row has */
    json_t *texts;
    char *why;
    size_t why_bytes;
};

static int read_object(const struct list *list, size_t index, const json_t *object,
                       struct sample *sample) {
    char where[80];
    (void)snprintf(where, sizeof where, "%s[%zu].", list->key, index);
    int error =
        fields_read(object, own_fields, sample, where, list->why, list->why_bytes);
    const json_t *worker = json_object_get(object, "worker");
    if (error == 0 && sample->error != NULL)
        (void)json_array_append(list->texts, json_object_get(object, "error"));
    if (error != 0 || worker == NULL || json_is_null(worker))
        return error;
    (void)snprintf(where, sizeof where, "%s[%zu].worker.", list->key, index);
    return fields_read(worker, worker_fields, sample, where, list->why, list->why_bytes);
}

/* A request without a worker has nothing in any of the worker's columns. */
static bool may_lack(const struct list *list, const json_t *row, size_t index) {
    size_t process = list->places[N_OWN];
    return column(index)->may_lack ||
           (index >= N_OWN && json_is_null(json_array_get(row, process)));
}

static int read_row(const struct list *list, size_t index, const json_t *row,
                    struct sample *sample) {
    if (!json_is_array(row) || json_array_size(row) != list->n_places) {
        (void)snprintf(list->why, list->why_bytes,
                       "%s.rows[%zu]: a row of %zu values is expected", list->key, index,
                       list->n_places);
        return -EINVAL;
    }
    for (size_t k = 0; k < N_COLUMNS; k++) {
        const struct field *field = column(k);
        json_t *value = json_array_get(row, list->places[k]);
        void *place = (char *)sample + field->offset;
        if (value == NULL || json_is_null(value)) {
            field->type->lack(place);
            if (may_lack(list, row, k))
                continue;
        } else if (field->type->read(value, place)) {
            if (json_is_string(value))
                (void)json_array_append(list->texts, value);
            continue;
        }
        (void)snprintf(list->why, list->why_bytes, "%s.rows[%zu]: %s: %s is expected",
                       list->key, index, field->key, field->type->expects);
        return -EINVAL;
    }
    return 0;
}

/* Where each column stands in the rows. */
static int find_columns(struct list *list, const json_t *names) {
    list->n_places = json_array_size(names);
    for (size_t k = 0; k < N_COLUMNS; k++) {
        list->places[k] = NOWHERE;
        for (size_t i = 0; i < list->n_places; i++) {
            const char *name = json_string_value(json_array_get(names, i));
            if (name != NULL && strcmp(name, column(k)->key) == 0)
                list->places[k] = i;
        }
        if (list->places[k] == NOWHERE && !column(k)->may_lack) {
            (void)snprintf(list->why, list->why_bytes, "%s.columns: '%s' is missing",
                           list->key, column(k)->key);
            return -EINVAL;
        }
    }
    return 0;
}

int cell_samples_read(const json_t *cell, const char *key, json_t *texts,
                      struct sample **samples, size_t *n_samples, char *why,
                      size_t why_bytes) {
    const json_t *value = json_object_get(cell, key);
    bool are_rows = json_is_object(value);
    struct list list = {.entries = are_rows ? json_object_get(value, "rows") : value,
                        .key = key,
                        .texts = texts,
                        .why = why,
                        .why_bytes = why_bytes};
    if (!json_is_array(list.entries)) {
        (void)snprintf(why, why_bytes,
                       "%s: columns and rows, or an array, are expected%s", key,
                       value == NULL ? ", it is missing" : "");
        return -EINVAL;
    }
    int error = are_rows ? find_columns(&list, json_object_get(value, "columns")) : 0;
    if (error != 0)
        return error;
    *n_samples = json_array_size(list.entries);
    *samples = calloc(*n_samples + 1, sizeof **samples);
    if (*samples == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < *n_samples && error == 0; i++)
        error = (are_rows ? read_row : read_object)(
            &list, i, json_array_get(list.entries, i), *samples + i);
    return error;
}
