/* What a run knows by now, and what it measures next, on cells whose noise is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "director/assess.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"

static struct plan plan;

/* A plan of the article's cells. */
static void make_plan(const struct synthetic *truth, double precision) {
    plan = (struct plan){.precision = precision};
    plan.n_cells = (unsigned)synthetic_plan(truth, plan.cells, PLAN_MAX_CELLS);
    plan.experiments[plan.n_experiments++] = (struct planned_experiment){
        "article", experiment_find("article"), 0, plan.n_cells};
}

static struct assessment assess_with(const struct synthetic *truth, double precision,
                                     double left_s) {
    struct assessment assessment;
    make_plan(truth, precision);
    synthetic_write(test_folder, truth);
    assert_int_equal(assess(test_folder, &plan, left_s, &assessment), 0);
    return assessment;
}

static bool is_wanted(const struct assessment *assessment, const char *name) {
    for (unsigned i = 0; i < plan.n_cells; i++)
        if (strcmp(plan.cells[i].parameters.name, name) == 0)
            return assessment->is_wanted[i];
    fail_msg("no cell %s", name);
    return false;
}

static void test_quiet_cells_are_decided_and_nothing_is_wanted(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    struct assessment now = assess_with(&truth, 0.1, INFINITY);
    assert_int_equal(now.n_claims, 9);
    assert_int_equal(now.n_decided, 9);
    assert_int_equal(now.n_unmet, 0);
    assert_int_equal(now.n_wanted, 0);
    assert_true(now.worst > 0 && now.worst <= 0.1);
}

static void test_open_claims_want_their_cells_and_no_others(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    truth.altered = "hybrid-shared";
    truth.altered_noise = 0.05;
    struct assessment now = assess_with(&truth, 0.5, INFINITY);
    assert_true(now.n_decided < now.n_claims);
    assert_true(is_wanted(&now, "hybrid-shared") && is_wanted(&now, "forking"));
    assert_false(is_wanted(&now, "blocking") || is_wanted(&now, "threadpool"));
}

/* What the time that is left cannot decide gives way to the widest interval. */
static void test_without_time_the_widest_is_wanted(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    truth.altered = "hybrid-shared";
    truth.altered_noise = 0.05;
    struct assessment now = assess_with(&truth, 0.001, 0.5);
    assert_int_equal(now.n_wanted, 1);
    assert_string_equal(now.label, "2 GIL servers (shared)");
    assert_true(is_wanted(&now, "hybrid-shared"));
}

static void test_one_repeat_knows_nothing(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    struct assessment now = assess_with(&truth, 0.1, INFINITY);
    assert_true(isinf(now.worst));
    assert_int_equal(now.n_unmet, 8);
    assert_int_equal(now.n_decided, 0);
}

static void test_a_folder_without_cells_says_so(void **state) {
    (void)state;
    struct assessment now;
    make_plan(&synthetic_default, 0.1);
    assert_true(assess("/nowhere", &plan, INFINITY, &now) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_quiet_cells_are_decided_and_nothing_is_wanted),
        IN_FOLDER(test_open_claims_want_their_cells_and_no_others),
        IN_FOLDER(test_without_time_the_widest_is_wanted),
        IN_FOLDER(test_one_repeat_knows_nothing),
        IN_FOLDER(test_a_folder_without_cells_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
