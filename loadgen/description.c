/* What a run was asked for and came to, as JSON; see description.h. */
#include "loadgen/description.h"

#include "common/clock.h"
#include "common/secrets.h"
#include "loadgen/drive/crew.h"
#include "loadgen/drive/stop_signals.h"
#include "loadgen/export/seconds.h"
#include "loadgen/options/require.h"

enum { REQUESTS_SCHEMA = 2 };

static void set_or_null(json_t *object, const char *key, bool known, json_t *value) {
    (void)json_object_set_new(object, key, known ? value : json_null());
    if (!known)
        json_decref(value);
}

static json_t *statistics(const struct outcome *outcome) {
    json_t *json = summary_json(&outcome->summary);
    (void)json_object_set_new(json, "generator_gaps",
                              summary_gaps_json(&outcome->summary));
    (void)json_object_set_new(json, "urls", by_url_json(&outcome->by_url));
    return json;
}

static const char *mode_of(const struct load_options *options) {
    return load_options_are_open(options) ? "open" : "closed";
}

static json_t *interruption(const struct drive_result *result) {
    const char *name = stop_signals_name(result->signal);
    return name != NULL ? json_string(name) : json_null();
}

json_t *description_statistics(const struct load_options *options,
                               const struct outcome *outcome) {
    json_t *json = statistics(outcome);
    (void)json_object_set_new(json, "mode", json_string(mode_of(options)));
    (void)json_object_set_new(json, "seed", json_integer((json_int_t)options->seed));
    (void)json_object_set_new(json, "interrupted", interruption(outcome->result));
    (void)json_object_set_new(json, "given_up",
                              json_boolean(outcome->result->was_given_up));
    (void)json_object_set_new(json, "validity", validity_json(&outcome->validity));
    if (outcome->search != NULL)
        (void)json_object_set_new(json, "search", search_json(outcome->search));
    return json;
}

/* What was asked for. */
static json_t *describe_plan(const struct load_options *options,
                             const struct drive_config *config, json_t *argv) {
    bool is_open = load_options_are_open(options);
    json_t *head = json_pack("{s:i, s:s, s:o, s:o, s:s}", "schema", REQUESTS_SCHEMA,
                             "kind", "juggle load", "url",
                             secrets_json(config->transport_config.urls->targets[0].url),
                             "argv", argv, "mode", mode_of(options));
    set_or_null(head, "users", !is_open, json_integer(options->users));
    set_or_null(head, "rounds", !is_open && config->plan.n_rounds != 0,
                json_integer((json_int_t)config->plan.n_rounds));
    (void)json_object_set_new(head, "threads", json_integer(crew_n_threads(config)));
    set_or_null(head, "rate_per_s", is_open, json_real(config->plan.rate_per_s));
    set_or_null(head, "ramp_to_per_s", options->ramp.to_per_s > 0,
                json_real(options->ramp.to_per_s));
    set_or_null(head, "arrivals", is_open, json_string(options->arrivals));
    (void)json_object_set_new(head, "think", think_json(&options->think));
    (void)json_object_set_new(head, "seed", json_integer((json_int_t)options->seed));
    return head;
}

json_t *description_make(const struct load_options *options,
                         const struct drive_config *config, const struct outcome *outcome,
                         json_t *argv) {
    const struct drive_result *result = outcome->result;
    bool is_open = load_options_are_open(options);
    json_t *head = describe_plan(options, config, argv);
    (void)json_object_set_new(head, "epoch_ns",
                              json_integer((json_int_t)result->epoch_ns));
    set_or_null(head, "start_spread_us", !is_open,
                json_real((double)result->start_spread_ns / (double)NS_PER_US));
    (void)json_object_set_new(head, "elapsed_s", json_real(outcome->summary.elapsed_s));
    (void)json_object_set_new(head, "window_s", json_real(outcome->summary.window_s));
    set_or_null(head, "drain_s", config->drain_ns > 0,
                json_real((double)config->drain_ns / (double)NS_PER_S));
    set_or_null(head, "warmup_s", result->warmup_ns > 0,
                json_real((double)result->warmup_ns / (double)NS_PER_S));
    (void)json_object_set_new(head, "connections_opened",
                              json_integer((json_int_t)result->counts.n_connections));
    (void)json_object_set_new(head, "transport", json_string(config->transport->name));
    (void)json_object_set_new(head, "preconnected",
                              json_boolean(config->transport_config.preconnects &&
                                           result->counts.n_unconnected == 0));
    (void)json_object_set_new(head, "retried",
                              json_integer((json_int_t)result->counts.n_retried));
    (void)json_object_set_new(head, "cut_off",
                              json_integer((json_int_t)result->n_cut_off));
    (void)json_object_set_new(head, "not_sent",
                              json_integer((json_int_t)result->n_not_sent));
    (void)json_object_set_new(head, "interrupted", interruption(result));
    (void)json_object_set_new(head, "given_up", json_boolean(result->was_given_up));
    (void)json_object_set_new(head, "rested_s",
                              json_real((double)result->rested_ns / (double)NS_PER_S));
    (void)json_object_set_new(head, "statistics", statistics(outcome));
    (void)json_object_set_new(head, "seconds", seconds_json(result, is_open));
    (void)json_object_set_new(head, "validity", validity_json(&outcome->validity));
    (void)json_object_set_new(head, "requirements",
                              require_json(&options->requirements, &outcome->summary));
    if (outcome->search != NULL)
        (void)json_object_set_new(head, "search", search_json(outcome->search));
    return head;
}
