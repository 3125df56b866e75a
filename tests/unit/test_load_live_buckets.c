/* Buckets of the line on a terminal: each latency lies near the middle of its own. */
#include <math.h>

#include "common/base/clock.h"
#include "loadgen/drive/live.h"
#include "tests/test.h"

static const uint64_t LONGEST_NS = 9 * 3600 * NS_PER_S;

static double error_of(uint64_t latency_ns) {
    double latency_ms = (double)latency_ns / (double)NS_PER_MS;
    return fabs(live_bucket_ms(live_bucket_of(latency_ns)) / latency_ms - 1);
}

TEST(a_latency_is_within_a_32nd_of_its_middle) {
    double worst = 0;
    for (uint64_t ns = LIVE_PER_OCTAVE; ns < LONGEST_NS; ns += 1 + ns / 1000) {
        worst = fmax(worst, error_of(ns));
        assert_true(live_bucket_of(ns) <= live_bucket_of(ns + 1));
    }
    for (unsigned octave = 4; octave < 44; octave++)
        worst = fmax(worst, error_of(UINT64_C(1) << octave));
    assert_true(worst < 1.0 / 32 + 1e-9);
    assert_true(worst > 0.99 / 32);
}

TEST(the_middle_lies_between_the_ends) {
    for (unsigned bucket = 1; bucket < LIVE_N_BUCKETS; bucket++) {
        double middle_ns = live_bucket_ms(bucket) * (double)NS_PER_MS;
        double before_ns = live_bucket_ms(bucket - 1) * (double)NS_PER_MS;
        assert_int_equal(live_bucket_of((uint64_t)middle_ns), bucket);
        assert_true(before_ns < middle_ns);
    }
}

TEST(what_is_beyond_goes_into_the_outermost) {
    assert_int_equal(live_bucket_of(0), 0);
    assert_int_equal(live_bucket_of(LIVE_PER_OCTAVE - 1), 0);
    assert_int_equal(live_bucket_of(UINT64_MAX), LIVE_N_BUCKETS - 1);
}
