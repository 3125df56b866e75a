/* Results folders: order, repeats, and what is left out is named. */
#include "measured/merged.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static int make_run(void **state) {
    if (make_folder(state) != 0)
        return -1;
    synthetic_write(test_folder, &synthetic_default);
    return 0;
}

#define TEST_ON_RUN(name) TEST_WITH(name, make_run, remove_folder)

static void in_folder(char path[256], const char *name) {
    (void)snprintf(path, 256, "%s/%s", test_folder, name);
}

/* Writes a file of the folder again with `value` under `key` of its object `place`. */
static void edit(const char *name, const char *place, const char *key, json_t *value) {
    char path[256];
    in_folder(path, name);
    json_t *json = json_load_file(path, 0, NULL);
    json_t *object = place != NULL ? json_object_get(json, place) : json;
    if (json_is_array(object))
        object = json_array_get(object, 0);
    (void)json_object_set_new(object, key, value);
    assert_int_equal(files_write_json(path, json), 0);
    json_decref(json);
}

TEST_ON_RUN(test_keeps_the_order_of_the_plan) {
    struct run *run = read_run(test_folder);
    assert_int_equal(run->n_series, 8);
    assert_string_equal(run->series[0].parameters->name, "blocking");
    assert_string_equal(run->series[7].parameters->name, "processing");
    assert_int_equal(run->series[1].n_repeats, 3);
    assert_int_equal(run->series[1].repeats[2]->repeat, 3);
    assert_true(run->series[0].plan->published.mean == 5.51);
    assert_int_equal(run->n_left_out, 0);
    assert_non_null(run_find(run, "hybrid-shared"));
    assert_null(run_find(run, "nobody"));
    run_free(run);
}

TEST_ON_RUN(test_leaves_out_what_cannot_be_read) {
    char path[256], other[256];
    in_folder(path, "cells/forking-r2.json");
    assert_int_equal(truncate(path, 1000), 0);
    static const char *const endings[] = {".json", ".tsv", ".probes.tsv"};
    for (size_t i = 0; i < 3; i++) { /* the same repeat, twice */
        (void)snprintf(path, sizeof path, "%s/cells/threading-r1%s", test_folder,
                       endings[i]);
        (void)snprintf(other, sizeof other, "%s/cells/stranger%s", test_folder,
                       endings[i]);
        assert_int_equal(link(path, other), 0);
    }
    in_folder(path, "cells/notes.txt");
    (void)fclose(fopen(path, "w"));
    struct run *run = read_run(test_folder);
    assert_int_equal(run_find(run, "forking")->n_repeats, 2);
    assert_int_equal(run_find(run, "threading")->n_repeats, 3);
    assert_int_equal(run->n_left_out, 2);
    assert_non_null(strstr(run->left_out[0], "cells/forking-r2.json: line "));
    assert_non_null(strstr(run->left_out[1], "repeat 1 of threading is there twice"));
    run_free(run);
}

TEST_ON_RUN(test_names_strangers_and_the_missing) {
    edit("run.json", "cells", "name", json_string("renamed"));
    struct run *run = read_run(test_folder);
    assert_int_equal(run->n_series, 7);
    assert_int_equal(run->n_left_out, 4);
    assert_non_null(strstr(run->left_out[0], "renamed: not measured"));
    assert_non_null(strstr(run->left_out[1], "'blocking' is not a cell of this run"));
    run_free(run);
}

/* A run measures some cells more often than others: numbers are left out. */
TEST_ON_RUN(test_reads_repeats_with_gaps) {
    char path[256];
    in_folder(path, "cells/forking-r2.json");
    assert_int_equal(unlink(path), 0);
    struct run *run = read_run(test_folder);
    const struct series *series = run_find(run, "forking");
    assert_int_equal(series->n_repeats, 2);
    assert_int_equal(series->repeats[1]->repeat, 3);
    assert_null(series_repeat(series, 2));
    assert_int_equal(run->n_left_out, 0);
    run_free(run);
}

/* Of bursts shorter than the kernel's ticks the whole pass says what others had. */
TEST_ON_RUN(test_short_windows_are_pooled) {
    struct synthetic brief = synthetic_default;
    brief.t_us = 2e3;
    synthetic_write(test_folder, &brief);
    struct run *run = read_run(test_folder);
    const struct cell *cell = run_find(run, "forking")->repeats[0];
    assert_true(cell->window.seconds < CELL_LEAST_WINDOW_S);
    assert_true(fabs(metric_cpus_available(cell) - 1.8) < 0.05);
    assert_true(isfinite(cell->others_in_pass));
    run_free(run);
}

