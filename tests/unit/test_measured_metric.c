/* Figures of cells that rest on what workers said of themselves. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "measured/metric.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"

/* T is 200 ms, of which that share waits; the rest computes. */
static struct run *run_with(const char *work, double waiting_share) {
    char why[512];
    struct synthetic truth = synthetic_default;
    truth.waiting_share = waiting_share;
    truth.work = work;
    truth.noise = 0;
    synthetic_write(test_folder, &truth);
    struct run *run = run_read(test_folder, why, sizeof why);
    if (run == NULL)
        fail_msg("%s", why);
    return run;
}

static void assert_near(double value, double expected) {
    if (!(fabs(value - expected) <= 0.001 * fabs(expected)))
        fail_msg("%.9g, not %.9g", value, expected);
}

static void test_the_speed_is_that_of_the_steps(void **state) {
    (void)state;
    struct run *run = run_with("cpu:600000turns+cpu:400000turns", 0);
    const struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_near(metric_speed_turns_per_us(cell), 5);
    assert_near(metric_cpu_share(cell), 1);
    assert_near(cell_mean_us_at(cell, 5), metric_mean_us(cell));
    assert_near(cell_mean_us_at(cell, 10), metric_mean_us(cell) / 2);
    run_free(run);
}

/* Half of the time computing: of another speed the latency follows by half. */
static void test_what_waits_does_not_follow_the_speed(void **state) {
    (void)state;
    struct run *run = run_with("cpu:1000000turns+sleep:100ms", 0.5);
    struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_near(metric_cpu_share(cell), 0.5);
    assert_near(metric_speed_turns_per_us(cell), 10);
    assert_near(cell_mean_us_at(cell, 40), metric_mean_us(cell) / 2);
    run_free(run);
}

static void test_without_computing_there_is_no_speed(void **state) {
    (void)state;
    struct run *run = run_with("sleep:200ms", 1);
    struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_true(isnan(metric_speed_turns_per_us(cell)));
    assert_true(isnan(metric_cpu_share(cell)));
    assert_true(isnan(cell_mean_us_at(cell, 5)));
    run_free(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_the_speed_is_that_of_the_steps),
        IN_FOLDER(test_what_waits_does_not_follow_the_speed),
        IN_FOLDER(test_without_computing_there_is_no_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
