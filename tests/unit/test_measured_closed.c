/* Models of a closed system, held to exact answers. */
#include <math.h>
#include <stdlib.h>

#include "measured/theory/closed.h"
#include "measured/theory/model.h"
#include "tests/test.h"

static struct closed_system users_of(double n_users, double think_us) {
    return (struct closed_system){.n_users = n_users,
                                  .think_us = think_us,
                                  .demand_us = 20e3,
                                  .n_cpus = 2,
                                  .n_workers = 3,
                                  .n_servers = 4};
}

/*
 * Exact mean value analysis of a delay of Z and one station that serves min(j, most) / D
 * jobs a second while j are there (Reiser, Lavenberg 1980, section 3.2), by its recursion
 * over users and marginal probabilities.
 */
static double mva_throughput(unsigned n_users, double think_us, double demand_us,
                             double most) {
    double *before = calloc(n_users + 1, sizeof *before), throughput = 0;
    double *now = calloc(n_users + 1, sizeof *now);
    before[0] = 1;
    for (unsigned n = 1; n <= n_users; n++) {
        double latency_us = 0, sum = 0;
        for (unsigned j = 1; j <= n; j++)
            latency_us += j * demand_us / fmin(j, most) * before[j - 1];
        throughput = n / (think_us + latency_us); /* jobs a microsecond */
        for (unsigned j = 1; j <= n; j++) {
            now[j] = throughput * demand_us / fmin(j, most) * before[j - 1];
            sum += now[j];
        }
        now[0] = 1 - sum;
        for (unsigned j = 0; j <= n; j++)
            before[j] = now[j];
    }
    free(before);
    free(now);
    return 1e6 * throughput;
}

TEST(test_without_thinking_it_is_the_asymptotes) {
    for (double n = 1; n <= 64; n *= 2) {
        struct closed_system system = users_of(n, 0);
        assert_near(closed_throughput(&closed_all_cpus, &system), fmin(n, 2) / 0.02,
                    1e-9);
        assert_near(closed_throughput(&closed_one_cpu, &system), 1 / 0.02, 1e-9);
        assert_near(closed_latency_us(&closed_one_cpu, &system), n * 20e3, 1e-9);
        assert_near(closed_throughput_bound(&system), fmin(n, 2) / 0.02, 1e-9);
        assert_near(closed_latency_bound_us(&system), fmax(20e3, n * 20e3 / 2), 1e-9);
    }
}

/* Two users, one CPU, by hand: states of 0, 1, 2 jobs weigh 1, 2 D / Z, 2 (D / Z)^2. */
TEST(test_two_users_by_hand) {
    struct closed_system system = users_of(2, 40e3);
    double none = 1, one = 2 * 0.5, two = 2 * 0.25;
    assert_near(closed_throughput(&closed_one_cpu, &system),
                (one + two) / (none + one + two) / 0.02, 1e-9);
}

TEST(test_with_thinking_it_is_exact_mva) {
    static const double thinks_us[] = {1e3, 20e3, 100e3, 1e6};
    for (unsigned n = 1; n <= 12; n++)
        for (size_t i = 0; i < sizeof thinks_us / sizeof *thinks_us; i++) {
            struct closed_system system = users_of(n, thinks_us[i]);
            system.n_cpus = 2.5;
            assert_near(closed_throughput(&closed_one_cpu, &system),
                        mva_throughput(n, thinks_us[i], 20e3, 1), 1e-9);
            assert_near(closed_throughput(&closed_all_cpus, &system),
                        mva_throughput(n, thinks_us[i], 20e3, 2.5), 1e-9);
        }
}

TEST(test_many_users_do_not_overflow) {
    struct closed_system system = users_of(100000, 1e6);
    double throughput = closed_throughput(&closed_all_cpus, &system);
    if (!(fabs(throughput - 100) < 1e-6))
        fail_msg("%.9g", throughput);
    assert_true(throughput <= closed_throughput_bound(&system));
}

TEST(test_nobody_is_better_than_the_bounds) {
    static const struct closed_model *const models[] = {&closed_one_cpu, &closed_all_cpus,
                                                        &closed_pool, &closed_servers};
    for (double n = 1; n <= 200; n = ceil(n * 1.3))
        for (size_t i = 0; i < 4; i++) {
            struct closed_system system = users_of(n, 100e3);
            assert_true(closed_throughput(models[i], &system) <=
                        closed_throughput_bound(&system) * (1 + 1e-9));
            assert_true(closed_latency_us(models[i], &system) >=
                        closed_latency_bound_us(&system) * (1 - 1e-9));
        }
}

TEST(test_who_can_use_how_many_cpus) {
    struct closed_system system = users_of(8, 60e3);
    system.n_cpus = 3.5;
    assert_near(closed_knee(&closed_one_cpu, &system), 4, 1e-9);
    assert_near(closed_knee(&closed_all_cpus, &system), 14, 1e-9);
    assert_near(closed_knee(&closed_pool, &system), 12, 1e-9);
    assert_near(closed_knee(&closed_servers, &system), 14, 1e-9);
    system.n_cpus = 0.5; /* a crowded machine */
    assert_near(closed_knee(&closed_one_cpu, &system), 2, 1e-9);
}

TEST(test_of_what_it_does_not_know_it_says_nothing) {
    struct closed_system system = users_of(8, 0);
    system.demand_us = NAN;
    assert_true(isnan(closed_throughput(&closed_all_cpus, &system)));
    assert_true(isnan(closed_latency_us(&closed_all_cpus, &system)));
}

/* A pool of threads is as large as --threads says, and any pool as --workers says. */
TEST(test_a_pool_is_as_large_as_its_cell_says) {
    struct cell cell = {.parameters = parameters_initial(), .machine.turns_per_ms = 1};
    cell.parameters.work = "cpu:1ms";
    cell.parameters.workers = 2;
    assert_int_equal(closed_system_of(&cell).n_workers, 2);
    assert_int_equal(burst_of(&cell).at_once.n_workers, 2);
    cell.parameters.threads = 16;
    assert_int_equal(closed_system_of(&cell).n_workers, 16);
    assert_int_equal(burst_of(&cell).at_once.n_workers, 16);
}
