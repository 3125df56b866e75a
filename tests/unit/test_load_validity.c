/* The verdict on a run, from runs whose faults are made. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/random.h"
#include "loadgen/validity.h"

/* A run of 10 s that the tests spoil. */
struct made {
    unsigned n_users; /* 0: open loop */
    unsigned n_samples;
    double rate_per_s, think_s;
    bool constant_gaps;
    double latency_s, latency_growth_s; /* from the first request to the last */
    double late_s;                      /* of each start, at most, uniform */
    double cpu_share, stolen_share;
    unsigned n_cut_off, n_not_sent;
};

static const double ELAPSED_S = 10;

static const struct made good_open = {
    .n_samples = 5000, .rate_per_s = 500, .latency_s = 0.002, .cpu_share = 0.3};

/* 4 users, 400 requests per second of 5 ms and a think time of 5 ms. */
static const struct made good_closed = {
    .n_users = 4, .n_samples = 4000, .think_s = 0.005, .latency_s = 0.005};

static uint64_t ns(double seconds) {
    return (uint64_t)(seconds * (double)NS_PER_S);
}

/* Starts: evenly over the run, or with exponential gaps. */
static struct samples *make_samples(const struct made *made) {
    struct samples *samples = samples_new();
    struct random random;
    random_seed(&random, 11);
    double planned_s = 0, mean_gap_s = ELAPSED_S / made->n_samples;
    for (unsigned i = 0; i < made->n_samples; i++) {
        double late_s = made->late_s * random_uniform(&random);
        double latency_s = made->latency_s * (0.9 + 0.2 * random_uniform(&random)) +
                           made->latency_growth_s * (double)i / (double)made->n_samples;
        struct load_sample sample = {.planned_ns = ns(planned_s),
                                     .start_ns = ns(planned_s) + ns(late_s),
                                     .service_ns = ns(latency_s),
                                     .status = 200};
        assert_int_equal(samples_add(samples, &sample, NULL), 0);
        bool is_even = made->n_users > 0 || made->constant_gaps;
        planned_s += is_even ? mean_gap_s : random_exponential(&random, mean_gap_s);
    }
    for (unsigned i = 0; i < made->n_cut_off; i++) {
        double start_s = ELAPSED_S * (double)i / (double)made->n_cut_off;
        assert_int_equal(samples_add_cut_off(samples, ns(start_s)), 0);
    }
    return samples;
}

static void judge(const struct made *made, struct validity *validity) {
    struct schedule_plan plan = {.n_users = made->n_users,
                                 .rate_per_s = made->rate_per_s,
                                 .constant_gaps = made->constant_gaps,
                                 .think = {.high_s = 2 * made->think_s},
                                 .duration_ns = ns(ELAPSED_S),
                                 .n_targets = 1};
    struct drive_result result = {.samples = make_samples(made),
                                  .elapsed_ns = ns(ELAPSED_S),
                                  .n_cut_off = made->n_cut_off,
                                  .n_not_sent = made->n_not_sent};
    result.usage = (struct usage){.cpu_ns = ns(made->cpu_share * ELAPSED_S),
                                  .stolen_ticks = (uint64_t)(made->stolen_share * 1000),
                                  .all_ticks = 1000};
    struct summary summary;
    assert_int_equal(summary_make(&summary, &result, made->n_users == 0), 0);
    validity_judge(validity, &(struct validity_run){&plan, &result, &summary});
    samples_free(result.samples);
}

/* The verdict of one check as the JSON tells it; "" when it is not of this mode. */
static const char *verdict_of(const struct validity *validity, const char *check) {
    static char found[32];
    json_t *json = validity_json(validity);
    size_t i;
    json_t *reason;
    found[0] = '\0';
    json_array_foreach(json_object_get(json, "reasons"), i, reason) {
        if (strcmp(json_string_value(json_object_get(reason, "check")), check) == 0)
            (void)snprintf(found, sizeof found, "%s",
                           json_string_value(json_object_get(reason, "verdict")));
    }
    json_decref(json);
    return found;
}

