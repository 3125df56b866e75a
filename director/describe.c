/* run.json; see describe.h and results/README.md. */
#include "director/describe.h"

#include <stdint.h>
#include <stdio.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "common/base/build_info.h"
#include "common/base/command_line.h"
#include "common/base/fields.h"
#include "common/base/machine.h"
#include "measured/run.h"

/*
 * A hash of this very binary (FNV-1a, Fowler, Noll, Vo), by which a comparison knows that
 * two runs measured the same program, whatever the revision says. "" when unreadable.
 */
static const char *hash_binary(char text[24]) {
    uint64_t hash = UINT64_C(14695981039346656037);
    unsigned char bytes[4096];
    FILE *binary = fopen("/proc/self/exe", "re");
    text[0] = '\0';
    if (binary == NULL)
        return text;
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, binary)) > 0;)
        for (size_t i = 0; i < n; i++)
            hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    if (ferror(binary) == 0)
        (void)snprintf(text, 24, "%016llx", (unsigned long long)hash);
    (void)fclose(binary);
    return text;
}

static json_t *describe_versions(void) {
    struct event_base *base = event_base_new();
    char binary[24];
    json_t *versions = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "juggle", build_version,
        "revision", build_revision, "binary", hash_binary(binary), "compiler",
        build_compiler, "flags", build_flags, "libevent", event_get_version(),
        "libevent_method", base != NULL ? event_base_get_method(base) : "unknown",
        "libcurl", curl_version(), "jansson", JANSSON_VERSION);
    if (base != NULL)
        event_base_free(base);
    return versions;
}

static json_t *describe_cells(const struct plan *plan) {
    json_t *cells = json_array();
    for (unsigned i = 0; i < plan->n_cells; i++) {
        const struct published *published = &plan->cells[i].published;
        json_t *described =
            published->mean > 0
                ? json_pack("{s:f, s:f, s:f}", "mean_t", published->mean, "first_t",
                            published->first, "last_t", published->last)
                : json_null();
        (void)json_array_append_new(
            cells, json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:s?, s:s?, s:o}", "name",
                             plan->cells[i].parameters.name, "experiment",
                             plan->cells[i].parameters.experiment, "place",
                             (int)plan->cells[i].place, "label",
                             plan->cells[i].parameters.label, "work_asked",
                             plan->cells[i].asked, "published", described, "twin_of",
                             plan->cells[i].twin_of, "skipped", plan->cells[i].skipped,
                             "parameters", parameters_pack(&plan->cells[i].parameters)));
    }
    return cells;
}

json_t *describe_now(void) {
    return json_pack("{s:o, s:o}", "machine", machine_describe(), "versions",
                     describe_versions());
}

static json_t *describe_experiments(const struct plan *plan) {
    json_t *names = json_array();
    for (unsigned i = 0; i < plan->n_experiments; i++)
        (void)json_array_append_new(names, json_string(plan->experiments[i].name));
    return names;
}

/* Of each experiment, in their order. */
static json_t *describe_lengths(const struct plan *plan) {
    json_t *lengths = json_array();
    for (unsigned i = 0; i < plan->n_experiments; i++)
        (void)json_array_append_new(lengths,
                                    json_pack("{s:i, s:f}", "repeats",
                                              (int)plan->experiments[i].n_repeats,
                                              "weight", plan->experiments[i].weight));
    return lengths;
}

json_t *describe_run(const struct plan *plan, const struct calibrated *calibrated,
                     int argc, char **argv) {
    const struct cell_plan *first = &plan->cells[0];
    return json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:o, s:I, s:i, s:o, s:f, s:f, s:i, s:s, s:s, s:b, "
        "s:o, "
        "s:o, s:{s:f, s:o, s:o}, s:o}",
        "schema", RUN_SCHEMA, "kind", "juggle run", "started_at", calibrated->started_at,
        "experiment", plan->experiments[0].name, "experiments",
        describe_experiments(plan), "argv", command_line_json(argc, argv), "seed",
        (json_int_t)plan->seed, "repeats", (int)plan->experiments[0].n_repeats, "lengths",
        describe_lengths(plan), "precision", plan->precision, "budget_s",
        (double)plan->budget_ns / 1e9, "users", (int)first->parameters.users,
        "work_asked", first->asked, "work", first->parameters.work, "interrupted", 0,
        "machine", machine_describe(), "versions", describe_versions(), "calibration",
        "turns_per_ms", calibrated->turns_per_ms, "effective_cores",
        fields_number(calibrated->effective_cores), "t_alone_us",
        fields_number(calibrated->t_alone_us), "cells", describe_cells(plan));
}
