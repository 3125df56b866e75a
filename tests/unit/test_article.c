/* The article's claims on cells whose truth is known: confirmed, refuted, undecided. */
#include <stdlib.h>
#include <unistd.h>

#include "tests/synthetic_run.h"
#include "tests/test.h"

static const struct experiment *article(void) {
    const struct experiment *experiment = experiment_find("article");
    assert_non_null(experiment);
    return experiment;
}

/* As many repeats as decide what is clear. */
static struct synthetic usual(void) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    return truth;
}

/* Judges one claim on a folder made from `truth`. */
static struct finding judge_on(const struct synthetic *truth, const char *id) {
    char folder[] = "/tmp/juggle-test-XXXXXX", why[WHY_BYTES], command[128];
    struct finding finding = {0};
    assert_non_null(mkdtemp(folder));
    synthetic_write(folder, truth);
    struct run *run = run_read(folder, why);
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

TEST(test_models_confirm_every_claim) {
    struct synthetic truth = usual();
    for (const struct claim *claim = article()->claims; claim->id != NULL; claim++) {
        struct finding finding = judge_on(&truth, claim->id);
        if (finding.verdict != CONFIRMED)
            fail_msg("%s: %s, %s", claim->id, finding.figure, finding.why);
        assert_true(finding.figure[0] != '\0' && finding.interval[0] != '\0');
        assert_true(finding.rule[0] != '\0' && finding.evidence[0] != '\0');
        assert_true(finding.headline[0] != '\0' && finding.why[0] == '\0');
    }
}

/* One altered cell and the claim that it must turn. */
static const struct alteration {
    const char *cell;
    double stretch;
    const char *claim;
} alterations[] = {
    {"blocking", 0.3, "blocking-is-linear"},
    {"threading-gil", 0.4, "gil-serialises"},
    {"forking", 2, "processes-use-the-cores"},
    {"forking", 2, "fresh-pools-end-together"},
    {"processing", 5, "pool-makes-a-staircase"},
    {"threading", 2, "without-a-gil-threads-match"},
    {"hybrid-shared", 2.5, "hybrid-matches-pool"},
};

TEST(test_another_truth_refutes) {
    for (size_t i = 0; i < sizeof alterations / sizeof *alterations; i++) {
        struct synthetic truth = usual();
        truth.altered = alterations[i].cell;
        truth.stretch = alterations[i].stretch;
        expect(&truth, alterations[i].claim, REFUTED, "");
    }
}

TEST(test_noise_leaves_it_undecided_and_says_what_is_missing) {
    static const struct {
        const char *cell, *claim;
    } noisy[] = {
        {"forking", "processes-use-the-cores"},
        {"threading", "without-a-gil-threads-match"},
        {"hybrid-shared", "hybrid-matches-pool"},
    };
    for (size_t i = 0; i < sizeof noisy / sizeof *noisy; i++) {
        struct synthetic truth = usual();
        truth.altered = noisy[i].cell;
        truth.altered_noise = 0.5;
        struct finding finding = judge_on(&truth, noisy[i].claim);
        if (finding.verdict != UNDECIDED || !(finding.n_more > 0) ||
            (strstr(finding.why, "needs about") == NULL &&
             strstr(finding.why, "too close to its bound") == NULL))
            fail_msg("%s: %s, %s", noisy[i].claim, finding.headline, finding.why);
    }
}

TEST(test_probe_under_blocking_as_fast_as_idle_refutes) {
    struct synthetic truth = usual();
    truth.quick_probes = true;
    expect(&truth, "blocking-stops-the-rest", REFUTED, "");
    expect(&truth, "threads-keep-answering", CONFIRMED, "");
}

/* Whoever reads a finding need not know what the judge calls a figure. */
TEST(test_figures_are_told_in_daily_words) {
    struct synthetic truth = usual();
    assert_string_equal(judge_on(&truth, "blocking-is-linear").headline,
                        "the last of 10 users waited 10 times as long as the first");
    static const char *const ours[] = {"own T", "R2", "W / A", "slowdown", "`/`"};
    size_t n_told = 0;
    for (const struct experiment_entry *entry = experiments; entry->name != NULL; entry++)
        for (const struct claim *claim = entry->experiment->claims; claim->id != NULL;
             claim++)
            for (const struct criterion *row = claim->criteria; row->what != NULL;
                 row++) {
                if (row->kind != JUDGED && row->kind != TOLD)
                    continue;
                n_told++;
                if (row->says == NULL || strchr(row->says, '*') == NULL)
                    fail_msg("%s: %s: no sentence", claim->id, row->what);
                for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
                    assert_null(strstr(row->says, ours[i]));
            }
    assert_true(n_told > 20);
}

/* The verdict says which way, by the figure that decided it. */
TEST(test_a_refuted_claim_names_its_figure_and_its_bound) {
    struct synthetic truth = usual();
    truth.altered = "forking";
    truth.stretch = 2;
    struct finding finding = judge_on(&truth, "processes-use-the-cores");
    assert_int_equal(finding.verdict, REFUTED);
    if (strstr(finding.headline, "forking kept ") == NULL ||
        strstr(finding.headline,
               " % of the free CPUs busy; the claim allows at least 90 %") == NULL)
        fail_msg("%s", finding.headline);
    assert_ptr_equal(strstr(finding.figure, "kept busy"), finding.figure);
}

TEST(test_one_cpu_is_another_machine_than_they_are_about) {
    struct synthetic truth = usual();
    truth.cpus = 1;
    truth.available = 0.98;
    expect(&truth, "processes-use-the-cores", NOT_APPLICABLE, "2 CPUs");
    expect(&truth, "without-a-gil-threads-match", NOT_APPLICABLE, "2 CPUs");
    expect(&truth, "gil-serialises", NOT_APPLICABLE, "2 CPUs");
    expect(&truth, "pool-makes-a-staircase", NOT_APPLICABLE, "2 workers");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

/* What other programs leave is no verdict on a strategy: such repeats do not judge. */
TEST(test_a_crowded_machine_settles_nothing_about_its_cpus) {
    struct synthetic truth = usual();
    truth.available = 1.2;
    expect(&truth, "gil-serialises", UNDECIDED, "too few CPUs in 6 of 6 repeats");
    expect(&truth, "hybrid-matches-pool", UNDECIDED, "too few CPUs in 6 of 6 repeats");
    expect(&truth, "processes-use-the-cores", CONFIRMED, "");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

TEST(test_work_that_waits_is_not_what_they_are_about) {
    struct synthetic truth = usual();
    truth.work = "cpu:1000000turns+sleep:30ms";
    expect(&truth, "processes-use-the-cores", NOT_APPLICABLE, "only computes");
    expect(&truth, "gil-serialises", NOT_APPLICABLE, "only computes");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

TEST(test_more_workers_than_requests_make_no_steps) {
    struct synthetic truth = usual();
    truth.cpus = 16;
    truth.available = 15;
    expect(&truth, "pool-makes-a-staircase", NOT_APPLICABLE, "--users");
    expect(&truth, "processes-use-the-cores", NOT_APPLICABLE, "--users");
    expect(&truth, "fresh-pools-end-together", NOT_APPLICABLE, "--users");
}

TEST(test_few_repeats_decide_nothing) {
    struct synthetic truth = usual();
    for (truth.repeats = 1; truth.repeats <= 2; truth.repeats++) {
        struct finding finding = judge_on(&truth, "blocking-is-linear");
        assert_int_equal(finding.verdict, UNDECIDED);
        assert_non_null(strstr(finding.interval, "no interval"));
        assert_non_null(strstr(finding.why, "needs about"));
        assert_true(finding.n_more >= 1 && finding.n_more <= 4);
    }
}

/* What is only told has no bounds, and one repeat has no interval. */
TEST(test_an_open_claim_names_a_bound) {
    struct synthetic truth = usual();
    truth.repeats = 1;
    for (const struct claim *claim = article()->claims; claim->id != NULL; claim++) {
        struct finding finding = judge_on(&truth, claim->id);
        if (finding.verdict != UNDECIDED || strstr(finding.headline, "inf") != NULL)
            fail_msg("%s: %s", claim->id, finding.headline);
    }
}

TEST(test_failed_requests_settle_nothing) {
    struct synthetic truth = usual();
    truth.failing = "forking";
    expect(&truth, "processes-use-the-cores", UNDECIDED, "requests failed in forking");
    expect(&truth, "hybrid-matches-pool", UNDECIDED, "requests failed in forking");
    expect(&truth, "blocking-is-linear", CONFIRMED, "");
}

/* A cell that was planned and is not there is missing; one that was not is no matter. */
TEST(test_missing_cells_settle_nothing) {
    struct cell_plan plans[16] = {0};
    for (const struct claim *claim = article()->claims; claim->id != NULL; claim++) {
        struct run run = {.folder = "", .plans = plans};
        struct finding finding;
        judge(&run, claim, &finding);
        assert_int_equal(finding.verdict, NOT_APPLICABLE);
        assert_non_null(strstr(finding.why, "was not chosen"));
        for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
            plans[run.n_plans++].parameters.name = row->cell;
            if (row->other != NULL)
                plans[run.n_plans++].parameters.name = row->other;
        }
        judge(&run, claim, &finding);
        assert_int_equal(finding.verdict, UNDECIDED);
        assert_non_null(strstr(finding.why, "was not measured"));
    }
}

TEST(test_newcomers_get_a_cell) {
    static const char *const strategies[] = {"async", "blocking", "fibers", NULL};
    const struct matrix_setting setting = {.usable_cpus = 4,
                                           .open_files = 100000,
                                           .strategies = strategies,
                                           .preset = article()->presets,
                                           .given = "",
                                           .texts = json_array()};
    struct cell_plan plans[8];
    char why[WHY_BYTES];
    assert_int_equal(matrix_make("article", article(), &setting, plans, 8, why), 2);
    assert_string_equal(plans[0].parameters.name, "blocking");
    assert_string_equal(plans[1].parameters.name, "fibers");
    assert_string_equal(plans[1].parameters.strategy, "fibers");
    assert_true(plans[1].published.mean == 0);
    assert_null(experiment_contestant(article(), plans[1].parameters.contestant));
    json_decref(setting.texts);
}
