/* How long a run may take, whatever is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "director/plan.h"

static void bounds_are_products_of_64_bits(void **state) {
    (void)state;
    struct cell_plan cell = {.parameters = {.users = 100000, .rounds = 100000}};
    assert_true(plan_cell_bound_ns(&cell, 1) >= UINT64_C(10000000000));
    assert_true(plan_cell_bound_ns(&cell, 1) < 11 * NS_PER_S);
}

static void what_takes_for_ever_can_be_added_up(void **state) {
    (void)state;
    struct cell_plan cell = {.parameters = {.users = 1000000, .rounds = 1000000}};
    uint64_t bound_ns = plan_cell_bound_ns(&cell, 24 * 3600 * NS_PER_S);
    assert_true(bound_ns >= 365 * 24 * 3600 * NS_PER_S);
    assert_true(bound_ns <= UINT64_MAX / PLAN_MAX_CELLS);
    assert_true(plan_times_ns(UINT64_MAX, UINT64_MAX) <= UINT64_MAX / PLAN_MAX_CELLS);
    assert_int_equal(plan_times_ns(7, 6), 42);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_products_of_64_bits),
        cmocka_unit_test(what_takes_for_ever_can_be_added_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
