/* run.json, written and read; see info.h and results/README.md. */
#include "director/info.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/secrets.h"
#include "common/base/text.h"
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

static json_t *text_or_null(const char *text) {
    return text != NULL ? secrets_json(text) : json_null();
}

/* "hosts", of a run that was not here alone. */
static const struct field hosts_fields[] = {
    {"server", &field_text, offsetof(struct plan, server_host.host), true},
    {"from", &field_text, offsetof(struct plan, from.host), true},
    {"ssh", &field_text, offsetof(struct plan, server_host.ssh), true},
    {"juggle", &field_text, offsetof(struct plan, server_host.juggle), true},
    {"server_address", &field_text, offsetof(struct plan, server_host.address), true},
    {0},
};

json_t *info_describe(struct plan *plan, const struct calibrated *calibrated, int argc,
                      char **argv) {
    const struct cell_plan *first = &plan->cells[0];
    json_t *cells = json_array(), *names = json_array(), *lengths = json_array();
    json_t *steps = json_array();
    for (unsigned i = 0; i < plan->steps.n; i++)
        (void)json_array_append_new(steps, secrets_json(plan->steps.texts[i]));
    for (unsigned i = 0; i < plan->n_cells; i++)
        (void)json_array_append_new(cells, cell_plan_pack(&plan->cells[i]));
    for (unsigned i = 0; i < plan->n_experiments; i++) {
        const struct planned_experiment *planned = &plan->experiments[i];
        (void)json_array_append_new(names, json_string(planned->name));
        (void)json_array_append_new(lengths, json_pack("{s:i, s:f}", "repeats",
                                                       (int)planned->n_repeats, "weight",
                                                       planned->weight));
    }
    json_t *hosts = plan->server_host.host == NULL && plan->from.host == NULL
                        ? NULL
                        : fields_pack(hosts_fields, plan);
    return json_pack(
        "{s:i, s:s, s:s, s:s, s:o, s:o, s:I, s:i, s:o, s:f, s:f, s:i, s:s, s:s, s:o, "
        "s:o, s:o, s:f, s:b, "
        "s:o, s:o, s:{s:f, s:o, s:o}, s:o, s:o, s:o, s:o*}",
        "schema", RUN_SCHEMA, "kind", "juggle run", "started_at", calibrated->started_at,
        "experiment", plan->experiments[0].name, "experiments", names, "argv",
        command_line_json(argc, argv), "seed", (json_int_t)plan->seed, "repeats",
        (int)plan->experiments[0].n_repeats, "lengths", lengths, "precision",
        plan->precision, "budget_s", (double)plan->budget_ns / 1e9, "users",
        (int)first->parameters.users, "work_asked", first->asked, "work",
        first->parameters.work, "steps", steps, "query",
        text_or_null(plan->contestants.query), "body",
        text_or_null(plan->contestants.all[0].body), "step_timeout_s",
        (double)plan->contestants.step_timeout_ns / 1e9, "interrupted", 0, "machine",
        remote_describe(plan_hosts(plan).server), "versions", describe_versions(),
        "calibration", "turns_per_ms", calibrated->turns_per_ms, "effective_cores",
        fields_number(calibrated->effective_cores), "t_alone_us",
        fields_number(calibrated->t_alone_us), "contestants",
        contestants_pack(&plan->contestants), "p99_us",
        fields_number(plan->p99_us > 0 ? plan->p99_us : NAN), "cells", cells, "hosts",
        hosts);
}

/* A run that goes on */

struct run_fields {
    const char *started_at;
    double precision, budget_s;
    unsigned n_repeats;
};

static const struct field run_fields[] = {
    {"started_at", &field_text, offsetof(struct run_fields, started_at), false},
    {"precision", &field_number, offsetof(struct run_fields, precision), false},
    {"budget_s", &field_number, offsetof(struct run_fields, budget_s), false},
    {"repeats", &field_unsigned, offsetof(struct run_fields, n_repeats), false},
    {0},
};

static _Noreturn void refuse(const char *folder, const char *why) {
    error_exit("run: --resume: %s/run.json: %s", folder, why);
}

