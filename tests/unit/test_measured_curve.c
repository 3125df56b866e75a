/* Curves along an axis and what they come to, on lines whose truth is known. */
#include <math.h>

#include "measured/claims/curve.h"
#include "tests/curves.h"
#include "tests/test.h"

TEST(test_points_are_ascending_and_holes_stay) {
    struct curves curves;
    planted_begin();
    (void)planted_cell("threads", 4, 2, 2);
    (void)planted_cell("loop", 1, 2, 1);
    (void)planted_cell("threads", 1, 2, 1);
    (void)planted_cell("threads", 16, 2, 2);
    (void)planted_cell("loop", 16, 2, 1);
    assert_int_equal(curves_make(&planted.run, "users", "users", NULL, &curves), 0);
    assert_int_equal(curves.n_curves, 2);
    assert_string_equal(curves.curves[0].who->contestant, "threads");
    assert_int_equal(curves.n_xs, 3);
    assert_near(curves.xs[1], 4, 1e-9);
    const struct curve *loop = &curves.curves[1];
    assert_string_equal(loop->who->contestant, "loop");
    assert_int_equal(loop->n_points, 2);
    assert_null(curve_at(loop, 4));
    assert_near(curve_at(loop, 16)->x, 16, 1e-9);
    assert_near(curve_at(&curves.curves[0], 1)->x, 1, 1e-9);
    curves_free(&curves);
}

TEST(test_cells_of_another_experiment_are_not_in_it) {
    struct curves curves;
    planted_begin();
    (void)planted_cell("threads", 4, 1, 2);
    assert_int_equal(curves_make(&planted.run, "article", "users", NULL, &curves), 0);
    assert_int_equal(curves.n_curves, 0);
    curves_free(&curves);
    assert_int_equal(curves_make(&planted.run, "users", "colour", NULL, &curves), 0);
    assert_int_equal(curves.n_curves, 0);
    curves_free(&curves);
}

/* Where another parameter varies as well, `where` says which cells are meant. */
TEST(test_some_of_the_cells_alone) {
    struct curves curves;
    planted_begin();
    struct series *series = planted_cell("threads", 4, 1, 2);
    series->repeats[0]->parameters.work = "fetch";
    series = planted_cell("threads", 8, 1, 2);
    series->repeats[0]->parameters.work = "sleep:1s";
    assert_int_equal(
        curves_make(&planted.run, "users", "users", "work=fetch gil=", &curves), 0);
    assert_int_equal(curves.n_xs, 1);
    assert_near(curves.xs[0], 4, 1e-9);
    curves_free(&curves);
    assert_int_equal(curves_make(&planted.run, "users", "users", "colour=blue", &curves),
                     0);
    assert_int_equal(curves.n_xs, 0);
    curves_free(&curves);
    assert_int_equal(curves_make(&planted.run, "users", "users", "work=fetc", &curves),
                     0);
    assert_int_equal(curves.n_xs, 0);
    curves_free(&curves);
}

static const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1};

static double reduced(double (*reduce)(const struct line *line,
                                       const struct along *along),
                      const double *x, const double *y, size_t n) {
    const struct along along = {.share = 0.1};
    return reduce(&(struct line){x, y, ones, n}, &along);
}

static const double users[] = {1, 2, 4, 8, 16, 32, 64};

static double knee_of_cpus(double cpus, const double *x, size_t n) {
    double y[7];
    for (size_t i = 0; i < n; i++)
        y[i] = 50 * fmin(x[i], cpus);
    return reduced(curve_knee, x, y, n);
}

/* A station that does min(N, m) / D jobs a second has its knee at m, on any axis. */
TEST(test_the_knee_is_where_asymptotes_cross) {
    static const double coarse[] = {1, 4, 16, 64};
    static const double cpus[] = {1, 1.5, 2, 2.5, 3, 4, 7.9, 12};
    for (size_t i = 0; i < sizeof cpus / sizeof *cpus; i++) {
        assert_near(knee_of_cpus(cpus[i], users, 7), cpus[i], 1e-9);
        assert_near(knee_of_cpus(cpus[i], coarse, 4), cpus[i], 1e-9);
    }
}

TEST(test_a_curve_that_grows_to_its_end_has_no_knee) {
    assert_true(isnan(knee_of_cpus(100, users, 7)));
    assert_true(isnan(knee_of_cpus(2, users, 1)));
    assert_true(isnan(reduced(curve_knee, users, ones, 0)));
    const double nothing[] = {0, 1, 1};
    assert_true(isnan(reduced(curve_knee, users, nothing, 3)));
}

/* What falls behind its top has its knee before it. */
TEST(test_a_curve_that_falls_has_its_knee_at_the_top) {
    const double falling[] = {50, 100, 200, 190, 150, 100, 60};
    assert_near(reduced(curve_knee, users, falling, 7), 4, 1e-9);
    const double sinking[] = {50, 49, 40, 30, 20, 10, 5};
    assert_near(reduced(curve_knee, users, sinking, 7), 1, 1e-9);
}

TEST(test_the_knee_in_units_of_the_cells) {
    const double y[] = {50, 100, 200, 200, 200}, unit[] = {1, 1, 2, 4, 1};
    const struct along along = {.share = 0.1};
    assert_near(curve_knee(&(struct line){users, y, unit, 5}, &along), 2, 1e-9);
}

TEST(test_two_curves_cross_where_their_ratio_is_one) {
    double ratio[7];
    for (size_t i = 0; i < 7; i++)
        ratio[i] = pow(users[i] / 11, 0.7);
    assert_near(reduced(curve_crossing, users, ratio, 7), 11, 1e-9);
    for (size_t i = 0; i < 7; i++)
        ratio[i] = 1 / ratio[i];
    assert_near(reduced(curve_crossing, users, ratio, 7), 11, 1e-9);
    const double apart[] = {2, 3, 2, 3, 2, 3, 2};
    assert_true(isnan(reduced(curve_crossing, users, apart, 7)));
    assert_true(isnan(reduced(curve_crossing, users, ones, 7)));
}

TEST(test_the_other_reductions) {
    const double y[] = {5, 7, 11, 19, 35, 20, 9};
    assert_near(reduced(curve_least, users, y, 7), 5, 1e-9);
    assert_near(reduced(curve_most, users, y, 7), 35, 1e-9);
    assert_near(reduced(curve_argmax, users, y, 7), 16, 1e-9);
    assert_near(reduced(curve_slope, users, y, 5), 2, 1e-9); /* 3 + 2 x */
    assert_near(reduced(curve_mean, users, y, 2), 6, 1e-9);
    assert_true(isnan(reduced(curve_mean, users, y, 0)));
    assert_true(isnan(reduced(curve_argmax, users, y, 0)));
    assert_true(isnan(reduced(curve_slope, users, y, 1)));
}

TEST(test_a_part_of_the_axis) {
    const struct along all = {.from = 0}, part = {.from = 2, .to = INFINITY};
    assert_true(along_covers(&all, 1, 1));
    assert_false(along_covers(&part, 2, 2));
    assert_true(along_covers(&part, 4, 2));
}
