/* Counts by status: their order, their lines, and what there is no place for. */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "loadgen/statistics/statuses.h"
#include "loadgen/statistics/summary_print.h"
#include "tests/test.h"

static void count(struct statuses *statuses, int status, int times) {
    while (times-- > 0)
        statuses_count(statuses, status);
}

static char *printed(const struct statuses *statuses) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&text, &n_bytes);
    statuses_print(statuses, "Statuses:\t\t", out);
    (void)fclose(out);
    return text;
}

TEST(they_stand_in_their_order) {
    struct statuses statuses = {0};
    char *text = printed(&statuses);
    assert_string_equal(text, "");
    free(text);
    count(&statuses, 503, 5);
    count(&statuses, 200, 980);
    count(&statuses, 302, 2);
    count(&statuses, 429, 15);
    count(&statuses, 304, 1);
    text = printed(&statuses);
    assert_string_equal(text, "Statuses:\t\t200: 980, 302: 2, 304: 1, 429: 15, 503: 5\n");
    free(text);
    assert_int_equal(statuses_between(&statuses, 300, 399), 3);
    assert_int_equal(statuses_between(&statuses, 200, 200), 980);
    json_t *json = statuses_json(&statuses);
    char *dump = json_dumps(json, JSON_COMPACT);
    assert_string_equal(dump, "{\"200\":980,\"302\":2,\"304\":1,\"429\":15,\"503\":5}");
    free(dump);
    json_decref(json);
}

TEST(many_fit_the_terminal_and_the_rest_is_counted) {
    struct statuses statuses = {0};
    for (int status = 599; status >= 500; status--)
        statuses_count(&statuses, status);
    statuses_count(&statuses, 599);
    assert_int_equal(statuses_between(&statuses, STATUSES_OTHER, STATUSES_OTHER),
                     100 - STATUSES_MOST);
    char *text = printed(&statuses), *rest = text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t n_tabs = strspn(line, "\t");
        assert_true(strlen(line) - n_tabs + 8 * n_tabs <= 80);
    }
    free(text);
    json_t *json = statuses_json(&statuses);
    assert_int_equal(json_integer_value(json_object_get(json, "599")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "other")),
                     100 - STATUSES_MOST);
    json_decref(json);
}

static void add(struct samples *samples, short status, unsigned char error,
                uint64_t planned_ns) {
    struct load_sample sample = {.planned_ns = planned_ns,
                                 .start_ns = planned_ns,
                                 .service_ns = NS_PER_MS,
                                 .status = status,
                                 .error = error};
    assert_int_equal(samples_add(samples, &sample, NULL), 0);
}

TEST(a_summary_tells_redirects_from_what_was_asked_for) {
    struct drive_result result = {.samples = samples_new(), .warmup_ns = NS_PER_S};
    struct summary summary;
    add(result.samples, 301, SAMPLE_ANSWERED, 0); /* of the warm-up */
    add(result.samples, 200, SAMPLE_ANSWERED, NS_PER_S);
    add(result.samples, 302, SAMPLE_ANSWERED, NS_PER_S);
    add(result.samples, 404, SAMPLE_ANSWERED, NS_PER_S);
    add(result.samples, 200, SAMPLE_CLOSED, NS_PER_S); /* a part of an answer */
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_int_equal(summary.n_ok, 2);
    assert_int_equal(summary.n_failed, 2);
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&text, &n_bytes);
    summary_print(&summary, out);
    (void)fclose(out);
    assert_non_null(strstr(text, "\nStatuses:\t\t200: 1, 302: 1, 404: 1\n"));
    assert_non_null(strstr(text, "\nRedirects (3xx):\t           1\n"));
    free(text);
    json_t *json = summary_json(&summary);
    assert_int_equal(json_integer_value(json_object_get(json, "redirects")), 1);
    assert_int_equal(json_object_size(json_object_get(json, "statuses")), 3);
    json_decref(json);
    samples_free(result.samples);
}
