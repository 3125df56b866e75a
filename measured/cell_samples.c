/* Samples of cells, in the forms they have had; see cell_samples.h. */
#include "measured/cell_samples.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"

static const struct {
    const char *key;    /* of the list that stood in the file */
    const char *load;   /* of the object that says how many samples there are */
    const char *ending; /* of the table's name */
} lists[] = {
    [CELL_REQUESTS] = {"requests", "load", ".tsv"},
    [CELL_PROBES] = {"probes", "probe", ".probes.tsv"},
};

bool cell_samples_are_inside(const json_t *json, enum cell_list list) {
    return json_object_get(json, lists[list].key) != NULL;
}

void cell_samples_drop(json_t *json, enum cell_list list) {
    (void)json_object_del(json, lists[list].key);
}

int cell_samples_path(const char *cell_path, enum cell_list list, char *path,
                      size_t path_bytes) {
    static const char ending[] = ".json";
    size_t length = strlen(cell_path);
    if (length <= strlen(ending) ||
        strcmp(cell_path + length - strlen(ending), ending) != 0)
        return -EINVAL;
    length -= strlen(ending);
    int n =
        snprintf(path, path_bytes, "%.*s%s", (int)length, cell_path, lists[list].ending);
    return n >= 0 && (size_t)n < path_bytes ? 0 : -EINVAL;
}

/* Lists in JSON: objects, with an object "worker" in each, or columns and rows. */

static const struct field_type *const json_types[N_SAMPLE_TYPES] = {
    [SAMPLE_UNSIGNED] = &field_unsigned, [SAMPLE_INTEGER] = &field_integer,
    [SAMPLE_FLAG] = &field_boolean,      [SAMPLE_NUMBER] = &field_number,
    [SAMPLE_NATURAL] = &field_natural,   [SAMPLE_TEXT] = &field_text,
};

/* A list while it is read. */
struct list {
    const char *key;
    const json_t *entries;
    bool are_rows;
    size_t places[N_SAMPLE_COLUMNS]; /* of each column in a row; NOWHERE: not there */
    size_t n_places;                 /* values that a row has */
    char *why;
    size_t why_bytes;
};

static const size_t NOWHERE = (size_t)-1;

static const json_t *value_of(const struct list *list, const json_t *entry, size_t k) {
    if (list->are_rows)
        return json_array_get(entry, list->places[k]);
    const json_t *owner =
        sample_columns[k].is_workers ? json_object_get(entry, "worker") : entry;
    return json_object_get(owner, sample_columns[k].name);
}

static int read_entry(const struct list *list, size_t index, const json_t *entry,
                      struct sample *sample) {
    if (list->are_rows ? json_array_size(entry) != list->n_places
                       : !json_is_object(entry)) {
        (void)snprintf(list->why, list->why_bytes, "%s[%zu]: %s is expected", list->key,
                       index, list->are_rows ? "a row as long as columns" : "an object");
        return -EINVAL;
    }
    const struct sample_column *missing = NULL; /* of what a worker's request has */
    *sample = sample_unknown;
    for (size_t k = 0; k < N_SAMPLE_COLUMNS; k++) {
        const struct sample_column *column = &sample_columns[k];
        const json_t *value = value_of(list, entry, k);
        bool lacks = value == NULL || json_is_null(value);
        if (column->type == SAMPLE_FLAG || (lacks && column->may_lack))
            continue;
        if (!lacks &&
            json_types[column->type]->read(value, (char *)sample + column->offset))
            continue;
        if (lacks && column->is_workers && sample->process == 0)
            continue;
        missing = column;
        (void)snprintf(list->why, list->why_bytes, "%s[%zu].%s: %s is expected%s",
                       list->key, index, column->name, sample_expects[column->type],
                       value == NULL ? ", it is missing" : "");
        break;
    }
    sample->answered = sample_is_answered(sample->status, sample->error);
    return missing == NULL ? 0 : -EINVAL;
}

