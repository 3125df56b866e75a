/* A load in parts: shares that are the whole together, files that anybody may have
 * written, and statistics of parts merged against those of the whole. */
#define TEST_OWN_MAIN
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/stats/random.h"
#include "loadgen/drive/threads.h"
#include "loadgen/export/exports.h"
#include "loadgen/part.h"
#include "loadgen/statistics/summary_print.h"
#include "loadgen/statistics/validity.h"
#include "tests/test.h"

enum { N_PARTS = 3, N_USERS = 10, N_SAMPLES = 3000, N_ARRIVALS = 120 };

/* Shares */

static int compare_times(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

TEST(constant_arrivals_of_all_parts_are_those_of_the_whole) {
    uint64_t times_ns[N_ARRIVALS] = {0}, at_ns;
    size_t n = 0, n_of_target[N_PARTS] = {0};
    for (unsigned k = 0; k < N_PARTS; k++) {
        struct drive_config config = {.max_in_flight = 100,
                                      .plan = {.rate_per_s = N_ARRIVALS,
                                               .constant_gaps = true,
                                               .duration_ns = NS_PER_S - 1,
                                               .n_targets = N_PARTS}};
        threads_share(&config, k, N_PARTS);
        threads_share(&config, 0, 1); /* a part in one thread is the part */
        struct schedule *schedule = schedule_new(&config.plan);
        while (schedule_peek(schedule, &at_ns)) {
            times_ns[n++] = at_ns;
            n_of_target[schedule_take(schedule).target]++;
        }
        schedule_free(schedule);
    }
    assert_int_equal(n, N_ARRIVALS);
    qsort(times_ns, n, sizeof *times_ns, compare_times);
    for (size_t i = 0; i < n; i++)
        assert_in_range(times_ns[i] * N_ARRIVALS + N_ARRIVALS, i * NS_PER_S,
                        i * NS_PER_S + 2 * N_ARRIVALS);
    for (size_t i = 0; i < N_PARTS; i++)
        assert_int_equal(n_of_target[i], N_ARRIVALS / N_PARTS);
}

TEST(users_of_all_parts_are_those_of_the_whole) {
    uint64_t seeds[N_PARTS];
    unsigned n_users = 0;
    for (unsigned k = 0; k < N_PARTS; k++) {
        struct drive_config config = {
            .plan = {.n_users = N_USERS, .n_targets = 4, .seed = 5}};
        threads_share(&config, k, N_PARTS);
        assert_int_equal(config.plan.first_target, n_users); /* as in the whole */
        n_users += config.plan.n_users;
        seeds[k] = config.plan.seed;
        for (unsigned i = 0; i < k; i++)
            assert_true(seeds[i] != seeds[k]);
    }
    assert_int_equal(n_users, N_USERS);
}

/* Files */

static struct target target = {.url = (char *)"http://127.0.0.1:8000/"};
static const struct urls urls = {.targets = &target, .n_targets = 1};
static char folder[] = "/tmp/juggle-parts-XXXXXX";

static const char *path_of(unsigned k) {
    static char path[64];
    (void)snprintf(path, sizeof path, "%s/%u.json", folder, k);
    return path;
}

static void write_json(unsigned k, const json_t *head, const struct samples *samples) {
    FILE *stream = fopen(path_of(k), "we");
    const struct drive_result result = {.samples = (struct samples *)samples};
    assert_int_equal(exports_write_json(stream, &(struct export_source){.result = &result,
                                                                        .urls = &urls,
                                                                        .head = head,
                                                                        .is_part = true}),
                     0);
    assert_int_equal(fclose(stream), 0);
}

static const struct load_options whole_options = {
    .config.plan = {.n_users = N_USERS, .duration_ns = 20 * NS_PER_S, .seed = 1},
    .arrivals = "exponential"};

static struct drive_config whole_config(void) {
    return (struct drive_config){
        .transport_config.urls = &urls,
        .n_threads = 2,
        .plan = {.n_users = N_USERS,
                 .n_targets = 1,
                 .duration_ns = whole_options.config.plan.duration_ns}};
}

/* What `load --share` writes of a result of its k-th part, from 0. */
static json_t *head_of(unsigned k, const struct drive_result *result) {
    struct load_options options = whole_options;
    struct drive_config config = whole_config();
    options.share = (struct share){.part = k + 1, .n_parts = N_PARTS};
    threads_share(&config, k, N_PARTS);
    json_t *words = json_pack("[s]", "--concurrent=10");
    json_t *share = part_json(&options, &config, result, words);
    json_decref(words);
    return json_pack("{s:i, s:s, s:s, s:o}", "schema", 2, "kind", "juggle load",
                     "transport", "http1", "share", share);
}

/* Part and whole */

static struct drive_result new_result(unsigned n_users) {
    return (struct drive_result){.samples = samples_new(),
                                 .epoch_ns = 123456789,
                                 .elapsed_ns = whole_options.config.plan.duration_ns,
                                 .n_users = n_users,
                                 .usage = {.cpu_ns = n_users * NS_PER_S},
                                 .clock_error_s = NAN,
                                 .first_began_ns = NS_PER_S,
                                 .last_began_ns = NS_PER_S};
}

/* Whose user it is, and what number he has there. */
static unsigned part_of(unsigned *user) {
    static const unsigned first[N_PARTS] = {0, 4, 7};
    unsigned k = *user >= first[2] ? 2 : *user >= first[1] ? 1 : 0;
    *user -= first[k];
    return k;
}

/* Answers of all kinds, in the order of their ends, to the whole and to its parts; and a
 * gap in the second part, which has three users. */
static void make_load(struct drive_result *whole, struct drive_result *parts) {
    struct random random;
    random_seed(&random, 7);
    *whole = new_result(N_USERS);
    for (unsigned k = 0; k < N_PARTS; k++)
        parts[k] = new_result(k == 0 ? 4 : 3);
    whole->usage.cpu_ns = parts[0].usage.cpu_ns; /* the busiest generator's */
    struct gap gap = {.from_ns = 3 * NS_PER_S, .to_ns = 4 * NS_PER_S};
    gaps_add(&parts[1].samples->gaps, gap);
    gap.first_user = 4;
    gap.end_user = 7;
    gaps_add(&whole->samples->gaps, gap);
    for (unsigned i = 0; i < N_SAMPLES; i++) {
        unsigned user = (unsigned)random_below(&random, N_USERS);
        uint64_t end_ns = (uint64_t)(i + 1) * 5 * NS_PER_MS;
        uint64_t service_ns = 1 + random_below(&random, 4 * NS_PER_MS);
        bool fails = random_below(&random, 50) == 0, is_cut_off = i >= N_SAMPLES - 2;
        struct load_sample sample = {.planned_ns = end_ns - service_ns,
                                     .start_ns = end_ns - service_ns,
                                     .service_ns = service_ns,
                                     .body_bytes = random_below(&random, 3000),
                                     .user = user,
                                     .status = fails ? 0 : 200,
                                     .error = fails ? SAMPLE_TIMEOUT : SAMPLE_ANSWERED,
                                     .protocol = fails ? 0 : 11,
                                     .fate = is_cut_off ? SAMPLE_CUT_OFF : SAMPLE_ENDED};
        assert_int_equal(samples_add(whole->samples, &sample, NULL), 0);
        struct drive_result *part = &parts[part_of(&sample.user)];
        assert_int_equal(samples_add(part->samples, &sample, NULL), 0);
        part->n_cut_off += is_cut_off;
        whole->n_cut_off += is_cut_off;
    }
}

static json_t *statistics_of(const struct drive_result *result) {
    struct summary summary;
    struct validity validity;
    struct drive_config config = whole_config();
    assert_int_equal(summary_make(&summary, result), 0);
    validity_judge(&validity, &(struct validity_run){&config.plan, result, &summary});
    return json_pack(
        "{s:o, s:o, s:o, s:I, s:I, s:f}", "statistics", summary_json(&summary), "gaps",
        summary_gaps_json(&summary), "validity", validity_json(&validity), "cut_off",
        (json_int_t)result->n_cut_off, "cpu_ns", (json_int_t)result->usage.cpu_ns,
        "longest", summary.longest_ended_s);
}

TEST(parts_have_the_statistics_of_the_whole) {
    struct drive_result whole, results[N_PARTS], merged;
    struct part parts[N_PARTS] = {{0}};
    struct threads_part all[N_PARTS];
    char why[WHY_BYTES] = "";
    make_load(&whole, results);
    for (unsigned k = 0; k < N_PARTS; k++) {
        json_t *head = head_of(k, &results[k]);
        write_json(k, head, results[k].samples);
        json_decref(head);
        samples_free(results[k].samples);
        int error = part_read(&parts[k], path_of(k), why);
        assert_string_equal(why, "");
        assert_int_equal(error, 0);
        assert_int_equal(parts[k].number, k + 1);
        assert_int_equal(part_check(&parts[k], &parts[0], why), 0);
        all[k] = parts[k].merge;
    }
    assert_int_equal(threads_merge(all, N_PARTS, &merged), 0);
    json_t *expected = statistics_of(&whole), *got = statistics_of(&merged);
    char *expected_text = json_dumps(expected, 0), *got_text = json_dumps(got, 0);
    assert_string_equal(got_text, expected_text);
    assert_non_null(strstr(got_text, "\"requests\"")); /* that the gap held up */
    assert_int_equal(merged.samples->n_planned, N_SAMPLES);
    struct samples_reader one = samples_read(whole.samples),
                          other = samples_read(merged.samples);
    struct load_sample sample, same;
    while (samples_next_planned(&one, &sample, NULL)) {
        assert_true(samples_next_planned(&other, &same, NULL));
        assert_true(sample.start_ns == same.start_ns && sample.user == same.user &&
                    sample.service_ns == same.service_ns && sample.fate == same.fate &&
                    sample.body_bytes == same.body_bytes && sample.error == same.error);
    }
    struct load_options options = {0};
    struct urls asked = {0};
    assert_int_equal(part_read_whole(&parts[1], &options, &asked, why), 0);
    assert_int_equal(options.config.plan.n_users, N_USERS);
    assert_true(options.config.plan.duration_ns == whole_options.config.plan.duration_ns);
    assert_string_equal(asked.targets[0].url, target.url);
    urls_free(&asked);
    free(expected_text);
    free(got_text);
    json_decref(expected);
    json_decref(got);
    samples_free(whole.samples);
    samples_free(merged.samples);
    for (unsigned k = 0; k < N_PARTS; k++)
        part_free(&parts[k]);
}

/* 0, or -EINVAL with one line that names the file. */
static int reread(const json_t *head, const struct samples *samples) {
    struct part part = {0};
    char why[WHY_BYTES] = "";
    write_json(0, head, samples);
    int error = part_read(&part, path_of(0), why);
    part_free(&part);
    if (error != 0)
        assert_non_null(strstr(why, path_of(0)));
    assert_null(strchr(why, '\n'));
    return error;
}

TEST(what_a_part_lacks_is_named) {
    struct drive_result whole, results[N_PARTS];
    const char *key;
    json_t *value;
    void *next;
    make_load(&whole, results);
    json_t *head = head_of(0, &results[0]);
    json_t *objects[] = {head, json_object_get(head, "share"),
                         json_object_get(json_object_get(head, "share"), "result")};
    assert_int_equal(reread(head, results[0].samples), 0);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
        json_object_foreach_safe(objects[i], next, key, value) {
            static const char *const may_lack[] = {"transport", "options", "whole",
                                                   "gaps", "clock_error_s"};
            int expected = -EINVAL;
            for (size_t k = 0; k < sizeof may_lack / sizeof *may_lack; k++)
                if (strcmp(key, may_lack[k]) == 0)
                    expected = 0; /* merge looks at it later, or need not */
            json_t *kept = json_incref(value);
            char name[64];
            (void)snprintf(name, sizeof name, "%s", key);
            (void)json_object_set_new(objects[i], name, json_null());
            assert_int_equal(reread(head, results[0].samples), expected);
            (void)json_object_set_new(objects[i], name, kept);
        }
    json_decref(head);
    samples_free(whole.samples);
    for (unsigned k = 0; k < N_PARTS; k++)
        samples_free(results[k].samples);
}

TEST(samples_beyond_what_was_asked_for_are_refused) {
    struct load_sample good = {.planned_ns = 5, .start_ns = 5, .service_ns = 9};
    struct load_sample bad[6] = {good, good, good, good, good, good};
    bad[0].target = 1;
    bad[1].user = 4;
    bad[2].error = N_SAMPLE_ERRORS;
    bad[3].fate = SAMPLE_NOT_SENT + 1;
    bad[4].service_ns = UINT64_MAX / 2;
    bad[5].planned_ns = 6;
    for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
        bool is_good = i == sizeof bad / sizeof *bad;
        struct drive_result result = new_result(4);
        json_t *head = head_of(0, &result);
        (void)samples_add(result.samples, is_good ? &good : &bad[i], NULL);
        assert_int_equal(reread(head, result.samples), is_good ? 0 : -EINVAL);
        json_decref(head);
        samples_free(result.samples);
    }
}

