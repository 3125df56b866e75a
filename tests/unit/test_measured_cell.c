/* Cell files: what is written is what is read, and broken files are named by field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/fields.h"
#include "tests/synthetic_run.h"

static char folder[] = "/tmp/juggle-test-XXXXXX";
static char path[256];

static int make_folder(void **state) {
    (void)state;
    struct synthetic one = synthetic_default;
    one.repeats = 1;
    if (mkdtemp(folder) == NULL)
        return -1;
    synthetic_write(folder, &one);
    (void)snprintf(path, sizeof path, "%s/cells/blocking-r1.json", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    char command[300];
    (void)snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void test_reads_what_was_built(void **state) {
    (void)state;
    struct cell cell;
    char why[512];
    assert_int_equal(cell_read(path, &cell, why, sizeof why), 0);
    assert_string_equal(cell.parameters.strategy, "blocking");
    assert_int_equal(cell.parameters.users, 10);
    assert_int_equal(cell.n_requests, 10);
    assert_true(fabs(cell.machine.t_alone_us - 200e3 / 1.1) < 1);
    assert_true(cell.window.cpus == 2 && cell.window.seconds > 0);
    assert_int_equal(cell.requests[0].process, 100);
    assert_null(cell.requests[0].error);
    assert_true(sample_is_answered(&cell.requests[0]));
    cell_free(&cell);
}

static void test_moves_probes_to_the_users_epoch(void **state) {
    (void)state;
    struct cell cell;
    char why[512];
    assert_int_equal(cell_read(path, &cell, why, sizeof why), 0);
    /* The prober's epoch is 700 ms earlier and its first request 200 ms after that. */
    assert_true(fabs(cell.probes[0].planned_us + 500e3) < 1);
    assert_true(fabs(cell.probes[50].planned_us) < 1);
    cell_free(&cell);
}

static void test_refuses_loads_without_samples(void **state) {
    (void)state;
    struct cell_parameters parameters = {0};
    const struct machine_state machine = {1, 1, 1};
    const struct cell_window window = {1, 1, 1, 1, 1, 1, 1, 1, false};
    assert_null(cell_build(&parameters, 1, &machine, &window, json_object(), NULL,
                           json_object(), json_object()));
}

/* One way to break a good file, and what the error must name. */
struct damage {
    void (*apply)(json_t *cell);
    const char *names;
};

static void drop_repeat(json_t *cell) {
    (void)json_object_del(cell, "repeat");
}

static json_t *row(json_t *cell, const char *key, size_t index) {
    return json_array_get(json_object_get(json_object_get(cell, key), "rows"), index);
}

static void make_latency_text(json_t *cell) {
    (void)json_array_set_new(row(cell, "requests", 3), 6, json_string("soon"));
}

static void make_latency_negative(json_t *cell) {
    (void)json_array_set_new(row(cell, "requests", 3), 6, json_real(-0.5));
}

static void make_cores_zero(json_t *cell) {
    (void)json_object_set_new(json_object_get(cell, "machine"), "cores", json_integer(0));
}

static void make_idle_negative(json_t *cell) {
    (void)json_object_set_new(json_object_get(cell, "window"), "idle_s",
                              json_integer(-1));
}

static void drop_worker_start(json_t *cell) {
    (void)json_array_set_new(row(cell, "requests", 0), 15, json_null());
}

static void make_newer(json_t *cell) {
    (void)json_object_set_new(cell, "schema", json_integer(CELL_SCHEMA + 1));
}

static void make_foreign(json_t *cell) {
    (void)json_object_set_new(cell, "kind", json_string("siege log"));
}

static void make_probes_object(json_t *cell) {
    (void)json_object_set_new(cell, "probes", json_object());
}

static void make_sample_number(json_t *cell) {
    (void)json_array_clear(row(cell, "probes", 2));
}

static void rename_column(json_t *cell) {
    json_t *columns = json_object_get(json_object_get(cell, "requests"), "columns");
    (void)json_array_set_new(columns, 7, json_string("state"));
}

static void drop_parameters(json_t *cell) {
    (void)json_object_del(cell, "parameters");
}

