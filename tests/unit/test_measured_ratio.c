/* Ratios and verdicts against worked examples, and by simulation. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "common/stats/random.h"
#include "common/stats/student.h"
#include "measured/ratio.h"
#include "tests/test.h"

/*
 * Logarithms 1, 2, 3 and 4, 6, 8, 10: means 2 and 7, squared errors 1/3 and 5/3, so
 * t = 5 / sqrt(2) with 4 / (1/18 + 25/27) degrees. By numerical integration of the
 * density p = 0.0233768 and the 0.975 quantile is 2.75628.
 */
TEST(welch_is_that_of_a_worked_example) {
    double a[3], b[4];
    for (int i = 0; i < 3; i++)
        a[i] = exp(i + 1);
    for (int i = 0; i < 4; i++)
        b[i] = exp(2 * i + 4);
    struct ratio ratio = ratio_make(a, 3, b, 4);
    assert_near(ratio.a, exp(2), 1e-12);
    assert_near(ratio.b, exp(7), 1e-12);
    assert_near(ratio.value, exp(5), 1e-12);
    assert_near(ratio.log_error, sqrt(2), 1e-12);
    assert_near(ratio.degrees, 4 / (1 / 18. + 25 / 27.), 1e-12);
    assert_near(ratio.p, 0.0233768, 1e-5);
    assert_near(log(ratio.interval.low), 5 - 2.75628 * sqrt(2), 1e-4);
    assert_near(log(ratio.interval.high), 5 + 2.75628 * sqrt(2), 1e-5);
    struct ratio inverse = ratio_make(b, 4, a, 3);
    assert_near(inverse.interval.low, 1 / ratio.interval.high, 1e-9);
    assert_near(inverse.p, ratio.p, 1e-12);
}

/* Ratios of 1.1, 1.2 and 1.3 as logarithms, under a drift of ten times: Student's t. */
TEST(what_drifts_under_both_is_not_in_the_ratio_of_pairs) {
    static const double logs[] = {0.1, 0.2, 0.3}, a[] = {1, 10, 3, 7};
    double b[4] = {exp(logs[0]), 10 * exp(logs[1]), 3 * exp(logs[2]), NAN};
    struct ratio ratio = ratio_make_paired(a, b, 4);
    assert_int_equal(ratio.n_a, 3);
    assert_near(log(ratio.value), 0.2, 1e-12);
    assert_near(ratio.log_error, 0.1 / sqrt(3), 1e-12);
    assert_near(log(ratio.interval.high), 0.2 + 4.302653 * 0.1 / sqrt(3), 1e-6);
    assert_true(isnan(ratio_make_paired(a, b, 1).p));
}

TEST(what_one_repeat_or_no_figure_says_is_no_interval) {
    static const double one[] = {5}, two[] = {4, 6}, none[] = {NAN, 0, -1};
    struct ratio ratio = ratio_make(one, 1, two, 2);
    assert_near(ratio.a, 5, 1e-12);
    assert_true(isnan(ratio.p) && isnan(ratio.level) && isnan(ratio.interval.low));
    ratio = ratio_make(two, 2, none, 3);
    assert_int_equal(ratio.n_b, 0);
    assert_true(isnan(ratio.value) && isnan(ratio.p));
    struct ratio *ratios[] = {&ratio};
    ratios_judge(ratios, 1);
    assert_int_equal(ratio.change, CHANGE_UNDECIDED);
    ratios_judge(ratios, 0);
}

/* Values that all agree leave no doubt. */
TEST(without_any_noise_the_ratio_decides) {
    static const double a[] = {2, 2}, longer[] = {2.2, 2.2, 2.2};
    struct ratio same = ratio_make(a, 2, a, 2), slower = ratio_make(a, 2, longer, 3);
    struct ratio *ratios[] = {&same, &slower};
    ratios_judge(ratios, 2);
    assert_int_equal(same.change, CHANGE_SAME);
    assert_int_equal(slower.change, CHANGE_SLOWER);
    assert_near(slower.interval.low, 1.1, 1e-12);
}

/* A ratio of that p value. */
static struct ratio with_p(double p) {
    struct ratio ratio = {.log_error = 0.1, .degrees = 10};
    ratio.value = exp(-student_quantile(p / 2, ratio.degrees) * ratio.log_error);
    return ratio;
}

/*
 * 0.01, 0.04, 0.03, 0.005 at 5 %: 0.005 < 0.05 / 4 and 0.01 < 0.05 / 3, but 0.03 is not
 * below 0.05 / 2, so 0.04 is not looked at although it is below 0.05 / 1.
 */
TEST(holm_steps_down_and_stops) {
    static const double p[] = {0.01, 0.04, 0.03, 0.005};
    static const double levels[] = {1 - 0.05 / 3, 1 - 0.05 / 2, 1 - 0.05 / 2,
                                    1 - 0.05 / 4};
    struct ratio all[5], *ratios[5];
    for (int i = 0; i < 4; i++)
        all[i] = with_p(p[i]);
    all[4] = ratio_make(NULL, 0, NULL, 0); /* counts for nothing */
    for (int i = 0; i < 5; i++)
        ratios[i] = &all[4 - i];
    ratios_judge(ratios, 5);
    for (int i = 0; i < 4; i++) {
        bool differs = p[i] <= 0.01;
        assert_near(all[i].p, p[i], 1e-6);
        assert_near(all[i].level, levels[i], 1e-12);
        assert_int_equal(all[i].change, differs ? CHANGE_SLOWER : CHANGE_UNDECIDED);
        assert_int_equal(all[i].interval.low > 1, differs);
    }
    assert_true(isnan(all[4].level));
}