/* Where each column stands in the rows. */
static int find_columns(struct list *list, const json_t *names) {
    list->n_places = json_array_size(names);
    for (size_t k = 0; k < N_SAMPLE_COLUMNS; k++) {
        const struct sample_column *column = &sample_columns[k];
        list->places[k] = NOWHERE;
        for (size_t i = 0; i < list->n_places; i++) {
            const char *name = json_string_value(json_array_get(names, i));
            if (name != NULL && strcmp(name, column->name) == 0)
                list->places[k] = i;
        }
        if (list->places[k] == NOWHERE && !column->may_lack &&
            column->type != SAMPLE_FLAG) {
            (void)snprintf(list->why, list->why_bytes, "%s.columns: '%s' is missing",
                           list->key, column->name);
            return -EINVAL;
        }
    }
    return 0;
}

static int visit_json(const json_t *value, const char *key, sample_visit *visit,
                      void *context, char *why, size_t why_bytes) {
    struct list list = {.key = key,
                        .are_rows = json_is_object(value),
                        .why = why,
                        .why_bytes = why_bytes};
    list.entries = list.are_rows ? json_object_get(value, "rows") : value;
    if (!json_is_array(list.entries)) {
        (void)snprintf(why, why_bytes, "%s: columns and rows, or an array, are expected",
                       key);
        return -EINVAL;
    }
    int error =
        list.are_rows ? find_columns(&list, json_object_get(value, "columns")) : 0;
    for (size_t i = 0; error == 0 && i < json_array_size(list.entries); i++) {
        const json_t *entry = json_array_get(list.entries, i);
        struct sample sample;
        if (json_is_true(json_object_get(entry, "warmup")))
            continue;
        error = read_entry(&list, i, entry, &sample);
        if (error == 0)
            error = visit(context, &sample);
    }
    return error;
}

/* Tables */

static int visit_rows(struct sample_table *table, double from_us, sample_visit *visit,
                      void *context, json_int_t *n_rows) {
    struct sample sample;
    int got = 0, visited = 0;
    while (visited == 0 && (got = sample_table_next(table, &sample)) == 1) {
        sample.planned_us -= from_us;
        sample.start_us -= from_us;
        sample.from_us -= from_us;
        sample.to_us -= from_us;
        visited = visit(context, &sample);
        ++*n_rows;
    }
    return visited != 0 ? visited : got;
}

static int visit_table(const char *cell_path, json_int_t n_expected, enum cell_list list,
                       double from_us, sample_visit *visit, void *context, char *why,
                       size_t why_bytes) {
    char path[4608] = "", line[256];
    if (cell_samples_path(cell_path, list, path, sizeof path) != 0) {
        (void)snprintf(why, why_bytes,
                       "its samples are in another file, which cannot be found unless "
                       "this one is called NAME.json");
        return -EINVAL;
    }
    json_int_t n_rows = 0;
    struct sample_table *table = sample_table_open(path, line, sizeof line);
    int got =
        table == NULL ? -EINVAL : visit_rows(table, from_us, visit, context, &n_rows);
    sample_table_close(table);
    if (got == 0 && n_rows != n_expected) {
        (void)snprintf(line, sizeof line, "%lld samples are expected, there are %lld",
                       (long long)n_expected, (long long)n_rows);
        got = -EINVAL;
    }
    const char *slash = strrchr(path, '/');
    if (got < 0)
        (void)snprintf(why, why_bytes, "%s: %s", slash != NULL ? slash + 1 : path, line);
    return got;
}

int cell_samples_visit(const char *cell_path, const json_t *json, enum cell_list list,
                       double from_us, sample_visit *visit, void *context, char *why,
                       size_t why_bytes) {
    const json_t *inside = json_object_get(json, lists[list].key);
    const json_t *load = json_object_get(json, lists[list].load);
    const json_t *n_samples = json_object_get(load, "samples");
    if (inside != NULL)
        return visit_json(inside, lists[list].key, visit, context, why, why_bytes);
    if (list == CELL_PROBES && load == NULL)
        return 0;
    if (json_is_integer(n_samples))
        return visit_table(cell_path, json_integer_value(n_samples), list, from_us, visit,
                           context, why, why_bytes);
    (void)snprintf(why, why_bytes, "%s.samples: a whole number is expected%s",
                   lists[list].load, n_samples == NULL ? ", it is missing" : "");
    return -EINVAL;
}
