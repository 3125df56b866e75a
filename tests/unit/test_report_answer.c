/* The answer in words: each kind of outcome, and never more than the intervals carry. */
#include <stdlib.h>
#include <unistd.h>

#include "report/answer.h"
#include "report/trust.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static struct answer answer;
static char trust[4096], doubts[4096];
/* Done to the figures before they are told; NULL: nothing. */
static void (*alter)(struct overview *overview);

static struct synthetic usual(void) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    return truth;
}

/* What is said of a run made from `truth`, of whose run.json some keys are set. */
static void answer_with(const struct synthetic *truth, json_t *info) {
    char why[WHY_BYTES];
    synthetic_write(test_folder, truth);
    struct run *run = run_read(test_folder, why);
    assert_non_null(run);
    if (info != NULL)
        (void)json_object_update(run->info, info);
    json_decref(info);
    struct overview *overview = overview_make(run);
    assert_non_null(overview);
    if (alter != NULL)
        alter(overview);
    alter = NULL;
    answer_make(overview, &answer);
    for (int i = 0; i < 2; i++) {
        FILE *out = fmemopen(i == 0 ? trust : doubts, sizeof trust, "w");
        struct document *document = document_on(out, &document_markdown);
        if (i == 0)
            trust_write(overview, document);
        else
            trust_write_doubts(overview, VALIDITY_VALID, document);
        (void)document_commit(document);
        (void)fclose(out);
    }
    overview_free(overview);
    run_free(run);
}

static bool says(const char *text) {
    for (size_t i = 0; i < answer.n_sentences; i++)
        if (strstr(answer.sentences[i], text) != NULL)
            return true;
    return false;
}

static void assert_says(const char *text) {
    if (says(text))
        return;
    for (size_t i = 0; i < answer.n_sentences; i++)
        print_error("%s\n", answer.sentences[i]);
    fail_msg("nobody says '%s'", text);
}

static struct overview_row *row_of(struct overview *overview, const char *name) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (strcmp(overview->rows[i].series->parameters->name, name) == 0)
            return &overview->rows[i];
    fail_msg("there is no cell '%s'", name);
    return NULL;
}

static void set_figure(struct overview *overview, const char *name, enum figure_id id,
                       double value) {
    row_of(overview, name)->estimates[id] =
        (struct estimate){value, {value * 0.99, value * 1.01}, 6};
}

TEST_IN_FOLDER(it_names_question_machine_choice_and_ranks) {
    struct synthetic truth = usual();
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:200ms"));
    assert_in_range(answer.n_sentences, 2, 5);
    assert_says("10 users ask at once for 200 ms of CPU work. Synthetic CPU, 2 CPUs");
    assert_says(
        "Choose threadpool (a pool of 2 threads) or processing (a pool of 2 processes): "
        "users waited 3.3 times as long as the job itself, 0.67 s on average, the last "
        "user 1.1 s, at 200 ms of CPU a request.");
    assert_says(
        "On 2 CPUs, threadpool, processing, threading (a thread each) and forking "
        "(a process each) each kept 1.8 busy; blocking (one job at a time) and "
        "threading (GIL: threads take turns; a GIL lets one thread compute at a "
        "time) kept only 1.0 busy.");
    assert_says("Meanwhile the home page, a page without work, took 1.0 s (median) under "
                "blocking, at most ");
    assert_says(" ms under the others.");
    assert_says("Next, at 5.5 to 5.6 times the job: blocking, threading, forking, ");
    assert_says("; last, at 9.9 times the job: threading (GIL).");
}

/* Whoever is best is named, not who usually is; who was second comes next. */
TEST_IN_FOLDER(another_winner_is_named) {
    struct synthetic truth = usual();
    truth.altered = "forking";
    truth.stretch = 0.01;
    answer_with(&truth, NULL);
    assert_says("Choose forking (a process each): ");
    assert_says("Next, at 3.3 times the job: threadpool and processing; last, at 9.9 ");
    truth.altered = "threading";
    answer_with(&truth, NULL);
    assert_says("Choose threading (a thread each): ");
    truth.altered = "processing";
    truth.stretch = 9;
    answer_with(&truth, NULL);
    assert_says("Choose threadpool (a pool of 2 threads): ");
    assert_says("; last, at 21 times the job: processing.");
}