TEST(a_text_of_samples_is_read_whole_or_refused) {
    struct drive_result whole, results[N_PARTS];
    struct samples *samples;
    char *text = NULL;
    size_t n_bytes = 0;
    make_load(&whole, results);
    FILE *stream = open_memstream(&text, &n_bytes);
    samples_write(whole.samples, stream);
    (void)fclose(stream);
    samples = samples_parse(text);
    assert_int_equal(samples->n_planned, N_SAMPLES);
    samples_free(samples);
    for (size_t n = n_bytes - 1; n > n_bytes - 100;
         n--) { /* cut, and then with a fault */
        text[n] = '\0';
        samples = samples_parse(text);
        assert_true(samples == NULL || samples->n_planned < N_SAMPLES);
        assert_true(n % 4 == 0 || samples == NULL);
        samples_free(samples);
    }
    struct random random;
    random_seed(&random, 3);
    for (unsigned i = 0; i < 300; i++) { /* other bytes */
        text[random_below(&random, strlen(text))] =
            (char)('A' + random_below(&random, 26));
        samples = samples_parse(text);
        struct load_sample sample;
        struct samples_reader reader = {0};
        if (samples != NULL)
            reader = samples_read(samples);
        while (samples != NULL && samples_next_planned(&reader, &sample, NULL))
            assert_true(samples->n_ended <= samples->n_planned);
        samples_free(samples);
    }
    text[8] = '!';
    assert_null(samples_parse(text));
    text[0] = '\0';
    samples = samples_parse(text);
    assert_int_equal(samples->n_planned, 0);
    samples_free(samples);
    free(text);
    samples_free(whole.samples);
    for (unsigned k = 0; k < N_PARTS; k++)
        samples_free(results[k].samples);
}

int main(void) {
    target.method = method_find("GET", 3);
    if (mkdtemp(folder) == NULL)
        return EXIT_FAILURE;
    int n_failed = run_all_tests();
    for (unsigned k = 0; k < N_PARTS; k++)
        (void)unlink(path_of(k));
    (void)rmdir(folder);
    return n_failed;
}
