/* From rows to cells: settings, their order, lists, ranges, holes, and what is refused.
 */
#define TEST_OWN_MAIN
#include <errno.h>
#include <string.h>

#include "common/workload/work.h"
#include "director/plan/matrix.h"
#include "director/programs/generator.h"
#include "tests/test.h"

static const char *const strategies[] = {"async", "blocking", "fibers", NULL};

static const struct contestant contestants[] = {
    {"one", "one", "blocking", "", NULL, {1, 2, 3}, HUES_OF_LOOP},
    {"many",
     "%u servers",
     "blocking",
     "processes=SERVERS workers=3CPUS",
     NULL,
     {0, 0, 0},
     HUES_OF_LOOP},
    {"gone", "gone", "no-such-strategy", "", NULL, {0, 0, 0}, HUES_OF_LOOP},
    {0},
};
static const struct preset presets[] = {
    {"usual", "", 2, 10, false, NULL},
    {"quick", "users=1,2", 2, 5, false, NULL},
    {"short", "users=1", 2, 5, false, "one"},
    {"timed", "users=1 seconds=2", 2, 5, false, NULL},
    {0},
};

static bool hole(const struct cell_parameters *cell, unsigned usable_cpus) {
    assert_int_equal(usable_cpus, 4);
    return strcmp(cell->contestant, "fibers") == 0 && cell->users > 4;
}

static const struct experiment experiment = {
    .settings = "work=cpu:1ms users=1..6 rounds=1 workers=CPUS",
    .presets = presets,
    .contestants = contestants,
    .leaves_out = "async",
    .is_hole = hole,
    .probe_every_us = 10,
};

static struct cell_plan cells[256];
static json_t *texts;
static char why[WHY_BYTES];

static int make(const char *only, unsigned preset, const char *given) {
    const struct matrix_setting setting = {.usable_cpus = 4,
                                           .open_files = 100000,
                                           .strategies = strategies,
                                           .only = only,
                                           .preset = &presets[preset],
                                           .given = given,
                                           .texts = texts};
    why[0] = '\0';
    return matrix_make("x", &experiment, &setting, cells, 256, why);
}

static const struct cell_parameters *find(int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(cells[i].parameters.name, name) == 0)
            return &cells[i].parameters;
    fail_msg("there is no cell %s", name);
    return NULL;
}

TEST(test_contestants_times_values_without_holes) {
    int n = make(NULL, 0, "");
    assert_int_equal(n, 6 + 6 + 4); /* one, many; fibers, a newcomer, has a hole */
    assert_string_equal(cells[0].parameters.name, "x-one-users1");
    assert_string_equal(cells[0].parameters.label, "one, 1 user");
    assert_string_equal(cells[0].parameters.contestant_label, "one");
    assert_string_equal(cells[0].asked, "cpu:1ms");
    assert_true(cells[0].published.mean == 1);
    assert_int_equal(cells[0].parameters.workers, 4);
    assert_int_equal(cells[0].parameters.processes, 1);
    const struct cell_parameters *many = find(n, "x-many-users6");
    assert_int_equal(many->processes, 4);
    assert_int_equal(many->workers, 12);
    assert_string_equal(many->contestant_label, "4 servers");
    assert_string_equal(find(n, "x-fibers-users4")->strategy, "fibers");
    assert_int_equal(cells[n - 1].place, 3);
}

TEST(test_who_wins) {
    assert_int_equal(make("fibers", 1, ""), 2); /* the preset's users */
    int n = make("blocking", 1, "users=7 workers=5");
    assert_int_equal(n, 2);
    assert_string_equal(cells[0].parameters.name, "x-one"); /* one value is no axis */
    assert_int_equal(cells[0].parameters.users, 7);
    assert_int_equal(cells[1].parameters.workers, 5);
}

TEST(test_a_preset_leaves_contestants_out) {
    int n = make(NULL, 2, "");
    assert_int_equal(n, 2);
    assert_string_equal(cells[0].parameters.name, "x-many");
    assert_int_equal(cells[0].place, 2); /* its colour is as ever */
    assert_string_equal(cells[1].parameters.name, "x-fibers");
    assert_int_equal(make("blocking", 2, ""), 2); /* asked for by name, it is there */
}

