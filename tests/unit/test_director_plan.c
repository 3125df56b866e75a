/* How long a run may take, whatever is asked for. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "director/length.h"
#include "director/plan/read.h"
#include "tests/test.h"

TEST(bounds_are_products_of_64_bits) {
    struct cell_plan cell = {
        .parameters = {.strategy = "", .users = 100000, .rounds = 100000}, .cpu_ns = 1};
    assert_true(length_bound_ns(&cell) >= UINT64_C(10000000000));
    assert_true(length_bound_ns(&cell) < 11 * NS_PER_S);
}

TEST(what_takes_for_ever_can_be_added_up) {
    struct cell_plan cell = {
        .parameters = {.strategy = "", .users = 1000000, .rounds = 1000000},
        .wait_ns = 24 * 3600 * NS_PER_S};
    uint64_t bound_ns = length_bound_ns(&cell);
    assert_true(bound_ns >= 365 * 24 * 3600 * NS_PER_S);
    assert_true(bound_ns <= UINT64_MAX / PLAN_MAX_CELLS);
    assert_true(length_times_ns(UINT64_MAX, UINT64_MAX) <= UINT64_MAX / PLAN_MAX_CELLS);
    assert_int_equal(length_times_ns(7, 6), 42);
}

/* A thousand users who wait for 100 ms ask for 2 s, and are awaited for 5. */
TEST(who_begins_all_at_once_is_soon_done) {
    struct cell_plan cell = {.parameters = {.strategy = "threading",
                                            .users = 1000,
                                            .duration_s = 2,
                                            .drain_s = 5},
                             .wait_ns = 100 * NS_PER_MS};
    assert_int_equal(length_bound_ns(&cell), 2700 * NS_PER_MS);
    cell.cpu_ns = NS_PER_MS; /* one after the other on one CPU */
    assert_int_equal(length_bound_ns(&cell), 3700 * NS_PER_MS);
    cell.parameters.strategy = "blocking"; /* the server ends what it has for 10 s more */
    assert_int_equal(length_bound_ns(&cell), 17600 * NS_PER_MS);
    cell.parameters.users = 10;
    assert_int_equal(length_bound_ns(&cell), 3610 * NS_PER_MS);
    cell.parameters.users = 0;
    cell.parameters.rate_per_s = 10; /* twenty requests */
    assert_int_equal(length_bound_ns(&cell), 4620 * NS_PER_MS);
}

/* The words behind "run", read as a command line. */
static const struct plan *read_plan(const char *words) {
    static struct plan plan;
    static char text[200];
    char *argv[20] = {"run"}, *rest = NULL;
    int argc = 1;
    (void)snprintf(text, sizeof text, "%s", words);
    for (char *word = strtok_r(text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    json_decref(plan.texts);
    plan_read(&plan, argc, argv);
    return &plan;
}

TEST(who_says_nothing_gets_all_in_short_forms) {
    static const char *const order[] = {"article", "waiting", "users", "cores"};
    const struct plan *plan = read_plan("--seed 1");
    unsigned n_cells = 0;
    double all_s = 0;
    assert_true(plan->is_of_all);
    assert_int_equal(plan->n_experiments, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_string_equal(plan->experiments[i].name, order[i]);
        assert_int_equal(plan->experiments[i].first_cell, n_cells);
        n_cells += plan->experiments[i].n_cells;
        all_s += plan->experiments[i].weight;
    }
    assert_int_equal(plan->n_cells, n_cells);
    assert_true(plan->budget_ns == (uint64_t)(all_s * (double)NS_PER_S));
    assert_true(plan->budget_ns <= 290 * NS_PER_S); /* and the report */
    assert_true(read_plan("--budget 9m")->budget_ns == 540 * NS_PER_S);
}

TEST(who_says_what_gets_that_alone) {
    static const char *const cases[][2] = {
        {"--quick", "article"},
        {"--article", "article"},
        {"--repeat 3", "article"},
        {"--precision 2", "article"},
        {"-s threading", "article"},
        {"--preset quick", "article"},
        {"--experiment cores", "cores"},
        {"--work cpu:1ms", "own"},
        {"--users 3", "own"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan *plan = read_plan(cases[i][0]);
        assert_false(plan->is_of_all);
        assert_int_equal(plan->n_experiments, 1);
        assert_string_equal(plan->experiments[0].name, cases[i][1]);
    }
    assert_int_equal(read_plan("-e users,cores")->n_experiments, 2);
    assert_int_equal(read_plan("-r 3")->experiments[0].n_repeats, 3);
    assert_true(read_plan("-r 3")->budget_ns == 0);
}

/* By weights, of what is left when it begins: what one does not need goes to the next. */
TEST(time_is_shared_by_weights) {
    const struct plan plan = {
        .experiments = {{.weight = 100}, {.weight = 60}, {.weight = 40}},
        .n_experiments = 3};
    assert_int_equal(length_share_ns(&plan, 0, 200), 100);
    assert_int_equal(length_share_ns(&plan, 1, 100), 60);
    assert_int_equal(length_share_ns(&plan, 1, 150), 90);
    assert_int_equal(length_share_ns(&plan, 2, 70), 70);
    const struct plan even = {.n_experiments = 2};
    assert_int_equal(length_share_ns(&even, 0, 200), 100);
}
