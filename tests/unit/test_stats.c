/* Statistics against values worked out by hand or found in tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats/random.h"
#include "common/stats/stats.h"
#include "tests/test.h"

static void assert_close(double value, double expected) {
    if (!(fabs(value - expected) <= 1e-4 * fmax(1, fabs(expected))))
        fail_msg("%.9g, not %.9g", value, expected);
}

TEST(means_and_deviations) {
    static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    assert_close(stats_mean(values, 8), 5);
    assert_close(stats_deviation(values, 8), sqrt(32 / 7.));
    assert_true(isnan(stats_mean(values, 0)));
    assert_true(isnan(stats_deviation(values, 1)));
}

static int by_value(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

TEST(many_values_are_sorted_as_few_are) {
    enum { N = 5000 };
    static double values[N], expected[N];
    struct random random;
    random_seed(&random, 7);
    for (int i = 0; i < N; i++) {
        values[i] = (random_uniform(&random) - 0.5) * pow(10, i % 40 - 20);
        if (i % 100 == 0) /* the same ones again and again */
            values[i] = i % 200 == 0 ? 0 : -3;
    }
    values[10] = INFINITY, values[20] = -INFINITY;
    memcpy(expected, values, sizeof values);
    qsort(expected, N, sizeof *expected, by_value);
    stats_sort(values, N);
    assert_memory_equal(values, expected, sizeof values);
    for (int i = 0; i < N; i++)
        values[i] = expected[i] = 42;
    stats_sort(values, N);
    assert_memory_equal(values, expected, sizeof values);
}

TEST(quantiles_interpolate_between_order_statistics) {
    double values[] = {40, 10, 30, 20};
    stats_sort(values, 4);
    assert_close(stats_quantile(values, 4, 0), 10);
    assert_close(stats_quantile(values, 4, 1), 40);
    assert_close(stats_quantile(values, 4, 0.5), 25);
    assert_close(stats_quantile(values, 4, 0.25), 17.5);
    assert_close(stats_quantile(values, 4, 0.9), 37);
    assert_close(stats_quantile(values, 1, 0.99), 10);
    assert_true(isnan(stats_quantile(values, 0, 0.5)));
}

/* Ranks from tables of the binomial distribution, and of the normal one for the last. */
TEST(the_interval_of_a_quantile_is_binomial) {
    static const struct {
        size_t n_values;
        double q;
        size_t low, high; /* ranks; 0: not carried */
    } known[] = {
        {0, 0.5, 0, 0},
        {5, 0.5, 0, 0},
        {6, 0.5, 1, 6},
        {10, 0.5, 2, 9},
        {100, 0.5, 40, 61},
        {100, 0.9, 84, 96},
        {100, 0.99, 0, 0},
        {367, 0.99, 0, 0},
        {368, 0.99, 360, 368},
        {1000, 0.5, 469, 532},
        {100000, 0.5, 49690, 50311},
    };
    static double ranks[100000];
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        ranks[i] = (double)(i + 1);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct interval interval =
            stats_quantile_interval(ranks, known[i].n_values, known[i].q);
        assert_int_equal(isnan(interval.low), known[i].low == 0);
        assert_int_equal(isnan(interval.high), known[i].high == 0);
        if (known[i].low == 0)
            continue;
        assert_int_equal(interval.low, known[i].low);
        assert_int_equal(interval.high, known[i].high);
    }
}

/* Of 1,000 sets of uniform values, 95 to 99 % of the intervals hold the quantile. */
TEST(nineteen_of_twenty_quantile_intervals_hold_the_quantile) {
    enum { N = 400, N_SETS = 1000 };
    struct random random;
    random_seed(&random, 7);
    unsigned n_held = 0;
    for (int set = 0; set < N_SETS; set++) {
        double values[N];
        for (int i = 0; i < N; i++)
            values[i] = random_uniform(&random);
        stats_sort(values, N);
        struct interval interval = stats_quantile_interval(values, N, 0.9);
        n_held += interval.low <= 0.9 && 0.9 <= interval.high;
    }
    assert_in_range(n_held, 935, 990);
}

TEST(a_median_leaves_its_values_alone) {
    const double values[] = {9, 1, 5};
    assert_close(stats_median(values, 3), 5);
    assert_close(values[0], 9);
    assert_close(stats_median(values, 2), 5);
    assert_true(isnan(stats_median(values, 0)));
}

