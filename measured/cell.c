/* Cell files, read and built; see cell.h. */
#include "measured/cell.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"

#define ROW(type, owner, member, may_lack)                                               \
    { #member, &field_##type, offsetof(struct owner, member), may_lack }

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
    ROW(natural, cell_window, tree_cpu_s, true),
    ROW(natural, cell_window, idle_cpus, true),
    {0},
};

/* Of "server" and "generator", where figures look for them by name (measured/metric.c).
 */
static const struct field usage_fields[] = {
    {"cpu_user_s", &field_natural, 0, true},
    {"cpu_system_s", &field_natural, 0, true},
    {"peak_threads", &field_natural, 0, true},
    {"peak_processes", &field_natural, 0, true},
    {"peak_pss_bytes", &field_natural, 0, true},
    {"peak_pss_anon_bytes", &field_natural, 0, true},
    {"idle_pss_anon_bytes", &field_natural, 0, true},
    {0},
};

/* Before schema 3 they stood in the cell itself, measured before its repeat. */
static const struct field old_machine_fields[] = {
    {"t_us", &field_positive, offsetof(struct machine_state, t_alone_us), true},
    {"effective_cores", &field_positive, offsetof(struct machine_state, cores), true},
    {"turns_per_ms", &field_positive, offsetof(struct machine_state, turns_per_ms), true},
    {0},
};

/* The samples of a cell, in the forms they have had */

static const struct {
    const char *key;    /* of the list that stood in the file */
    const char *load;   /* of the object that says how many samples there are */
    const char *ending; /* of the table's name */
} lists[] = {
    [CELL_REQUESTS] = {"requests", "load", ".tsv"},
    [CELL_PROBES] = {"probes", "probe", ".probes.tsv"},
};

/* Reads an object, with an object "worker" in it or the worker's values among its own. 0,
 * or -EINVAL with what is wrong behind `where`. */
static int read_entry(const json_t *entry, const char *where, struct sample *sample,
                      char why[WHY_BYTES]) {
    const json_t *worker = json_object_get(entry, "worker");
    *sample = sample_unknown;
    for (size_t k = 0; k < N_SAMPLE_COLUMNS; k++) {
        const struct sample_column *column = &sample_columns[k];
        const json_t *value = json_object_get(worker, column->name);
        value = value != NULL ? value : json_object_get(entry, column->name);
        bool lacks = value == NULL || json_is_null(value);
        bool may_lack = column->may_lack || (column->is_workers && sample->process == 0);
        if (column->type != &field_boolean && !(lacks && may_lack) &&
            (lacks || !column->type->read(value, (char *)sample + column->offset)))
            return error_say(why, -EINVAL, "%s.%s: %s is expected%s", where, column->name,
                             column->type->expects,
                             value == NULL ? ", it is missing" : "");
    }
    sample->answered = sample_is_answered(sample->status, sample->error);
    return 0;
}

/* A row as an object; NULL when it does not have a value for each column. */
static json_t *name_values(const json_t *columns, const json_t *row) {
    if (json_array_size(columns) != json_array_size(row))
        return NULL;
    json_t *object = json_object();
    for (size_t i = 0; i < json_array_size(row); i++)
        (void)json_object_set(object, json_string_value(json_array_get(columns, i)),
                              json_array_get(row, i));
    return object;
}

/* A list in JSON: objects, or in schemas 2 and 3 columns and rows. */
static int visit_json(const json_t *value, const char *key, sample_visit *visit,
                      void *context, char why[WHY_BYTES]) {
    const json_t *columns = json_object_get(value, "columns");
    const json_t *entries = columns != NULL ? json_object_get(value, "rows") : value;
    int error = 0;
    if (!json_is_array(entries))
        return error_say(why, -EINVAL, "%s: columns and rows, or an array, are expected",
                         key);
    for (size_t i = 0; error == 0 && i < json_array_size(entries); i++) {
        json_t *entry = json_array_get(entries, i);
        char where[48];
        struct sample sample;
        if (json_is_true(json_object_get(entry, "warmup")))
            continue;
        entry = columns != NULL ? name_values(columns, entry) : json_incref(entry);
        (void)snprintf(where, sizeof where, "%s[%zu]", key, i);
        error =
            json_is_object(entry)
                ? read_entry(entry, where, &sample, why)
                : error_say(why, -EINVAL, "%s: %s is expected", where,
                            columns != NULL ? "a row as long as columns" : "an object");
        if (error == 0)
            error = visit(context, &sample);
        json_decref(entry);
    }
    return error;
}