TEST_ON_RUN(test_keeps_twins_apart) {
    char path[256];
    in_folder(path, "run.json");
    json_t *json = json_load_file(path, 0, NULL);
    json_t *last = json_array_get(json_object_get(json, "cells"), 7);
    (void)json_object_set_new(last, "twin_of", json_string("threadpool"));
    (void)json_object_del(last, "parameters"); /* as in older runs */
    assert_int_equal(files_write_json(path, json), 0);
    json_decref(json);
    struct run *run = read_run(test_folder);
    assert_int_equal(run->n_series, 7);
    assert_int_equal(run->n_twins, 1);
    assert_string_equal(run->twins[0].plan->twin_of, "threadpool");
    assert_string_equal(run->twins[0].parameters->name, "processing");
    assert_int_equal(run->n_left_out, 0);
    run_free(run);
}

TEST_ON_RUN(test_names_what_was_edited_by_hand) {
    edit("cells/forking-r2.json", "parameters", "users", json_integer(77));
    edit("cells/forking-r3.json", "parameters", "experiment", json_string("other"));
    edit("run.json", "cells", "published", json_pack("{s:s}", "mean_t", "much"));
    struct run *run = read_run(test_folder);
    assert_int_equal(run_find(run, "forking")->n_repeats, 1);
    assert_int_equal(run->n_left_out, 3);
    assert_string_equal(run->left_out[0],
                        "run.json: cells[0].published.mean_t: a number is expected");
    assert_string_equal(
        run->left_out[1],
        "cells/forking-r2.json: parameters.users: differs from that of repeat 1");
    assert_string_equal(
        run->left_out[2],
        "cells/forking-r3.json: parameters.experiment: 'other' is not this run's");
    assert_true(run->series[0].plan->published.mean == 0);
    run_free(run);
}

TEST_ON_RUN(test_refuses_a_run_of_no_experiment) {
    char why[WHY_BYTES];
    edit("run.json", NULL, "experiments", json_pack("[s]", "article"));
    edit("run.json", NULL, "experiments_left_out",
         json_pack("[{s:s, s:s}]", "experiment", "article", "why", "no time"));
    assert_null(run_read(test_folder, why));
    assert_non_null(strstr(why, "run.json: experiments: each of them was left out"));
}

TEST_ON_RUN(test_a_cell_that_is_planned_twice_is_read_once) {
    edit("run.json", "cells", "name", json_string("forking"));
    struct run *run = read_run(test_folder);
    assert_int_equal(run->n_series, 7);
    assert_non_null(
        strstr(run->left_out[0], "run.json: cells[2].name: 'forking' is there twice"));
    run_free(run);
}

TEST_ON_RUN(test_refuses_foreign_and_newer_runs) {
    static const struct {
        const char *text, *names;
    } broken[] = {
        {"{\"kind\":\"juggle run\",\"schema\":99}", "schema: 99 is newer"},
        {"{\"kind\":\"other\",\"schema\":1}", "kind:"},
        {"[]", "kind:"},
        {"{\"kind\":\"juggle run\",\"schema\":1}", "experiment: a text is expected"},
        {"{\"kind\":\"juggle run\",\"schema\":1,\"experiment\":\"article\"}",
         "cells: an array is expected"},
        {"{\"kind\":\"juggle "
         "run\",\"schema\":1,\"experiment\":\"article\",\"cells\":[1]}",
         "cells[0]: an object is expected"},
        {"", "line 1"},
    };
    char path[256], why[WHY_BYTES];
    in_folder(path, "run.json");
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        FILE *stream = fopen(path, "w");
        (void)fputs(broken[i].text, stream);
        (void)fclose(stream);
        assert_null(run_read(test_folder, why));
        if (strstr(why, broken[i].names) == NULL || strstr(why, "run.json") == NULL)
            fail_msg("expected '%s' in '%s'", broken[i].names, why);
    }
    assert_null(run_read("/nowhere", why));
    assert_non_null(strstr(why, "/nowhere/run.json"));
}
