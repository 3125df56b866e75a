/* The verdict on a run, from runs whose faults are made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/stats/random.h"
#include "loadgen/samples/sample.h"
#include "loadgen/statistics/validity.h"
#include "tests/test.h"

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
    double longest_wait_s; /* of those cut off; 0: all the time */
    double warmup_s;
    double slow_s;               /* of every 200th request */
    double wait_s;               /* for a CPU, each time that the generator is woken */
    double speed_change;         /* of a bare loop, beyond none */
    double gap_from_s, gap_to_s; /* in which the generator stood still */
};

static const double ELAPSED_S = 10;

static const struct made good_open = {
    .n_samples = 5000, .rate_per_s = 500, .latency_s = 0.002, .cpu_share = 0.3};

/* 4 users, 400 requests per second of 8 ms and a think time of 2 ms. */
static const struct made good_closed = {
    .n_users = 4, .n_samples = 4000, .think_s = 0.002, .latency_s = 0.008};

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
        if (i % 200 == 199)
            latency_s += made->slow_s;
        struct load_sample sample = {.planned_ns = ns(planned_s),
                                     .start_ns = ns(planned_s) + ns(late_s),
                                     .service_ns = ns(latency_s),
                                     .status = 200};
        assert_int_equal(samples_add(samples, &sample, NULL), 0);
        bool is_even = made->n_users > 0 || made->constant_gaps;
        planned_s += is_even ? mean_gap_s : random_exponential(&random, mean_gap_s);
    }
    for (unsigned i = 0; i < made->n_cut_off; i++) {
        double longest_s = made->longest_wait_s > 0 ? made->longest_wait_s : ELAPSED_S;
        double wait_s = longest_s * (1 - (double)i / (double)made->n_cut_off);
        struct load_sample sample = {.planned_ns = ns(ELAPSED_S - wait_s),
                                     .start_ns = ns(ELAPSED_S - wait_s),
                                     .service_ns = ns(wait_s),
                                     .fate = SAMPLE_CUT_OFF};
        assert_int_equal(samples_add(samples, &sample, NULL), 0);
    }
    for (unsigned i = 0; i < made->n_not_sent; i++) {
        uint64_t at_ns = ns(ELAPSED_S * (double)i / (double)made->n_not_sent);
        struct load_sample sample = {
            .planned_ns = at_ns, .start_ns = at_ns, .fate = SAMPLE_NOT_SENT};
        assert_int_equal(samples_add(samples, &sample, NULL), 0);
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
                                  .warmup_ns = ns(made->warmup_s),
                                  .is_open = made->n_users == 0,
                                  .speed_change = 1 + made->speed_change};
    if (made->gap_to_s > 0)
        gaps_add(&result.samples->gaps, (struct gap){.from_ns = ns(made->gap_from_s),
                                                     .to_ns = ns(made->gap_to_s)});
    result.usage = (struct usage){.waited_ns = ns(100 * made->wait_s),
                                  .n_waits = 100,
                                  .cpu_ns = ns(made->cpu_share * ELAPSED_S),
                                  .stolen_ticks = (uint64_t)(made->stolen_share * 1000),
                                  .all_ticks = 1000};
    struct summary summary;
    assert_int_equal(summary_make(&summary, &result), 0);
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

/* Its figure; NAN when it has none. */
static double figure_of(const struct validity *validity, const char *check) {
    double found = NAN;
    json_t *json = validity_json(validity);
    size_t i;
    json_t *reason;
    json_array_foreach(json_object_get(json, "reasons"), i, reason) {
        const json_t *figure = json_object_get(reason, "figure");
        if (json_is_real(figure) &&
            strcmp(json_string_value(json_object_get(reason, "check")), check) == 0)
            found = json_real_value(figure);
    }
    json_decref(json);
    return found;
}