/* Without intervals, or with wide ones, no difference is claimed. */
TEST_IN_FOLDER(what_chance_may_do_is_no_difference) {
    struct synthetic truth = usual();
    truth.repeats = 1;
    answer_with(&truth, NULL);
    assert_false(says("hoose"));
    assert_false(says("Next"));
    assert_false(says("Slower"));
    assert_false(says(" only 1.0"));
    assert_says(
        "No clear winner could be seen, as each was measured only once: users waited "
        "3.3 to 9.8 times as long as the job itself, 0.67 to 2.0 s on average");
    truth.repeats = 2;
    truth.noise = 1.5;
    answer_with(&truth, NULL);
    assert_says("No clear winner could be seen: users waited ");
    assert_false(says("hoose"));
}

/* Slowdowns 2, 3, 4 and so on of the rows, from one of them on, each with half its
 * interval as a share; seconds, as of a machine whose speed moves, the other way round.
 */
static size_t first_row;
static double half_interval;
static void put_in_order(struct overview *overview) {
    for (size_t i = 0; i < overview->n_rows; i++) {
        size_t place = (i + overview->n_rows - first_row) % overview->n_rows;
        double slowdown = 2 + (double)place, mean_us = 1e6 - 5e4 * slowdown;
        struct estimate *estimates = overview->rows[i].estimates;
        estimates[FIGURE_SLOWDOWN] = (struct estimate){
            slowdown,
            {slowdown * (1 - half_interval), slowdown * (1 + half_interval)},
            6};
        estimates[FIGURE_MEAN] =
            (struct estimate){mean_us, {mean_us * 0.4, mean_us * 2.5}, 6};
    }
}

/* Whoever is first, what is told of the ranks is what made them, and it only grows. */
TEST_IN_FOLDER(the_order_is_that_of_what_is_told) {
    static const char *const names[] = {"blocking",
                                        "threading (GIL",
                                        "forking",
                                        "2 GIL servers (shared",
                                        "2 GIL servers (reuseport",
                                        "threading",
                                        "threadpool",
                                        "processing"};
    struct synthetic truth = usual();
    char begin[100];
    for (first_row = 0; first_row < 8; first_row++) {
        half_interval = 0.01;
        alter = put_in_order;
        answer_with(&truth, NULL);
        (void)snprintf(begin, sizeof begin, "Choose %s", names[first_row]);
        assert_says(begin);
        assert_says(": users waited 2.0 times as long as the job itself, ");
        (void)snprintf(begin, sizeof begin, "Next, at 3.0 times the job: %s",
                       names[(first_row + 1) % 8]);
        assert_says(begin);
        (void)snprintf(begin, sizeof begin, "; last, at 9.0 times the job: %s",
                       names[(first_row + 7) % 8]);
        assert_says(begin);
        half_interval = 0.9; /* nobody is told from anybody */
        alter = put_in_order;
        answer_with(&truth, NULL);
        assert_says("No clear winner could be seen: users waited 2.0 to 9.0 times as ");
        assert_false(says("hoose") || says("Next") || says("Slower"));
    }
}

static void make_a_row_vary(struct overview *overview) {
    half_interval = 0.01;
    first_row = 0;
    put_in_order(overview);
    overview->rows[3].estimates[FIGURE_SLOWDOWN].interval = (struct interval){1.5, 19};
    overview->rows[6].estimates[FIGURE_SLOWDOWN].interval = (struct interval){4, 19};
}

/* Who may be as good as the best is no worse than anybody, wherever its value stands; and
 * who may be as good as the third is not said to come behind it. */
TEST_IN_FOLDER(who_varies_is_not_ranked_behind) {
    struct synthetic truth = usual();
    alter = make_a_row_vary;
    answer_with(&truth, NULL);
    assert_says("Choose blocking (one job at a time): users waited 2.0 times as long");
    assert_says("; 2 GIL servers (shared: a GIL each, one queue of users; a GIL lets one "
                "thread compute at a "
                "time) varied too much to be told apart.");
    assert_says("Next, at 3.0 times the job: threading (GIL");
    assert_says("; last, at 9.0 times the job: processing.");
    assert_false(says(": forking and threadpool"));
}