TEST(what_is_within_three_percent_is_the_same) {
    struct ratio close = {.value = 1.02, .log_error = 0.002, .degrees = 20};
    struct ratio *ratios[] = {&close};
    ratios_judge(ratios, 1);
    assert_true(close.interval.low >
                1); /* different for certain, but by next to nothing */
    assert_int_equal(close.change, CHANGE_SAME);
    close.value = 0.94;
    ratios_judge(ratios, 1);
    assert_int_equal(close.change, CHANGE_FASTER);
}

TEST(the_allowance_widens_interval_and_p_alike) {
    struct ratio ratio = {
        .value = exp(0.05), .log_error = 0.01, .degrees = 8, .log_allowance = 0.02};
    struct ratio *ratios[] = {&ratio};
    ratios_judge(ratios, 1);
    assert_int_equal(ratio.change, CHANGE_SLOWER);
    assert_near(ratio.p, student_beyond(3, 8), 1e-9);
    assert_near(log(ratio.interval.low), 0.05 - 0.02 - 0.01 * 2.306004, 1e-4);
    ratio.log_allowance = 0.03;
    ratios_judge(ratios, 1);
    assert_int_equal(ratio.change, CHANGE_UNDECIDED);
    assert_true(ratio.interval.low < 1);
    ratio.log_allowance = 0.06;
    ratios_judge(ratios, 1);
    assert_true(ratio.p == 1);
}

/* Normal, by Box and Muller. */
static double draw_normal(struct random *random) {
    double radius = sqrt(-2 * log(1 - random_uniform(random)));
    return radius * cos(2 * acos(-1) * random_uniform(random));
}

static struct ratio draw(struct random *random, size_t n_a, size_t n_b, double change,
                         double noise_b) {
    enum { MOST = 10 };
    double a[MOST], b[MOST];
    for (size_t i = 0; i < n_a; i++)
        a[i] = exp(0.02 * draw_normal(random));
    for (size_t i = 0; i < n_b; i++)
        b[i] = exp(change + noise_b * draw_normal(random));
    return ratio_make(a, n_a, b, n_b);
}

/* Of families that differ in nothing, one in twenty may have a cell that is said to. */
TEST(the_same_against_itself_differs_in_five_percent) {
    enum { FAMILIES = 600, CELLS = 8 };
    struct random random;
    unsigned n_wrong = 0;
    random_seed(&random, 2026);
    for (int family = 0; family < FAMILIES; family++) {
        struct ratio cells[CELLS], *ratios[CELLS];
        unsigned n_differ = 0;
        for (int i = 0; i < CELLS; i++) {
            cells[i] = draw(&random, 5, 5, 0, 0.02 + 0.01 * i);
            ratios[i] = &cells[i];
        }
        ratios_judge(ratios, CELLS);
        for (int i = 0; i < CELLS; i++)
            n_differ +=
                cells[i].change == CHANGE_FASTER || cells[i].change == CHANGE_SLOWER;
        n_wrong += n_differ > 0;
    }
    if (n_wrong > FAMILIES * 5 / 100)
        fail_msg("%u of %d", n_wrong, FAMILIES);
}

TEST(intervals_hold_the_truth_as_often_as_they_say) {
    enum { DRAWS = 2000 };
    static const struct {
        size_t n_a, n_b;
        double noise_b;
    } shapes[] = {{3, 3, 0.02}, {5, 5, 0.06}, {3, 5, 0.04}, {10, 4, 0.02}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        struct random random;
        unsigned n_held = 0;
        random_seed(&random, 7 + s);
        for (int i = 0; i < DRAWS; i++) {
            struct ratio ratio =
                draw(&random, shapes[s].n_a, shapes[s].n_b, log(1.1), shapes[s].noise_b);
            n_held += ratio.interval.low <= 1.1 && ratio.interval.high >= 1.1;
        }
        if (n_held < DRAWS * 0.94 || n_held > DRAWS * 0.985)
            fail_msg("shape %zu: %u of %d", s, n_held, DRAWS);
    }
}

/* A verdict and its interval never say different things. */
TEST(interval_and_verdict_agree) {
    enum { FAMILIES = 300, CELLS = 6 };
    struct random random;
    random_seed(&random, 5);
    for (int family = 0; family < FAMILIES; family++) {
        struct ratio cells[CELLS], *ratios[CELLS];
        for (int i = 0; i < CELLS; i++) {
            cells[i] = draw(&random, 4, 3, 0.02 * i, 0.01);
            cells[i].log_allowance = 0.01 * (family % 3);
            ratios[i] = &cells[i];
        }
        ratios_judge(ratios, CELLS);
        for (int i = 0; i < CELLS; i++) {
            const struct interval *interval = &cells[i].interval;
            bool within = interval->low >= 0.97 && interval->high <= 1.03;
            enum change change = within               ? CHANGE_SAME
                                 : interval->low > 1  ? CHANGE_SLOWER
                                 : interval->high < 1 ? CHANGE_FASTER
                                                      : CHANGE_UNDECIDED;
            assert_int_equal(cells[i].change, change);
        }
    }
}