TEST(good_runs_are_valid) {
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

TEST(each_fault_is_found_by_its_check) {
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
    made = good_open; /* frozen for the last 40 ms, then for longer */
    made.n_cut_off = 3;
    made.longest_wait_s = 0.004;
    expect("cut_off", "SUSPECT", &made);
    made.n_cut_off = 20;
    made.longest_wait_s = 0.04;
    expect("cut_off", "INVALID", &made);
    made = good_open;
    made.stolen_share = 0.05;
    expect("stolen_cpu", "SUSPECT", &made);
    made = good_open;
    made.latency_growth_s = 0.0005;
    expect("steady_state", "SUSPECT", &made);
    made.latency_growth_s = 0.01;
    expect("steady_state", "INVALID", &made);
    made = good_open; /* p99 is 2.2 ms all the while, the mean 3 and then 12 */
    made.slow_s = 0.25;
    expect("mean_over_p99", "SUSPECT", &made);
    made.slow_s = 2;
    expect("mean_over_p99", "INVALID", &made);
    made = good_open;
    made.wait_s = 0.0005;
    expect("run_queue", "SUSPECT", &made);
    made.wait_s = 0.003;
    expect("run_queue", "INVALID", &made);
    made = good_open;
    made.speed_change = 0.1;
    expect("calibration", "SUSPECT", &made);
    made.speed_change = -0.3;
    expect("calibration", "INVALID", &made);
    made = good_open; /* the requests of 0.2 s and of 2 s, of 10 s, were in the gap */
    made.gap_from_s = 5;
    made.gap_to_s = 5.2;
    expect("generator_gaps", "SUSPECT", &made);
    made.gap_to_s = 7;
    expect("generator_gaps", "INVALID", &made);
    made = good_closed; /* a longer think time than there was */
    made.think_s = 0.0027;
    expect("littles_law", "SUSPECT", &made);
    made.think_s = 0.007;
    expect("littles_law", "INVALID", &made);
}

TEST(wrong_arrivals_and_growing_queues_are_found) {
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

TEST(short_runs_are_not_blamed_for_it) {
    struct validity validity;
    struct made made = {.n_users = 1, .n_samples = 10, .think_s = 0.5, .latency_s = 0.5};
    judge(&made, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID);
    assert_string_equal(verdict_of(&validity, "littles_law"), "VALID");
    assert_string_equal(verdict_of(&validity, "steady_state"), "not carried");
    made = (struct made){.n_samples = 10, .rate_per_s = 1, .latency_s = 0.01};
    judge(&made, &validity);
    assert_int_equal(validity.verdict, VERDICT_VALID);
}

TEST(runs_of_a_few_answers_are_suspect_and_of_none_invalid) {
    struct made made = {.n_users = 1, .n_samples = 9, .think_s = 0.6, .latency_s = 0.5};
    expect("samples", "SUSPECT", &made);
    made.n_samples = 0;
    expect("samples", "INVALID", &made);
    made = (struct made){.rate_per_s = 1};
    expect("samples", "INVALID", &made);
    made = (struct made){.n_samples = 10, .rate_per_s = 2, .latency_s = 0.01};
    made.n_not_sent = 1;
    expect("not_sent", "INVALID", &made);
}

/* Ten users whose requests take 1.5 s each, for 2, 26 and 50 s. */
TEST(a_rate_that_lacks_what_was_cut_off_is_not_valid) {
    struct validity validity;
    struct schedule_plan plan = {.n_users = 10, .n_targets = 1};
    for (unsigned seconds = 2; seconds <= 50; seconds += 24) {
        struct drive_result result = {.samples = samples_new(),
                                      .elapsed_ns = seconds * NS_PER_S};
        plan.duration_ns = result.elapsed_ns;
        for (uint64_t at_ns = 0; at_ns < plan.duration_ns; at_ns += 3 * NS_PER_S / 2)
            for (unsigned user = 0; user < 10; user++) {
                uint64_t rest_ns = plan.duration_ns - at_ns;
                bool ends = rest_ns >= 3 * NS_PER_S / 2;
                struct load_sample sample = {
                    .planned_ns = at_ns,
                    .start_ns = at_ns,
                    .service_ns = ends ? 3 * NS_PER_S / 2 : rest_ns,
                    .user = user,
                    .status = ends ? 200 : 0,
                    .fate = ends ? SAMPLE_ENDED : SAMPLE_CUT_OFF};
                assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
            }
        struct summary summary;
        assert_int_equal(summary_make(&summary, &result), 0);
        validity_judge(&validity, &(struct validity_run){&plan, &result, &summary});
        bool is_short = seconds == 2;
        assert_string_equal(verdict_of(&validity, "share_cut_off"), is_short ? "INVALID"
                                                                    : seconds == 26
                                                                        ? "SUSPECT"
                                                                        : "VALID");
        assert_string_equal(verdict_of(&validity, "littles_law"),
                            is_short ? "INVALID" : "VALID");
        samples_free(result.samples);
    }
}

/* What was in flight before makes up for it. */
TEST(what_is_cut_off_at_both_ends_alike_is_no_loss) {
    struct validity validity;
    struct made made = {.n_samples = 850, .rate_per_s = 100, .latency_s = 1.5};
    made.n_cut_off = 150;
    made.longest_wait_s = 1.5;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "share_cut_off"), "SUSPECT");
    made.warmup_s = 2;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "share_cut_off"), "VALID");
}

