/* Requirements: how they are read, and when they are met. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "loadgen/options/require.h"
#include "tests/test.h"

/* 90 good ones of 2 ms and 10 failed ones in 2 s. */
static struct summary make_summary(void) {
    struct summary summary = {.n_ok = 90,
                              .n_failed = 10,
                              .elapsed_s = 2,
                              .rate_per_s = 45,
                              .response_s = 0.002};
    double latencies_s[90];
    for (int i = 0; i < 90; i++)
        latencies_s[i] = 0.002;
    percentiles_fill(summary.percentiles, latencies_s, 90);
    return summary;
}

static bool holds(const char *text) {
    struct requirements requirements = {0};
    struct summary summary = make_summary();
    if (require_option.parse(text, &requirements) != 0)
        fail_msg("'%s' was refused", text);
    json_t *rules = require_json(&requirements, &summary);
    bool is_met = json_is_true(json_object_get(json_array_get(rules, 0), "is_met"));
    json_decref(rules);
    return is_met;
}

TEST(every_figure_is_compared_in_its_unit) {
    static const struct {
        const char *text;
        bool holds;
    } rows[] = {
        {"p50<3ms", true},          {"p50<2ms", false},          {"p50<=2000us", true},
        {"p50>=0.002s", true},      {"p50>2ms", false},          {"p90 < 1s", true},
        {"max<1h", true},           {"mean<2.5ms", true},        {"mean>2.5ms", false},
        {"rate>=45", true},         {"rate>45/s", false},        {"rate<46/s", true},
        {"availability>=90", true}, {"availability>90%", false}, {"failed<=10", true},
        {"failed<10", false},       {" failed >= 10 ", true},    {"p50>0", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (holds(rows[i].text) != rows[i].holds)
            fail_msg("'%s'", rows[i].text);
}

TEST(what_the_samples_do_not_carry_is_not_met) {
    assert_false(holds("p95<1h"));
    assert_false(holds("p99<1h"));
    assert_false(holds("p99>0"));
    assert_false(holds("p99.9>=0"));
    struct requirements requirements = {0};
    struct summary nothing = {.elapsed_s = 1};
    percentiles_fill(nothing.percentiles, NULL, 0);
    assert_int_equal(require_option.parse("max<1s", &requirements), 0);
    assert_int_equal(require_option.parse("mean<1s", &requirements), 0);
    assert_int_equal(require_option.parse("availability<=100", &requirements), 0);
    assert_int_equal(require_option.parse("rate<1", &requirements), 0);
    assert_int_equal(require_report(&requirements, &nothing), 3);
    json_t *json = require_json(&requirements, &nothing);
    assert_int_equal(json_array_size(json), 4);
    assert_true(json_is_null(json_object_get(json_array_get(json, 0), "figure")));
    assert_true(json_is_false(json_object_get(json_array_get(json, 0), "is_met")));
    assert_true(json_is_true(json_object_get(json_array_get(json, 3), "is_met")));
    json_decref(json);
}

TEST(other_texts_are_refused) {
    static const char *const texts[] = {
        "",          "p99",         "<1ms",         "p99<",     "p99<=",
        "p99<5",     "p99<-1ms",    "p99==1ms",     "p99<<1ms", "p98<1ms",
        "p9<1ms",    "p99.9.9<1ms", "rate<1ms",     "rate</s",  "availability>x",
        "failed<1%", "failed<1.5",  "availability", "p99=<1ms", "p99<1ms p50<1ms",
        "mean<nan",  "rate>inf",    "=p99<1ms",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct requirements requirements = {0};
        if (require_option.parse(texts[i], &requirements) == 0)
            fail_msg("'%s' was taken", texts[i]);
        assert_int_equal(requirements.n, 0);
    }
    char longest[300];
    memset(longest, '1', sizeof longest);
    memcpy(longest, "rate>", 5);
    longest[sizeof longest - 1] = '\0';
    struct requirements requirements = {0};
    assert_int_equal(require_option.parse(longest, &requirements), -EINVAL);
    assert_int_equal(require_option.parse("availability>101", &requirements), -ERANGE);
    for (unsigned i = 0; i < REQUIRE_MAX; i++)
        assert_int_equal(require_option.parse("failed<1", &requirements), 0);
    assert_int_equal(require_option.parse("failed<1", &requirements), -ERANGE);
}