TEST(test_lists_and_ranges) {
    int n = make("fibers", 0, "users=1..3,CPUS workers=1..64");
    assert_int_equal(n, 4 * 7); /* 1, 2, 4 ... 64 */
    assert_int_equal(find(n, "x-fibers-workers64-users4")->workers, 64);
    n = make("fibers", 0, "users=1 work=cpu:1ms,sleep:2ms+cpu:1ms gil=no,yes");
    assert_int_equal(n, 4);
    assert_true(find(n, "x-fibers-worksleep-2ms-cpu-1ms-gilyes")->gil);
    n = make("fibers", 0, "users=1 seconds=0.5,2 think=3");
    assert_int_equal(n, 2);
    assert_true(find(n, "x-fibers-seconds0.5")->duration_s == 0.5);
    assert_true(cells[0].parameters.think_ms == 3);
    assert_int_equal(cells[0].parameters.rounds, 0); /* time takes the place of rounds */
    n = make("fibers", 0, "users=1 rate=50 seconds=2");
    assert_true(n == 1 && cells[0].parameters.users == 0);
    assert_true(cells[0].parameters.duration_s == 2);
}

/* Unless somebody says for how long. */
TEST(test_a_schedule_lasts_for_twenty_requests) {
    static const struct {
        const char *given;
        double seconds;
    } rows[] = {{"rate=3", 7}, {"rate=50", 2}, {"rate=3 seconds=1", 1}, {"", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(make("fibers", 3, rows[i].given), 1);
        assert_true(cells[0].parameters.duration_s == rows[i].seconds);
    }
}

/* Whoever has none keeps to one cell, which is of no number of threads. */
TEST(test_only_a_pool_of_threads_has_threads) {
    static const char *const both[] = {"threadpool", "processing", NULL};
    static const struct contestant nobody[] = {{0}};
    static const struct experiment own = {.settings = "work=cpu:1ms users=1 rounds=1",
                                          .contestants = nobody};
    const struct matrix_setting setting = {.usable_cpus = 4,
                                           .open_files = 100000,
                                           .strategies = both,
                                           .preset = &presets[0],
                                           .given = "threads=4,16",
                                           .texts = texts};
    why[0] = '\0';
    int n = matrix_make("own", &own, &setting, cells, 256, why);
    assert_string_equal(why, "");
    assert_int_equal(n, 3);
    assert_int_equal(find(n, "own-threadpool-threads4")->threads, 4);
    assert_int_equal(find(n, "own-threadpool-threads16")->threads, 16);
    assert_int_equal(find(n, "own-processing")->threads, 0);
}

TEST(test_the_longest_work_is_not_cut) {
    struct arguments arguments = {0};
    struct cell_parameters cell = parameters_initial();
    struct work work = {.n_steps = WORK_MAX_STEPS};
    char text[WORK_MAX_TEXT_BYTES];
    for (unsigned i = 0; i < WORK_MAX_STEPS; i++)
        work.steps[i] = (struct step){STEP_CPU, INT64_MAX};
    cell.work = work_format(&work, text);
    assert_true(strlen(cell.work) > 200);
    arguments_add_parameters(&arguments, &cell, PARAMETER_OF_SERVE);
    assert_string_equal(arguments.words[0], "--work");
    assert_string_equal(arguments.words[1], text);
}

TEST(test_what_cannot_be_is_refused_with_its_reason) {
    static const struct {
        const char *given, *reason;
    } cases[] = {
        {"colour=red", "no setting"},
        {"users", "no setting"},
        {"users=many", "a whole number"},
        {"users=0", "a whole number"},
        {"users=9..3", "a range"},
        {"users=1..999999999", "a range"},
        {"gil=maybe", "yes or no"},
        {"seconds=-1", "seconds such as"},
        {"think=2x", "milliseconds such as"},
        {"users=,", "a value"},
        {"rate=5", "seconds"},
        {"rate=0 seconds=1", "a rate above 0"},
        {"users=1..64 cpus=1..64 rounds=1..64", "more than"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(make("blocking", 0, cases[i].given), -EINVAL);
        if (strstr(why, cases[i].reason) == NULL)
            fail_msg("%s: %s", cases[i].given, why);
    }
}

int main(void) {
    texts = json_array();
    int n_failed = run_all_tests();
    json_decref(texts);
    return n_failed;
}
