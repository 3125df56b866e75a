/* Writing of cell files; see cell_build in cell.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/files.h"
#include "measured/cell.h"
#include "measured/cell_samples.h"

/* What of a load file does not go into the cell's "load": the samples, and the epoch. */
static bool stays_out(const char *key) {
    return strcmp(key, "requests") == 0 || strcmp(key, "epoch_ns") == 0;
}

static json_t *without_samples(json_t *load) {
    json_t *rest = json_object();
    const char *key;
    json_t *value;
    json_object_foreach(load, key, value) if (!stays_out(key))(void)
        json_object_set(rest, key, value);
    return rest;
}

static void move(json_t *object, const char *key, double by_us) {
    const json_t *value = json_object_get(object, key);
    if (json_is_number(value))
        (void)json_object_set_new(object, key,
                                  json_real(json_number_value(value) + by_us));
}

/* Moves the samples of `load` by so much on the time axis; returns them, borrowed. */
static json_t *moved_samples(json_t *load, double by_us) {
    json_t *samples = json_object_get(load, "requests");
    size_t i;
    json_t *sample;
    json_array_foreach(samples, i, sample) {
        move(sample, "planned_us", by_us);
        move(sample, "start_us", by_us);
        json_t *worker = json_object_get(sample, "worker");
        move(worker, "from_us", by_us);
        move(worker, "to_us", by_us);
    }
    return samples;
}

static bool is_load(const json_t *load) {
    return json_is_integer(json_object_get(load, "epoch_ns")) &&
           json_is_array(json_object_get(load, "requests"));
}

/* Microseconds from the epoch of `load` to that of `probe`. */
static double epoch_distance_us(const json_t *load, const json_t *probe) {
    json_int_t distance_ns = json_integer_value(json_object_get(probe, "epoch_ns")) -
                             json_integer_value(json_object_get(load, "epoch_ns"));
    return (double)distance_ns / 1000;
}

static json_t *pack_machine(const struct machine_state *machine) {
    return json_pack("{s:o, s:o, s:o}", "t_alone_us", fields_number(machine->t_alone_us),
                     "cores", fields_number(machine->cores), "turns_per_ms",
                     fields_number(machine->turns_per_ms));
}

static json_t *pack_window(const struct cell_window *window) {
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "began_s",
        fields_number(window->began_s), "seconds", fields_number(window->seconds),
        "server_seconds", fields_number(window->server_seconds), "cpus",
        fields_number(window->cpus), "allowance", fields_number(window->allowance),
        "idle_s", fields_number(window->idle_s), "stolen_s",
        fields_number(window->stolen_s), "director_cpu_s",
        fields_number(window->director_cpu_s), "generator_apart",
        window->generator_apart);
}

json_t *cell_build(const struct cell_parameters *parameters, unsigned repeat,
                   const struct machine_state *machine, const struct cell_window *window,
                   json_t *load, json_t *probe, json_t *server, json_t *generator) {
    json_t *cell = NULL;
    if (is_load(load) && (probe == NULL || is_load(probe))) {
        json_t *probes =
            probe != NULL ? moved_samples(probe, epoch_distance_us(load, probe)) : NULL;
        cell = json_pack(
            "{s:i, s:s, s:o, s:i, s:o, s:o, s:O*, s:O*, s:o, s:o*, s:o, s:o}", "schema",
            CELL_SCHEMA, "kind", "juggle cell", "parameters", parameters_pack(parameters),
            "repeat", (int)repeat, "machine", pack_machine(machine), "window",
            pack_window(window), "server", server, "generator", generator, "load",
            without_samples(load), "probe", probe != NULL ? without_samples(probe) : NULL,
            "requests", cell_samples_pack(json_object_get(load, "requests")), "probes",
            cell_samples_pack(probes));
    }
    json_decref(load);
    json_decref(probe);
    json_decref(server);
    json_decref(generator);
    return cell;
}

/* Everything but the samples, without the brace that closes the object. */
static char *print_head(const json_t *cell) {
    json_t *head = json_copy((json_t *)cell);
    (void)json_object_del(head, "requests");
    (void)json_object_del(head, "probes");
    char *text = json_dumps(head, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(head);
    char *end = text != NULL ? strrchr(text, '}') : NULL;
    if (end != NULL && end > text)
        end[-1] = '\0'; /* and the line end before it */
    return text;
}

int cell_write(const char *path, const json_t *cell) {
    struct whole_file file;
    char *head = print_head(cell);
    int error = head != NULL ? files_begin_own(&file, path) : -ENOMEM;
    if (error == 0) {
        (void)fprintf(file.stream, "%s,\n ", head);
        cell_samples_print(cell, "requests", file.stream);
        (void)fputs(",\n ", file.stream);
        cell_samples_print(cell, "probes", file.stream);
        (void)fputs("\n}\n", file.stream);
        error = files_commit(&file);
    }
    free(head);
    return error;
}
