/* Cell files: what is written is what is read, and broken files are named by field. */
#include "common/base/fields.h"
#include "tests/folder.h"
#include "tests/synthetic_run.h"
#include "tests/test.h"

static char path[256];

/* Of one repeat of each. */
static int make_cells(void **state) {
    struct synthetic one = synthetic_default;
    one.repeats = 1;
    if (make_folder(state) != 0)
        return -1;
    synthetic_write(test_folder, &one);
    (void)snprintf(path, sizeof path, "%s/cells/blocking-r1.json", test_folder);
    return 0;
}

#define TEST_ON_CELLS(name) TEST_WITH(name, make_cells, remove_folder)

TEST_ON_CELLS(test_reads_what_was_built) {
    struct cell cell;
    char why[WHY_BYTES];
    assert_int_equal(cell_read(path, &cell, why), 0);
    assert_string_equal(cell.parameters.strategy, "blocking");
    assert_int_equal(cell.parameters.users, 10);
    assert_int_equal(cell.n_requests, 10);
    assert_true(fabs(cell.machine.t_alone_us - 200e3 / 1.1) < 1);
    assert_true(cell.window.cpus == 2 && cell.window.seconds > 0);
    assert_int_equal(cell.n_answered, 10);
    assert_int_equal(cell.latencies.n, 10);
    /* One after the other, each 200 ms: the sums are of what was put in. */
    assert_int_equal(cell.sums.n_told, 10);
    assert_true(fabs(cell.sums.cpu_us - 10 * 200e3) < 10e3);
    assert_true(fabs(cell.sums.mean_us - 5.5 * 200e3) < 20e3);
    assert_true(cell.sums.first_us < 210e3 && cell.sums.last_us > 1980e3);
    assert_true(cell.sums.in_order == 1);
    assert_true(cell.sums.unexplained < 0.001);
    cell_drop_latencies(&cell);
    assert_null(cell.latencies.us);
    assert_int_equal(cell.n_answered, 10);
    cell_free(&cell);
}

/* The first two of a list. */
struct first {
    struct sample samples[2];
    size_t n;
};

static int take_first(void *context, const struct sample *sample) {
    struct first *first = context;
    if (first->n == 2)
        return 1;
    first->samples[first->n++] = *sample;
    return 0;
}

TEST_ON_CELLS(test_times_count_from_when_the_users_started) {
    struct cell cell;
    struct first requests = {.n = 0}, probes = {.n = 0};
    char why[WHY_BYTES];
    assert_int_equal(cell_read(path, &cell, why), 0);
    /* In the tables that is after 700 ms; the first probe was 500 ms before. */
    assert_true(cell.users_from_us == SYNTHETIC_USERS_FROM_US);
    assert_int_equal(cell_visit(&cell, CELL_REQUESTS, take_first, &requests), 1);
    assert_int_equal(cell_visit(&cell, CELL_PROBES, take_first, &probes), 1);
    assert_int_equal(requests.samples[0].process, 100);
    assert_true(fabs(requests.samples[0].start_us - 50) < 0.2);
    assert_true(requests.samples[0].answered);
    assert_true(fabs(probes.samples[0].planned_us + 500e3) < 0.2);
    assert_true(fabs(probes.samples[1].planned_us + 490e3) < 0.2);
    assert_int_equal(cell.sums.probes[false].n, 50);
    assert_int_equal(cell.sums.probes[true].n, cell.probes[true].n);
    cell_free(&cell);
}

TEST_ON_CELLS(test_refuses_loads_that_do_not_say_how_many) {
    struct cell_parameters parameters = {0};
    const struct machine_state machine = {1, 1, 1};
    const struct cell_window window = {1, 1, 1, 1, 1, 1, 1, 1, false, NAN, NAN};
    assert_null(cell_build(&parameters, 1, &machine, &window, 1, json_object(), NULL,
                           json_object(), json_object()));
}

/* A list as it stood in the file before schema 4: four requests in columns and rows. */
static void make_list(json_t *cell) {
    json_t *columns = json_array(), *rows = json_array();
    for (size_t i = 0; i < N_SAMPLE_COLUMNS; i++)
        if (strcmp(sample_columns[i].name, "answered") != 0)
            (void)json_array_append_new(columns, json_string(sample_columns[i].name));
    for (int i = 0; i < 4; i++)
        (void)json_array_append_new(
            rows,
            json_pack("[i,i,f,f,n,f,f,i,i,n,f,f,i,i,i,f,f,f,n]", i, 1, 0.5, 0.5, 9.0, 9e3,
                      i == 3 ? 302 : 200, 4, 0.0, 8e3, 7, 8, 0, 1.0, 8e3, 7e3));
    (void)json_object_set_new(cell, "schema", json_integer(3));
    (void)json_object_set_new(cell, "requests",
                              json_pack("{s:o, s:o}", "columns", columns, "rows", rows));
    (void)json_object_set_new(cell, "probes", json_array());
}

/* One way to break a good file, and what the error must name. */
struct damage {
    bool is_older;
    const char *place; /* "window/idle_s", "requests/rows/3/6" */
    const char *value; /* that is put there; NULL: nothing stays */
    const char *names;
};

