/* The counting loop: it counts, and no optimiser has made a formula of it. */
#include <math.h>

#include "common/base/clock.h"
#include "common/workload/counting.h"
#include "tests/test.h"

enum { N_TRIALS = 15 };

TEST(it_returns_what_it_counted_to) {
    static const uint64_t turns[] = {0, 1, 2, 1000, 1234567};
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++)
        assert_int_equal(counting_loop(turns[i]), turns[i]);
}

/* The least of several trials, in CPU time: what else runs can only add to it. */
static double least_cpu_ns(uint64_t turns) {
    uint64_t least_ns = UINT64_MAX;
    for (int i = 0; i < N_TRIALS; i++) {
        uint64_t began_ns = clock_thread_cpu_ns();
        assert_int_equal(counting_loop(turns), turns);
        uint64_t took_ns = clock_thread_cpu_ns() - began_ns;
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    return (double)least_ns;
}

TEST(twice_the_turns_take_twice_the_time) {
    double ratio = 0;
    /* A speed that changes between the two halves spoils a try; folding spoils all. */
    for (int i = 0; i < 5 && !(ratio >= 1.5 && ratio <= 2.7); i++)
        ratio = least_cpu_ns(4000000) / least_cpu_ns(2000000);
    if (!(ratio >= 1.5 && ratio <= 2.7))
        fail_msg("twice the turns took %.2f times as long", ratio);
}

TEST(its_speed_is_that_of_a_dependent_chain) {
    double turns_per_ms = counting_calibrate(50 * NS_PER_MS);
    assert_true(turns_per_ms < 10e6); /* a turn a cycle, and no CPU has 10 GHz */
    assert_true(turns_per_ms > 1e3);
}

/* Where the lone loops were disturbed they would be more than there are loops: unknown.
 */
TEST(effective_cores_are_no_more_than_there_are_loops) {
    static const unsigned n_loops[] = {1, 2, 3};
    for (size_t i = 0; i < sizeof n_loops / sizeof *n_loops; i++) {
        uint64_t alone_ns = 0;
        double cores = counting_effective_cores(n_loops[i], 3000000, &alone_ns);
        assert_true(isnan(cores) || (cores > 0 && cores <= n_loops[i]));
        assert_true(alone_ns >= 3000000 / 10); /* ten turns a nanosecond at most */
    }
}

/* In CPU time and by the fastest that agree, whatever takes the CPU away meanwhile. */
TEST(many_short_samples_agree_with_one_long_one) {
    double ratio = 0;
    for (int i = 0; i < 5 && !(ratio >= 0.5 && ratio <= 2); i++)
        ratio = counting_calibrate_spread(120 * NS_PER_MS) * least_cpu_ns(2000000) /
                (2000000.0 * (double)NS_PER_MS);
    if (!(ratio >= 0.5 && ratio <= 2))
        fail_msg("short samples found %.2f times the speed of long ones", ratio);
}
