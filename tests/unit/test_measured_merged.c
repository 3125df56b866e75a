/* Latencies of all repeats together: what they carry, and where intervals come from. */
#include <math.h>
#include <stdlib.h>

#include "common/stats/random.h"
#include "measured/merged.h"
#include "tests/test.h"

enum { MAX_REPEATS = 5 };

/* A series of repeats with `n` answered requests each; `level` stretches the last one. */
struct made {
    struct cell cells[MAX_REPEATS], *repeats[MAX_REPEATS];
    struct series series;
};

static void make_series(struct made *made, size_t n_repeats, size_t n, double level) {
    struct random random;
    random_seed(&random, 3);
    *made = (struct made){.series = {.repeats = made->repeats, .n_repeats = n_repeats}};
    for (size_t i = 0; i < n_repeats; i++) {
        struct cell *cell = &made->cells[i];
        made->repeats[i] = cell;
        cell->n_requests = n + 1;
        cell->n_answered = cell->latencies.n = n;
        cell->latencies.us = calloc(n + 1, sizeof *cell->latencies.us);
        for (size_t k = 0; k < n; k++)
            cell->latencies.us[k] = (float)((i + 1 == n_repeats ? level : 1) *
                                            (1000 + 1000 * random_uniform(&random)));
    }
}

static void free_series(struct made *made) {
    for (size_t i = 0; i < made->series.n_repeats; i++)
        free(made->cells[i].latencies.us);
}

static struct bootstrap_result quantile(const struct merged *merged, double q) {
    struct bootstrap_result result;
    merged_quantiles(merged, &q, 1, &result);
    return result;
}

TEST(samples_are_merged_and_percentiles_need_their_number) {
    struct made made;
    struct merged merged;
    struct percentile percentiles[N_PERCENTILES];
    make_series(&made, 3, 10, 1);
    assert_int_equal(merged_make(&made.series, &merged), 0);
    assert_int_equal(merged.n_values, 30);
    assert_false(merged.is_bootstrapped);
    merged_percentiles(&merged, percentiles);
    assert_true(percentiles[PERCENTILE_50].interval_s.low > 0.001);
    assert_true(percentiles[PERCENTILE_50].interval_s.high < 0.002);
    assert_true(isnan(percentiles[PERCENTILE_90].seconds));
    assert_int_equal(percentiles[PERCENTILE_90].needed, 80);
    assert_true(percentiles[PERCENTILE_MAX].seconds < 0.002);
    assert_true(isnan(quantile(&merged, 0.9).value));
    assert_true(isfinite(quantile(&merged, 0.7).interval.high));
    merged_free(&merged);
    free_series(&made);
}

TEST(a_repeat_that_differs_widens_the_interval) {
    struct made made;
    struct merged merged;
    double widths[2];
    for (int differs = 0; differs < 2; differs++) {
        make_series(&made, MAX_REPEATS, 200, differs ? 2 : 1);
        assert_int_equal(merged_make(&made.series, &merged), 0);
        assert_true(merged.is_bootstrapped);
        struct bootstrap_result median = quantile(&merged, 0.5);
        assert_true(median.interval.low < median.value &&
                    median.value < median.interval.high);
        widths[differs] = median.interval.high - median.interval.low;
        merged_free(&merged);
        free_series(&made);
    }
    assert_true(widths[1] > 3 * widths[0]);
}

/* Several at once are the same as one by one: the draws are. */
TEST(quantiles_do_not_depend_on_what_else_is_asked_for) {
    static const double wanted[] = {0.1, 0.5, 0.9, 0.99, 0.9999};
    struct made made;
    struct merged merged;
    struct bootstrap_result all[5];
    make_series(&made, 3, 300, 1.2);
    assert_int_equal(merged_make(&made.series, &merged), 0);
    merged_quantiles(&merged, wanted, 5, all);
    for (size_t i = 0; i < 4; i++) {
        struct bootstrap_result one = quantile(&merged, wanted[i]);
        assert_true(one.value == all[i].value);
        assert_true(one.interval.low == all[i].interval.low);
        assert_true(one.interval.high == all[i].interval.high);
    }
    assert_true(isnan(all[4].value) && isnan(all[4].interval.low));
    merged_free(&merged);
    free_series(&made);
}

TEST(nothing_answered_carries_nothing) {
    struct made made;
    struct merged merged;
    struct percentile percentiles[N_PERCENTILES];
    make_series(&made, 2, 0, 1);
    assert_int_equal(merged_make(&made.series, &merged), 0);
    merged_percentiles(&merged, percentiles);
    for (int i = 0; i < N_PERCENTILES; i++)
        assert_true(isnan(percentiles[i].seconds));
    assert_true(isnan(quantile(&merged, 0.5).value));
    merged_free(&merged);
    free_series(&made);
}

TEST(the_highest_quantile_leaves_eight_samples_beyond) {
    assert_true(isnan(percentiles_highest_carried(9)));
    assert_float_equal(percentiles_highest_carried(10), 0.5, 1e-12);
    assert_float_equal(percentiles_highest_carried(80), 0.9, 1e-12);
    assert_float_equal(percentiles_highest_carried(8000), 0.999, 1e-12);
    for (size_t n = 10; n < 300; n++)
        assert_true(percentiles_samples_needed(percentiles_highest_carried(n)) <= n);
}
