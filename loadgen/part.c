/* A part as JSON, and back, whoever wrote it; see part.h. */
#include "loadgen/part.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/secrets.h"
#include "loadgen/drive/start_stop.h"

enum { NEWEST_SCHEMA = 2 };

static const uint64_t MOST_NS = 1000000000000000000; /* of a time: thirty years */
static const uint64_t MOST_DAYS = 31; /* of a load, which has a row for each second */
static const double MOST_APART_S = 1; /* starts of parts */

/* What a part is. */
static const struct field head[] = {
    {"part", &field_unsigned, offsetof(struct part, number), false},
    {"parts", &field_unsigned, offsetof(struct part, n_parts), false},
    {"version", &field_text, offsetof(struct part, version), false},
    {"threads", &field_unsigned, offsetof(struct part, n_threads), false},
    {"numbers", &field_unsigned, offsetof(struct part, merge.n_users), false},
    {0},
};

/* What was asked for, of the whole load: what statistics, checks and the JSON need. */
#define OPTION(key, type, member)                                                        \
    { key, &field_##type, offsetof(struct load_options, member), false }
static const struct field whole[] = {
    OPTION("users", unsigned, config.plan.n_users),
    OPTION("rounds", count, config.plan.n_rounds),
    OPTION("think_low_s", natural, config.plan.think.low_s),
    OPTION("think_high_s", natural, config.plan.think.high_s),
    OPTION("think_exponential_s", natural, config.plan.think.exponential_mean_s),
    OPTION("rate_per_s", natural, config.plan.rate_per_s),
    OPTION("arrivals", text, arrivals),
    OPTION("arrivals_constant", boolean, config.plan.constant_gaps),
    OPTION("duration_ns", count, config.plan.duration_ns),
    OPTION("drain_ns", count, config.drain_ns),
    OPTION("warmup_ns", count, warmup.ns),
    OPTION("warmup_auto", boolean, warmup.is_found),
    OPTION("max_failures", count, config.max_failures),
    OPTION("seed", count, config.plan.seed),
    OPTION("http2", boolean, config.transport_config.http2),
    OPTION("preconnect", boolean, config.transport_config.preconnects),
    {0},
};
#undef OPTION

/* What came of the part, beside its samples. */
#define RESULT(type, member)                                                             \
    { #member, &field_##type, offsetof(struct drive_result, member), false }
static const struct field outcome[] = {
    RESULT(count, epoch_ns),
    RESULT(count, elapsed_ns),
    RESULT(count, window_ns),
    RESULT(count, first_start_ns),
    RESULT(count, last_start_ns),
    RESULT(count, counts.n_connections),
    RESULT(count, counts.n_retried),
    RESULT(count, counts.n_unconnected),
    RESULT(integer, counts.unconnected_error),
    RESULT(count, rested_ns),
    RESULT(count, usage.cpu_ns),
    RESULT(count, usage.waited_ns),
    RESULT(count, usage.n_waits),
    RESULT(count, usage.stolen_ticks),
    RESULT(count, usage.all_ticks),
    RESULT(boolean, is_drained),
    RESULT(unsigned, n_users),
    RESULT(count, users_time_ns),
    RESULT(count, n_cut_off),
    RESULT(count, n_not_sent),
    RESULT(natural, speed_change),
    {"clock_error_s", &field_natural, offsetof(struct drive_result, clock_error_s), true},
    RESULT(count, first_began_ns),
    RESULT(count, last_began_ns),
    RESULT(boolean, was_given_up),
    RESULT(integer, signal),
    {0},
};
#undef RESULT

static const struct field gap[] = {
    {"from_ns", &field_count, offsetof(struct gap, from_ns), false},
    {"to_ns", &field_count, offsetof(struct gap, to_ns), false},
    {"cpu_ns", &field_count, offsetof(struct gap, cpu_ns), false},
    {"first_user", &field_unsigned, offsetof(struct gap, first_user), false},
    {"end_user", &field_unsigned, offsetof(struct gap, end_user), false},
    {0},
};

/* "GET http://127.0.0.1:8000/" of each. */
static json_t *targets_json(const struct urls *urls) {
    json_t *targets = json_array();
    for (size_t i = 0; i < urls->n_targets; i++) {
        char *url = secrets_hide(urls->targets[i].url);
        json_t *target =
            json_sprintf("%s %s", urls->targets[i].method->name, url ? url : "");
        (void)json_array_append_new(targets, target != NULL ? target : json_null());
        free(url);
    }
    return targets;
}

json_t *part_json(const struct load_options *options, const struct drive_config *config,
                  const struct drive_result *result, json_t *words) {
    bool is_open = load_options_are_open(options);
    const struct gaps *gaps = &result->samples->gaps;
    struct part part = {.number = options->share.part,
                        .n_parts = options->share.n_parts,
                        .n_threads = threads_count(config),
                        .version = build_version,
                        .merge.n_users =
                            is_open ? config->max_in_flight : config->plan.n_users};
    json_t *json = fields_pack(head, &part), *list = json_array();
    for (size_t i = 0; i < gaps->n; i++)
        (void)json_array_append_new(list, fields_pack(gap, &gaps->all[i]));
    (void)json_object_update_new(
        json, json_pack("{s:O, s:o, s:o, s:o, s:o}", "options", words, "targets",
                        targets_json(config->transport_config.urls), "whole",
                        fields_pack(whole, options), "result",
                        fields_pack(outcome, result), "gaps", list));
    return json;
}

/* Reading */

static int read_gaps(struct gaps *gaps, const json_t *list, char why[WHY_BYTES]) {
    size_t i;
    json_t *item;
    int error = 0;
    json_array_foreach(list, i, item) {
        struct gap one;
        error = fields_read(item, gap, &one, "share.gaps.", why);
        if (error != 0)
            break;
        gaps_add(gaps, one);
    }
    return error;
}

/* Nothing that statistics index by, or sum up, may be beyond what we write. */
static bool are_sound(const struct samples *samples, size_t n_targets, unsigned n_users) {
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL))
        if (sample.target >= n_targets || sample.user >= n_users ||
            sample.error >= N_SAMPLE_ERRORS || sample.fate > SAMPLE_NOT_SENT ||
            sample.start_ns > MOST_NS || sample.service_ns > MOST_NS ||
            sample.planned_ns > sample.start_ns)
            return false;
    return true;
}

