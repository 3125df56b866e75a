/* Fits of Amdahl's law and the universal scalability law to points of known coefficients.
 */
#include <math.h>

#include "common/stats/random.h"
#include "measured/theory/scaling.h"
#include "tests/test.h"

enum { N_POINTS = 8 };

static const double cpus[N_POINTS] = {1, 2, 3, 4, 6, 8, 12, 16};

static void assert_within(double value, double expected, double distance) {
    if (!(fabs(value - expected) <= distance))
        fail_msg("%.9g is not within %g of %.9g", value, distance, expected);
}

static double normal(struct random *random) {
    double u = fmax(random_uniform(random), 1e-12);
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979 * random_uniform(random));
}

/* Points of a law, each off by about `noise`. */
static void draw(double of_one, double a, double b, double noise, struct random *random,
                 double throughput[N_POINTS]) {
    for (size_t i = 0; i < N_POINTS; i++) {
        double n = cpus[i], capacity = n / (1 + a * (n - 1) + b * n * (n - 1));
        throughput[i] = of_one * capacity * exp(noise * normal(random));
    }
}

TEST(test_exact_points_give_the_coefficients_back) {
    struct random random;
    double throughput[N_POINTS];
    random_seed(&random, 1);
    draw(50, 0.05, 0.002, 0, &random, throughput);
    struct scaling fit = scaling_fit(SCALING_USL, cpus, throughput, N_POINTS);
    assert_within(fit.of_one, 50, 1e-6);
    assert_within(fit.a, 0.05, 1e-9);
    assert_within(fit.b, 0.002, 1e-9);
    assert_within(fit.error, 0, 1e-9);
}

TEST(test_amdahl_is_the_serial_share) {
    double throughput[N_POINTS];
    for (size_t i = 0; i < N_POINTS; i++)
        throughput[i] = 30 / (0.1 + 0.9 / cpus[i]);
    struct scaling fit = scaling_fit(SCALING_AMDAHL, cpus, throughput, N_POINTS);
    assert_within(fit.a, 0.1, 1e-9);
    assert_within(fit.b, 0, 0);
    assert_within(fit.of_one, 30, 1e-6);
    assert_true(isnan(fit.b_interval.low));
}

/* The interval holds the truth in about 95 of 100 cases. */
TEST(test_noise_widens_the_interval_as_it_should) {
    enum { N_CASES = 400 };
    unsigned n_a = 0, n_b = 0, n_free = 0;
    struct random random;
    random_seed(&random, 2);
    for (unsigned i = 0; i < N_CASES; i++) {
        double throughput[N_POINTS];
        draw(50, 0.08, 0.004, 0.02, &random, throughput);
        struct scaling fit = scaling_fit(SCALING_USL, cpus, throughput, N_POINTS);
        assert_within(fit.a, 0.08, 0.08);
        assert_within(fit.b, 0.004, 0.004);
        if (!isfinite(fit.b_interval.low) || !isfinite(fit.a_interval.low))
            continue;
        n_free++;
        n_a += fit.a_interval.low <= 0.08 && fit.a_interval.high >= 0.08;
        n_b += fit.b_interval.low <= 0.004 && fit.b_interval.high >= 0.004;
    }
    assert_true(n_free > N_CASES * 95 / 100);
    assert_true(n_a > n_free * 91 / 100);
    assert_true(n_b > n_free * 91 / 100);
}

/* Linear growth with noise may look superlinear: no share is below 0. */
TEST(test_coefficients_are_never_negative) {
    struct random random;
    random_seed(&random, 3);
    for (unsigned i = 0; i < 200; i++) {
        double throughput[N_POINTS];
        draw(50, 0, 0, 0.03, &random, throughput);
        struct scaling fit = scaling_fit(SCALING_USL, cpus, throughput, N_POINTS);
        assert_true(fit.a >= 0 && fit.b >= 0);
        assert_within(fit.of_one, 50, 5);
    }
}

TEST(test_of_fewer_than_six_points_there_is_none) {
    const double twice[] = {1, 2, 3, 4, 4, 4, 4, 4};
    const double throughput[N_POINTS] = {50, 95, 130, 160, 160, 160, 161, 159};
    assert_true(isnan(scaling_fit(SCALING_USL, cpus, throughput, 5).a));
    assert_true(isnan(scaling_fit(SCALING_USL, twice, throughput, N_POINTS).a));
    assert_true(isnan(scaling_fit(SCALING_AMDAHL, cpus, throughput, 0).error));
    const double holed[N_POINTS] = {50, 95, NAN, 160, 200, 220, 240, 250};
    assert_true(isnan(scaling_fit(SCALING_USL, cpus, holed, N_POINTS).a));
}
