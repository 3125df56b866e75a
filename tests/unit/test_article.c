/* The article's claims on cells whose truth is known: confirmed, refuted, undecided. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/synthetic_run.h"

static const struct experiment *article(void) {
    for (const struct experiment_entry *e = experiments; e->name != NULL; e++)
        if (strcmp(e->name, "article") == 0)
            return e->experiment;
    fail_msg("there is no experiment of that name");
    return NULL;
}

/* Judges one claim on a folder made from `truth`. */
static struct finding judge_on(const struct synthetic *truth, const char *id) {
    char folder[] = "/tmp/juggle-test-XXXXXX", why[512], command[128];
    struct finding finding = {0};
    assert_non_null(mkdtemp(folder));
    synthetic_write(folder, truth);
    struct run *run = run_read(folder, why, sizeof why);
    assert_non_null(run);
    const struct claim *claim = article()->claims;
    while (claim->id != NULL && strcmp(claim->id, id) != 0)
        claim++;
    assert_non_null(claim->id);
    judge(run, claim, &finding);
    run_free(run);
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
    return finding;
}

static void expect(const struct synthetic *truth, const char *id, enum verdict verdict,
                   const char *why) {
    struct finding finding = judge_on(truth, id);
    if (finding.verdict != verdict || strstr(finding.why, why) == NULL)
        fail_msg("%s: %s (%s), because '%s'", id, verdict_name(finding.verdict),
                 finding.figure, finding.why);
}

static void test_models_confirm_every_claim(void **state) {
    (void)state;
    for (const struct claim *claim = article()->claims; claim->id != NULL; claim++) {
        struct finding finding = judge_on(&synthetic_default, claim->id);
        if (finding.verdict != CONFIRMED)
            fail_msg("%s: %s, %s", claim->id, finding.figure, finding.why);
        assert_true(finding.figure[0] != '\0' && finding.interval[0] != '\0');
        assert_true(finding.rule[0] != '\0' && finding.evidence[0] != '\0');
    }
}

/* One altered cell and the claim that it must turn. */
static const struct alteration {
    const char *cell;
    double stretch;
    const char *claim;
} alterations[] = {
    {"blocking", 1.5, "blocking-is-linear"},
    {"threading-gil", 0.4, "gil-serialises"},
    {"forking", 2, "processes-use-the-cores"},
    {"forking", 2, "fresh-pools-end-together"},
    {"processing", 5, "pool-makes-a-staircase"},
    {"threading", 2, "without-a-gil-threads-match"},
    {"hybrid-shared", 2.5, "hybrid-matches-pool"},
};

static void test_another_truth_refutes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) {
        struct synthetic truth = synthetic_default;
        truth.altered = alterations[i].cell;
        truth.stretch = alterations[i].stretch;
        expect(&truth, alterations[i].claim, REFUTED, "");
    }
}

static void test_noise_leaves_it_undecided(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) {
        if (strcmp(alterations[i].claim, "fresh-pools-end-together") == 0)
            continue; /* its figure does not depend on the length of a run */
        struct synthetic truth = synthetic_default;
        truth.altered = alterations[i].cell;
        truth.altered_noise = 0.5;
        expect(&truth, alterations[i].claim, UNDECIDED, ", bounds ");
    }
}

static void test_probe_under_blocking_as_fast_as_idle_refutes(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.quick_probes = true;
    expect(&truth, "blocking-stops-the-rest", REFUTED, "");
    /* Blocking is the yardstick of the other one: against 0.3 ms nothing is quick. */
    expect(&truth, "threads-keep-answering", REFUTED, "");
}

static void test_one_core_cannot_settle_parallelism(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.effective_cores = 1.02;
    expect(&truth, "processes-use-the-cores", UNDECIDED, "effective cores");
    expect(&truth, "without-a-gil-threads-match", UNDECIDED, "effective cores");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
    truth.cpus = 1;
    expect(&truth, "pool-makes-a-staircase", UNDECIDED, "workers");
}

static void test_work_that_waits_settles_nothing_about_cores(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.work = "cpu:1000000turns+sleep:30ms";
    expect(&truth, "processes-use-the-cores", UNDECIDED, "steps that wait 1, needed");
    expect(&truth, "gil-serialises", UNDECIDED, "steps that wait");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

static void test_more_workers_than_requests_make_no_steps(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.cpus = 16;
    truth.effective_cores = 15;
    expect(&truth, "pool-makes-a-staircase", UNDECIDED, "requests per worker");
    expect(&truth, "processes-use-the-cores", CONFIRMED, "");
    expect(&truth, "fresh-pools-end-together", UNDECIDED, "E by requests");
}

static void test_one_repeat_is_judged_with_a_margin(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.repeats = 1;
    struct finding finding = judge_on(&truth, "blocking-is-linear");
    assert_int_equal(finding.verdict, CONFIRMED);
    assert_non_null(strstr(finding.interval, "one repeat: no interval"));
    truth.altered = "blocking";
    truth.stretch = 1.1;
    expect(&truth, "blocking-is-linear", UNDECIDED, ", bounds ");
}

static void test_failed_requests_settle_nothing(void **state) {
    (void)state;
    struct synthetic truth = synthetic_default;
    truth.failing = "forking";
    expect(&truth, "processes-use-the-cores", UNDECIDED, "requests failed in forking");
    expect(&truth, "hybrid-matches-pool", UNDECIDED, "requests failed in forking");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

static void test_missing_cells_settle_nothing(void **state) {
    (void)state;
    struct run run = {.folder = "", .experiment = "article"};
    for (const struct claim *claim = article()->claims; claim->id != NULL; claim++) {
        struct finding finding;
        judge(&run, claim, &finding);
        assert_int_equal(finding.verdict, UNDECIDED);
        assert_non_null(strstr(finding.why, "was not measured"));
    }
}

static void test_newcomers_get_a_cell(void **state) {
    (void)state;
    static const char *const strategies[] = {"async", "blocking", "fibers", NULL};
    struct experiment_setting setting = {4, 10, strategies};
    struct cell_plan plans[8];
    assert_int_equal(article()->plan(&setting, plans, 8), 2);
    assert_string_equal(plans[0].parameters.name, "blocking");
    assert_string_equal(plans[1].parameters.name, "fibers");
    assert_string_equal(plans[1].parameters.strategy, "fibers");
    assert_true(plans[1].published.mean_t == 0);
    assert_null(article()->model(&plans[1].parameters));
    assert_int_equal(article()->plan(&setting, plans, 1), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models_confirm_every_claim),
        cmocka_unit_test(test_another_truth_refutes),
        cmocka_unit_test(test_noise_leaves_it_undecided),
        cmocka_unit_test(test_probe_under_blocking_as_fast_as_idle_refutes),
        cmocka_unit_test(test_one_core_cannot_settle_parallelism),
        cmocka_unit_test(test_work_that_waits_settles_nothing_about_cores),
        cmocka_unit_test(test_more_workers_than_requests_make_no_steps),
        cmocka_unit_test(test_one_repeat_is_judged_with_a_margin),
        cmocka_unit_test(test_failed_requests_settle_nothing),
        cmocka_unit_test(test_missing_cells_settle_nothing),
        cmocka_unit_test(test_newcomers_get_a_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
