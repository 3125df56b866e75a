/* Warm-ups that are made, and series that have none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/stats/changepoint.h"
#include "common/stats/random.h"

enum { N_SEEDS = 200, N_VALUES = 5000, N_PER_BLOCK = N_VALUES / 50 };

static double values[N_VALUES];

/* Exponential ones of a mean that may change on the way, 0 .. 1. */
static void draw(uint64_t seed, size_t n, double (*mean_at)(double place)) {
    struct random random;
    random_seed(&random, seed);
    for (size_t i = 0; i < n; i++)
        values[i] = random_exponential(&random, mean_at((double)i / (double)n));
}

static void draw_bimodal(uint64_t seed, size_t n, double share_of_slow) {
    struct random random;
    random_seed(&random, seed);
    for (size_t i = 0; i < n; i++)
        values[i] = (random_uniform(&random) < share_of_slow ? 0.1 : 0.01) *
                    (0.9 + 0.2 * random_uniform(&random));
}

/* Response times of an M/M/1 queue long after its start, which hang together. */
static void draw_queue(uint64_t seed, size_t n, double load) {
    struct random random;
    random_seed(&random, seed);
    double wait = 0;
    for (size_t i = 0; i < 2000 + n; i++) {
        double response = wait + random_exponential(&random, load);
        if (i >= 2000)
            values[i - 2000] = response;
        wait = fmax(0, response - random_exponential(&random, 1));
    }
}

static double constant(double place) {
    (void)place;
    return 0.01;
}

static double slow_at_first(double place) {
    return place < 0.15 ? 0.03 : 0.01;
}

static double fast_at_first(double place) {
    return place < 0.15 ? 0.005 : 0.01;
}

static double falling_at_first(double place) {
    return place < 0.2 ? 0.01 + 0.15 * (0.2 - place) : 0.01;
}

static double drifting(double place) {
    return 0.01 + 0.01 * place;
}

static double slow_at_last(double place) {
    return place > 0.85 ? 0.02 : 0.01;
}

static double slow_in_between(double place) {
    return place > 0.4 && place < 0.6 ? 0.02 : 0.01;
}

/* How many of the seeds have that verdict, begun within a range of places. */
static unsigned count(enum changepoint_verdict verdict, size_t n,
                      double (*mean_at)(double place), double from, double to) {
    unsigned n_such = 0;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        draw(seed, n, mean_at);
        struct changepoint found = changepoint_find(values, n);
        double place = (double)found.first_steady / (double)n;
        n_such += found.verdict == verdict && place >= from && place <= to;
    }
    return n_such;
}

static void a_warm_up_is_found_within_two_blocks(void **state) {
    (void)state;
    static const double block = (double)N_PER_BLOCK / N_VALUES;
    assert_in_range(
        count(CHANGEPOINT_FOUND, N_VALUES, slow_at_first, 0.15, 0.15 + 2 * block), 195,
        N_SEEDS);
    assert_in_range(
        count(CHANGEPOINT_FOUND, N_VALUES, fast_at_first, 0.15 - block, 0.15 + 2 * block),
        195, N_SEEDS);
    assert_in_range(count(CHANGEPOINT_FOUND, 1000, slow_at_first, 0.15, 0.25), 190,
                    N_SEEDS);
    assert_in_range(count(CHANGEPOINT_FOUND, N_VALUES, falling_at_first, 0.1, 0.3), 190,
                    N_SEEDS);
}

static void what_only_scatters_has_none(void **state) {
    (void)state;
    static const size_t lengths[] = {200, 450, 2000};
    static const double shares[] = {0.05, 0.3, 0.45, 0.5, 0.55, 0.9};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        assert_in_range(count(CHANGEPOINT_NONE, lengths[i], constant, 0, 0), 190,
                        N_SEEDS);
        for (size_t k = 0; k < sizeof shares / sizeof *shares; k++) {
            unsigned n_none = 0;
            for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
                draw_bimodal(seed, lengths[i], shares[k]);
                n_none +=
                    changepoint_find(values, lengths[i]).verdict == CHANGEPOINT_NONE;
            }
            assert_in_range(n_none, 190, N_SEEDS);
        }
    }
}

static void waits_in_a_steady_queue_are_no_warm_up(void **state) {
    (void)state;
    unsigned n_none = 0;
    for (uint64_t seed = 0; seed < N_SEEDS; seed++) {
        draw_queue(seed, N_VALUES, 0.7);
        n_none += changepoint_find(values, N_VALUES).verdict == CHANGEPOINT_NONE;
    }
    assert_in_range(n_none, 190, N_SEEDS);
}

static void what_changes_until_the_end_did_not_end(void **state) {
    (void)state;
    assert_in_range(count(CHANGEPOINT_NOT_ENDED, N_VALUES, drifting, 0, 0), 180, N_SEEDS);
    assert_in_range(count(CHANGEPOINT_NOT_ENDED, N_VALUES, slow_at_last, 0, 0), 190,
                    N_SEEDS);
}

static void a_spell_in_the_middle_is_no_warm_up(void **state) {
    (void)state;
    assert_in_range(count(CHANGEPOINT_NONE, N_VALUES, slow_in_between, 0, 0), 190,
                    N_SEEDS);
}

static void equal_values_and_few_of_them(void **state) {
    (void)state;
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = i < 1000 ? 2 : 1;
    assert_int_equal(changepoint_find(values, N_VALUES).first_steady, 1000 + N_PER_BLOCK);
    assert_int_equal(changepoint_find(values + 1000, 1000).verdict, CHANGEPOINT_NONE);
    assert_int_equal(changepoint_find(values, 199).verdict, CHANGEPOINT_TOO_FEW);
    assert_int_equal(changepoint_find(values, 0).verdict, CHANGEPOINT_TOO_FEW);
    for (size_t i = 0; i < 200; i++)
        values[i] = 0;
    assert_int_equal(changepoint_find(values, 200).verdict, CHANGEPOINT_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_warm_up_is_found_within_two_blocks),
        cmocka_unit_test(what_only_scatters_has_none),
        cmocka_unit_test(waits_in_a_steady_queue_are_no_warm_up),
        cmocka_unit_test(what_changes_until_the_end_did_not_end),
        cmocka_unit_test(a_spell_in_the_middle_is_no_warm_up),
        cmocka_unit_test(equal_values_and_few_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
