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

static struct run *run_with(const char *work) {
    char why[512];
    struct synthetic truth = synthetic_default; /* T is 200 ms, all of it computing */
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
    struct run *run = run_with("cpu:600000turns+cpu:400000turns");
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
    struct run *run = run_with("cpu:1000000turns+sleep:200ms");
    struct cell *cell = run_find(run, "forking")->repeats[0];
    for (size_t i = 0; i < cell->n_requests; i++)
        cell->requests[i].wait_us = cell->requests[i].cpu_us;
    assert_near(metric_cpu_share(cell), 0.5);
    assert_near(cell_mean_us_at(cell, 20), metric_mean_us(cell) / 2);
    run_free(run);
}

static void test_without_computing_there_is_no_speed(void **state) {
    (void)state;
    struct run *run = run_with("sleep:200ms");
    struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_true(isnan(metric_speed_turns_per_us(cell)));
    for (size_t i = 0; i < cell->n_requests; i++)
        cell->requests[i].cpu_us = 0;
    assert_true(isnan(metric_cpu_share(cell)));
    assert_true(isnan(cell_mean_us_at(cell, 5)));
    run_free(run);
}

/* Ten answers in two seconds; what was cut off is neither answered nor failed. */
static void test_throughput_is_of_what_was_answered(void **state) {
    (void)state;
    struct run *run = run_with("cpu:1000000turns");
    struct cell *cell = run_find(run, "blocking")->repeats[0];
    double first_us = cell->requests[0].start_us, last_us = 0;
    for (size_t i = 0; i < cell->n_requests; i++)
        last_us = fmax(last_us, sample_end_us(cell, &cell->requests[i]));
    assert_int_equal(cell->n_answered, 10);
    assert_near(metric_throughput(cell), 10e6 / (last_us - first_us));
    assert_true(metric_failed_share(cell) == 0);
    cell->requests[9].status = 0; /* the last one */
    cell->n_answered = 9;
    assert_true(metric_n_failed(cell) == 0);
    last_us = 0;
    for (size_t i = 0; i < 9; i++)
        last_us = fmax(last_us, sample_end_us(cell, &cell->requests[i]));
    assert_near(metric_throughput(cell), 9e6 / (last_us - first_us));
    cell->requests[9].error = "refused";
    assert_near(metric_n_failed(cell), 1);
    assert_near(metric_failed_share(cell), 0.1);
    run_free(run);
}

static void test_percentiles_need_their_samples(void **state) {
    (void)state;
    struct run *run = run_with("cpu:1000000turns");
    struct cell *cell = run_find(run, "blocking")->repeats[0];
    assert_near(metric_p50_us(cell), (cell->latencies_us[4] + cell->latencies_us[5]) / 2);
    assert_true(isnan(metric_p99_us(cell)));
    cell->n_answered = 3;
    assert_true(isnan(metric_p50_us(cell)));
    cell->n_answered = 0;
    assert_true(isnan(metric_failed_share(cell)));
    run_free(run);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_the_speed_is_that_of_the_steps),
        IN_FOLDER(test_what_waits_does_not_follow_the_speed),
        IN_FOLDER(test_without_computing_there_is_no_speed),
        IN_FOLDER(test_throughput_is_of_what_was_answered),
        IN_FOLDER(test_percentiles_need_their_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
