/* run.json; see describe.h and results/README.md. */
#include "director/describe.h"

#include <curl/curl.h>
#include <event2/event.h>

#include "common/build_info.h"
#include "common/machine.h"
#include "measured/run.h"

static json_t *describe_versions(void) {
    struct event_base *base = event_base_new();
    json_t *versions =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "juggle", build_version,
                  "revision", build_revision, "compiler", build_compiler, "flags",
                  build_flags, "libevent", event_get_version(), "libevent_method",
                  base != NULL ? event_base_get_method(base) : "unknown", "libcurl",
                  curl_version(), "jansson", JANSSON_VERSION);
    if (base != NULL)
        event_base_free(base);
    return versions;
}

static json_t *describe_cells(const struct plan *plan) {
    json_t *cells = json_array();
    for (unsigned i = 0; i < plan->n_cells; i++) {
        const struct published *published = &plan->cells[i].published;
        json_t *described =
            published->mean_t > 0
                ? json_pack("{s:f, s:f, s:f}", "mean_t", published->mean_t, "first_t",
                            published->first_t, "last_t", published->last_t)
                : json_null();
        (void)json_array_append_new(
            cells,
            json_pack("{s:s, s:s, s:o, s:s?}", "name", plan->cells[i].parameters.name,
                      "label", plan->cells[i].parameters.label, "published", described,
                      "twin_of", plan->cells[i].twin_of));
    }
    return cells;
}

json_t *describe_run(const struct plan *plan, const struct calibrated *calibrated,
                     int argc, char **argv) {
    json_t *words = json_array();
    for (int i = 0; i < argc; i++)
        (void)json_array_append_new(words, json_string(argv[i]));
    return json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:I, s:i, s:f, s:f, s:i, s:s, s:s, s:b, s:o, s:o, "
        "s:{s:f, s:f}, s:o}",
        "schema", RUN_SCHEMA, "kind", "juggle run", "started_at", calibrated->started_at,
        "experiment", plan->experiment_name, "argv", words, "seed",
        (json_int_t)plan->seed, "repeats", (int)plan->n_repeats, "precision",
        plan->precision, "budget_s", (double)plan->budget_ns / 1e9, "users",
        (int)plan->users, "work_asked", plan->work_text, "work", calibrated->work_text,
        "interrupted", 0, "machine", machine_describe(), "versions", describe_versions(),
        "calibration", "turns_per_ms", calibrated->turns_per_ms, "effective_cores",
        calibrated->effective_cores, "cells", describe_cells(plan));
}
