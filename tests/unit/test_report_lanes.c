/* Lanes: no two bars of a lane overlap, and workers stay together by process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "report/lanes.h"

static struct sample job(unsigned id, int process, int thread, double from_us,
                         double to_us) {
    return (struct sample){.id = id,
                           .status = 200,
                           .process = process,
                           .thread = thread,
                           .from_us = from_us,
                           .to_us = to_us};
}

static void test_one_worker_in_turn_is_one_lane(void **state) {
    (void)state;
    /* Rounded stamps may overlap by less than a rounding. */
    struct sample samples[] = {job(2, 9, 9, 199.9, 300), job(0, 9, 9, 0, 100),
                               job(1, 9, 9, 100, 200)};
    struct lanes lanes;
    assert_int_equal(lanes_make(samples, sizeof samples / sizeof *samples, &lanes), 0);
    assert_int_equal(lanes.n_lanes, 1);
    assert_int_equal(lanes.n_groups, 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(lanes.bars[i].sample->id, i);
    lanes_free(&lanes);
}

static void test_overlapping_jobs_of_one_thread_get_lanes(void **state) {
    (void)state;
    struct sample samples[] = {job(0, 9, 9, 0, 1000), job(1, 9, 9, 10, 500),
                               job(2, 9, 9, 600, 900)};
    struct lanes lanes;
    assert_int_equal(lanes_make(samples, sizeof samples / sizeof *samples, &lanes), 0);
    assert_int_equal(lanes.n_lanes, 2);
    assert_int_equal(lanes.bars[0].lane, 1);
    assert_int_equal(lanes.bars[2].lane, 2);
    assert_int_equal(lanes.bars[2].sample->id, 2);
    lanes_free(&lanes);
}

static void test_processes_are_groups_by_first_job(void **state) {
    (void)state;
    struct sample samples[] = {job(0, 50, 51, 20, 90),
                               job(1, 70, 71, 5, 90),
                               job(2, 50, 52, 1, 90),
                               job(3, 70, 72, 30, 90),
                               {.id = 4, .status = 200}};
    struct lanes lanes;
    static const unsigned order[] = {2, 0, 1, 3};
    assert_int_equal(lanes_make(samples, sizeof samples / sizeof *samples, &lanes), 0);
    assert_int_equal(lanes.n_bars, 4); /* one did not say who worked */
    assert_int_equal(lanes.n_lanes, 4);
    assert_int_equal(lanes.n_groups, 2);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(lanes.bars[i].sample->id, order[i]);
        assert_int_equal(lanes.bars[i].lane, i + 1);
        assert_int_equal(lanes.bars[i].group, i / 2 + 1);
    }
    lanes_free(&lanes);
}

static void test_nobody_known_is_no_lane(void **state) {
    (void)state;
    struct lanes lanes;
    assert_int_equal(lanes_make(NULL, 0, &lanes), 0);
    assert_int_equal(lanes.n_lanes, 0);
    lanes_free(&lanes);
}

/* A job of each of so many threads at once, and the CPU time that laying out took. */
static clock_t lay_out(unsigned n) {
    struct sample *samples = calloc(n, sizeof *samples);
    struct lanes lanes;
    assert_non_null(samples);
    for (unsigned i = 0; i < n; i++)
        samples[i] = job(i, 9, 100 + (int)i, i, 1e9);
    clock_t before = clock();
    assert_int_equal(lanes_make(samples, n, &lanes), 0);
    clock_t took = clock() - before;
    assert_int_equal(lanes.n_lanes, n);
    lanes_free(&lanes);
    free(samples);
    return took;
}

static void test_a_thread_per_request_takes_no_square(void **state) {
    (void)state;
    /* n log n takes 13 times as long, and a square a hundred times. */
    clock_t few = lay_out(20000), many = lay_out(200000);
    assert_true(many < 50 * few + CLOCKS_PER_SEC / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_worker_in_turn_is_one_lane),
        cmocka_unit_test(test_overlapping_jobs_of_one_thread_get_lanes),
        cmocka_unit_test(test_processes_are_groups_by_first_job),
        cmocka_unit_test(test_nobody_known_is_no_lane),
        cmocka_unit_test(test_a_thread_per_request_takes_no_square),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