static void make_the_machine_contend(struct overview *overview) {
    for (size_t i = 0; i < overview->n_rows; i++)
        set_figure(overview, overview->rows[i].series->parameters->name, FIGURE_SLOWDOWN,
                   9);
    set_figure(overview, "threading", FIGURE_SLOWDOWN, 5);
    set_figure(overview, "blocking", FIGURE_SLOWDOWN, 5.5);
    set_figure(overview, "threading", FIGURE_MEAN, 0.9e6);
    set_figure(overview, "blocking", FIGURE_MEAN, 0.5e6);
}

/* Where jobs take longer beside each other, as on two threads of one core, a slowdown is
 * of longer jobs: it ranks nobody before those whose users waited less. */
TEST_IN_FOLDER(a_slowdown_does_not_hide_seconds) {
    struct synthetic truth = usual();
    alter = make_the_machine_contend;
    answer_with(&truth, NULL);
    assert_says("Choose threading (a thread each) or blocking (one job at a time): users "
                "waited 5.0 to 5.5 times as long as the job itself, 0.50 to 0.90 s on ");
}

/* Who is second by less than chance may do, or by too little, is named beside the first;
 * who varies much is not advised, and said not to be told apart. */
TEST_IN_FOLDER(a_tie_names_both) {
    struct synthetic truth = usual();
    truth.altered = "threadpool";
    truth.altered_noise = 0.02;
    truth.repeats = 3;
    answer_with(&truth, NULL);
    assert_says("Choose processing (a pool of 2 processes) or threadpool (a pool of 2 "
                "threads): users waited 3.3 to 3.4 times as long");
    truth.altered_noise = 0.35;
    answer_with(&truth, NULL);
    assert_says("Choose processing (a pool of 2 processes): ");
    assert_says("; threadpool (a pool of 2 threads) varied too much to be told apart.");
}

static void make_processes_dear(struct overview *overview) {
    for (size_t i = 0; i < overview->n_rows; i++)
        set_figure(overview, overview->rows[i].series->parameters->name,
                   FIGURE_MEMORY_PER_USER, 40 * 1024);
    set_figure(overview, "processing", FIGURE_MEMORY_PER_USER, 4000 * 1024);
}

/* Of those that are as quick, the cheap one is advised, and why is said. */
TEST_IN_FOLDER(the_price_decides_where_waits_do_not) {
    struct synthetic truth = usual();
    alter = make_processes_dear;
    answer_with(&truth, NULL);
    assert_says(
        "Choose threadpool (a pool of 2 threads): users waited 3.3 times as long as the "
        "job itself, 0.67 s on average, the last user 1.1 s, at 200 ms of CPU a request; "
        "no "
        "quicker but dearer in memory (4000 KiB): processing (a pool of 2 processes).");
}

/* Of one strategy alone there is nothing to choose. */
TEST_IN_FOLDER(one_strategy_is_compared_with_nobody) {
    struct synthetic truth = usual();
    truth.only = "processing";
    answer_with(&truth, NULL);
    assert_false(says("hoose"));
    assert_false(says("winner"));
    assert_says(
        "Under processing (a pool of 2 processes): users waited 3.3 times as "
        "long as the job itself, 0.67 s on average, the last user 1.1 s, at 200 ms of "
        "CPU a request.");
    assert_says("On 2 CPUs, processing kept 1.8 busy.");
    assert_says("Meanwhile the home page, a page without work, took at most 0.30 ms "
                "(median).");
}

/* Whose requests fail is not ranked, however quick its answers. */
TEST_IN_FOLDER(who_fails_is_not_advised) {
    struct synthetic truth = usual();
    truth.failing = "processing";
    answer_with(&truth, NULL);
    assert_says("Choose threadpool (a pool of 2 threads): ");
    assert_says(" Not ranked: processing (a pool of 2 processes): 6 of 60 requests "
                "failed.");
    truth.only = "processing";
    answer_with(&truth, NULL);
    assert_int_equal(answer.n_sentences, 2);
    assert_says("Not ranked: processing (a pool of 2 processes): 6 of 60 requests "
                "failed.");
}