int cell_table_path(const char *cell_path, enum cell_list list, char *path,
                    size_t path_bytes) {
    size_t length = strlen(cell_path), ending = strlen(".json");
    if (length <= ending || strcmp(cell_path + length - ending, ".json") != 0)
        return -EINVAL;
    int n = snprintf(path, path_bytes, "%.*s%s", (int)(length - ending), cell_path,
                     lists[list].ending);
    return n >= 0 && (size_t)n < path_bytes ? 0 : -EINVAL;
}

/* Times of a table become those since the users started. */
static int visit_table(const struct cell *cell, enum cell_list list,
                       json_int_t n_expected, sample_visit *visit, void *context,
                       char why[WHY_BYTES]) {
    char path[4608] = "";
    if (cell_table_path(cell->path, list, path, sizeof path) != 0)
        return error_say(why, -EINVAL,
                         "its samples are in another file, which cannot be found unless "
                         "this one is called NAME.json");
    json_int_t n_rows = 0;
    struct sample_table *table = sample_table_open(path, why);
    struct sample sample;
    int got = table != NULL ? 0 : -EINVAL, visited = 0;
    while (table != NULL && visited == 0 &&
           (got = sample_table_next(table, &sample)) == 1) {
        sample.planned_us -= cell->users_from_us;
        sample.start_us -= cell->users_from_us;
        sample.from_us -= cell->users_from_us;
        sample.to_us -= cell->users_from_us;
        visited = visit(context, &sample);
        n_rows++;
    }
    sample_table_close(table);
    if (visited != 0)
        return visited;
    if (got == 0 && n_rows != n_expected)
        got = error_say(why, -EINVAL, "%lld samples are expected, there are %lld",
                        (long long)n_expected, (long long)n_rows);
    const char *slash = strrchr(path, '/');
    return got == 0
               ? 0
               : error_say(why, got, "%s: %s", slash != NULL ? slash + 1 : path, why);
}

static int visit_list(const struct cell *cell, enum cell_list list, sample_visit *visit,
                      void *context, char why[WHY_BYTES]) {
    const json_t *inside = json_object_get(cell->json, lists[list].key);
    const json_t *load = json_object_get(cell->json, lists[list].load);
    const json_t *n_samples = json_object_get(load, "samples");
    if (inside != NULL)
        return visit_json(inside, lists[list].key, visit, context, why);
    if (list == CELL_PROBES && load == NULL)
        return 0;
    if (json_is_integer(n_samples))
        return visit_table(cell, list, json_integer_value(n_samples), visit, context,
                           why);
    return error_say(why, -EINVAL, "%s.samples: a whole number is expected%s",
                     lists[list].load, n_samples == NULL ? ", it is missing" : "");
}

int cell_visit(const struct cell *cell, enum cell_list list, sample_visit *visit,
               void *context) {
    char why[WHY_BYTES];
    return visit_list(cell, list, visit, context, why);
}

/* The file as a whole */

/* Has the samples go by, the users' first: their end tells which probes were in time. */
static int read_samples(struct cell *cell, char why[WHY_BYTES]) {
    const char *mode =
        fields_get_text(json_object_get(cell->json, "load"), "mode", "closed");
    cell->open_loop = strcmp(mode, "open") == 0;
    struct sums_maker maker = {.open_loop = cell->open_loop,
                               .counts_servers = cell->parameters.processes > 1,
                               .n_each = cell->parameters.workers};
    int error = visit_list(cell, CELL_REQUESTS, sums_take_request, &maker, why);
    if (error == 0 && cell->parameters.name != NULL) /* a load alone has no probes */
        error = visit_list(cell, CELL_PROBES, sums_take_probe, &maker, why);
    if (error == 0)
        error = sums_make(&maker);
    if (error != 0) {
        sums_abandon(&maker);
        return error;
    }
    if (parameters_are_external(&cell->parameters))
        sums_take_tree(&maker, cell->window.tree_cpu_s -
                                   cell->window.idle_cpus * cell->window.seconds);
    cell->sums = maker.sums;
    cell->n_requests = maker.n_requests;
    cell->n_answered = maker.answers.n;
    cell->n_probes = maker.n_probes;
    cell->latencies = maker.answers;
    cell->probes[false] = maker.probes[false];
    cell->probes[true] = maker.probes[true];
    return 0;
}

