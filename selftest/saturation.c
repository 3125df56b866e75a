/* A generator that is asked for more than it can send says so of its own figures. */
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "selftest/proof.h"

/* A send takes a system call, and no CPU makes five million of them a second. */
static const char *const too_much[] = {"--rate",         "5000000", "--arrivals",
                                       "constant",       "--time",  "1s",
                                       "--max-inflight", "500",     NULL};
static const char *const easy[] = {"--concurrent", "5",  "--benchmark",
                                   "--time",       "1s", NULL};

/* What the run's verdict says of one check; "missing" when it is not among them. */
static const char *check_of(const json_t *load, const char *check) {
    const json_t *reasons = json_object_get(json_object_get(load, "validity"), "reasons"),
                 *reason;
    size_t i;
    json_array_foreach((json_t *)reasons, i, reason) {
        if (strcmp(fields_get_text(reason, "check", ""), check) == 0)
            return fields_get_text(reason, "verdict", "missing");
    }
    return "missing";
}

static bool is_flagged(const json_t *load, const char *check) {
    const char *verdict = check_of(load, check);
    return strcmp(verdict, "SUSPECT") == 0 || strcmp(verdict, "INVALID") == 0;
}

static void judge_runs(const json_t *driven, const json_t *at_ease,
                       struct proof_outcome *outcome) {
    const char *verdict =
        fields_get_text(json_object_get(driven, "validity"), "verdict", "missing");
    bool noticed = strcmp(verdict, "INVALID") == 0 && is_flagged(driven, "rate") &&
                   is_flagged(driven, "not_sent");
    bool calm = !is_flagged(at_ease, "generator_cpu");
    outcome->verdict = !noticed ? PROOF_FAILS : calm ? PROOF_HOLDS : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "INVALID for its rate and for what was not sent at 5,000,000/s; no "
                   "complaint of its CPU with 5 users");
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "%s, rate %s, not_sent %s, start_lateness %s; generator_cpu %s",
                   verdict, check_of(driven, "rate"), check_of(driven, "not_sent"),
                   check_of(driven, "start_lateness"),
                   check_of(at_ease, "generator_cpu"));
}

int proof_saturation(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    (void)n_try;
    json_t *driven, *at_ease;
    int error = stage_measure(stage, too_much, "", &driven);
    if (error != 0)
        return error;
    stage_clear(stage);
    error = stage_measure(stage, easy, "delay/?ms=20", &at_ease);
    if (error == 0) {
        judge_runs(driven, at_ease, outcome);
        json_decref(at_ease);
    }
    json_decref(driven);
    return error;
}
