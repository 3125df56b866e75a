/* Student's t against printed tables and closed forms. */
#include <math.h>

#include "common/stats/student.h"
#include "tests/test.h"

/* P(T <= t). */
static double probability(double t, double degrees) {
    double beyond = student_beyond(t, degrees) / 2;
    return t > 0 ? 1 - beyond : beyond;
}

/* Printed to three digits after the point in tables of the t distribution. */
TEST(quantiles_are_those_of_tables) {
    static const struct {
        double degrees, probability, t;
    } known[] = {
        {1, 0.95, 6.314},    {1, 0.975, 12.706}, {1, 0.995, 63.657}, {1, 0.9995, 636.619},
        {2, 0.975, 4.303},   {2, 0.995, 9.925},  {3, 0.975, 3.182},  {4, 0.9, 1.533},
        {5, 0.975, 2.571},   {5, 0.9995, 6.869}, {8, 0.995, 3.355},  {10, 0.99, 2.764},
        {20, 0.75, 0.687},   {30, 0.975, 2.042}, {60, 0.975, 2.000}, {120, 0.975, 1.980},
        {1e7, 0.975, 1.960},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double t = student_quantile(known[i].probability, known[i].degrees);
        if (!(fabs(t - known[i].t) <= 0.00051))
            fail_msg("%g of %g: %.9g, not %g", known[i].probability, known[i].degrees, t,
                     known[i].t);
        assert_near(student_quantile(1 - known[i].probability, known[i].degrees), -t,
                    1e-9);
    }
}

/* With 1 degree it is Cauchy's distribution, with 2 it is t / sqrt(2 + t^2). */
TEST(small_degrees_have_closed_forms) {
    for (double t = -40; t <= 40; t += 0.37) {
        assert_near(probability(t, 1), 0.5 + atan(t) / acos(-1), 1e-12);
        assert_near(probability(t, 2), 0.5 + t / (2 * sqrt(2 + t * t)), 1e-11);
    }
    assert_near(student_beyond(1e8, 1), 2 / acos(-1) * 1e-8, 1e-9);
    assert_near(student_beyond(1e8, 2), 1e-16, 1e-9);
}

TEST(quantile_and_probability_are_inverses) {
    static const double degrees[] = {0.7, 1.5, 2.01, 3.3, 7.77, 55.5, 4000};
    for (size_t i = 0; i < sizeof degrees / sizeof *degrees; i++)
        for (double p = 0.0005; p < 1; p += 0.0371)
            assert_near(probability(student_quantile(p, degrees[i]), degrees[i]), p,
                        1e-9);
}

TEST(what_has_no_answer_is_nan) {
    assert_true(isnan(student_beyond(NAN, 3)));
    assert_true(isnan(student_beyond(1, NAN)));
    assert_true(isnan(student_beyond(1, 0)));
    assert_true(isnan(student_quantile(1, 3)));
    assert_true(isnan(student_quantile(0.5, -1)));
    assert_true(student_beyond(0, 3) == 1);
    assert_true(student_beyond(INFINITY, 3) == 0);
    assert_true(student_beyond(1e200, 3) == 0);
    assert_near(probability(0, 3), 0.5, 1e-15);
    assert_near(1 + student_quantile(0.5, 3), 1, 1e-12);
}