static void read_cell(struct plan *plan, const json_t *object, size_t i,
                      const char *folder) {
    char why[WHY_BYTES];
    struct cell_plan *cell = &plan->cells[plan->n_cells];
    if (cell_plan_read(object, i, cell, why) < 0)
        refuse(folder, why);
    const char *name = cell->parameters.experiment;
    if (parameters_are_external(&cell->parameters) &&
        contestants_find(&plan->contestants, cell->parameters.contestant) == NULL)
        refuse(folder, "it has a cell of a contestant that it does not have");
    struct planned_experiment *last =
        plan->n_experiments > 0 ? &plan->experiments[plan->n_experiments - 1] : NULL;
    if (last == NULL || strcmp(last->name, name) != 0) {
        if (plan->n_experiments == PLAN_MAX_EXPERIMENTS)
            refuse(folder, "more experiments than a run may have");
        const struct experiment *experiment = experiment_find(name);
        if (experiment == NULL)
            refuse(folder, "it has an experiment that this juggle does not know");
        last = &plan->experiments[plan->n_experiments++];
        *last = (struct planned_experiment){
            .name = name, .experiment = experiment, .first_cell = plan->n_cells};
    }
    last->n_cells++;
    plan->n_cells++;
}

/* Runs of older releases have none. */
static void read_steps(struct plan *plan, const json_t *info, const char *folder) {
    const json_t *steps = json_object_get(info, "steps");
    char why[WHY_BYTES];
    if (json_array_size(steps) > WORK_MAX_DECLARED)
        refuse(folder, "it has too many steps");
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const char *text = json_string_value(json_array_get(steps, i));
        if (text == NULL || strstr(text, "***") != NULL)
            refuse(folder, "a step of it has a credential, which no file keeps; run it "
                           "anew");
        plan->steps.texts[plan->steps.n++] = text;
    }
    if (work_declare(&plan->steps, why) != 0)
        refuse(folder, why);
    plan->contestants.query = fields_get_text(info, "query", NULL);
    plan->contestants.all[0].body = fields_get_text(info, "body", NULL);
    double limit_s = fields_get_number(info, "step_timeout_s");
    plan->contestants.step_timeout_ns = limit_s > 0 ? (uint64_t)(limit_s * 1e9) : 0;
}

/* "host was a and is b", for each fact that is not what it was; else "". */
static void find_differences(const json_t *info, const struct remote *host, char *text,
                             size_t text_bytes) {
    static const char *const facts[][2] = {
        {"machine", "host"},    {"machine", "cpu_model"}, {"machine", "cpus_usable"},
        {"versions", "binary"}, {"versions", "juggle"},
    };
    json_t *now = json_pack("{s:o, s:o}", "machine", remote_describe(host), "versions",
                            describe_versions());
    text[0] = '\0';
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        const json_t *was =
            json_object_get(json_object_get(info, facts[i][0]), facts[i][1]);
        const json_t *is =
            json_object_get(json_object_get(now, facts[i][0]), facts[i][1]);
        if (json_equal(was, is))
            continue;
        char *before = json_dumps(was, JSON_ENCODE_ANY);
        char *after = json_dumps(is, JSON_ENCODE_ANY);
        text_append(text, text_bytes, "%s%s was %s and is %s",
                    text[0] != '\0' ? "; " : "", facts[i][1],
                    before != NULL ? before : "unknown",
                    after != NULL ? after : "unknown");
        free(before);
        free(after);
    }
    json_decref(now);
}

/* Of each experiment the last pass of which there is a cell; how long all cells took. */
static void look_at_cells(struct plan *plan, const char *folder,
                          struct resumed *resumed) {
    struct planned_experiment *planned = plan->experiments;
    for (unsigned i = 0; i < plan->n_cells; i++) {
        char path[4300];
        planned += i == planned->first_cell + planned->n_cells;
        for (unsigned pass = 1; pass <= PLAN_MAX_PASSES; pass++) {
            if (!info_has_cell(folder, &plan->cells[i], pass))
                continue;
            planned->last_pass = pass > planned->last_pass ? pass : planned->last_pass;
            (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder,
                           plan->cells[i].parameters.name, pass);
            json_t *cell = json_load_file(path, 0, NULL);
            double seconds =
                fields_get_number(json_object_get(cell, "window"), "server_seconds");
            resumed->measured_s += isfinite(seconds) ? seconds : 0;
            json_decref(cell);
        }
    }
}

/* How often and in which share; runs of older releases say the one alone. */
static void read_lengths(struct plan *plan, const json_t *info, unsigned n_repeats) {
    const json_t *lengths = json_object_get(info, "lengths");
    for (unsigned i = 0; i < plan->n_experiments; i++) {
        struct planned_experiment *planned = &plan->experiments[i];
        const json_t *length = json_array_get(lengths, i);
        const json_t *own = json_object_get(length, "repeats");
        double weight = fields_get_number(length, "weight");
        json_int_t n_own = json_integer_value(own);
        planned->n_repeats = n_own > 0 && n_own <= 1000000 ? (unsigned)n_own : n_repeats;
        planned->weight = weight >= 0 ? weight : 1;
    }
    plan->is_of_all = plan->n_experiments > 1;
}

