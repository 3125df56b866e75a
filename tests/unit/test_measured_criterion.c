/* Claims over curves, judged on runs whose truth is planted. */
#include <math.h>

#include "measured/claims/judge.h"
#include "tests/curves.h"
#include "tests/test.h"

enum { N_REPEATS = 8 };

static const unsigned users[] = {1, 2, 4, 8, 16};
enum { N_USERS = sizeof users / sizeof *users };

/* Throughput of a contestant that can use so many CPUs, times a factor. */
static void plant(const char *contestant, double cpus, double factor) {
    for (size_t i = 0; i < N_USERS; i++)
        (void)planted_cell(contestant, users[i], N_REPEATS,
                           50 * factor * fmin(users[i], cpus));
}

static double in_units(const struct cell *cell) {
    return cell->machine.turns_per_ms;
}

static const struct along knee = {
    .experiment = "users", .axis = "users", .reduce = curve_knee, .share = 0.1};
static const struct along knee_but_slow = {.experiment = "users",
                                           .axis = "users",
                                           .reduce = curve_knee,
                                           .share = 0.1,
                                           .but = "slow,loop"};
static const struct along at_four = {
    .experiment = "users", .axis = "users", .reduce = curve_mean, .from = 4, .to = 4};
static const struct along in_units_of_cells = {.experiment = "users",
                                               .axis = "users",
                                               .reduce = curve_mean,
                                               .per = in_units,
                                               .from = 2,
                                               .to = INFINITY};
static const struct along everywhere = {.experiment = "users", .axis = "users"};
static const struct along with_failures = {.experiment = "users",
                                           .axis = "users",
                                           .reduce = curve_mean,
                                           .from = 16,
                                           .to = 16,
                                           .of_failures = true};

static enum verdict judge_row(struct criterion row, struct finding *finding) {
    const struct criterion rows[] = {row, {0}};
    const struct claim claim = {"claim", "a claim", rows};
    judge(&planted.run, &claim, finding);
    return finding->verdict;
}

/* A judged row about a contestant's y. */
static struct criterion row_of(const char *who, double low, double high,
                               const struct along *along) {
    return (struct criterion){.what = "y",
                              .unit = "",
                              .cell = who,
                              .figure = metric_machine_cores,
                              .low = low,
                              .high = high,
                              .along = along};
}

static struct criterion knee_of(const char *who, double low, double high) {
    struct criterion row = row_of(who, low, high, &knee);
    row.what = "knee";
    return row;
}

TEST(test_a_knee_is_confirmed_and_refuted) {
    struct finding finding;
    planted_begin();
    plant("threads", 3, 1);
    assert_int_equal(judge_row(knee_of("threads", 2, 4.5), &finding), CONFIRMED);
    assert_non_null(strstr(finding.headline, "knee 3"));
    assert_non_null(strstr(finding.evidence, "threads: 5 points, 40 repeats"));
    assert_int_equal(judge_row(knee_of("threads", 5, 9), &finding), REFUTED);
    assert_int_equal(judge_row(knee_of("threads", 2, 3), &finding), UNDECIDED);
    assert_int_equal(judge_row(knee_of("nobody", 2, 3), &finding), NOT_APPLICABLE);
    assert_string_equal(finding.why, "nobody was not chosen");
}

TEST(test_the_ratio_of_two_contestants_at_one_x) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    plant("forks", 2, 0.8);
    struct criterion row = row_of("forks", 0.75, 0.85, &at_four);
    row.unit = "x threads'";
    row.other = "threads";
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
    assert_non_null(strstr(finding.headline, "0.80 x threads'"));
    row.low = 0.9;
    row.high = 1.1;
    assert_int_equal(judge_row(row, &finding), REFUTED);
}

/* One that is left out may be what it likes; one that is not refutes. */
TEST(test_every_contestant_but_some) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    plant("slow", 1, 1);
    plant("loop", 1, 1);
    plant("forks", 2.1, 0.8);
    struct criterion row = knee_of(EVERY_CONTESTANT, 1.5, 3);
    row.along = &knee_but_slow;
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
    assert_non_null(
        strstr(finding.rule, "knee of every contestant but slow,loop 1.50 to 3"));
    assert_non_null(strstr(finding.figure, "knee of forks 2.1"));
    assert_non_null(strstr(finding.figure, "of 2 the closest to a bound"));
    row.along = &knee;
    assert_int_equal(judge_row(row, &finding), REFUTED);
    assert_non_null(strstr(finding.headline, "knee of slow 1"));
    assert_non_null(strstr(finding.rule, "at most 2.5 %")); /* four of them */
}

