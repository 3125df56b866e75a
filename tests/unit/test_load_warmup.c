/* A warm-up that is found, from samples to statistics, JSON and verdict. */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/stats/random.h"
#include "loadgen/statistics/summary_print.h"
#include "loadgen/statistics/validity.h"
#include "loadgen/statistics/warmup.h"
#include "tests/test.h"

enum { N_SAMPLES = 2000 };

/* 10 s of a request every 5 ms; those planned in slow_from_s .. slow_to_s take long. */
static struct drive_result make(double slow_from_s, double slow_to_s) {
    struct drive_result result = {
        .samples = samples_new(), .elapsed_ns = 10 * NS_PER_S, .is_open = true};
    struct random random;
    random_seed(&random, 3);
    for (unsigned i = 0; i < N_SAMPLES; i++) {
        double planned_s = 10 * (double)(i ^ 1) / N_SAMPLES; /* not in their order */
        double latency_s = 0.004 + random_exponential(&random, 0.001);
        if (planned_s >= slow_from_s && planned_s < slow_to_s)
            latency_s *= 2;
        uint64_t planned_ns = (uint64_t)(planned_s * (double)NS_PER_S);
        struct load_sample sample = {.planned_ns = planned_ns,
                                     .start_ns = planned_ns,
                                     .service_ns =
                                         (uint64_t)(latency_s * (double)NS_PER_S),
                                     .status = 200};
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    }
    return result;
}

/* What the check of that name says; "" when it is not there. */
static const char *verdict_of(const struct drive_result *result) {
    static char found[32];
    struct schedule_plan plan = {.rate_per_s = 200, .constant_gaps = true};
    struct summary summary;
    struct validity validity;
    assert_int_equal(summary_make(&summary, result), 0);
    validity_judge(&validity, &(struct validity_run){&plan, result, &summary});
    json_t *json = validity_json(&validity), *reason;
    size_t i;
    found[0] = '\0';
    json_array_foreach(json_object_get(json, "reasons"), i, reason) {
        if (strcmp(json_string_value(json_object_get(reason, "check")), "warm_up") == 0)
            (void)snprintf(found, sizeof found, "%s",
                           json_string_value(json_object_get(reason, "verdict")));
    }
    json_decref(json);
    return found;
}

/* Frees the result; the text must have the line, and the JSON be the object. */
static void expect(struct drive_result *result, const char *line, const char *object) {
    struct summary summary;
    char *text = NULL;
    size_t text_bytes = 0;
    assert_int_equal(summary_make(&summary, result), 0);
    FILE *out = open_memstream(&text, &text_bytes);
    summary_print(&summary, out);
    (void)fclose(out);
    if (strstr(text, line) == NULL)
        fail_msg("no '%s' in:\n%s", line, text);
    free(text);
    json_t *json = summary_json(&summary);
    text = json_dumps(json_object_get(json, "warmup"),
                      JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(3));
    assert_string_equal(text, object);
    free(text);
    json_decref(json);
    samples_free(result->samples);
}

TEST(a_slow_start_is_left_out) {
    struct drive_result result = make(0, 2);
    warmup_find(&result);
    assert_int_equal(result.warmup, WARMUP_FOUND);
    assert_in_range(result.warmup_ns, 2 * NS_PER_S, 5 * NS_PER_S / 2);
    assert_string_equal(verdict_of(&result), "VALID");
    assert_int_equal(result.warmup_ns % (5 * NS_PER_MS), 0);
    result.warmup_ns = 5 * NS_PER_S / 4;
    expect(&result, "\nWarm-up:\t\t        1.25 secs (found; 250 requests left out)\n",
           "{\"kind\":\"found\",\"seconds\":1.25,\"left_out\":250}");
}

TEST(a_slow_end_leaves_nothing_out_and_is_suspect) {
    struct drive_result result = make(8.6, 10);
    warmup_find(&result);
    assert_string_equal(verdict_of(&result), "SUSPECT");
    expect(&result, "\nWarm-up:\t\t         did not end (nothing is left out)\n",
           "{\"kind\":\"not ended\",\"seconds\":0.0,\"left_out\":0}");
}

TEST(an_even_run_loses_little) {
    struct drive_result result = make(0, 0);
    assert_string_equal(verdict_of(&result), ""); /* not asked */
    result.n_users = 200;
    warmup_find(&result);
    assert_string_equal(verdict_of(&result), "VALID");
    assert_true(result.warmup_ns <= NS_PER_S);
    samples_free(result.samples);
}

TEST(requests_that_are_all_alike_have_no_warm_up) {
    struct drive_result result = {
        .samples = samples_new(), .elapsed_ns = NS_PER_S, .is_open = true};
    struct load_sample sample = {.service_ns = NS_PER_MS, .status = 200};
    for (unsigned i = 0; i < 1000; i++, sample.start_ns = sample.planned_ns += NS_PER_MS)
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    warmup_find(&result);
    expect(&result, "\nWarm-up:\t\t         none found\n",
           "{\"kind\":\"none\",\"seconds\":0.0,\"left_out\":0}");
}

/* What is steady may lose some of its start by chance, and next to never half of it. */
TEST(steady_runs_seldom_lose_much) {
    enum { N_RUNS = 400, N_REQUESTS = 500 };
    unsigned n_not_ended = 0;
    double lost = 0;
    struct random random;
    random_seed(&random, 7);
    for (unsigned run = 0; run < N_RUNS; run++) {
        struct drive_result result = {.samples = samples_new()};
        struct load_sample sample = {.status = 200};
        for (unsigned i = 0; i < N_REQUESTS; i++) {
            sample.start_ns = sample.planned_ns = i * NS_PER_MS;
            sample.service_ns = (uint64_t)(random_exponential(&random, 1) * NS_PER_MS);
            assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
        }
        warmup_find(&result);
        n_not_ended += result.warmup == WARMUP_NOT_ENDED;
        lost += (double)result.warmup_ns / (double)NS_PER_MS / N_REQUESTS;
        samples_free(result.samples);
    }
    assert_in_range(n_not_ended, 0, N_RUNS / 50);
    assert_true(lost / N_RUNS < 0.1);
}

TEST(few_requests_of_each_user_do_not_tell) {
    struct drive_result result = make(0, 2);
    result.n_users = 201;
    warmup_find(&result);
    assert_string_equal(verdict_of(&result), "not carried");
    expect(&result, "\nWarm-up:\t\t         n/a (needs 500 requests, and 10 per user)\n",
           "{\"kind\":\"too few requests\",\"seconds\":0.0,\"left_out\":0}");
}

TEST(a_duration_is_told_as_given) {
    struct drive_result result = make(0, 0);
    result.warmup_ns = NS_PER_S;
    expect(&result, "\nWarm-up, left out:\t         200\n",
           "{\"kind\":\"given\",\"seconds\":1.0,\"left_out\":200}");
    result = make(0, 0);
    expect(&result, "", "null");
}