/* What the experiments would take for which no time was left, by their presets. */
static double seconds_of_left_out(const struct plan *plan, const json_t *info) {
    double seconds = 0;
    size_t i;
    json_t *left_out;
    json_array_foreach(json_object_get(info, "experiments_left_out"), i, left_out) {
        const char *name = fields_get_text(left_out, "experiment", "");
        for (unsigned k = 0; k < plan->n_experiments; k++)
            if (strcmp(plan->experiments[k].name, name) == 0)
                seconds += plan->experiments[k].weight;
    }
    return seconds;
}

/* Connects to the hosts of the run, which are to be as they were, or `anyway`; how they
 * are not is the text. */
static void meet_again(struct plan *plan, const json_t *info, const char *folder,
                       bool anyway, char *text, size_t text_bytes) {
    char why[WHY_BYTES];
    const json_t *hosts = json_object_get(info, "hosts");
    if (hosts != NULL && fields_read(hosts, hosts_fields, plan, "hosts.", why) != 0)
        refuse(folder, why);
    plan->from.ssh = plan->server_host.ssh;
    plan->from.juggle = plan->server_host.juggle;
    plan_connect(plan);
    find_differences(info, plan_hosts(plan).server, text, text_bytes);
    if (text[0] != '\0' && !anyway)
        error_exit(
            "run: --resume: %s is of another machine or program: %s; --anyway goes "
            "on nevertheless, and the report says so",
            folder, text);
}

void info_resume(struct plan *plan, const char *folder, bool anyway,
                 struct resumed *resumed) {
    char path[4200], why[WHY_BYTES], differences[700];
    struct run_fields fields;
    (void)snprintf(path, sizeof path, "%s/run.json", folder);
    *resumed = (struct resumed){.info = fields_load(path, "juggle run", RUN_SCHEMA, why)};
    if (resumed->info == NULL)
        error_exit("run: --resume: %s", why);
    const json_t *cells = json_object_get(resumed->info, "cells");
    if (fields_read(resumed->info, run_fields, &fields, "", why) != 0)
        refuse(folder, why);
    if (json_array_size(cells) == 0 || json_array_size(cells) > PLAN_MAX_CELLS)
        refuse(folder, "it has no cells, or too many");
    if (!json_is_object(json_object_get(json_array_get(cells, 0), "parameters")))
        refuse(folder, "it was made by a release that could not resume; run it anew");
    meet_again(plan, resumed->info, folder, anyway, differences, sizeof differences);
    if (contestants_read(json_object_get(resumed->info, "contestants"),
                         &plan->contestants, why) != 0)
        refuse(folder, why);
    contestants_check(&plan->contestants);
    contestants_send_peers(&plan->contestants, plan_hosts(plan).server);
    read_steps(plan, resumed->info, folder);
    for (size_t i = 0; i < json_array_size(cells); i++)
        read_cell(plan, json_array_get(cells, i), i, folder);
    const json_t *calibration = json_object_get(resumed->info, "calibration");
    resumed->turns_per_ms = fields_get_number(calibration, "turns_per_ms");
    resumed->started_at = fields.started_at;
    if (!(resumed->turns_per_ms > 0))
        refuse(folder, "calibration.turns_per_ms: a number above 0 is expected");
    plan->seed = (uint64_t)json_integer_value(json_object_get(resumed->info, "seed"));
    plan->precision = fields.precision;
    plan->p99_us = fmax(0, fields_get_number(resumed->info, "p99_us"));
    read_lengths(plan, resumed->info, fields.n_repeats);
    look_at_cells(plan, folder, resumed);
    double left_s = fmax(1, fields.budget_s - resumed->measured_s) +
                    seconds_of_left_out(plan, resumed->info);
    if (plan->budget_ns == 0 && fields.budget_s > 0)
        plan->budget_ns = (uint64_t)(left_s * (double)NS_PER_S);
    (void)json_object_del(resumed->info, "experiments_left_out");
    (void)json_object_del(resumed->info, "stopped_by");
    (void)json_object_set_new(resumed->info, "interrupted", json_false());
    json_t *times = json_object_get(resumed->info, "resumed");
    json_t *text = json_string(differences);
    if (times == NULL)
        (void)json_object_set_new(resumed->info, "resumed", times = json_array());
    (void)json_array_append_new(times, text);
}

bool info_has_cell(const char *folder, const struct cell_plan *cell, unsigned repeat) {
    char path[4300];
    (void)snprintf(path, sizeof path, "%s/cells/%s-r%u.json", folder,
                   cell->parameters.name, repeat);
    return access(path, F_OK) == 0;
}
