/* The grammar of work: what is read, and how a bad step is named. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/workload/work.h"
#include "tests/test.h"

static const double TURNS_PER_MS = 1000;

static struct work parse(const char *text) {
    struct work work;
    char why[WHY_BYTES] = "";
    if (work_parse(text, TURNS_PER_MS, &work, why) != 0)
        fail_msg("'%s': %s", text, why);
    return work;
}

TEST(a_row_of_steps_is_read_in_order) {
    struct work work = parse("cpu:50ms+fetch+sleep:20ms+cpu:7turns");
    assert_int_equal(work.n_steps, 4);
    assert_int_equal(work.steps[0].kind, STEP_CPU);
    assert_int_equal(work.steps[0].amount, 50 * 1000);
    assert_int_equal(work.steps[1].kind, STEP_FETCH);
    assert_int_equal(work.steps[2].kind, STEP_SLEEP);
    assert_int_equal(work.steps[2].amount, 20 * NS_PER_MS);
    assert_int_equal(work.steps[3].amount, 7);
}

TEST(a_space_stands_for_a_plus) {
    struct work plus = parse("cpu:1ms+sleep:2ms"), space = parse("cpu:1ms sleep:2ms");
    assert_memory_equal(&plus, &space, sizeof plus);
}

TEST(nothing_to_do_is_a_work) {
    assert_int_equal(parse("cpu:0").steps[0].amount, 0);
    assert_int_equal(parse("sleep:0").steps[0].amount, 0);
}

TEST(what_is_written_is_read_back) {
    static const char *const texts[] = {"cpu:123turns",
                                        "fetch",
                                        "sleep:20ms",
                                        "sleep:1500ns",
                                        "fetch:1s+fetch+fetch:1500ns",
                                        "cpu:9223372036854775807turns+sleep:1us+fetch+"
                                        "cpu:1ms+sleep:3h+fetch+fetch+cpu:0"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[WORK_MAX_TEXT_BYTES];
        struct work work = parse(texts[i]);
        struct work again = parse(work_format(&work, text));
        assert_true(strlen(text) < sizeof text - 1);
        assert_memory_equal(&work, &again, sizeof work);
    }
    struct work full = {.n_steps = WORK_MAX_STEPS};
    for (int i = 0; i < WORK_MAX_STEPS; i++)
        full.steps[i] = (struct step){STEP_SLEEP, INT64_MAX / 2};
    char text[WORK_MAX_TEXT_BYTES];
    struct work again = parse(work_format(&full, text));
    assert_int_equal(again.n_steps, WORK_MAX_STEPS);
}

/* The whole line names the step and what is allowed. */
TEST(a_bad_step_is_named_with_what_is_allowed) {
    static const struct {
        const char *text, *step, *allowed;
    } bad[] = {
        {"", "a step is missing", "cpu:50turns"},
        {"cpu", "'cpu'", "cpu:50ms"},
        {"cpu:", "'cpu:'", "cpu:50ms"},
        {"cpu:-1", "'cpu:-1'", "cpu:50ms"},
        {"cpu:50", "'cpu:50' has no unit", "write cpu:50ms or cpu:50turns"},
        {"cpu:1ms+cpu:7", "'cpu:7' has no unit", "write cpu:50ms or cpu:50turns"},
        {"cpu:turns", "'cpu:turns'", "cpu:50ms or cpu:50turns"},
        {"cpu:1.5turns", "'cpu:1.5turns'", "cpu:50ms or cpu:50turns"},
        {"sleep:5turns", "'sleep:5turns'", "sleep:200ms"},
        {"cpu:99999999999999999999turns", "'cpu:99999999999999999999turns'", "too large"},
        {"sleep:5", "'sleep:5' has no unit", "sleep:200ms"},
        {"cpu:1ms+nap:5ms", "'nap:5ms'", "sleep:200ms and fetch"},
        {"cpu:1ms+", "a step is missing", "cpu:50turns"},
        {"+cpu:1ms", "a step is missing", "cpu:50turns"},
        {"fetch:5", "'fetch:5'", "fetch or fetch:1s"},
        {"fetch:0s", "'fetch:0s'", "fetch or fetch:1s"},
        {"fetch:", "'fetch:'", "fetch or fetch:1s"},
        {"CPU:5ms", "'CPU:5ms'", "cpu:50turns"},
        {"cpu:99999999999999999999", "'cpu:99999999999999999999'", "too large"},
        {"sleep:99999999h", "'sleep:99999999h'", "too large"},
        {"cpu:1ms;cpu:1ms", "'cpu:1ms;cpu:1ms'", "cpu:50ms"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct work work = {.n_steps = 77};
        char why[WHY_BYTES] = "";
        int error = work_parse(bad[i].text, TURNS_PER_MS, &work, why);
        assert_int_equal(error, -EINVAL);
        assert_non_null(strstr(why, bad[i].step));
        assert_non_null(strstr(why, bad[i].allowed));
        assert_null(strchr(why, '\n'));
        assert_int_equal(work.n_steps, 77); /* untouched */
    }
}

TEST(the_longest_complaints_fit_into_a_line) {
    char text[4000], why[WHY_BYTES];
    struct work work;
    for (size_t length = 1; length < sizeof text; length += 13) {
        memset(text, 'x', length);
        text[length] = '\0';
        assert_int_equal(work_parse(text, TURNS_PER_MS, &work, why), -EINVAL);
        assert_non_null(strstr(why, "allowed are"));
        assert_true(strlen(why) < 159);
    }
}

TEST(files_of_an_older_juggle_have_turns_without_a_unit) {
    struct work work;
    char text[WORK_MAX_TEXT_BYTES];
    assert_int_equal(work_parse_kept("cpu:50+fetch+cpu:7turns+cpu:2ms", 1000, &work), 0);
    assert_string_equal(work_format(&work, text),
                        "cpu:50turns+fetch+cpu:7turns+cpu:2000turns");
    assert_int_equal(work_parse_kept("cpu:50x", 1, &work), -EINVAL);
}

TEST(declared_steps_are_read_by_their_names) {
    struct work work;
    char text[WORK_MAX_TEXT_BYTES], why[WHY_BYTES];
    const struct declarations two = {2, {"resize=./resize.so", "ocr=cat -n"}};
    assert_int_equal(work_parse("resize", TURNS_PER_MS, &work, why), -EINVAL);
    assert_int_equal(work_declare(&two, why), 0);
    assert_string_equal(work_declared_how(1), "cat -n");
    assert_null(work_declared_name(2));
    work = parse("ocr+cpu:5turns+resize+fetch");
    assert_int_equal(work.steps[0].kind, STEP_DECLARED);
    assert_int_equal(work.steps[0].amount, 1);
    assert_string_equal(work_format(&work, text), "ocr+cpu:5turns+resize+fetch");
    assert_true(work_has_step(&work, STEP_DECLARED));
    assert_false(work_has_step(&work, STEP_SLEEP));
    assert_int_equal(work_duration_ns(&work, TURNS_PER_MS),
                     work_cpu_ns(&work, TURNS_PER_MS));
    assert_int_equal(work_parse("ocr:5ms", TURNS_PER_MS, &work, why), -EINVAL);
    assert_non_null(strstr(why, "'ocr:5ms' is unknown"));
    assert_non_null(strstr(why, "and resize, ocr"));
}

TEST(files_name_steps_that_were_declared_when_it_was_measured) {
    struct work work;
    char text[WORK_MAX_TEXT_BYTES], why[WHY_BYTES];
    assert_int_equal(work_parse_kept("blur+cpu:5turns+blur", 1, &work), 0);
    assert_string_equal(work_format(&work, text), "blur+cpu:5turns+blur");
    assert_int_equal(work_parse("blur", 1, &work, why), -EINVAL);
    static const char *const bad[] = {"blur:5ms", "Blur", "cpu",
                                      "sleep",    "../x", "a-name-of-sixteen"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(work_parse_kept(bad[i], 1, &work), -EINVAL);
    for (int i = 0; i < 100; i++) { /* names without end: refused at some point */
        (void)snprintf(text, sizeof text, "x%d", i);
        (void)work_parse_kept(text, 1, &work);
    }
    assert_int_equal(work_parse_kept("x100", 1, &work), -EINVAL);
    assert_int_equal(work_parse_kept("blur", 1, &work), 0);
}

TEST(bad_declarations_are_refused) {
    static const char *const bad[][2] = {
        {"blur", "does not say how"},      {"blur=", "does not say how"},
        {"blur= ", "does not say how"},    {"=x", "another name"},
        {"Blur=x", "another name"},        {"9=x", "another name"},
        {"sixteen-letters-=x", "another"}, {"cpu=x", "name of a step that there is"},
        {"fetch=x", "that there is"},      {"ocr=x", "declared twice"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char why[WHY_BYTES] = "";
        const struct declarations one = {1, {bad[i][0]}};
        assert_int_equal(work_declare(&one, why), -EINVAL);
        assert_non_null(strstr(why, bad[i][1]));
    }
}

TEST(every_kind_is_written_and_read_by_its_name) {
    for (int kind = 0; kind < N_STEP_KINDS; kind++) {
        char text[WORK_MAX_TEXT_BYTES];
        const struct work one = {.n_steps = 1, .steps[0].kind = (enum step_kind)kind};
        struct work work = parse(work_format(&one, text));
        assert_int_equal(work.n_steps, 1);
        assert_int_equal(work.steps[0].kind, kind);
    }
}

TEST(more_steps_than_fit_are_refused) {
    struct work work;
    char text[200] = "fetch", why[WHY_BYTES];
    for (int i = 1; i < WORK_MAX_STEPS; i++)
        (void)strcat(text, "+fetch");
    assert_int_equal(parse(text).n_steps, WORK_MAX_STEPS);
    (void)strcat(text, "+fetch");
    assert_int_equal(work_parse(text, TURNS_PER_MS, &work, why), -EINVAL);
    assert_non_null(strstr(why, "more than 8 steps"));
}

TEST(how_long_a_work_takes_does_not_overflow) {
    struct work work = parse("cpu:3ms+sleep:4ms+fetch+cpu:5ms");
    assert_int_equal(work_cpu_ns(&work, TURNS_PER_MS), 8 * NS_PER_MS);
    assert_int_equal(work_duration_ns(&work, TURNS_PER_MS), 12 * NS_PER_MS);
    assert_int_equal(work_duration_ns(&work, 2 * TURNS_PER_MS), 8 * NS_PER_MS);
    struct work asked = parse("fetch:1s+cpu:3ms+fetch");
    assert_int_equal(work_duration_ns(&asked, TURNS_PER_MS), 1003 * NS_PER_MS);
    struct work endless =
        parse("cpu:9223372036854775807turns+sleep:2000000h+sleep:2000000h");
    assert_true(work_cpu_ns(&endless, 0.001) == INT64_MAX);
    assert_true(work_duration_ns(&endless, TURNS_PER_MS) == INT64_MAX);
}