/* That what a tree of processes used is numbers, where the file says it. */
static int check_usage(const struct cell *cell, const char *whose, char why[WHY_BYTES]) {
    const json_t *used = json_object_get(cell->json, whose);
    char where[16];
    double unused;
    (void)snprintf(where, sizeof where, "%s.", whose);
    return used != NULL ? fields_read(used, usage_fields, &unused, where, why) : 0;
}

/* All but the samples; before schema 3 there was no window. */
static int read_head(struct cell *cell, char why[WHY_BYTES]) {
    const json_t *machine = json_object_get(cell->json, "machine");
    json_t *window = json_incref(json_object_get(cell->json, "window"));
    window = window != NULL ? window : json_object();
    int error = parameters_read(json_object_get(cell->json, "parameters"),
                                &cell->parameters, why);
    if (error == 0)
        error = fields_read(cell->json, cell_fields, cell, "", why);
    cell->clocks_differ =
        json_object_get(json_object_get(cell->json, "server"), "host") != NULL ||
        json_object_get(json_object_get(cell->json, "generator"), "host") != NULL;
    if (isnan(cell->users_from_us)) /* of an older file all times count from there */
        cell->users_from_us = 0;
    if (error == 0)
        error =
            machine != NULL
                ? fields_read(machine, machine_fields, &cell->machine, "machine.", why)
                : fields_read(cell->json, old_machine_fields, &cell->machine, "", why);
    if (error == 0)
        error = fields_read(window, window_fields, &cell->window, "window.", why);
    if (error == 0)
        error = check_usage(cell, "server", why);
    if (error == 0)
        error = check_usage(cell, "generator", why);
    json_decref(window);
    return error;
}

/* The file of a load becomes the "load" of a cell of which nothing else is known. */
static int make_cell_of_load(struct cell *cell) {
    json_t *requests = json_incref(json_object_get(cell->json, "requests"));
    (void)json_object_del(cell->json, "requests");
    cell->json = json_pack("{s:o, s:o*}", "load", cell->json, "requests", requests);
    cell->machine = (struct machine_state){NAN, NAN, NAN};
    cell->window =
        (struct cell_window){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false, NAN, NAN};
    return cell->json != NULL ? 0 : -ENOMEM;
}

/* The cell gets the JSON, NULL when `why` says that there is none. */
static int read_json(const char *path, json_t *json, bool is_load, struct cell *cell,
                     char why[WHY_BYTES]) {
    *cell = (struct cell){.json = json, .others_in_pass = NAN};
    if (json == NULL)
        return -EINVAL;
    (void)error_say(why, 0, "out of memory");
    cell->path = strdup(path);
    int error = cell->path == NULL ? -ENOMEM
                : is_load          ? make_cell_of_load(cell)
                                   : read_head(cell, why);
    if (error == 0)
        error = read_samples(cell, why);
    if (error == 0)
        return 0;
    cell_free(cell);
    return error_say(why, error, "%s: %s", path, why);
}

int cell_read(const char *path, struct cell *cell, char why[WHY_BYTES]) {
    json_t *json = fields_load(path, "juggle cell", CELL_SCHEMA, why);
    return read_json(path, json, false, cell, why);
}

int cell_read_either(const char *path, struct cell *cell, char why[WHY_BYTES]) {
    json_t *json = fields_load_any(path, why);
    bool is_load = strcmp(fields_get_text(json, "kind", ""), "juggle load") == 0;
    if (json != NULL &&
        fields_check_kind(json, path, is_load ? "juggle load" : "juggle cell",
                          is_load ? LOAD_SCHEMA : CELL_SCHEMA, why) != 0) {
        json_decref(json);
        json = NULL;
    }
    return read_json(path, json, is_load, cell, why);
}

void cell_drop_latencies(struct cell *cell) {
    free(cell->latencies.us);
    cell->latencies = (struct latencies){0};
}

void cell_free(struct cell *cell) {
    cell_drop_latencies(cell);
    free(cell->probes[false].us);
    free(cell->probes[true].us);
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
