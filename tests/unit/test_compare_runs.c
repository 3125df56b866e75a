/* Runs whose truth is known held against each other: cells, differences, verdicts, rules.
 */
#include <stdlib.h>
#include <unistd.h>

#include "common/base/fields.h"
#include "common/document/terminal.h"
#include "compare/differences.h"
#include "compare/print.h"
#include "compare/rules.h"
#include "compare/words.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static struct run *run_a, *run_b;
static struct comparisons all;
static struct comparison *const compared = &all.items[0];
static json_t *notes, *differences;

static void forget(void) {
    comparison_free(compared);
    json_decref(notes);
    json_decref(differences);
    notes = differences = NULL;
    run_free(run_a);
    run_free(run_b);
    run_a = run_b = NULL;
}

static int forget_and_remove(void **state) {
    forget();
    return remove_folder(state);
}

#define TEST_ON_RUNS(name) TEST_WITH(name, make_folder, forget_and_remove)

static struct run *read_again(const char *name) {
    char path[96], why[WHY_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    struct run *run = run_read(path, why);
    assert_non_null(run);
    return run;
}

static struct run *write_and_read(const char *name, const struct synthetic *truth) {
    char path[96], command[128];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    (void)snprintf(command, sizeof command, "rm -rf %s", path);
    assert_int_equal(system(command), 0);
    synthetic_write(path, truth);
    return read_again(name);
}

/* Compares the two runs that were read. */
static void compare_again(void) {
    all.n = 1;
    assert_int_equal(comparison_make(compared, run_a, run_b, 'B'), 0);
    notes = words_notes(compared);
    differences = differences_list(compared);
}

/* Compares two runs, in place of those before. */
static void compare(const struct synthetic *a, const struct synthetic *b) {
    forget();
    run_a = write_and_read("a", a);
    run_b = write_and_read("b", b);
    compare_again();
}

static struct matched *cell_of(const char *name) {
    for (size_t i = 0; i < compared->n_cells; i++)
        if (strcmp(compared->cells[i].parameters->name, name) == 0)
            return &compared->cells[i];
    fail_msg("no cell %s", name);
    return NULL;
}

static void assert_noted(const char *text) {
    for (size_t i = 0; i < json_array_size(notes); i++)
        if (strstr(json_string_value(json_array_get(notes, i)), text) != NULL)
            return;
    fail_msg("no note has '%s'", text);
}

static const json_t *find_difference(const char *what) {
    const json_t *item;
    size_t i;
    json_array_foreach(differences, i, item) if (strcmp(fields_get_text(item, "what", ""),
                                                        what) == 0) return item;
    return NULL;
}

static double change_of(const char *what) {
    return fields_get_number(find_difference(what), "change");
}

static size_t count(enum change change) {
    size_t n = 0;
    for (size_t i = 0; i < compared->n_cells; i++)
        n += compared->cells[i].ratios[FIGURE_MEAN].change == change;
    return n;
}

TEST_ON_RUNS(one_longer_cell_is_slower_and_no_other) {
    struct synthetic plain = synthetic_default;
    plain.noise = 0.003;
    struct synthetic longer = plain;
    longer.altered = "forking";
    longer.stretch = 1.2; /* at the last of ranks that are all alike: 10 % in the mean */
    longer.seed = 1;
    compare(&plain, &longer);
    assert_int_equal(compared->n_cells, 8);
    assert_int_equal(count(CHANGE_SLOWER), 1);
    assert_int_equal(count(CHANGE_SAME), 7);
    const struct matched *cell = cell_of("forking");
    assert_int_equal(cell->ratios[FIGURE_MEAN].change, CHANGE_SLOWER);
    assert_int_equal(cell->ratios[FIGURE_SLOWDOWN].change, CHANGE_SLOWER);
    assert_true(cell->ratios[FIGURE_MEAN].value > 1.09 &&
                cell->ratios[FIGURE_MEAN].value < 1.11);
    assert_true(cell->ratios[FIGURE_MEAN].interval.low > 1.05 &&
                cell->ratios[FIGURE_MEAN].interval.high < 1.15);
    assert_int_equal(cell->of[A].series->plan->place, 3);
    compare(&longer, &plain);
    assert_int_equal(cell_of("forking")->ratios[FIGURE_MEAN].change, CHANGE_FASTER);
}

/* Two runs of the same thing, again and again: 5 % may be called different. */
TEST_ON_RUNS(a_run_against_itself_has_no_winner) {
    enum { TIMES = 20 };
    size_t n_wrong = 0;
    for (unsigned i = 0; i < TIMES; i++) {
        struct synthetic a = synthetic_default, b = synthetic_default;
        a.noise = b.noise = 0.2;
        a.seed = 2 * i + 1;
        b.seed = 2 * i + 2;
        compare(&a, &b);
        n_wrong += count(CHANGE_FASTER) + count(CHANGE_SLOWER) > 0;
    }
    assert_in_range(n_wrong, 0, TIMES * 5 / 100);
}

TEST_ON_RUNS(a_faster_machine_is_no_faster_program) {
    struct synthetic fast = synthetic_default;
    fast.t_us /= 1.05;
    fast.turns_per_ms *= 1.05;
    fast.seed = 1;
    compare(&synthetic_default, &fast);
    const struct matched *cell = cell_of("blocking");
    assert_true(isfinite(cell->speed_change));
    assert_true(fabs(cell->speed_change - log(1.05)) < 0.01);
    assert_true(cell->ratios[FIGURE_MEAN].log_allowance <
                0.01); /* as the loops outside explain */
    assert_int_equal(count(CHANGE_SAME), 8);
    assert_int_equal(cell->ratios[FIGURE_SLOWDOWN].change,
                     CHANGE_SAME); /* as slowdown it cancels */
    assert_true(cell->ratios[FIGURE_SLOWDOWN].log_allowance == 0);
    assert_noted("speed moved by +5.0 %");
    assert_noted("seconds are at one speed of the machine");
}

static void edit(const char *name, const char *place, const char *key, json_t *value) {
    char file[192];
    (void)snprintf(file, sizeof file, "%s/%s", test_folder, name);
    json_t *json = json_load_file(file, 0, NULL),
           *added = json_pack("{s:{s:o}}", place, key, value);
    assert_int_equal(json_object_update_recursive(json, added), 0);
    assert_int_equal(files_write_json(file, json), 0);
    json_decref(json);
    json_decref(added);
}

/* CPU steps ran faster, and nothing else says whether machine or program made them so. */
TEST_ON_RUNS(what_may_be_another_program_is_allowed_for) {
    struct synthetic old = synthetic_default, fast = synthetic_default;
    old.turns_per_ms = NAN;
    fast.t_us /= 1.05;
    fast.seed = 1;
    compare(&old, &fast);
    assert_false(compared->change.is_same_program);
    assert_true(fabs(cell_of("blocking")->ratios[FIGURE_MEAN].log_allowance - log(1.05)) <
                0.01);
    assert_int_equal(count(CHANGE_UNDECIDED), 8);
    assert_noted("these may be two programs");
    forget();
    edit("a/run.json", "versions", "binary", json_string("0123"));
    edit("b/run.json", "versions", "binary", json_string("0123"));
    run_a = read_again("a");
    run_b = read_again("b");
    compare_again();
    assert_true(compared->change.is_same_program);
    assert_int_equal(count(CHANGE_SAME), 8);
    forget();
    static const char *const others[] = {"threads", "cpus"}; /* settings of the server */
    for (size_t i = 0; i < 2; i++)
        for (int repeat = 1; repeat <= 3; repeat++) {
            char file[64];
            (void)snprintf(file, sizeof file, "b/cells/%s-r%d.json",
                           i == 0 ? "threadpool" : "forking", repeat);
            edit(file, "parameters", others[i], json_integer(1));
        }
    run_a = read_again("a");
    run_b = read_again("b");
    compare_again();
    assert_int_equal(count(CHANGE_SAME), 6);
    assert_noted("settings differ");
}

TEST_ON_RUNS(work_that_waits_needs_no_allowance) {
    struct synthetic a = synthetic_default;
    a.noise = 0.003;
    struct synthetic b = a;
    a.work = b.work = "sleep:200ms";
    b.turns_per_ms *= 1.3;
    b.seed = 1;
    compare(&a, &b);
    assert_int_equal(count(CHANGE_SAME), 8);
}

/* What one run's file lacks is set in run.json. */
static void set_info(const char *name, const char *asked, double turns_per_ms) {
    char path[96], file[128];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    (void)snprintf(file, sizeof file, "%s/run.json", path);
    json_t *info = json_load_file(file, 0, NULL);
    (void)json_object_set_new(info, "work_asked", json_string(asked));
    (void)json_object_set_new(info, "calibration",
                              json_pack("{s:f}", "turns_per_ms", turns_per_ms));
    (void)files_write_json(file, info);
    json_decref(info);
}

TEST_ON_RUNS(what_calibration_did_is_allowed_for) {
    struct synthetic more = synthetic_default;
    more.work = "cpu:1040000turns";
    more.t_us *= 1.04;
    more.seed = 1;
    compare(&synthetic_default, &more);
    assert_int_equal(count(CHANGE_SLOWER), 8); /* 4 % more turns were asked for */
    forget();
    set_info("a", "cpu:1ms", 1e6);
    set_info("b", "cpu:1ms", 1.04e6);
    run_a = read_again("a");
    run_b = read_again("b");
    compare_again();
    assert_int_equal(count(CHANGE_SAME), 8); /* and here they were not */
    assert_noted("calibration B's cpu:1ms has +4.0 % turns");
    assert_true(fabs(change_of("work") - 0.04) < 1e-9);
}

TEST_ON_RUNS(one_repeat_and_failures_are_undecided_with_the_reason) {
    struct synthetic once = synthetic_default, failing = synthetic_default;
    once.repeats = 1;
    once.t_us *= 2;
    compare(&synthetic_default, &once);
    assert_int_equal(count(CHANGE_UNDECIDED), 8);
    assert_noted("forking is undecided: one repeat in B has no interval");
    failing.failing = "threadpool";
    failing.t_us *= 2;
    failing.work = "cpu:2000000turns";
    compare(&synthetic_default, &failing);
    assert_int_equal(count(CHANGE_SLOWER), 7);
    assert_int_equal(cell_of("threadpool")->ratios[FIGURE_MEAN].change, CHANGE_UNDECIDED);
    assert_noted("threadpool is undecided: failed requests: 0 in A, 3 in B");
}

/* Whether a machine was busy is a figure: the cells of both are what they are. */
TEST_ON_RUNS(a_busy_machine_makes_no_cell_suspect) {
    struct synthetic busy = synthetic_default;
    busy.available = 1.3;
    compare(&synthetic_default, &busy);
    assert_int_equal(cell_of("forking")->of[B].validity.level, VALIDITY_VALID);
    assert_true(cell_of("forking")->ratios[FIGURE_CPUS_BUSY].value < 0.8);
    assert_true(fabs(cell_of("forking")->ratios[FIGURE_OWN_T].value - 1) < 0.01);
    assert_true(isfinite(cell_of("forking")->ratios[FIGURE_CPUS_BUSY].interval.low));
}

TEST_ON_RUNS(differences_are_listed_once_where_cells_agree) {
    struct synthetic other = synthetic_default;
    other.users = 12;
    other.repeats = 4;
    other.work = "cpu:1100000turns";
    compare(&synthetic_default, &other);
    const json_t *work = find_difference("work");
    assert_non_null(work);
    assert_true(json_is_null(json_object_get(work, "cell")));
    assert_string_equal(fields_get_text(work, "a", ""), "cpu:1000000turns");
    assert_string_equal(fields_get_text(work, "b", ""), "cpu:1100000turns");
    assert_true(fabs(change_of("work") - 0.1) < 1e-9);
    assert_non_null(find_difference("users"));
    assert_non_null(find_difference("repeats measured"));
    assert_null(find_difference("cpu_model"));
    assert_null(find_difference("workers"));
    other = synthetic_default;
    other.cpus = 4;
    compare(&synthetic_default, &other);
    assert_string_equal(fields_get_text(find_difference("cpus_usable"), "area", ""),
                        "machine");
    assert_non_null(find_difference("workers"));
    assert_null(find_difference("work"));
    compare(&synthetic_default, &synthetic_default);
    assert_int_equal(json_array_size(differences), 0);
    struct synthetic older = synthetic_default;
    older.work = "cpu:1000000"; /* turns had no unit */
    compare(&older, &synthetic_default);
    assert_int_equal(json_array_size(differences), 0);
    assert_int_equal(count(CHANGE_SAME), 8);
}

TEST_ON_RUNS(a_cell_of_one_run_alone_is_named) {
    char path[128];
    compare(&synthetic_default, &synthetic_default);
    forget();
    for (int i = 1; i <= 3; i++) {
        (void)snprintf(path, sizeof path, "%s/b/cells/forking-r%d.json", test_folder, i);
        assert_int_equal(unlink(path), 0);
    }
    run_a = read_again("a");
    run_b = read_again("b");
    compare_again();
    assert_int_equal(compared->n_cells, 7);
    assert_noted("only in A: forking");
    assert_noted("left out of B: forking: not measured");
}

static size_t columns(const char *line) {
    size_t n = 0;
    for (; *line != '\0'; line++)
        n += ((unsigned char)*line & 0xC0) != 0x80;
    return n;
}

/* What is printed in that form; the caller frees it. */
static char *print_as(bool markdown) {
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_int_equal(print_document(&all, false,
                                    markdown ? &document_markdown : &document_terminal,
                                    out),
                     0);
    (void)fclose(out);
    return text;
}

TEST_ON_RUNS(text_fits_80_columns_and_has_no_nan) {
    struct synthetic other = synthetic_default;
    other.repeats = 1;
    other.users = 40;
    other.work = "sleep:200ms+cpu:1000000turns+fetch+sleep:200ms+cpu:1000000turns+fetch+"
                 "sleep:10ms";
    other.turns_per_ms = NAN;
    other.contention = NAN;
    compare(&synthetic_default, &other);
    char *text = print_as(false), *markdown = print_as(true);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(markdown, "nan"));
    assert_non_null(strstr(markdown, "| blocking |"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (columns(line) > 80)
            fail_msg("%zu columns: %s", columns(line), line);
    free(text);
    free(markdown);
    json_t *json = print_json(&all);
    assert_non_null(json);
    json_decref(json);
}

static int add_rule(struct rules *rules, const char *text) {
    return rules_option.parse(text, rules);
}

TEST_ON_RUNS(rules_are_read_and_held) {
    static const char *const bad[] = {
        "",           "slower",       "slower>5", "same>5%",    "slower<5%", "slower>x%",
        "slower>-1%", "undecided>5%", "slower>%", "slower>=5%", ">5%"};
    struct rules rules = {0};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (add_rule(&rules, bad[i]) == 0)
            fail_msg("'%s' was taken", bad[i]);
    assert_int_equal(add_rule(&rules, "slower>5%"), 0);
    assert_int_equal(add_rule(&rules, " faster > 2.5 % "), 0);
    assert_int_equal(rules.n, 2);
    struct ratio ratio = {.value = 1.06, .change = CHANGE_SLOWER};
    assert_true(rule_is_broken(&rules.items[0], &ratio));
    ratio.value = 1.049;
    assert_false(rule_is_broken(&rules.items[0], &ratio));
    ratio = (struct ratio){.value = 2, .change = CHANGE_UNDECIDED};
    assert_false(rule_is_broken(&rules.items[0], &ratio));
    ratio = (struct ratio){.value = 0.974, .change = CHANGE_FASTER};
    assert_true(rule_is_broken(&rules.items[1], &ratio));
    ratio.value = 0.977; /* 1 / 1.025 is 0.9756 */
    assert_false(rule_is_broken(&rules.items[1], &ratio));
    for (int i = 0; i < RULES_MAX - 2; i++)
        assert_int_equal(add_rule(&rules, "slower>5%"), 0);
    assert_int_not_equal(add_rule(&rules, "slower>5%"), 0);
}
