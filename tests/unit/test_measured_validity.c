/* Verdicts on cells: from what the generator said and from failures. */
#include <stdlib.h>
#include <unistd.h>

#include "measured/merged.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static struct run *run_of(const struct synthetic *truth) {
    synthetic_write(test_folder, truth);
    return read_run(test_folder);
}

TEST_IN_FOLDER(test_a_quiet_run_is_valid) {
    struct run *run = run_of(&synthetic_default);
    struct validity validity = series_validity(run_find(run, "forking"));
    assert_int_equal(validity.level, VALIDITY_VALID);
    assert_string_equal(validity.why, "");
    run_free(run);
}

TEST_IN_FOLDER(test_a_busy_machine_is_no_fault_of_a_cell) {
    struct synthetic truth = synthetic_default;
    truth.available = 0.7;
    struct run *run = run_of(&truth);
    struct validity validity = series_validity(run_find(run, "forking"));
    assert_int_equal(validity.level, VALIDITY_VALID);
    run_free(run);
}

TEST_IN_FOLDER(test_failures_are_suspect) {
    struct synthetic truth = synthetic_default;
    truth.failing = "forking";
    struct run *run = run_of(&truth);
    struct validity validity = series_validity(run_find(run, "forking"));
    assert_int_equal(validity.level, VALIDITY_SUSPECT);
    assert_non_null(strstr(validity.why, "1 of 10 requests failed"));
    assert_int_equal(series_validity(run_find(run, "blocking")).level, VALIDITY_VALID);
    run_free(run);
}

TEST_IN_FOLDER(test_the_generators_own_verdict_counts) {
    struct run *run = run_of(&synthetic_default);
    struct cell *cell = run_find(run, "forking")->repeats[1];
    json_t *load = json_object_get(cell->json, "load");
    assert_non_null(load);
    (void)json_object_set_new(
        load, "validity",
        json_pack("{s:s, s:[{s:s, s:s, s:f}, {s:s, s:s, s:n}, {s:s, s:s, s:f}]}",
                  "verdict", "INVALID", "reasons", "check", "generator_cpu", "verdict",
                  "INVALID", "figure", 0.97, "check", "samples", "verdict", "not carried",
                  "figure", "check", "stolen_cpu", "verdict", "SUSPECT", "figure", 0.04));
    struct validity validity = validity_of_cell(cell);
    assert_int_equal(validity.level, VALIDITY_INVALID);
    assert_string_equal(validity.why, "generator_cpu 0.97");
    validity = series_validity(run_find(run, "forking"));
    assert_int_equal(validity.level, VALIDITY_INVALID);
    assert_string_equal(validity.why, "1 of 3 repeats: generator_cpu 0.97");
    run_free(run);
}

/* While most are good; and what failed is never forgotten. */
TEST_IN_FOLDER(test_invalid_repeats_are_left_out) {
    static const struct {
        const char *failing;
        unsigned repeats, n_invalid, n_kept;
        enum validity_level level;
        const char *why;
    } rows[] = {
        {NULL, 4, 1, 3, VALIDITY_SUSPECT,
         "1 of 4 repeats was INVALID and is left out: it was slow; end other programs, "
         "or give the server fewer --cpus than there are"},
        {NULL, 5, 2, 3, VALIDITY_SUSPECT, "2 of 5 repeats were INVALID and are left out"},
        {NULL, 4, 2, 4, VALIDITY_INVALID, "2 of 4 repeats: it was slow"},
        {NULL, 1, 1, 1, VALIDITY_INVALID, "1 of 1 repeats: it was slow"},
        {"forking", 4, 1, 4, VALIDITY_INVALID, "1 of 4 repeats: it was slow"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct synthetic truth = synthetic_default;
        char why[WHY_BYTES];
        truth.repeats = rows[i].repeats;
        truth.failing = rows[i].failing;
        synthetic_write(test_folder, &truth);
        for (unsigned k = 1; k <= rows[i].n_invalid; k++)
            synthetic_spoil(test_folder, "forking", k);
        struct run *run = run_read(test_folder, why);
        assert_non_null(run);
        const struct series *series = run_find(run, "forking");
        struct validity validity = series_validity(series);
        assert_int_equal(series->n_repeats, rows[i].n_kept);
        assert_int_equal(series->repeats[0]->repeat,
                         rows[i].n_kept < rows[i].repeats ? rows[i].n_invalid + 1 : 1);
        assert_int_equal(validity.level, rows[i].level);
        assert_ptr_equal(strstr(validity.why, rows[i].why), validity.why);
        run_free(run);
        assert_int_equal(remove_folder(state) + make_folder(state), 0);
    }
}

/* By what it says; the name of a check is for files. */
TEST_IN_FOLDER(test_what_the_generator_says_is_the_reason) {
    struct run *run = run_of(&synthetic_default);
    struct cell *cell = run_find(run, "forking")->repeats[1];
    (void)json_object_set_new(json_object_get(cell->json, "load"), "validity",
                              json_pack("{s:s, s:[{s:s, s:s, s:f, s:s}]}", "verdict",
                                        "SUSPECT", "reasons", "check", "generator_cpu",
                                        "verdict", "SUSPECT", "figure", 0.97, "says",
                                        "it was slow: too high; use load --threads 2"));
    /* A run has no such option. */
    assert_string_equal(
        series_validity(run_find(run, "forking")).why,
        "1 of 3 repeats: it was slow: too high; use fewer --users, give the "
        "server fewer --cpus than there are, or use another machine");
    run_free(run);
}

TEST_IN_FOLDER(test_a_verdict_that_nobody_knows_is_no_valid_one) {
    static const struct {
        const char *whole, *check;
        enum validity_level level;
        const char *why;
    } rows[] = {
        {"VALID", "VALID", VALIDITY_VALID, ""},
        {"VALID", "not carried", VALIDITY_VALID, ""},
        {"VALID", "fine", VALIDITY_SUSPECT, "late is 'fine', an unknown verdict"},
        {"VALID", "valid", VALIDITY_SUSPECT, "late is 'valid', an unknown verdict"},
        {"VALID", NULL, VALIDITY_SUSPECT, "late is '', an unknown verdict"},
        {"INVALID", "VALID", VALIDITY_INVALID, "its load is INVALID"},
        {"GOOD", "VALID", VALIDITY_SUSPECT, "its load is SUSPECT"},
    };
    struct run *run = run_of(&synthetic_default);
    struct cell *cell = run_find(run, "forking")->repeats[1];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)json_object_set_new(json_object_get(cell->json, "load"), "validity",
                                  json_pack("{s:s, s:[{s:s, s:s*, s:f}]}", "verdict",
                                            rows[i].whole, "reasons", "check", "late",
                                            "verdict", rows[i].check, "figure", 0.5));
        struct validity validity = validity_of_cell(cell);
        assert_int_equal(validity.level, rows[i].level);
        assert_string_equal(validity.why, rows[i].why);
    }
    run_free(run);
}