/* It is what waited for the generator that counts: a latency of 0.8 s that began before
 * 20 ms without a look and ended long after them is as long as it is. */
TEST(a_gap_far_from_the_ends_of_long_requests_spoils_nothing) {
    struct validity validity;
    struct made made = {.n_users = 1, .n_samples = 10, .latency_s = 0.95};
    made.gap_from_s = 5.3;
    made.gap_to_s = 5.5;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "generator_gaps"), "VALID");
    assert_true(figure_of(&validity, "generator_gaps") == 0);
    made.gap_from_s = 5.7; /* the sixth ended in it, at the latest */
    made.gap_to_s = 6.2;
    judge(&made, &validity);
    assert_string_not_equal(verdict_of(&validity, "generator_gaps"), "VALID");
}

/* Of the users of a closed loop the law knows how long each round took. */
TEST(a_mean_above_the_p99_is_found_in_a_closed_loop) {
    struct validity validity;
    struct made made = good_closed; /* 2,000 answers less than so many users give */
    made.n_samples = 2000;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "mean_over_p99"), "INVALID");
    made.n_samples = 20; /* too few for a p99 */
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "mean_over_p99"), "not carried");
}

/* That the think times were a little longer than their mean is no slow request. */
TEST(think_times_that_scatter_are_no_mean_above_the_p99) {
    struct validity validity;
    struct made made = {
        .n_users = 20, .n_samples = 3960, .think_s = 0.05, .latency_s = 0.0003};
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "littles_law"), "VALID");
    assert_string_equal(verdict_of(&validity, "mean_over_p99"), "not carried");
    made.latency_s = 0.15; /* more than twice as long as they are: it is carried */
    made.n_samples = 1000;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "mean_over_p99"), "VALID");
}

/* What a server does is in flight at the end, and is nothing that it owes. */
TEST(long_latencies_alone_are_no_missed_rate) {
    struct validity validity;
    struct made made = {.n_samples = 850, .rate_per_s = 100, .latency_s = 1.5};
    made.n_cut_off = 150;
    made.longest_wait_s = 1.5;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "rate"), "VALID");
    assert_string_equal(verdict_of(&validity, "cut_off"), "VALID");
    /* in flight: those that ended, for 1.5 s, and those that were cut off, for less */
    assert_true(figure_of(&validity, "mean_over_p99") < 0.9);
}

TEST(what_was_not_sent_in_the_warm_up_is_left_out) {
    struct validity validity;
    struct made made = good_open;
    made.n_not_sent = 100; /* one each 0.1 s: the last of them at 9.9 s */
    made.warmup_s = 9.95;
    judge(&made, &validity);
    assert_string_equal(verdict_of(&validity, "not_sent"), "VALID");
}