static int read_share(struct part *part, const json_t *json, char why[WHY_BYTES]) {
    const json_t *share = json_object_get(json, "share");
    struct drive_result *result = &part->merge.result;
    if (!json_is_object(share))
        return error_say(why, -EINVAL,
                         "it is no part of a load; 'juggle load --share K/N --json FILE' "
                         "writes one");
    int error = fields_read(share, head, part, "share.", why);
    if (error == 0 && strcmp(part->version, build_version) != 0)
        return error_say(why, -EINVAL,
                         "it is of juggle %s, and this is %s; merge with the one that "
                         "sent the load",
                         part->version, build_version);
    if (error == 0)
        error = fields_read(json_object_get(share, "result"), outcome, result,
                            "share.result.", why);
    if (error != 0)
        return error;
    if (result->elapsed_ns > MOST_DAYS * 24 * 3600 * NS_PER_S)
        return error_say(why, -EINVAL,
                         "it says that it took %.3g days, and 'juggle merge' takes a "
                         "load of at most %d; send for a shorter time",
                         (double)result->elapsed_ns / (24 * 3600 * 1e9), (int)MOST_DAYS);
    size_t n_targets = json_array_size(json_object_get(share, "targets"));
    result->samples = samples_parse(fields_get_text(json, "samples_base64", "none"));
    if (part->number < 1 || part->number > part->n_parts || result->samples == NULL ||
        !are_sound(result->samples, n_targets, part->merge.n_users) ||
        (result->signal != 0 && stop_signals_name(result->signal) == NULL))
        return error_say(why, -EINVAL,
                         "what it says of its part, or its samples, cannot be");
    return read_gaps(&result->samples->gaps, json_object_get(share, "gaps"), why);
}

int part_read(struct part *part, const char *path, char why[WHY_BYTES]) {
    part->path = path;
    part->json = fields_load(path, "juggle load", NEWEST_SCHEMA, why);
    if (part->json == NULL)
        return -EINVAL;
    int error = read_share(part, part->json, why);
    (void)json_object_del(part->json, "samples_base64"); /* most of it, and read */
    return error != 0 ? error_say(why, error, "%s: %s", path, why) : 0;
}

void part_free(struct part *part) {
    samples_free(part->merge.result.samples);
    json_decref(part->json);
}

static const json_t *share_of(const struct part *part, const char *key) {
    return json_object_get(json_object_get(part->json, "share"), key);
}

static const char *text_at(const json_t *list, size_t i) {
    const char *text = json_string_value(json_array_get(list, i));
    return text != NULL ? text : "nothing";
}

int part_check(const struct part *part, const struct part *first, char why[WHY_BYTES]) {
    static const struct {
        const char *key, *what;
    } lists[] = {{"targets", "asked for"}, {"options", "was sent with"}};
    if (part->n_parts != first->n_parts)
        return error_say(why, -EINVAL,
                         "%s is of %u parts, and %s of %u; merge parts of one load",
                         part->path, part->n_parts, first->path, first->n_parts);
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const json_t *own = share_of(part, lists[k].key);
        const json_t *other = share_of(first, lists[k].key);
        size_t i = 0;
        while (i < json_array_size(own) &&
               json_equal(json_array_get(own, i), json_array_get(other, i)))
            i++;
        if (i < json_array_size(own) || i < json_array_size(other))
            return error_say(why, -EINVAL,
                             "%s %s '%.200s', and %s '%.200s'; merge parts of one load",
                             part->path, lists[k].what, text_at(own, i), first->path,
                             text_at(other, i));
    }
    double apart_s = ((double)part->merge.result.first_began_ns -
                      (double)first->merge.result.first_began_ns) /
                     1e9;
    if (apart_s <= MOST_APART_S && apart_s >= -MOST_APART_S)
        return 0;
    return error_say(why, -EINVAL,
                     "%s started %.3g s %s %s, and parts of one load start together; "
                     "give them all the same --start-at",
                     part->path, apart_s > 0 ? apart_s : -apart_s,
                     apart_s > 0 ? "after" : "before", first->path);
}

int part_read_whole(const struct part *part, struct load_options *options,
                    struct urls *urls, char why[WHY_BYTES]) {
    size_t i;
    json_t *target;
    int error = fields_read(share_of(part, "whole"), whole, options, "share.whole.", why);
    json_array_foreach(share_of(part, "targets"), i, target) {
        const char *text = json_string_value(target);
        const char *url = text != NULL ? strchr(text, ' ') : NULL;
        bool has_body = url != NULL && strncmp(text, "GET ", 4) != 0;
        char *line = NULL;
        if (error == 0 && (url == NULL || strchr(url + 1, ' ') != NULL ||
                           asprintf(&line, has_body ? "%s %.*s" : "%s", url + 1,
                                    (int)(url - text), text) < 0))
            error = error_say(why, -EINVAL, "share.targets[%zu]: it is none", i);
        if (error == 0)
            error = urls_add(urls, line, why);
        free(line);
    }
    return error != 0 ? error_say(why, error, "%s: %s", part->path, why) : 0;
}