TEST(a_median_is_the_quantile_of_what_is_sorted) {
    enum { MOST = 2000 };
    static double values[MOST], sorted[MOST];
    struct random random;
    random_seed(&random, 7);
    for (size_t n = 1; n <= MOST; n += 1 + n / 9)
        for (size_t kind = 0; kind < 5; kind++) {
            for (size_t i = 0; i < n; i++)
                values[i] = kind == 0   ? (double)i
                            : kind == 1 ? (double)(n - i)
                            : kind == 2 ? (double)(i < n / 2 ? i : n - i)
                            : kind == 3 ? (double)random_below(&random, 3)
                                        : random_uniform(&random);
            memcpy(sorted, values, sizeof sorted);
            stats_sort(sorted, n);
            assert_true(stats_median(values, n) == stats_quantile(sorted, n, 0.5));
        }
}

TEST(the_interval_of_a_mean_is_students) {
    /* mean 3, deviation sqrt(2.5), t(0.975, 4) = 2.7764 */
    static const double values[] = {1, 2, 3, 4, 5};
    struct interval interval = stats_mean_interval(values, 5, false);
    assert_close(interval.low, 3 - 2.7764 * sqrt(2.5 / 5));
    assert_close(interval.high, 3 + 2.7764 * sqrt(2.5 / 5));
    assert_true(isnan(stats_mean_interval(values, 1, false).low));
    assert_true(isnan(stats_mean_interval(values, 0, false).high));
}

TEST(the_interval_of_positive_values_stays_positive) {
    static const double values[] = {1, 2, 3, 4, 5}, wide[] = {0.01, 10};
    double share = 2.7764 * sqrt(2.5 / 5) / 3;
    struct interval interval = stats_mean_interval(values, 5, true);
    assert_close(interval.low, 3 * exp(-share));
    assert_close(interval.high, 3 * exp(share));
    assert_true(stats_mean_interval(wide, 2, true).low > 0);
    assert_true(isnan(stats_mean_interval(values, 1, true).low));
}

/* t(0.975, n) beyond the table: 40 degrees 2.0211, 60 2.0003, 120 1.9799. */
TEST(the_interval_of_many_values_is_students_too) {
    static const struct {
        size_t n_values;
        double t;
    } known[] = {{31, 2.0423}, {32, 2.0395}, {41, 2.0211}, {61, 2.0003}, {121, 1.9799}};
    double values[121];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = i % 2 == 0 ? 1 : -1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = known[i].n_values;
        struct interval interval = stats_mean_interval(values, n, false);
        double half = (interval.high - interval.low) / 2;
        assert_close(half * sqrt((double)n) / stats_deviation(values, n), known[i].t);
    }
}

TEST(a_line_is_fitted) {
    static const double x[] = {1, 2, 3, 4}, y[] = {3, 5, 7, 9}, rough[] = {1, 3, 2, 4};
    struct line_fit fit = stats_fit_line(x, y, 4);
    assert_close(fit.slope, 2);
    assert_close(fit.intercept, 1);
    assert_close(fit.r_squared, 1);
    fit = stats_fit_line(x, rough, 4);
    assert_close(fit.slope, 0.8);
    assert_close(fit.r_squared, 0.64);
    static const double same[] = {5, 5, 5, 5};
    assert_close(stats_fit_line(x, same, 4).slope, 0);
    assert_close(stats_fit_line(x, same, 4).r_squared, 1);
    assert_true(isnan(stats_fit_line(same, y, 4).slope));
    assert_true(isnan(stats_fit_line(x, y, 1).slope));
}

TEST(a_distance_from_uniform_is_the_largest_gap) {
    static const double even[] = {1, 3, 5, 7, 9}, bunched[] = {0, 0, 0, 0, 10};
    static const double outside[] = {20, 30};
    assert_close(stats_uniform_distance(even, 5, 0, 10), 0.1);
    assert_close(stats_uniform_distance(bunched, 5, 0, 10), 0.8);
    assert_close(stats_uniform_distance(outside, 2, 0, 10), 1);
    assert_true(isnan(stats_uniform_distance(even, 0, 0, 10)));
}

TEST(a_distance_from_exponential_is_anderson_darlings) {
    /* Where F is 1/2: -1 - 2 ln(1/2). Where F is 1/4 and 3/4: -2 - ln(1/4) - 3 ln(3/4).
     */
    const double median[] = {log(2)}, quartiles[] = {2 * log(4. / 3), 2 * log(4)};
    static const double ends[] = {0, 1000};
    assert_close(stats_exponential_distance(median, 1, 1), -1 + 2 * log(2));
    assert_close(stats_exponential_distance(quartiles, 2, 2),
                 -2 + log(4) + 3 * log(4. / 3));
    assert_true(isfinite(stats_exponential_distance(ends, 2, 1)));
    assert_true(isnan(stats_exponential_distance(median, 0, 1)));
}