static void spoil_threadpool(struct overview *overview) {
    row_of(overview, "threadpool")->validity.level = VALIDITY_INVALID;
}

/* Numbers that mean nothing are told of nobody. */
TEST_IN_FOLDER(what_is_invalid_is_not_ranked) {
    struct synthetic truth = usual();
    alter = spoil_threadpool;
    answer_with(&truth, NULL);
    assert_says("Choose processing (a pool of 2 processes): ");
    assert_says("On 2 CPUs, processing, threading (a thread each)");
    assert_says(" Not ranked: threadpool (a pool of 2 threads): its numbers mean "
                "nothing.");
}

/* Where jobs wait, CPUs are no part of the answer. */
TEST_IN_FOLDER(work_that_sleeps_is_not_about_cpus) {
    struct synthetic truth = usual();
    truth.waiting_share = 0.98;
    answer_with(&truth, NULL);
    assert_false(says("busy"));
    assert_says(" or processing (a pool of 2 processes): ");
    assert_says("; last, at 9.9 times the job: threading (GIL: threads take turns).");
}

/* Waits of a short work are told in milliseconds, all of them. */
TEST_IN_FOLDER(short_waits_are_told_in_milliseconds) {
    struct synthetic truth = usual();
    truth.t_us = 5e3;
    answer_with(&truth, NULL);
    assert_says(", 17 ms on average, the last user 28 ms");
    assert_false(says(" s,"));
}

TEST_IN_FOLDER(work_is_told_in_daily_units) {
    struct synthetic truth = usual();
    truth.work = "cpu:1000000turns+sleep:80ms";
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:20ms+sleep:80ms"));
    assert_says("20 ms of CPU work and 80 ms of waiting");
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:5ms+fetch"));
    assert_says("5 ms of CPU work and a fetch");
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:1000turns"));
    assert_says("1000 turns of the counting loop");
    truth.users = 1;
    answer_with(&truth, NULL);
    assert_says("1 user asks at once for the same work");
}

static void set_validity(struct overview *overview, const char *name,
                         enum validity_level level, const char *why) {
    struct validity *validity = &row_of(overview, name)->validity;
    validity->level = level;
    (void)snprintf(validity->why, sizeof validity->why, "%s", why);
}

static void doubt_three(struct overview *overview) {
    set_validity(overview, "blocking", VALIDITY_SUSPECT, "a long reason; a cure");
    set_validity(overview, "threading", VALIDITY_SUSPECT, "a reason");
    set_validity(overview, "forking", VALIDITY_INVALID, "no answer");
}

/* The screen has one item for each level, the report one for each reason. */
TEST_IN_FOLDER(doubts_are_counted) {
    struct synthetic truth = usual();
    alter = doubt_three;
    answer_with(&truth, NULL);
    assert_non_null(strstr(doubts, "INVALID: forking (no answer)\n"));
    assert_non_null(strstr(doubts, "SUSPECT: 2 of 8 cells, such as threading (a reason); "
                                   "the report has the others\n"));
    assert_null(strstr(doubts, "blocking"));
    assert_non_null(strstr(trust, "SUSPECT: blocking (a long reason; a cure)"));
}

TEST_IN_FOLDER(a_busy_machine_is_one_sentence) {
    struct synthetic truth = usual();
    truth.available = 1.96;
    answer_with(&truth, NULL);
    assert_null(strstr(trust, "machine was busy"));
    truth.available = 1.2;
    answer_with(&truth, NULL);
    assert_non_null(strstr(trust, "other programs took 40 % of its CPUs"));
}

TEST_IN_FOLDER(work_that_is_not_what_was_asked_is_said) {
    struct synthetic truth = usual(); /* a lone job takes 200 ms / 1.1 */
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:180ms"));
    assert_non_null(strstr(trust, "A job of cpu:180ms took 182 ms alone.\n"));
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:100ms"));
    assert_non_null(strstr(trust, "82 % more"));
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:1000turns"));
    assert_null(strstr(trust, "Asked for"));
}