static void good_runs_are_valid(void **state) {
    (void)state;
    struct validity validity;
    judge(&good_open, &validity);
    assert_string_equal(validity_name(validity.verdict), "VALID");
    assert_string_equal(verdict_of(&validity, "arrivals"), "VALID");
    assert_string_equal(verdict_of(&validity, "littles_law"), "");
    for (unsigned i = 0; i < validity.n_reasons; i++)
        assert_int_equal(validity.reasons[i].verdict, VERDICT_VALID);
    judge(&good_closed, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID);
    assert_string_equal(verdict_of(&validity, "littles_law"), "VALID");
    assert_string_equal(verdict_of(&validity, "arrivals"), "");
    for (unsigned i = 0; i < validity.n_reasons; i++)
        assert_int_equal(validity.reasons[i].verdict, VERDICT_VALID);
}

static void expect(const char *check, const char *verdict, const struct made *made) {
    struct validity validity;
    judge(made, &validity);
    if (strcmp(verdict_of(&validity, check), verdict) != 0)
        fail_msg("%s: '%s', not '%s'", check, verdict_of(&validity, check), verdict);
    assert_string_equal(validity_name(validity.verdict), verdict);
}

static void each_fault_is_found_by_its_check(void **state) {
    (void)state;
    struct made made = good_open;
    made.cpu_share = 0.85;
    expect("generator_cpu", "SUSPECT", &made);
    made.cpu_share = 0.97;
    expect("generator_cpu", "INVALID", &made);
    made = good_open;
    made.late_s = 0.0004;
    expect("start_lateness", "SUSPECT", &made);
    made = good_open;
    made.n_not_sent = 20;
    expect("not_sent", "SUSPECT", &made);
    made.n_not_sent = 1000;
    expect("not_sent", "INVALID", &made);
    made = good_open;
    made.stolen_share = 0.05;
    expect("stolen_cpu", "SUSPECT", &made);
    made = good_open;
    made.latency_growth_s = 0.0005;
    expect("steady_state", "SUSPECT", &made);
    made.latency_growth_s = 0.01;
    expect("steady_state", "INVALID", &made);
    made = good_closed; /* a longer think time than there was */
    made.think_s = 0.0057;
    expect("littles_law", "SUSPECT", &made);
    made.think_s = 0.01;
    expect("littles_law", "INVALID", &made);
}

static void wrong_arrivals_and_growing_queues_are_found(void **state) {
    (void)state;
    struct validity validity;
    struct made made = good_open;
    made.rate_per_s = 700; /* asked; they come at 500 */
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "arrivals"), "INVALID");
    made = good_open;
    made.constant_gaps = true;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "arrivals"), "not carried");
    assert_int_equal(validity.verdict, VERDICT_VALID);
    made = good_open; /* none of the last ones is answered: they pile up */
    made.n_cut_off = 400;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "rate"), "SUSPECT");
    made.n_cut_off = 600;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "rate"), "INVALID");
    assert_string_equal(verdict_of(&validity, "in_flight_growth"), "INVALID");
}

static void short_runs_are_not_blamed_for_it(void **state) {
    (void)state;
    struct validity validity;
    struct made made = {.n_users = 5, .n_samples = 10, .latency_s = 0.01};
    judge(&made, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID);
    assert_string_equal(verdict_of(&validity, "littles_law"), "not carried");
    assert_string_equal(verdict_of(&validity, "steady_state"), "not carried");
    assert_string_equal(verdict_of(&validity, "samples"), "not carried");
    made = (struct made){.n_samples = 10, .rate_per_s = 1, .latency_s = 0.01};
    judge(&made, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID);
    made = (struct made){.rate_per_s = 1};
    judge(&made, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID); /* its CPU time is known */
}

static void a_run_that_carries_nothing_is_suspect(void **state) {
    (void)state;
    struct schedule_plan plan = {.n_users = 1, .n_rounds = 1, .n_targets = 1};
    struct drive_result result = {.samples = samples_new(), .elapsed_ns = NS_PER_MS};
    struct summary summary;
    struct validity validity;
    assert_int_equal(summary_make(&summary, &result, false), 0);
    validity_judge(&validity, &(struct validity_run){&plan, &result, &summary});
    assert_int_equal(validity.verdict, VERDICT_SUSPECT);
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    validity_print(&validity, out);
    (void)fclose(out);
    assert_ptr_equal(strstr(text, "Validity:\t\t     SUSPECT\n  not carried: "), text);
    free(text);
    samples_free(result.samples);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_runs_are_valid),
        cmocka_unit_test(each_fault_is_found_by_its_check),
        cmocka_unit_test(wrong_arrivals_and_growing_queues_are_found),
        cmocka_unit_test(short_runs_are_not_blamed_for_it),
        cmocka_unit_test(a_run_that_carries_nothing_is_suspect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