/* The number in hundredths, who and how many where the sentence says so; an open one with
 * its interval, and its bound wherever it does not hold. */
TEST(test_a_row_says_its_figure_in_a_sentence) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    struct criterion row = row_of("threads", 90, 110, &at_four);
    row.says = "with @ and # users it was * long";
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
    assert_non_null(strstr(finding.headline, "and 1 users it was 100 long"));
    assert_null(strstr(finding.headline, "@"));
    row.says = "it was * % of it";
    row.high = 95;
    assert_int_equal(judge_row(row, &finding), REFUTED);
    assert_non_null(
        strstr(finding.headline, " % of it; the claim allows 9000 to 9500 %"));
    row.high = 100;
    row.says = "it was * long";
    assert_int_equal(judge_row(row, &finding), UNDECIDED);
    assert_non_null(strstr(finding.headline, "it was 100 ("));
    assert_non_null(strstr(finding.headline, ") long; the claim allows 90 to 100"));
}

TEST(test_a_part_of_the_axis_in_units_of_the_cells) {
    struct finding finding;
    planted_begin();
    for (size_t i = 0; i < N_USERS; i++) {
        struct series *series = planted_cell("threads", users[i], N_REPEATS, users[i]);
        for (size_t k = 0; k < series->n_repeats; k++)
            series->repeats[k]->machine.turns_per_ms = 4;
    }
    struct criterion row = row_of("threads", 11, 13, &in_units_of_cells); /* 8 and 16 */
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
}

/* The point is left out, and said; the rest is judged. */
TEST(test_failed_cells_are_holes) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    struct series *last = &planted.series[N_USERS - 1];
    for (size_t i = 0; i < last->n_repeats; i++)
        last->repeats[i]->n_answered = 0;
    assert_int_equal(judge_row(knee_of("threads", 1.5, 3), &finding), CONFIRMED);
    assert_non_null(
        strstr(finding.evidence, "1 point left out as requests failed: threads"));
    struct criterion row = row_of("threads", 0.9, 1.1, &with_failures);
    row.figure = metric_n_failed;
    row.is_share = true;
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
    row.along = &at_four;
    row.low = -1;
    row.high = 0.5;
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
}

/* What a row is about is no reason why it has no value. */
TEST(test_failures_do_not_explain_a_row_about_them) {
    static const struct along knee_of_failures = {.experiment = "users",
                                                  .axis = "users",
                                                  .reduce = curve_knee,
                                                  .share = 0.1,
                                                  .of_failures = true};
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    planted.series[N_USERS - 1].repeats[0]->n_answered = 0;
    struct criterion row = knee_of("threads", 1, 2);
    row.figure = metric_n_failed;
    row.along = &knee_of_failures;
    assert_int_equal(judge_row(row, &finding), UNDECIDED);
    assert_non_null(strstr(finding.why, "not to be found along the values of users"));
}

/* All of it fails: nothing is known, and why. */
TEST(test_a_curve_of_failures_is_undecided) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    for (size_t i = 0; i < planted.run.n_cells; i++)
        planted.cells[i].n_answered = 0;
    assert_int_equal(judge_row(knee_of("threads", 1.5, 3), &finding), UNDECIDED);
    assert_non_null(strstr(finding.why, "requests failed in threads"));
}

TEST(test_a_curve_without_a_knee_says_so) {
    struct finding finding;
    planted_begin();
    plant("threads", 100, 1);
    assert_int_equal(judge_row(knee_of("threads", 1.5, 3), &finding), UNDECIDED);
    assert_non_null(strstr(finding.why, "knee of threads: not to be found"));
}

/* A repeat that lacks a point is none of the curve's. */
TEST(test_repeats_must_have_every_point) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    planted.series[2].n_repeats = 2;
    assert_int_equal(judge_row(knee_of("threads", 1.5, 3), &finding), UNDECIDED);
    assert_non_null(strstr(finding.why, "more repeat"));
}

/* What admits looks at each point by itself. */
TEST(test_repeats_that_are_not_admitted) {
    struct finding finding;
    planted_begin();
    plant("threads", 2, 1);
    for (size_t i = 0; i < N_REPEATS; i++) /* the first point decides what the knee is */
        planted.series[0].repeats[i]->machine.turns_per_ms = 0.5;
    struct criterion worth = row_of("threads", 0.9, INFINITY, &everywhere);
    worth.what = "worth";
    worth.figure = in_units;
    worth.kind = ADMITS;
    const struct criterion rows[] = {worth, knee_of("threads", 1.5, 3), {0}};
    const struct claim claim = {"claim", "a claim", rows};
    judge(&planted.run, &claim, &finding);
    assert_int_equal(finding.verdict, UNDECIDED);
    assert_non_null(strstr(finding.rule, "judged by repeats with worth at least 0.90"));
    assert_non_null(strstr(finding.why, "too few CPUs in 8 of 40 repeats"));
}

