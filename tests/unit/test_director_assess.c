/* What a run knows by now, and what it measures next, on cells whose noise is known. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "director/assess.h"
#include "director/length.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static struct plan plan;

/* A plan of the article's cells. */
static void make_plan(const struct synthetic *truth, double precision) {
    plan = (struct plan){.precision = precision};
    plan.n_cells = (unsigned)synthetic_plan(truth, plan.cells, PLAN_MAX_CELLS);
    plan.experiments[plan.n_experiments++] =
        (struct planned_experiment){.name = "article",
                                    .experiment = experiment_find("article"),
                                    .n_cells = plan.n_cells};
}

static struct assessment assess_with(const struct synthetic *truth, double precision,
                                     double left_s) {
    struct assessment assessment;
    char why[WHY_BYTES];
    make_plan(truth, precision);
    synthetic_write(test_folder, truth);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    assess(run, &plan, plan.experiments, left_s, &assessment);
    run_free(run);
    return assessment;
}

static bool is_wanted(const struct assessment *assessment, const char *name) {
    for (unsigned i = 0; i < plan.n_cells; i++)
        if (strcmp(plan.cells[i].parameters.name, name) == 0)
            return assessment->is_wanted[i];
    fail_msg("no cell %s", name);
    return false;
}

TEST_IN_FOLDER(test_quiet_cells_are_decided_and_nothing_is_wanted) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    struct assessment now = assess_with(&truth, 0.1, INFINITY);
    assert_int_equal(now.n_claims, 9);
    assert_int_equal(now.n_decided, 9);
    assert_int_equal(now.n_unmet, 0);
    assert_int_equal(now.n_wanted, 0);
    assert_true(now.worst > 0 && now.worst <= 0.1);
}

TEST_IN_FOLDER(test_open_claims_want_their_cells_and_no_others) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    truth.altered = "hybrid-shared";
    truth.altered_noise = 0.05;
    struct assessment now = assess_with(&truth, 0.5, INFINITY);
    assert_true(now.n_decided < now.n_claims);
    assert_true(is_wanted(&now, "hybrid-shared") && is_wanted(&now, "forking"));
    assert_false(is_wanted(&now, "blocking") || is_wanted(&now, "threadpool"));
}

/* What the time that is left cannot decide gives way to the widest interval that it can
 * make narrow enough, and where there is none such nothing is wanted. */
TEST_IN_FOLDER(test_without_time_the_widest_in_reach_is_wanted) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    truth.altered = "hybrid-shared";
    truth.altered_noise = 0.05;
    struct assessment now = assess_with(&truth, 0.08, 1.4);
    assert_int_equal(now.n_wanted, 1);
    assert_string_equal(now.label, "2 GIL servers (shared)");
    assert_true(is_wanted(&now, "hybrid-shared"));
    static const struct {
        double precision, left_s;
    } hopeless[] = {{0.08, 0.2}, {0.001, 1.4}};
    for (size_t i = 0; i < 2; i++) {
        now = assess_with(&truth, hopeless[i].precision, hopeless[i].left_s);
        assert_int_equal(now.n_wanted, 0);
        assert_string_equal(now.label, "2 GIL servers (shared)");
        assert_true(now.is_given_up);
    }
}

/* Before there is time for all open claims those that take least have theirs. */
TEST_IN_FOLDER(test_claims_that_take_least_come_first) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 2;
    double all_s[] = {0.1, 4, 10, 20, INFINITY};
    size_t n_before = 0, n_steps = 0;
    for (size_t i = 0; i < sizeof all_s / sizeof *all_s; i++) {
        struct assessment now = assess_with(&truth, INFINITY, all_s[i]);
        assert_int_equal(now.n_decided, 0);
        assert_true(now.n_wanted >= n_before);
        n_steps += now.n_wanted > n_before;
        n_before = now.n_wanted;
        if (now.n_wanted == 1) /* its users do not wait for each other's jobs */
            assert_true(is_wanted(&now, "forking"));
    }
    assert_true(n_steps > 2);
    assert_int_equal(n_before, 6); /* no claim is about threadpool or reuseport */
}

/* What was never to be judged by will not be. */
TEST_IN_FOLDER(test_cells_that_fail_are_not_measured_for_ever) {
    struct synthetic truth = synthetic_default;
    truth.failing = "hybrid-shared";
    truth.repeats = 5;
    struct assessment now = assess_with(&truth, 0.5, INFINITY);
    assert_true(is_wanted(&now, "hybrid-shared"));
    truth.repeats = 6;
    now = assess_with(&truth, 0.5, INFINITY);
    assert_false(is_wanted(&now, "hybrid-shared"));
    assert_int_equal(now.n_wanted, 0);
}

TEST_IN_FOLDER(test_one_repeat_knows_nothing) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    struct assessment now = assess_with(&truth, 0.1, INFINITY);
    assert_true(isinf(now.worst));
    assert_int_equal(now.n_unmet, 8);
    assert_int_equal(now.n_decided, 0);
}