static void apply(const struct damage *damage, json_t *at) {
    char place[64], *rest = place, *key;
    (void)strcpy(place, damage->place);
    if (damage->is_older)
        make_list(at);
    while ((key = strsep(&rest, "/")) != NULL && rest != NULL)
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key))
                               : json_object_get(at, key);
    if (damage->value == NULL)
        assert_int_equal(json_object_del(at, key), 0);
    else if (json_is_array(at))
        assert_int_equal(
            json_array_set_new(at, (size_t)atoi(key),
                               json_loads(damage->value, JSON_DECODE_ANY, NULL)),
            0);
    else
        assert_int_equal(json_object_set_new(
                             at, key, json_loads(damage->value, JSON_DECODE_ANY, NULL)),
                         0);
}

TEST_ON_CELLS(test_names_the_broken_field) {
    static const struct damage damages[] = {
        {false, "repeat", NULL,
         "repeat: a whole number, 0 or more is expected, it is missing"},
        {true, "requests/rows/3/6", "\"soon\"",
         "requests[3].latency_us: a number, 0 or more is expected"},
        {true, "requests/rows/3/6", "-0.5",
         "requests[3].latency_us: a number, 0 or more"},
        {false, "load/samples", "0.5", "load.samples: a whole number is expected"},
        {false, "load/samples", "11",
         "blocking-r1.tsv: 11 samples are expected, there are 10"},
        {false, "machine/cores", "0", "machine.cores: a number above 0 is expected"},
        {false, "window/idle_s", "-1", "window.idle_s: a number, 0 or more is expected"},
        {true, "requests/rows/0/15", "null", "requests[0].from_us: a number is expected"},
        {false, "schema", "5", "schema: 5 is newer"},
        {false, "kind", "\"siege log\"",
         "kind: \"juggle cell\" is expected, it is siege log"},
        {true, "probes", "{}", "probes: columns and rows, or an array, are expected"},
        {true, "requests/rows/2", "[]",
         "requests[2]: a row as long as columns is expected"},
        {true, "requests/columns/7", "\"state\"",
         "requests[0].status: a whole number is expected, it is missing"},
        {false, "parameters", NULL, "parameters: an object is expected"},
    };
    json_t *good = json_load_file(path, 0, NULL);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char why[WHY_BYTES] = "";
        struct cell cell;
        json_t *json = json_deep_copy(good);
        apply(&damages[i], json);
        assert_int_equal(files_write_json(path, json), 0);
        json_decref(json);
        assert_int_not_equal(cell_read(path, &cell, why), 0);
        if (strstr(why, damages[i].names) == NULL || strstr(why, path) == NULL)
            fail_msg("expected '%s' in '%s'", damages[i].names, why);
    }
    assert_int_equal(files_write_json(path, good), 0);
    json_decref(good);
}

/* Samples stood in the file itself, and may have to be read from there more than once. */
TEST_ON_CELLS(test_reads_the_lists_of_older_files) {
    char older[300], why[WHY_BYTES];
    struct cell cell;
    struct first first = {.n = 0};
    json_t *json = json_load_file(path, 0, NULL);
    make_list(json);
    (void)snprintf(older, sizeof older, "%s/older.json", test_folder);
    assert_int_equal(files_write_json(older, json), 0);
    json_decref(json);
    if (cell_read(older, &cell, why) != 0)
        fail_msg("%s", why);
    assert_int_equal(cell.n_requests, 4);
    assert_int_equal(cell.n_answered, 3); /* a redirect is no answer */
    assert_int_equal(cell.n_probes, 0);
    assert_true(cell.sums.mean_us == 9e3 && cell.sums.cpu_us == 3 * 7e3);
    assert_int_equal(cell_visit(&cell, CELL_REQUESTS, take_first, &first), 1);
    assert_int_equal(first.samples[1].id, 1);
    assert_true(isnan(first.samples[1].connect_us) && first.samples[1].answered);
    cell_free(&cell);
}

/* An external server does not say what its jobs took; its processes tell. */
TEST_ON_CELLS(test_own_t_of_an_external_server_is_from_its_processes) {
    char other[300], why[WHY_BYTES];
    struct cell cell;
    json_t *json = json_load_file(path, 0, NULL);
    json_t *parameters = json_object_get(json, "parameters");
    json_t *window = json_object_get(json, "window");
    make_list(json);
    (void)json_object_set_new(parameters, "strategy", json_string(""));
    (void)json_object_set_new(parameters, "server", json_string("x {port}"));
    (void)json_object_set_new(window, "seconds", json_real(2));
    (void)json_object_set_new(window, "tree_cpu_s", json_real(0.9));
    (void)json_object_set_new(window, "idle_cpus", json_real(0.15));
    (void)snprintf(other, sizeof other, "%s/external.json", test_folder);
    assert_int_equal(files_write_json(other, json), 0);
    assert_int_equal(cell_read(other, &cell, why), 0);
    assert_true(fabs(metric_own_t_us(&cell) - 0.6e6 / 3) < 1);
    assert_true(fabs(metric_cpu_per_request_us(&cell) - 0.9e6 / 3) < 1);
    assert_true(isnan(metric_overhead_us(&cell)));
    cell_free(&cell);
    (void)json_object_set_new(window, "tree_cpu_s", json_null()); /* of a URL alone */
    assert_int_equal(files_write_json(other, json), 0);
    assert_int_equal(cell_read(other, &cell, why), 0);
    assert_true(isnan(metric_own_t_us(&cell)) && isnan(metric_cpus_busy(&cell)));
    assert_true(isnan(metric_cpus_available(&cell)) && metric_mean_us(&cell) == 9e3);
    cell_free(&cell);
    json_decref(json);
}

