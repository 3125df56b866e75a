/* The head of a cell's file; see cell_build in cell.h. */
#include "common/base/fields.h"
#include "measured/cell.h"

static bool is_load(const json_t *load) {
    return json_is_integer(json_object_get(load, "epoch_ns")) &&
           json_is_integer(json_object_get(load, "samples"));
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
                   uint64_t epoch_ns, json_t *load, json_t *probe, json_t *server,
                   json_t *generator) {
    json_t *cell = NULL;
    if (is_load(load) && (probe == NULL || is_load(probe))) {
        json_int_t began_ns = json_integer_value(json_object_get(load, "epoch_ns"));
        cell = json_pack("{s:i, s:s, s:o, s:i, s:o, s:o, s:f, s:O*, s:O*, s:O, s:O*}",
                         "schema", CELL_SCHEMA, "kind", "juggle cell", "parameters",
                         parameters_pack(parameters), "repeat", (int)repeat, "machine",
                         pack_machine(machine), "window", pack_window(window),
                         "users_from_us", (double)(began_ns - (json_int_t)epoch_ns) / 1e3,
                         "server", server, "generator", generator, "load", load, "probe",
                         probe);
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
