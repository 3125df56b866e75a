/* Percentile tables, CSV and the series of seconds from samples that are known. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "loadgen/export/exports.h"
#include "loadgen/statistics/groups.h"
#include "tests/test.h"

/* Requests of 1 .. n ms, one every 100 ms; and one that was cut off. */
static struct drive_result make_result(unsigned n, uint64_t elapsed_ns) {
    struct drive_result result = {.samples = samples_new(), .elapsed_ns = elapsed_ns};
    for (unsigned i = 0; i < n; i++) {
        struct load_sample sample = {.planned_ns = i * 100 * NS_PER_MS,
                                     .start_ns = i * 100 * NS_PER_MS,
                                     .service_ns = (i + 1) * NS_PER_MS,
                                     .status = 200,
                                     .protocol = 11};
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    }
    struct load_sample cut_off = {
        .planned_ns = NS_PER_S, .start_ns = NS_PER_S, .fate = SAMPLE_CUT_OFF};
    assert_int_equal(samples_add(result.samples, &cut_off, NULL), 0);
    return result;
}

static char *export(int kind, const struct drive_result *result) {
    static struct target target = {.url = (char *)"http://a:s@h/a,\"b\""};
    const struct urls urls = {.targets = &target, .n_targets = 1};
    target.method = method_find("GET", 3);
    char folder[] = "/tmp/juggle-exports-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/file", folder);
    struct exports exports = {0};
    exports.paths[kind] = path;
    exports_begin(&exports);
    json_t *head = json_pack("{s:i}", "schema", 1);
    assert_int_equal(exports_write(&exports, &(struct export_source){.result = result,
                                                                     .urls = &urls,
                                                                     .head = head}),
                     0);
    json_decref(head);
    static char text[4096];
    FILE *stream = fopen(path, "re");
    assert_non_null(stream);
    text[fread(text, 1, sizeof text - 1, stream)] = '\0';
    (void)fclose(stream);
    (void)unlink(path);
    (void)rmdir(folder);
    return text;
}

TEST(a_histogram_steps_by_halvings) {
    struct drive_result result = make_result(4, NS_PER_S);
    const char *text = export(EXPORT_HISTOGRAM, &result);
    assert_non_null(strstr(text,
                           "\n\n       1.000 0.000000000000          1           1.00\n"
                           "       1.000 0.100000000000          1           1.11\n"
                           "       1.000 0.200000000000          1           1.25\n"
                           "       2.000 0.300000000000          2           1.43\n"
                           "       2.000 0.400000000000          2           1.67\n"
                           "       2.000 0.500000000000          2           2.00\n"
                           "       3.000 0.550000000000          3           2.22\n"));
    assert_non_null(strstr(text,
                           "\n       4.000 1.000000000000          4\n"
                           "#[Mean    =        2.500, StdDeviation   =        1.291]\n"
                           "#[Max     =        4.000, Total count    =            4]\n"));
    samples_free(result.samples);
    result = make_result(0, NS_PER_S);
    text = export(EXPORT_HISTOGRAM, &result);
    assert_non_null(strstr(text, "Total count    =            0]"));
    samples_free(result.samples);
}

TEST(csv_quotes_urls_and_marks_the_warm_up) {
    struct drive_result result = make_result(2, NS_PER_S);
    result.warmup_ns = 1;
    const char *text = export(EXPORT_CSV, &result);
    assert_non_null(strstr(
        text,
        "\n0,0,\"http://a:***@h/a,\"\"b\"\"\",0.0,0.0,0.0,0.0,1000.0,1000.0,GET,200,0,,,,"
        "1,HTTP/1.1,0.0\n"
        "1,0,\"http://a:***@h/a,\"\"b\"\"\",100000.0,100000.0,0.0,0.0,2000.0,2000.0,GET,"
        "200,0,,,,0,HTTP/1.1,0.0\n"));
    samples_free(result.samples);
}

TEST(json_has_the_head_and_every_request) {
    struct drive_result result = make_result(1, NS_PER_S);
    assert_string_equal(
        export(EXPORT_JSON, &result),
        "{\"schema\":1,\"requests\":[\n"
        "{\"id\":0,\"user\":0,\"method\":\"GET\",\"url\":\"http://a:***@h/a,\\\"b\\\"\","
        "\"planned_us\":0.0,"
        "\"start_us\":0.0,\"connect_us\":0.0,\"first_byte_us\":0.0,"
        "\"latency_us\":1000.0,\"service_us\":1000.0,\"status\":200,\"bytes\":0,\"queue_"
        "us\":null,"
        "\"run_us\":null,\"worker\":null,\"protocol\":\"HTTP/"
        "1.1\",\"error\":null}\n]}\n");
    samples_free(result.samples);
}

/* How many more allocations of the JSON library succeed. */
static unsigned n_allocations;

static void *allocate(size_t n_bytes) {
    return n_allocations > 0 ? n_allocations--, malloc(n_bytes) : NULL;
}

TEST(without_memory_nothing_is_written_as_if_it_were_there) {
    struct target target = {.url = (char *)"http://h/"};
    const struct urls urls = {.targets = &target, .n_targets = 1};
    target.method = method_find("GET", 3);
    struct drive_result result = make_result(1, NS_PER_S);
    json_t *head = json_pack("{s:i}", "schema", 1);
    json_malloc_t old_malloc;
    json_free_t old_free;
    json_get_alloc_funcs(&old_malloc, &old_free);
    json_set_alloc_funcs(allocate, free);
    bool was_written = false;
    for (unsigned n = 0; n < 1000 && !was_written; n++) {
        char *text = NULL;
        size_t n_bytes = 0;
        FILE *stream = open_memstream(&text, &n_bytes);
        n_allocations = n;
        int error = exports_write_json(
            stream,
            &(struct export_source){.result = &result, .urls = &urls, .head = head});
        (void)fclose(stream);
        assert_null(strstr(text, "(null)"));
        assert_true(error == -ENOMEM || error == 0);
        was_written = error == 0;
        assert_true(!was_written || strstr(text, "\"url\":\"http://h/\"") != NULL);
        free(text);
    }
    assert_true(was_written);
    json_set_alloc_funcs(old_malloc, old_free);
    json_decref(head);
    samples_free(result.samples);
}

TEST(seconds_count_starts_ends_and_flights) {
    struct drive_result result = make_result(25, 2600 * NS_PER_MS);
    json_t *json = seconds_json(&result);
    json_t *rows = json_object_get(json, "rows");
    static const json_int_t expected[3][4] = {
        {10, 10, 0, 0},
        {11, 10, 0, 1},
        {5, 5, 0, 1}}; /* started ended failed in flight */
    assert_int_equal(json_array_size(rows), 3);
    for (size_t i = 0; i < 3; i++) {
        json_t *row = json_array_get(rows, i);
        for (size_t column = 0; column < 3; column++)
            assert_int_equal(json_integer_value(json_array_get(row, column + 1)),
                             expected[i][column]);
        assert_int_equal(json_integer_value(json_array_get(row, 7)), expected[i][3]);
        assert_true(json_is_null(json_array_get(row, 5))); /* p99 */
    }
    assert_true(json_real_value(json_array_get(json_array_get(rows, 0), 4)) == 5500);
    assert_true(json_real_value(json_array_get(json_array_get(rows, 1), 6)) == 20000);
    assert_true(json_is_null(json_array_get(json_array_get(rows, 2), 4)));
    json_decref(json);
    samples_free(result.samples);
}