/* An INVALID repeat is measured again, unless it does not help or nobody has the time. */
TEST_IN_FOLDER(test_what_is_invalid_is_measured_again) {
    static const struct {
        unsigned n_invalid;
        double left_s;
        bool is_wanted;
    } rows[] = {
        {1, 60, false}, {2, 0.1, false}, {2, 60, true}, {3, 60, true}, {4, 60, false}};
    struct synthetic truth = synthetic_default;
    struct assessment now;
    char why[WHY_BYTES];
    truth.repeats = 4;
    make_plan(&truth, INFINITY);
    plan.budget_ns = UINT64_C(60000000000);
    plan.experiments[0].n_repeats = 2;
    synthetic_write(test_folder, &truth);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned k = 1; k <= rows[i].n_invalid; k++)
            assert_int_equal(synthetic_spoil(test_folder, "hybrid-reuseport", k), 0);
        struct run *run = run_read(test_folder, why);
        assert_non_null(run);
        assess(run, &plan, plan.experiments, rows[i].left_s, &now);
        assert_int_equal(is_wanted(&now, "hybrid-reuseport"), rows[i].is_wanted);
        run_free(run);
    }
}

/* How many bytes this process has read, in the kernel's count (proc(5)); 0: not told. */
static unsigned long long bytes_read(void) {
    unsigned long long n_bytes = 0;
    FILE *io = fopen("/proc/self/io", "re");
    if (io != NULL && fscanf(io, "rchar: %llu", &n_bytes) != 1)
        n_bytes = 0;
    if (io != NULL)
        (void)fclose(io);
    return n_bytes;
}

/* Moves the three files of a cell from one folder below the test's to another. */
static void move_cell(const char *from, const char *to, const char *name,
                      unsigned repeat) {
    static const char *const endings[] = {".json", ".tsv", ".probes.tsv"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char old[400], new[400];
        (void)snprintf(old, sizeof old, "%s/%s/%s-r%u%s", test_folder, from, name, repeat,
                       endings[i]);
        (void)snprintf(new, sizeof new, "%s/%s/%s-r%u%s", test_folder, to, name, repeat,
                       endings[i]);
        assert_int_equal(rename(old, new), 0);
    }
}

/* Adds a repeat of all cells, whose files are gone afterwards; how much was read. */
static unsigned long long add_repeat(struct run *run, unsigned repeat) {
    unsigned long long before = bytes_read();
    for (unsigned i = 0; i < plan.n_cells; i++) {
        const char *name = plan.cells[i].parameters.name;
        char file[120], why[WHY_BYTES];
        (void)snprintf(file, sizeof file, "%s-r%u.json", name, repeat);
        move_cell("waiting", "cells", name, repeat);
        if (run_add(run, file, why) != 0)
            fail_msg("%s", why);
        move_cell("cells", "done", name, repeat);
    }
    struct assessment now;
    assess(run, &plan, plan.experiments, INFINITY, &now);
    return bytes_read() - before;
}

static void assert_same_findings(const struct run *one, const struct run *other) {
    for (const struct claim *claim = plan.experiments[0].experiment->claims;
         claim->id != NULL; claim++) {
        struct finding a, b;
        judge(one, claim, &a);
        judge(other, claim, &b);
        assert_int_equal(a.verdict, b.verdict);
        assert_string_equal(a.figure, b.figure);
        assert_string_equal(a.interval, b.interval);
        assert_string_equal(a.evidence, b.evidence);
    }
}

/*
 * Nothing of earlier repeats is read or kept: their files are gone, their latencies as
 * well, and the hundredth repeat takes as much reading as the tenth. What is found is
 * what a reader of all files finds.
 */
TEST_IN_FOLDER(test_a_repeat_costs_its_own_samples_alone) {
    enum { N_REPEATS = 100 };
    struct synthetic truth = synthetic_default;
    char why[WHY_BYTES], cells[80], waiting[80], done[80];
    unsigned long long n_bytes[N_REPEATS + 1];
    truth.repeats = N_REPEATS;
    truth.t_us = 20e3;
    make_plan(&truth, 0.1);
    synthetic_write(test_folder, &truth);
    (void)snprintf(cells, sizeof cells, "%s/cells", test_folder);
    (void)snprintf(waiting, sizeof waiting, "%s/waiting", test_folder);
    (void)snprintf(done, sizeof done, "%s/done", test_folder);
    assert_int_equal(rename(cells, waiting), 0);
    assert_int_equal(files_make_folder(cells), 0);
    assert_int_equal(files_make_folder(done), 0);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    for (unsigned repeat = 1; repeat <= N_REPEATS; repeat++)
        n_bytes[repeat] = add_repeat(run, repeat);
    assert_int_equal(run->n_cells, N_REPEATS * plan.n_cells);
    for (size_t i = 0; i < run->n_cells; i++)
        assert_null(run->cells[i]->latencies.us);
    assert_true((double)n_bytes[N_REPEATS] <= 1.05 * (double)n_bytes[10]);
    assert_int_equal(rmdir(cells), 0);
    assert_int_equal(rename(done, cells), 0);
    struct run *whole = run_read(test_folder, why);
    assert_non_null(whole);
    assert_same_findings(run, whole);
    run_free(whole);
    run_free(run);
}

