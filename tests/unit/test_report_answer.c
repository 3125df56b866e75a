/* The answer in words: each kind of outcome, and never more than the intervals carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "report/answer.h"
#include "report/trust.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"

static struct answer answer;
static char trust[4096];

static struct synthetic usual(void) {
    struct synthetic truth = synthetic_default;
    truth.repeats = 6;
    return truth;
}

/* What is said of a run made from `truth`, of whose run.json some keys are set. */
static void answer_with(const struct synthetic *truth, json_t *info) {
    char why[512];
    synthetic_write(test_folder, truth);
    struct run *run = run_read(test_folder, why, sizeof why);
    assert_non_null(run);
    if (info != NULL)
        (void)json_object_update(run->info, info);
    json_decref(info);
    struct overview *overview = overview_make(run);
    assert_non_null(overview);
    answer_make(overview, &answer);
    FILE *out = fmemopen(trust, sizeof trust, "w");
    struct document *document = document_on(out, &document_markdown);
    trust_write(overview, document);
    (void)document_commit(document);
    (void)fclose(out);
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

static void test_it_names_question_machine_and_choice(void **state) {
    (void)state;
    struct synthetic truth = usual();
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:200ms"));
    assert_in_range(answer.n_sentences, 2, 5);
    assert_says("10 users ask at once for 200 ms of CPU work. Synthetic CPU, 2 CPUs");
    assert_says("forking, threading, threadpool and processing kept both CPUs busy (1.8 "
                "of 2): the first user waited 0.22 to 1.1 s, the last 1.1 s.");
    assert_says("blocking and threading (GIL) kept one CPU busy (1.0): the first user "
                "waited 0.20 to 1.9 s, the last 2.0 s.");
    assert_says("Meanwhile the home page (`/`) took ");
    assert_says(" ms (median), 1001 ms under blocking.");
    assert_says(
        "For this work choose threadpool or processing: the mean wait was 0.67 s, "
        "3.3 times what a job takes, at 200 ms of CPU a request.");
}

/* Whoever is best is named, not who usually is. */
static void test_another_winner_is_named(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.altered = "forking";
    truth.stretch = 0.01;
    answer_with(&truth, NULL);
    assert_says("For this work choose forking: ");
    truth.altered = "threading";
    answer_with(&truth, NULL);
    assert_says("For this work choose threading: ");
    truth.altered = "processing";
    truth.stretch = 9;
    answer_with(&truth, NULL);
    assert_says("For this work choose threadpool: ");
}

/* Without intervals, or with wide ones, no difference is claimed. */
static void test_what_chance_may_do_is_no_difference(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.repeats = 1;
    answer_with(&truth, NULL);
    assert_false(says("choose"));
    assert_false(says("one CPU busy"));
    assert_says("No difference in the mean wait could be seen");
}

/* Who is second by less than chance may do is named beside the first. */
static void test_a_tie_names_both(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.altered = "threadpool";
    truth.altered_noise = 0.02;
    truth.repeats = 3;
    answer_with(&truth, NULL);
    assert_says("For this work choose processing or threadpool: ");
}

/* Of one strategy alone there is nothing to choose. */
static void test_one_strategy_is_compared_with_nobody(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.only = "processing";
    answer_with(&truth, NULL);
    assert_false(says("choose"));
    assert_false(says("No difference"));
    assert_says(
        "processing kept both CPUs busy (1.8 of 2): the first user waited 0.22 s");
    assert_says("The mean wait was 0.67 s, 3.3 times what a job takes, at 200 ms of CPU");
}

/* Where jobs wait, CPUs are no part of the answer; who waited how long is. */
static void test_work_that_sleeps_is_not_about_cpus(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.waiting_share = 0.98;
    answer_with(&truth, NULL);
    assert_false(says("busy"));
    assert_says("Under threadpool and processing the first user waited 0.22 s, the last "
                "1.1 s.");
    assert_says("Under threading (GIL) the first user waited 1.9 s, the last 2.0 s.");
    assert_says("For this work choose threadpool or processing: ");
}

/* Waits of a short work are told in milliseconds, all of them. */
static void test_short_waits_are_told_in_milliseconds(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.t_us = 5e3;
    answer_with(&truth, NULL);
    assert_says("the last 50 ms.");
    assert_says("the mean wait was 17 ms");
    assert_false(says(" s,"));
}

static void test_work_is_told_in_daily_units(void **state) {
    (void)state;
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

static void test_a_busy_machine_is_one_sentence(void **state) {
    (void)state;
    struct synthetic truth = usual();
    truth.available = 1.96;
    answer_with(&truth, NULL);
    assert_null(strstr(trust, "machine was busy"));
    truth.available = 1.2;
    answer_with(&truth, NULL);
    assert_non_null(strstr(trust, "other programs took 40 % of its CPUs"));
}

static void test_work_that_is_not_what_was_asked_is_said(void **state) {
    (void)state;
    struct synthetic truth = usual(); /* a lone job takes 200 ms / 1.1 */
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:180ms"));
    assert_non_null(strstr(trust, "Asked for was cpu:180ms; a job alone took 182 ms.\n"));
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:100ms"));
    assert_non_null(strstr(trust, "82 % more"));
    answer_with(&truth, json_pack("{s:s}", "work_asked", "cpu:1000turns"));
    assert_null(strstr(trust, "Asked for"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_it_names_question_machine_and_choice),
        IN_FOLDER(test_another_winner_is_named),
        IN_FOLDER(test_what_chance_may_do_is_no_difference),
        IN_FOLDER(test_a_tie_names_both),
        IN_FOLDER(test_one_strategy_is_compared_with_nobody),
        IN_FOLDER(test_work_that_sleeps_is_not_about_cpus),
        IN_FOLDER(test_short_waits_are_told_in_milliseconds),
        IN_FOLDER(test_work_is_told_in_daily_units),
        IN_FOLDER(test_a_busy_machine_is_one_sentence),
        IN_FOLDER(test_work_that_is_not_what_was_asked_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
