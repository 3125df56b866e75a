/* How well the cells of a folder are known, on cells whose noise is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "director/precision.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"

static struct precision read_with(const struct synthetic *truth, double wanted) {
    struct precision precision;
    synthetic_write(test_folder, truth);
    assert_int_equal(precision_read(test_folder, wanted, &precision), 0);
    return precision;
}

static void test_quiet_cells_are_known(void **state) {
    (void)state;
    struct precision precision = read_with(&synthetic_default, 0.1);
    assert_int_equal(precision.n_unmet, 0);
    assert_true(precision.worst > 0 && precision.worst <= 0.1);
    assert_int_equal(precision.n_clean, 3);
}

static void test_the_noisiest_cell_is_named(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.altered = "forking";
    truth.altered_noise = 0.3;
    struct precision precision = read_with(&truth, 0.1);
    assert_int_equal(precision.n_unmet, 1);
    assert_true(precision.worst > 0.1);
    assert_string_equal(precision.label, "forking");
}

static void test_one_repeat_knows_nothing(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    struct precision precision = read_with(&truth, 0.1);
    assert_true(isinf(precision.worst));
    assert_int_equal(precision.n_unmet, 8);
}

static void test_drifted_repeats_are_not_clean(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.drift = 0.1;
    assert_int_equal(read_with(&truth, 0.1).n_clean, 0);
}

static void test_a_folder_without_cells_says_so(void **state) {
    (void)state;
    struct precision precision;
    assert_true(precision_read("/nowhere", 0.1, &precision) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_quiet_cells_are_known),
        IN_FOLDER(test_the_noisiest_cell_is_named),
        IN_FOLDER(test_one_repeat_knows_nothing),
        IN_FOLDER(test_drifted_repeats_are_not_clean),
        IN_FOLDER(test_a_folder_without_cells_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