/* Beside a file of another name nobody knows where they are. */
TEST_ON_CELLS(test_a_cell_without_its_tables_says_which_is_missing) {
    char other[300], why[WHY_BYTES];
    struct cell cell;
    (void)snprintf(other, sizeof other, "%s/alone.json", test_folder);
    assert_int_equal(link(path, other), 0);
    assert_int_not_equal(cell_read(other, &cell, why), 0);
    assert_non_null(strstr(why, "alone.json: alone.tsv: No such file"));
    (void)snprintf(other, sizeof other, "%s/alone", test_folder);
    assert_int_equal(link(path, other), 0);
    assert_int_not_equal(cell_read(other, &cell, why), 0);
    assert_non_null(strstr(why, "called NAME.json"));
}

TEST_ON_CELLS(test_names_the_line_of_a_truncated_file) {
    char broken[300], why[WHY_BYTES] = "";
    struct cell cell;
    (void)snprintf(broken, sizeof broken, "%s/short.json", test_folder);
    FILE *stream = fopen(broken, "w");
    (void)fputs("{\n \"schema\": 1,\n \"kind\": \"jugg", stream);
    (void)fclose(stream);
    assert_int_not_equal(cell_read(broken, &cell, why), 0);
    assert_non_null(strstr(why, "line 3"));
    assert_int_not_equal(cell_read("/nowhere/x.json", &cell, why), 0);
    assert_non_null(strstr(why, "/nowhere/x.json"));
}

/* What the load generator writes, two requests of it, the first in the warm-up. */
static void write_load(const char *name, int schema) {
    json_t *requests = json_array();
    for (int i = 0; i < 2; i++) {
        json_t *request =
            json_pack("{s:i, s:i, s:f, s:f, s:f, s:i, s:n, s:n}", "id", i, "user", 1,
                      "planned_us", i * 1e6, "start_us", i * 1e6, "latency_us",
                      5e3 + 2e3 * i, "status", 200, "worker", "error");
        if (i == 0)
            (void)json_object_set_new(request, "warmup", json_true());
        (void)json_array_append_new(requests, request);
    }
    json_t *load = synthetic_load(1, 2);
    (void)json_object_set_new(load, "requests", requests);
    (void)json_object_set_new(load, "schema", json_integer(schema));
    assert_int_equal(files_write_json(name, load), 0);
    json_decref(load);
}

TEST_ON_CELLS(test_reads_loads_as_cells_of_no_known_machine) {
    struct cell cell;
    char name[300], why[WHY_BYTES];
    (void)snprintf(name, sizeof name, "%s/load.json", test_folder);
    write_load(name, 1);
    assert_int_not_equal(cell_read(name, &cell, why), 0);
    assert_int_equal(cell_read_either(name, &cell, why), 0);
    assert_null(cell.parameters.name);
    assert_true(isnan(cell.machine.t_alone_us) && isnan(cell.window.seconds));
    assert_int_equal(cell.n_requests, 1); /* the warm-up is left out */
    assert_true(cell.latencies.us[0] == 7e3F && cell.sums.mean_us == 7e3);
    struct first first = {.n = 0}; /* the list is kept, as it may have come by a pipe */
    assert_int_equal(unlink(name), 0);
    assert_int_equal(cell_visit(&cell, CELL_REQUESTS, take_first, &first), 0);
    assert_int_equal(first.n, 1);
    cell_free(&cell);
    assert_int_equal(cell_read_either(path, &cell, why), 0);
    assert_string_equal(cell.parameters.name, "blocking");
    cell_free(&cell);
    write_load(name, LOAD_SCHEMA + 1);
    assert_int_not_equal(cell_read_either(name, &cell, why), 0);
    assert_non_null(strstr(why, "schema: 3 is newer"));
}

TEST_ON_CELLS(test_names_the_parameter_that_differs) {
    struct cell cell;
    char why[WHY_BYTES];
    assert_int_equal(cell_read(path, &cell, why), 0);
    struct cell_parameters other = cell.parameters;
    assert_null(parameters_differ(&cell.parameters, &other));
    other.users++;
    assert_string_equal(parameters_differ(&cell.parameters, &other), "users");
    other.work = "sleep:1ms";
    assert_string_equal(parameters_differ(&cell.parameters, &other), "work");
    cell_free(&cell);
}