/* A trend without any scatter is one all the more; see a line through it as a float. */
TEST(a_perfect_trend_is_a_trend) {
    for (unsigned growth = 1; growth <= 40; growth++) {
        struct validity validity;
        struct drive_result result = {.samples = samples_new(),
                                      .elapsed_ns = 10 * NS_PER_S};
        for (unsigned i = 0; i < 1000; i++) {
            uint64_t at_ns = i * 10 * NS_PER_MS;
            struct load_sample sample = {.planned_ns = at_ns,
                                         .start_ns = at_ns,
                                         .service_ns = NS_PER_MS +
                                                       i / 100 * growth * 50 * NS_PER_US,
                                         .status = 200};
            assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
        }
        struct schedule_plan plan = {.n_users = 1, .n_rounds = 1000, .n_targets = 1};
        struct summary summary;
        assert_int_equal(summary_make(&summary, &result), 0);
        validity_judge(&validity, &(struct validity_run){&plan, &result, &summary});
        assert_string_not_equal(verdict_of(&validity, "steady_state"), "VALID");
        samples_free(result.samples);
    }
}

TEST(the_text_says_why) {
    struct schedule_plan plan = {.n_users = 1, .n_rounds = 1, .n_targets = 1};
    struct drive_result result = {.samples = samples_new(), .elapsed_ns = NS_PER_MS};
    struct summary summary;
    struct validity validity;
    assert_int_equal(summary_make(&summary, &result), 0);
    validity_judge(&validity, &(struct validity_run){&plan, &result, &summary});
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    validity_print(&validity, false, out);
    (void)fflush(out);
    assert_ptr_equal(strstr(text, "Validity:\t\t     INVALID\nINVALID: there are too few "
                                  "answers for a median (many times as many are"),
                     text);
    assert_null(strstr(text, "not carried"));
    validity_print(&validity, true, out);
    (void)fclose(out);
    assert_non_null(strstr(text, "\nnot carried: generator_cpu (needs 0.1 s); "));
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL;
         line = end + 1)
        assert_true(end - line <= 80);
    free(text);
    samples_free(result.samples);
}

TEST(large_figures_are_written_out) {
    static const struct validity_check share = {.says = "late by %s; wait"},
                                       number = {.says = "%s times; wait",
                                                 .said_as = SAID_AS_NUMBER};
    const struct validity validity = {.n_reasons = 3,
                                      .reasons = {{&share, 3.204, VERDICT_INVALID},
                                                  {&share, 0.996, VERDICT_INVALID},
                                                  {&number, 12345, VERDICT_INVALID}}};
    char text[512] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    validity_print(&validity, false, out);
    (void)fclose(out);
    assert_non_null(strstr(text, "INVALID: late by 320 %; wait\n"
                                 "INVALID: late by 100 %; wait\n"
                                 "INVALID: 12345 times; wait\n"));
}

/* What happened and what it does to the numbers, then what to do; in JSON beside the name
 * of the check, where it was not passed. */
TEST(each_check_says_consequence_and_cure) {
    struct validity validity = {.verdict = VERDICT_SUSPECT};
    for (const struct validity_check *check = validity_checks; check->name != NULL;
         check++) {
        const char *consequence = strchr(check->says, ':');
        const char *cure = consequence != NULL ? strchr(consequence, ';') : NULL;
        const char *figure = strchr(check->says, '%');
        bool is_name = strchr(check->name, '_') != NULL; /* the others are also words */
        if (cure == NULL || (is_name && strstr(check->says, check->name) != NULL) ||
            (figure != NULL && (figure[1] != 's' || strchr(figure + 1, '%') != NULL)))
            fail_msg("%s says '%s'", check->name, check->says);
        validity.reasons[validity.n_reasons++] =
            (struct validity_reason){check, 0.98, VERDICT_SUSPECT};
    }
    validity.reasons[1].verdict = VERDICT_VALID;
    json_t *json = validity_json(&validity), *reasons = json_object_get(json, "reasons");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(reasons, 0), "says")),
        "the load generator was short of CPU (98 %): latencies are too high; use load "
        "--threads 2, or another machine");
    assert_null(json_object_get(json_array_get(reasons, 1), "says"));
    json_decref(json);
}
