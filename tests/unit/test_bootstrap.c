/* The bootstrap: does a 95 % interval hold the truth in 93 to 97 % of cases? */
#include <math.h>

#include "common/stats/bootstrap.h"
#include "common/stats/random.h"
#include "tests/test.h"

enum { N_SAMPLES = 1000, N_REPEATS = 5, N_VALUES = 100, N_DRAWS = 199 };

static struct bootstrap_result estimate(const struct bootstrap_repeat *repeats,
                                        size_t n_repeats, double q, unsigned n_draws,
                                        uint64_t seed) {
    struct bootstrap_result result;
    bootstrap_quantiles(repeats, n_repeats, &q, 1, n_draws, seed, &result);
    return result;
}

/* By Box and Muller. */
static double random_normal(struct random *random) {
    return sqrt(random_exponential(random, 2)) * cos(2 * M_PI * random_uniform(random));
}

typedef void fill(struct random *random, float *values);

static void fill_exponential(struct random *random, float *values) {
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = (float)random_exponential(random, 1);
}

/* Four in five near 1, one in five near 11. */
static void fill_bimodal(struct random *random, float *values) {
    for (size_t i = 0; i < N_VALUES; i++)
        values[i] = (float)(random_uniform(random) < 0.8 ? 1 + 0.1 * random_normal(random)
                                                         : 11 + random_normal(random));
}

/* Exponential, each value close to the one before: a correlation of 0.8 underneath. */
static void fill_autocorrelated(struct random *random, float *values) {
    double hidden = random_normal(random);
    for (size_t i = 0; i < N_VALUES; i++) {
        hidden = 0.8 * hidden + 0.6 * random_normal(random);
        values[i] = (float)-log(0.5 * erfc(hidden / sqrt(2)));
    }
}

/* Repeats differ by 2 % besides, as starts of a server do. */
static void draw_repeats(struct random *random, fill *fill_values, float *values,
                         struct bootstrap_repeat *repeats) {
    for (size_t i = 0; i < N_REPEATS; i++) {
        float *own = values + i * N_VALUES;
        double factor = exp(0.02 * random_normal(random));
        fill_values(random, own);
        for (size_t j = 0; j < N_VALUES; j++)
            own[j] = (float)(own[j] * factor);
        repeats[i] = (struct bootstrap_repeat){own, N_VALUES};
    }
}

static void assert_coverage(fill *fill_values, double q, double truth) {
    static float values[N_REPEATS * N_VALUES];
    struct bootstrap_repeat repeats[N_REPEATS];
    struct random random;
    unsigned n_held = 0;
    random_seed(&random, 7);
    for (uint64_t i = 0; i < N_SAMPLES; i++) {
        draw_repeats(&random, fill_values, values, repeats);
        struct bootstrap_result found = estimate(repeats, N_REPEATS, q, N_DRAWS, i);
        n_held += found.interval.low <= truth && truth <= found.interval.high;
    }
    if (n_held < 930 || n_held > 970)
        fail_msg("%u of %d intervals hold %g", n_held, N_SAMPLES, truth);
}

TEST(intervals_hold_exponential_quantiles) {
    assert_coverage(fill_exponential, 0.9, -log(0.1));
}

TEST(intervals_hold_bimodal_quantiles) {
    assert_coverage(fill_bimodal, 0.9, 11);
}

TEST(intervals_hold_autocorrelated_quantiles) {
    assert_coverage(fill_autocorrelated, 0.9, -log(0.1));
}

TEST(the_seed_decides_the_interval) {
    float values[N_REPEATS * N_VALUES];
    struct bootstrap_repeat repeats[N_REPEATS];
    struct random random;
    random_seed(&random, 3);
    draw_repeats(&random, fill_exponential, values, repeats);
    struct bootstrap_result one = estimate(repeats, N_REPEATS, 0.9, 99, 1);
    struct bootstrap_result same = estimate(repeats, N_REPEATS, 0.9, 99, 1);
    struct bootstrap_result other = estimate(repeats, N_REPEATS, 0.9, 99, 2);
    assert_true(one.interval.low == same.interval.low);
    assert_true(one.interval.high == same.interval.high);
    assert_true(one.value == other.value);
    assert_true(one.interval.low != other.interval.low);
}

TEST(the_figure_is_that_of_all_values_together) {
    float values[200];
    double sorted[200];
    for (size_t i = 0; i < 200; i++)
        sorted[i] = values[i] = (float)((i * 77) % 200);
    stats_sort(sorted, 200);
    struct bootstrap_repeat repeats[] = {{values, 60}, {values + 60, 140}};
    for (double q = 0.01; q < 1; q += 0.07) {
        double found = estimate(repeats, 2, q, 9, 1).value;
        assert_true(fabs(found - stats_quantile(sorted, 200, q)) < 1e-9);
    }
}

TEST(limits_stay_above_zero) {
    float values[3 * 50];
    struct random random;
    random_seed(&random, 5);
    for (size_t i = 0; i < 150; i++)
        values[i] = (float)pow(random_exponential(&random, 1), 4) + 1e-9F;
    struct bootstrap_repeat repeats[] = {
        {values, 50}, {values + 50, 50}, {values + 100, 50}};
    assert_true(estimate(repeats, 3, 0.5, 199, 1).interval.low > 0);
}

TEST(one_repeat_has_an_interval_from_its_blocks) {
    float values[N_VALUES];
    struct random random;
    random_seed(&random, 9);
    fill_exponential(&random, values);
    struct bootstrap_repeat alone = {values, N_VALUES};
    struct bootstrap_result found = estimate(&alone, 1, 0.5, 199, 1);
    assert_true(found.interval.low < found.value && found.value < found.interval.high);
}

TEST(what_all_agrees_has_an_interval_of_a_point) {
    float values[100];
    for (size_t i = 0; i < 100; i++)
        values[i] = 3;
    struct bootstrap_repeat repeats[] = {{values, 50}, {values + 50, 50}};
    struct bootstrap_result found = estimate(repeats, 2, 0.5, 99, 1);
    assert_true(fabs(found.interval.low - 3) < 1e-9);
    assert_true(fabs(found.interval.high - 3) < 1e-9);
}

TEST(too_few_values_have_no_interval) {
    float values[BOOTSTRAP_LEAST_VALUES] = {1};
    struct bootstrap_repeat few = {values, BOOTSTRAP_LEAST_VALUES - 1};
    assert_true(isnan(estimate(&few, 1, 0.5, 99, 1).interval.low));
    assert_true(isnan(estimate(NULL, 0, 0.5, 99, 1).value));
}