TEST(outliers_are_ten_robust_deviations_away) {
    /* Median 6, distances 5 4 3 2 1 0 1 2 3 4 and one more: their median is 3. */
    double values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 71};
    enum { N = sizeof values / sizeof *values };
    struct outliers found = stats_outliers(values, N);
    assert_float_equal((found.high - found.low) / 2 * 0.6745 / 14.8, 3, 1e-12);
    assert_float_equal(found.high, 6 + 14.8 * 3 / 0.6745, 1e-9); /* 71.8 */
    assert_int_equal(found.n_high, 0);
    values[N - 1] = 73;
    found = stats_outliers(values, N);
    assert_int_equal(found.n_high, 1);
    assert_int_equal(found.n_low, 0);
    values[0] = -60;
    assert_int_equal(stats_outliers(values, N).n_low, 1);
}

TEST(few_or_equal_values_have_no_outliers) {
    const double nine[] = {1, 2, 3, 4, 5, 6, 7, 8, 1e9};
    const double equal[] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 1e9};
    assert_true(isnan(stats_outliers(nine, 9).high));
    assert_int_equal(stats_outliers(nine, 9).n_high, 0);
    assert_true(isnan(stats_outliers(equal, 11).high));
    assert_int_equal(stats_outliers(equal, 11).n_high, 0);
    assert_int_equal(stats_outliers(NULL, 0).n_high, 0);
    assert_true(isnan(stats_outliers(nine, 1).high));
}

enum { N_DRAWS = 500 };

/* How many of 1,000 sets of draws are further from exponential of mean 1 than that. */
static unsigned count_beyond(double most, double (*draw)(struct random *random)) {
    unsigned n_beyond = 0;
    struct random random;
    random_seed(&random, 20);
    for (int trial = 0; trial < 1000; trial++) {
        double values[N_DRAWS];
        for (int i = 0; i < N_DRAWS; i++)
            values[i] = draw(&random);
        stats_sort(values, N_DRAWS);
        n_beyond += stats_exponential_distance(values, N_DRAWS, 1) > most;
    }
    return n_beyond;
}

static double draw_exponential(struct random *random) {
    return random_exponential(random, 1);
}

static double draw_slower(struct random *random) {
    return random_exponential(random, 1.25);
}

static double draw_uniform(struct random *random) {
    return 2 * random_uniform(random) + 1e-9;
}

TEST(exponential_sets_are_refused_as_often_as_said) {
    const double most = STATS_ANDERSON_DARLING_1_PERCENT;
    assert_in_range(count_beyond(most, draw_exponential), 1, 19); /* three sigma */
    assert_in_range(count_beyond(STATS_ANDERSON_DARLING_5_PERCENT, draw_exponential), 30,
                    70);
    assert_true(count_beyond(most, draw_slower) > 950);
    assert_int_equal(count_beyond(most, draw_uniform), 1000);
}

/* Of few values no interval that holds at every look is finite; then it nears 3.7. */
TEST(test_looks_cost_less_the_more_values_there_are) {
    assert_true(isinf(stats_looks_quantile(0, 0.05)));
    assert_true(isinf(stats_looks_quantile(2, 0.05)));
    assert_true(fabs(stats_looks_quantile(3, 0.05) - 13.22) < 0.01);
    assert_true(fabs(stats_looks_quantile(9, 0.05) - 4.28) < 0.01);
    for (size_t n = 3; n < 40; n++)
        assert_true(stats_looks_quantile(n + 1, 0.05) < stats_looks_quantile(n, 0.05));
    assert_true(stats_looks_quantile(9, 0.01) > stats_looks_quantile(9, 0.05));
}

/* Whoever looks after each of 100 values is misled once in twenty times at the most. */
TEST(test_looks_at_every_value_are_paid_for) {
    enum { N_RUNS = 1000, N_VALUES = 100 };
    struct random random;
    double values[N_VALUES];
    unsigned n_wrong = 0;
    random_seed(&random, 5);
    for (int i = 0; i < N_RUNS; i++) {
        bool is_wrong = false;
        for (size_t n = 1; n <= N_VALUES; n++) {
            double sum = 0; /* near normal: twelve uniform ones */
            for (int k = 0; k < 12; k++)
                sum += random_uniform(&random);
            values[n - 1] = 10 + sum - 6;
            struct interval interval = stats_looks_interval(values, n, 0.05, false);
            is_wrong |= interval.low > 10 || interval.high < 10;
        }
        n_wrong += is_wrong;
    }
    assert_in_range(n_wrong, 1, N_RUNS / 20);
}