static void test_names_the_broken_field(void **state) {
    (void)state;
    static const struct damage damages[] = {
        {drop_repeat, "repeat: a whole number, 0 or more is expected, it is missing"},
        {make_latency_text,
         "requests.rows[3]: latency_us: a number, 0 or more is expected"},
        {make_latency_negative, "requests.rows[3]: latency_us: a number, 0 or more"},
        {make_cores_zero, "machine.cores: a number above 0 is expected"},
        {make_idle_negative, "window.idle_s: a number, 0 or more is expected"},
        {drop_worker_start, "requests.rows[0]: from_us: a number is expected"},
        {make_newer, "schema: 4 is newer"},
        {make_foreign, "kind: \"juggle cell\" is expected, it is siege log"},
        {make_probes_object, "probes: columns and rows, or an array, are expected"},
        {make_sample_number, "probes.rows[2]: a row of 19 values is expected"},
        {rename_column, "requests.columns: 'status' is missing"},
        {drop_parameters, "parameters: an object is expected"},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char broken[300], why[512] = "";
        struct cell cell;
        json_t *json = json_load_file(path, 0, NULL);
        damages[i].apply(json);
        (void)snprintf(broken, sizeof broken, "%s/broken.json", folder);
        assert_int_equal(files_write_json(broken, json), 0);
        json_decref(json);
        assert_int_not_equal(cell_read(broken, &cell, why, sizeof why), 0);
        if (strstr(why, damages[i].names) == NULL || strstr(why, broken) == NULL)
            fail_msg("expected '%s' in '%s'", damages[i].names, why);
    }
}

static void test_names_the_line_of_a_truncated_file(void **state) {
    (void)state;
    char broken[300], why[512] = "";
    struct cell cell;
    (void)snprintf(broken, sizeof broken, "%s/short.json", folder);
    FILE *stream = fopen(broken, "w");
    (void)fputs("{\n \"schema\": 1,\n \"kind\": \"jugg", stream);
    (void)fclose(stream);
    assert_int_not_equal(cell_read(broken, &cell, why, sizeof why), 0);
    assert_non_null(strstr(why, "line 3"));
    assert_int_not_equal(cell_read("/nowhere/x.json", &cell, why, sizeof why), 0);
    assert_non_null(strstr(why, "/nowhere/x.json"));
}

/* What the load generator writes, two requests of it, the first in the warm-up. */
static void write_load(const char *name, int schema) {
    json_t *first = synthetic_sample(1, "/", 0, 5e3, 200, json_null());
    (void)json_object_set_new(first, "warmup", json_true());
    json_t *requests =
        json_pack("[o, o]", first, synthetic_sample(2, "/", 1e6, 7e3, 200, json_null()));
    json_t *load = synthetic_load(1, requests);
    (void)json_object_set_new(load, "schema", json_integer(schema));
    assert_int_equal(files_write_json(name, load), 0);
    json_decref(load);
}

static void test_reads_loads_as_cells_of_no_known_machine(void **state) {
    (void)state;
    struct cell cell;
    char name[300], why[512];
    (void)snprintf(name, sizeof name, "%s/load.json", folder);
    write_load(name, 1);
    assert_int_not_equal(cell_read(name, &cell, why, sizeof why), 0);
    assert_int_equal(cell_read_either(name, &cell, why, sizeof why), 0);
    assert_null(cell.parameters.name);
    assert_true(isnan(cell.machine.t_alone_us) && isnan(cell.window.seconds));
    assert_int_equal(cell.n_requests, 1); /* the warm-up is left out */
    assert_true(cell.latencies_us[0] == 7e3);
    cell_free(&cell);
    assert_int_equal(cell_read_either(path, &cell, why, sizeof why), 0);
    assert_string_equal(cell.parameters.name, "blocking");
    cell_free(&cell);
    write_load(name, LOAD_SCHEMA + 1);
    assert_int_not_equal(cell_read_either(name, &cell, why, sizeof why), 0);
    assert_non_null(strstr(why, "schema: 3 is newer"));
}

static void test_names_the_parameter_that_differs(void **state) {
    (void)state;
    struct cell cell;
    char why[512];
    assert_int_equal(cell_read(path, &cell, why, sizeof why), 0);
    struct cell_parameters other = cell.parameters;
    assert_null(parameters_differ(&cell.parameters, &other));
    other.users++;
    assert_string_equal(parameters_differ(&cell.parameters, &other), "users");
    other.work = "sleep:1ms";
    assert_string_equal(parameters_differ(&cell.parameters, &other), "work");
    cell_free(&cell);
}

/* The longest line among the rows of a real cell: times of seconds, a worker named. */
static void test_a_request_takes_no_more_than_160_bytes(void **state) {
    (void)state;
    char line[4096];
    size_t n_rows = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (line[0] == '[') {
            assert_in_range(strlen(line), 50, 160);
            n_rows++;
        }
    (void)fclose(file);
    assert_true(n_rows > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_was_built),
        cmocka_unit_test(test_moves_probes_to_the_users_epoch),
        cmocka_unit_test(test_refuses_loads_without_samples),
        cmocka_unit_test(test_names_the_broken_field),
        cmocka_unit_test(test_names_the_line_of_a_truncated_file),
        cmocka_unit_test(test_reads_loads_as_cells_of_no_known_machine),
        cmocka_unit_test(test_names_the_parameter_that_differs),
        cmocka_unit_test(test_a_request_takes_no_more_than_160_bytes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