TEST(test_which_cells_a_claim_is_about) {
    const struct criterion rows[] = {row_of(EVERY_CONTESTANT, 0, 1, &knee_but_slow),
                                     row_of("a-cell", 0, 1, NULL),
                                     {0}};
    const struct claim claim = {"claim", "a claim", rows};
    struct cell_parameters cell = {
        .experiment = "users", .name = "users-x", .contestant = "threads"};
    assert_true(claim_is_about(&claim, &cell));
    cell.contestant = "slow";
    assert_false(claim_is_about(&claim, &cell));
    cell.name = "a-cell";
    assert_true(claim_is_about(&claim, &cell));
    cell.name = "users-x";
    cell.contestant = "threads";
    cell.experiment = "article";
    assert_false(claim_is_about(&claim, &cell));
}

/* More repeats are wanted of what is open, not of what is known already. */
TEST(test_which_cells_would_decide) {
    struct finding finding;
    planted_begin();
    plant("known", 2.5, 1);
    for (size_t i = 0; i < N_USERS; i++) /* at its bound, and not yet given up */
        (void)planted_cell("open", users[i], 3, 50 * fmin(users[i], 3));
    const struct criterion rows[] = {
        knee_of(EVERY_CONTESTANT, 2, 3), row_of("known", 1e3, 2e3, &at_four), {0}};
    const struct claim claim = {"claim", "a claim", rows};
    judge(&planted.run, &(struct claim){"claim", "", &rows[1]}, &finding);
    assert_int_equal(finding.verdict, REFUTED);
    assert_int_equal(finding.n_open, 0);
    judge(&planted.run, &(struct claim){"claim", "", (struct criterion[]){rows[0], {0}}},
          &finding);
    assert_int_equal(finding.verdict, UNDECIDED);
    assert_int_equal(finding.n_open, 1);
    for (size_t i = 0; i < planted.run.n_series; i++) {
        const struct cell_parameters *cell = planted.run.series[i].parameters;
        assert_true(claim_is_about(&claim, cell));
        assert_true((finding_more(&finding, cell) > 0) ==
                    (strcmp(cell->contestant, "open") == 0));
    }
    assert_float_equal(finding.more_s, finding.n_more * N_USERS, 0); /* of 1 s each */
}

/* An external server that stands for that cell. */
static void plant_server(const char *name, const char *as, double y) {
    struct series *series = planted_cell(name, 4, N_REPEATS, y);
    struct cell_parameters *plan = &planted.plans[series - planted.series].parameters;
    for (size_t i = 0; i < series->n_repeats; i++) {
        series->repeats[i]->parameters.server = "a command";
        series->repeats[i]->parameters.as = as;
    }
    *plan = *series->parameters;
}

TEST(test_servers_that_stand_for_a_cell_are_judged_by_its_claims) {
    struct finding finding;
    struct criterion row = row_of("blocking", 1, 3, NULL);
    row.says = "the figure is *";
    planted_begin();
    plant_server("mine", "", 2);
    assert_int_equal(judge_row(row, &finding), NOT_APPLICABLE);
    assert_string_equal(finding.why, "blocking was not chosen");
    plant_server("first", "blocking", 2);
    assert_int_equal(judge_row(row, &finding), CONFIRMED);
    assert_string_equal(finding.headline, "first: the figure is 2.0");
    assert_null(strstr(finding.evidence, "mine"));
    plant_server("second", "blocking", 9);
    assert_int_equal(judge_row(row, &finding), REFUTED);
    assert_non_null(strstr(finding.headline, "second: the figure is 9"));
    assert_non_null(strstr(finding.evidence, "first: 8 repeats"));
    assert_non_null(strstr(finding.evidence, "second: 8 repeats"));
    assert_true(claim_is_about(&(struct claim){"", "", (struct criterion[]){row, {0}}},
                               planted.series[1].parameters));
    planted.series[1].repeats[0]->parameters.label = "first, 4 users";
    assert_false(criterion_means(&row, "blocking", planted.series[1].parameters));
    assert_false(criterion_means(&(struct criterion){.cell = EVERY_CONTESTANT},
                                 EVERY_CONTESTANT, planted.series[2].parameters));
}
