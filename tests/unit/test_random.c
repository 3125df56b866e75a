/* The generator: the published sequence, the same for the same seed, fair. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/stats/random.h"
#include "tests/test.h"

/* xoshiro256** from the state 1, 2, 3, 4, as its authors' code gives it. */
TEST(the_sequence_is_the_published_one) {
    struct random random = {{1, 2, 3, 4}};
    assert_true(random_next(&random) == 11520);
    assert_true(random_next(&random) == 0);
    assert_true(random_next(&random) == 1509978240);
    assert_true(random_next(&random) == UINT64_C(1215971899390074240));
}

/* splitmix64 from seed 0. */
TEST(the_seeding_is_the_published_one) {
    struct random random;
    random_seed(&random, 0);
    assert_true(random.state[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(random.state[1] == UINT64_C(0x6e789e6aa1b965f4));
}

TEST(the_same_seed_gives_the_same_run) {
    struct random a, b, other;
    random_seed(&a, 7);
    random_seed(&b, 7);
    random_seed(&other, 8);
    unsigned n_same = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t value = random_next(&a);
        assert_true(value == random_next(&b));
        n_same += value == random_next(&other);
    }
    assert_int_equal(n_same, 0);
}

TEST(uniform_values_fill_their_range) {
    struct random random;
    unsigned counts[10] = {0};
    random_seed(&random, 1);
    for (int i = 0; i < 100000; i++) {
        double value = random_uniform(&random);
        assert_true(value >= 0 && value < 1);
        counts[(int)(value * 10)]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(counts[i], 9500, 10500); /* five deviations of 95 */
}

TEST(bounded_values_are_unbiased) {
    struct random random;
    unsigned counts[7] = {0};
    random_seed(&random, 2);
    for (int i = 0; i < 70000; i++)
        counts[random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
    assert_int_equal(random_below(&random, 1), 0);
    for (int i = 0; i < 100; i++) /* nearly half of all values must be refused here */
        assert_true(random_below(&random, (UINT64_C(1) << 63) + 1) <= UINT64_C(1) << 63);
}

TEST(exponential_values_have_their_mean) {
    struct random random;
    double sum = 0;
    random_seed(&random, 3);
    for (int i = 0; i < 100000; i++) {
        double value = random_exponential(&random, 2);
        assert_true(value >= 0 && isfinite(value));
        sum += value;
    }
    assert_true(fabs(sum / 100000 - 2) < 0.04); /* six deviations */
}

TEST(a_shuffle_keeps_every_item_and_reaches_every_order) {
    struct random random;
    unsigned counts[27] = {0}, n_orders = 0;
    random_seed(&random, 4);
    for (int i = 0; i < 6000; i++) {
        size_t items[] = {0, 1, 2};
        random_shuffle(&random, items, 3);
        assert_int_equal(items[0] + items[1] + items[2], 3);
        assert_int_equal(items[0] * items[1] + items[1] * items[2] + items[2] * items[0],
                         2);
        counts[items[0] * 9 + items[1] * 3 + items[2]]++;
    }
    for (int i = 0; i < 27; i++)
        if (counts[i] > 0) {
            assert_in_range(counts[i], 850, 1150);
            n_orders++;
        }
    assert_int_equal(n_orders, 6);
    random_shuffle(&random, NULL, 0);
}

TEST(fresh_seeds_differ_and_are_short) {
    uint64_t a = random_fresh_seed(), b = random_fresh_seed();
    assert_true(a != b);
    assert_true(a < UINT64_C(1) << 48 && b < UINT64_C(1) << 48);
}
