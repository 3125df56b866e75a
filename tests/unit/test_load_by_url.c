/* The statistics of each URL, from samples that are made. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "loadgen/statistics/groups.h"
#include "tests/test.h"

static void add_url(struct urls *urls, const char *line) {
    char why[WHY_BYTES];
    assert_int_equal(urls_add(urls, line, why), 0);
}

/* Latency in ms; planned a second before it was sent. */
static void add(struct drive_result *result, unsigned target, double latency_ms,
                short status, uint64_t planned_s) {
    struct load_sample sample = {.planned_ns = planned_s * NS_PER_S,
                                 .start_ns = (planned_s + 1) * NS_PER_S,
                                 .service_ns = (uint64_t)(latency_ms * NS_PER_MS),
                                 .body_bytes = 100,
                                 .target = target,
                                 .status = status,
                                 .error = status == 0 ? SAMPLE_TIMEOUT : SAMPLE_ANSWERED};
    assert_int_equal(samples_add(result->samples, &sample, NULL), 0);
}

static char *printed(const struct by_url *by_url) {
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    by_url_print(by_url, out);
    (void)fclose(out);
    return text;
}

TEST(each_url_has_its_own_figures) {
    struct urls urls = {0};
    struct drive_result result = {.samples = samples_new(), .warmup_ns = 5 * NS_PER_S};
    struct by_url by_url;
    add_url(&urls, "http://127.0.0.1:1/a");
    add_url(&urls, "http://127.0.0.1:1/unasked");
    add_url(&urls, "http://127.0.0.1:1/a POST x=1");
    add_url(&urls, "http://127.0.0.1:1/bad");
    add_url(&urls, "http://127.0.0.1:1/a");
    for (unsigned i = 1; i <= 10; i++) {
        add(&result, i % 2 ? 0 : 4, i, 200, 9); /* one URL on two lines */
        add(&result, 2, 50, 200, 9);
    }
    add(&result, 0, 9000, 200, 4); /* in the warm-up */
    add(&result, 1, 9000, 200, 4);
    add(&result, 2, 9000, 0, 9);
    add(&result, 3, 5, 404, 9);
    assert_int_equal(by_url_make(&by_url, &result, &urls), 0);
    assert_int_equal(by_url.n, 3);
    const struct url_figures *get = &by_url.items[0], *post = &by_url.items[1];
    assert_ptr_equal(get->target, &urls.targets[0]);
    assert_int_equal(get->n_ok, 10);
    assert_int_equal(get->n_failed, 0);
    assert_int_equal(get->n_bytes, 1000);
    assert_float_equal(get->response_s, 0.0055, 1e-9);
    assert_float_equal(get->percentiles[PERCENTILE_50].seconds, 0.0055, 1e-9);
    assert_float_equal(get->percentiles[PERCENTILE_MAX].seconds, 0.01, 1e-9);
    assert_true(isnan(get->percentiles[PERCENTILE_99].seconds));
    assert_ptr_equal(post->target, &urls.targets[2]);
    assert_int_equal(post->n_ok, 10);
    assert_int_equal(post->n_failed, 1);
    json_t *json = by_url_json(&by_url);
    json_t *statuses = json_object_get(json_array_get(json, 2), "statuses");
    assert_int_equal(json_integer_value(json_object_get(statuses, "404")), 1);
    statuses = json_object_get(json_array_get(json, 1), "statuses"); /* one timed out */
    assert_int_equal(json_object_size(statuses), 1);
    assert_int_equal(json_integer_value(json_object_get(statuses, "200")), 10);
    json_decref(json);
    assert_float_equal(post->response_s, 0.05, 1e-9);
    assert_int_equal(by_url.items[2].n_ok, 0);
    assert_true(isnan(by_url.items[2].response_s));
    char *text = printed(&by_url);
    assert_non_null(strstr(text, "\nPOST /a                                  11      1   "
                                 "  50 ms     50 ms       n/a\n"));
    assert_non_null(strstr(text, "\nGET  /bad                                 1      1   "
                                 "    n/a       n/a       n/a\n"));
    free(text);
    by_url_free(&by_url);
    result.is_open = true;
    assert_int_equal(by_url_make(&by_url, &result, &urls), 0);
    assert_float_equal(by_url.items[0].response_s, 1.0055, 1e-9);
    by_url_free(&by_url);
    samples_free(result.samples);
    urls_free(&urls);
}

TEST(one_url_has_no_table) {
    struct urls urls = {0};
    struct drive_result result = {.samples = samples_new()};
    struct by_url by_url;
    for (int i = 0; i < 2; i++) { /* alone, and twice */
        add_url(&urls, "http://127.0.0.1:1/a");
        add(&result, (unsigned)i, 1, 200, 0);
        assert_int_equal(by_url_make(&by_url, &result, &urls), 0);
        char *text = printed(&by_url);
        assert_string_equal(text, "");
        json_t *json = by_url_json(&by_url);
        assert_true(json_is_null(json));
        json_decref(json);
        free(text);
        by_url_free(&by_url);
    }
    samples_free(result.samples);
    urls_free(&urls);
}

TEST(many_and_long_urls_fit) {
    struct urls urls = {0};
    struct drive_result result = {.samples = samples_new()};
    struct by_url by_url;
    for (unsigned i = 0; i < 23; i++) {
        char line[128];
        (void)snprintf(line, sizeof line,
                       "http://127.0.0.1:%u/a/rather/long/path/with/\xc3\xa4\xc3\xb6/%u",
                       i / 20 + 1, i);
        add_url(&urls, line);
        add(&result, i, 1, 200, 0);
    }
    assert_int_equal(by_url_make(&by_url, &result, &urls), 0);
    char *text = printed(&by_url);
    unsigned n_lines = 0;
    for (const char *c = text; (c = strchr(c, '\n')) != NULL; c++)
        n_lines++;
    assert_int_equal(n_lines, 1 + 1 + 20 + 1 + 1);
    assert_non_null(strstr(text, "\n... and 3 more in the JSON\n"));
    assert_non_null(strstr(text, "\nGET  http://")); /* two servers: URLs */
    assert_non_null(strstr(text, "/\xc3\xa4\xc3\xb6/19 "));
    free(text);
    json_t *json = by_url_json(&by_url);
    assert_int_equal(json_array_size(json), 23);
    json_decref(json);
    by_url_free(&by_url);
    samples_free(result.samples);
    urls_free(&urls);
}