/* What a run showed, and what was left in truth, in seconds. */
struct shown {
    double at_s, left_s;
};

/*
 * A quick run by the clock of its cells, in an order by `seed`: the server processes
 * share their users unevenly, as they do, and a repeat takes as long as its users waited,
 * some time to start and stop, and a few percent. Returns when it ended.
 */
static double simulate_run(unsigned seed, double budget_s, struct shown *shown,
                           size_t *n_shown) {
    static const bool nobody_is[PLAN_MAX_CELLS];
    const struct planned_experiment *planned = plan.experiments;
    struct synthetic truth = synthetic_default;
    struct assessment now;
    struct passes passes = {.is_broken = nobody_is, .left_s = budget_s};
    struct random values, orders;
    size_t order[PLAN_MAX_CELLS];
    double seconds[PLAN_MAX_CELLS], now_s = 0;
    char why[WHY_BYTES], file[120];
    truth.t_us = 100e3;
    truth.repeats = 0;
    make_plan(&truth, 0.05);
    plan.budget_ns = (uint64_t)(budget_s * 1e9);
    plan.experiments[0].n_repeats = 2;
    synthetic_write(test_folder, &truth);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    random_seed(&values, seed);
    random_seed(&orders, 1000 + seed);
    for (size_t i = 0; i < plan.n_cells; i++) {
        order[i] = i;
        seconds[i] = 1.6;
    }
    *n_shown = 0;
    for (bool is_in_time = true;
         is_in_time && assess_pass(run, &plan, planned, &passes, &now) == NULL;
         passes.left_s = fmax(0, budget_s - now_s)) {
        double left_s = length_expected_s(&plan, planned, &passes, &now, seconds);
        passes.n++;
        is_in_time = false;
        random_shuffle(&orders, order, plan.n_cells);
        for (size_t i = 0; i < plan.n_cells; i++) {
            const struct cell_parameters *cell = &plan.cells[order[i]].parameters;
            double *took_s = &seconds[order[i]];
            if (!now.is_wanted[order[i]] || (passes.n > 1 && now_s + *took_s > budget_s))
                continue;
            is_in_time = true;
            shown[(*n_shown)++] =
                (struct shown){now_s, fmin(fmax(0, left_s), budget_s - now_s)};
            truth.noise = cell->processes > 1 ? 0.6 : 0.08;
            synthetic_write_cell(test_folder, &truth, cell, passes.n, &values);
            (void)snprintf(file, sizeof file, "%s-r%u.json", cell->name, passes.n);
            assert_int_equal(run_add(run, file, why), 0);
            struct cell_window *window = &run->cells[run->n_cells - 1]->window;
            window->server_seconds = window->seconds + 0.6;
            left_s -= *took_s;
            *took_s =
                (window->server_seconds + 0.2) * (0.95 + 0.1 * random_uniform(&orders));
            now_s += *took_s;
        }
    }
    run_free(run);
    return now_s;
}

/* Without a budget it is what was asked for, and nothing in reserve. */
TEST_IN_FOLDER(test_without_a_budget_all_repeats_are_left) {
    struct synthetic truth = synthetic_default;
    const struct planned_experiment *planned = plan.experiments;
    static struct assessment nothing;
    static const bool nobody_is[PLAN_MAX_CELLS];
    double seconds[PLAN_MAX_CELLS];
    truth.repeats = 0;
    make_plan(&truth, 0.05);
    plan.budget_ns = 0;
    plan.experiments[0].n_repeats = 5;
    for (size_t i = 0; i < PLAN_MAX_CELLS; i++)
        seconds[i] = 2;
    for (unsigned n = 0; n <= 5; n++) {
        struct passes passes = {.n = n, .is_broken = nobody_is, .left_s = INFINITY};
        assert_float_equal(length_expected_s(&plan, planned, &passes, &nothing, seconds),
                           2.0 * (5 - n) * planned->n_cells, 1e-9);
    }
    assert_float_equal(length_later_s(&plan, 0, INFINITY, seconds), 0, 1e-9);
}

/* After the first tenth of the budget what is shown is what is left, within a tenth. */
TEST_IN_FOLDER(test_the_time_left_is_what_is_left) {
    enum { N_ORDERS = IS_SANITIZED ? 2 : 10 };
    static const double BUDGET_S = 57;
    static struct shown shown[400];
    size_t n_shown;
    for (unsigned seed = 1; seed <= N_ORDERS; seed++) {
        double end_s = simulate_run(seed, BUDGET_S, shown, &n_shown), worst = 0;
        for (size_t i = 0; i < n_shown; i++)
            if (shown[i].at_s > BUDGET_S / 10)
                worst = fmax(worst, fabs(shown[i].at_s + shown[i].left_s - end_s));
        assert_true(worst < BUDGET_S / 10);
        assert_int_equal(remove_folder(state) + make_folder(state), 0);
    }
}
