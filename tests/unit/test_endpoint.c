/* From path and query to what is asked for. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "server/front/endpoint.h"
#include "tests/test.h"

static const struct strategy plain = {.summary = "does what the server does"};
static const struct strategy fetching = {.default_work = "fetch"};
static const struct strategy napping = {.default_work = "sleep:7ms"};
static const struct strategy_entry entries[] = {
    {"plain", &plain}, {"fetching", &fetching}, {"napping", &napping}, {0}};

static struct endpoint_setting setting;
static struct endpoint endpoint;
static struct job job;

static int reset(void **state) {
    (void)state;
    setting = (struct endpoint_setting){.strategies = entries,
                                        .turns_per_ms =
                                            1e6, /* the article's work takes 100 ms */
                                        .max_work_ns = 60 * NS_PER_S};
    return 0;
}

#define TEST_FRESH(name) TEST_WITH(name, reset, NULL)

static void ask(const char *path, const char *query) {
    job = (struct job){.record = JOB_RECORD_NEW};
    endpoint = (struct endpoint){0};
    endpoint_read(&setting, path, query, &endpoint, &job);
}

static void assert_refused(int status, const char *says) {
    assert_int_equal(endpoint.kind, ENDPOINT_ERROR);
    assert_int_equal(job.record.status, status);
    if (strstr(job.record.error, says) == NULL)
        fail_msg("'%s' does not say '%s'", job.record.error, says);
    assert_null(strpbrk(job.record.error, "\r\n"));
    assert_true(job.record.from_ns != 0 && job.record.to_ns >= job.record.from_ns);
}

static void assert_work(const struct strategy *strategy, enum step_kind kind,
                        uint64_t amount) {
    assert_int_equal(job.record.status, 200);
    assert_int_equal(endpoint.kind, ENDPOINT_STRATEGY);
    assert_ptr_equal(endpoint.strategy, strategy);
    assert_int_equal(job.work.n_steps, 1);
    assert_int_equal(job.work.steps[0].kind, kind);
    assert_int_equal(job.work.steps[0].amount, amount);
}

TEST_FRESH(the_root_is_the_index) {
    static const char *const paths[] = {"/", "", NULL};
    for (size_t i = 0; i < 3; i++) {
        ask(paths[i], NULL);
        assert_int_equal(endpoint.kind, ENDPOINT_INDEX);
        assert_int_equal(job.record.status, 200);
    }
}

TEST_FRESH(a_strategy_is_found_with_and_without_the_slash) {
    ask("/plain", "work=sleep:1ms");
    assert_work(&plain, STEP_SLEEP, NS_PER_MS);
    ask("/plain/", "work=sleep:1ms");
    assert_work(&plain, STEP_SLEEP, NS_PER_MS);
    ask("/delay", "ms=1");
    assert_int_equal(endpoint.kind, ENDPOINT_DELAY);
    ask("/delay/", "ms=1");
    assert_int_equal(endpoint.kind, ENDPOINT_DELAY);
}

TEST_FRESH(other_paths_are_404) {
    static const char *const paths[] = {"/plai",     "/plainer", "/plain//",    "//plain",
                                        "/plain/x",  "/PLAIN/",  "//",          "/x",
                                        "/%70lain/", "/delays",  "/favicon.ico"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        ask(paths[i], NULL);
        assert_refused(404, "no such path");
    }
    ask("/nowhere", "work=nonsense"); /* the path counts first */
    assert_refused(404, "no such path");
}

TEST_FRESH(without_a_work_each_does_its_own) {
    ask("/plain/", NULL);
    assert_work(&plain, STEP_CPU, 100000000);
    assert_false(endpoint.relays);
    ask("/plain/", "");
    assert_work(&plain, STEP_CPU, 100000000);
    ask("/napping/", NULL);
    assert_work(&napping, STEP_SLEEP, 7 * NS_PER_MS);
    assert_false(endpoint.relays);
    ask("/fetching/", NULL);
    assert_work(&fetching, STEP_FETCH, 0);
    assert_true(endpoint.relays);
    ask("/fetching/", "work=fetch"); /* a work of its own answers "done" */
    assert_work(&fetching, STEP_FETCH, 0);
    assert_false(endpoint.relays);
}

TEST_FRESH(the_servers_work_is_everybodys) {
    setting.default_work = "sleep:3ms";
    for (const struct strategy_entry *entry = entries; entry->name != NULL; entry++) {
        char path[32];
        (void)snprintf(path, sizeof path, "/%s/", entry->name);
        ask(path, NULL);
        assert_work(entry->strategy, STEP_SLEEP, 3 * NS_PER_MS);
        assert_false(endpoint.relays);
        ask(path, "work=sleep:4ms");
        assert_work(entry->strategy, STEP_SLEEP, 4 * NS_PER_MS);
    }
}

TEST_FRESH(steps_are_joined_by_plus_space_or_their_codes) {
    static const char *const queries[] = {
        "work=cpu:1turns+sleep:2ms+fetch", "work=cpu:1turns%2Bsleep:2ms%2bfetch",
        "work=cpu:1turns%20sleep:2ms%20fetch", "work=cpu%3A1turns+sleep%3a2ms%2Bfetch"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        ask("/plain/", queries[i]);
        assert_int_equal(job.record.status, 200);
        assert_int_equal(job.work.n_steps, 3);
        assert_int_equal(job.work.steps[0].amount, 1);
        assert_int_equal(job.work.steps[1].amount, 2 * NS_PER_MS);
        assert_int_equal(job.work.steps[2].kind, STEP_FETCH);
    }
}

TEST_FRESH(a_bad_work_names_its_step_and_what_is_allowed) {
    ask("/plain/", "work=cpu:1ms+nap:5ms");
    assert_refused(400, "'nap:5ms'");
    assert_refused(400, "cpu:50ms, cpu:50turns, sleep:200ms and fetch");
    ask("/plain/", "work=");
    assert_refused(400, "a step is missing; write cpu:50ms, cpu:50turns");
    ask("/plain/", "work=sleep:5");
    assert_refused(400, "sleep:200ms");
    ask("/plain/", "work=cpu:50");
    assert_refused(400, "step 'cpu:50' has no unit; write cpu:50ms or cpu:50turns");
    ask("/plain/", "work=a%0Ab%0D%0Ac"); /* no second line from outside */
    assert_refused(400, "allowed are");
    ask("/plain/", "work=fetch+fetch+fetch+fetch+fetch+fetch+fetch+fetch+fetch");
    assert_refused(400, "more than 8 steps");
}

TEST_FRESH(unknown_parameters_and_broken_queries_are_400) {
    ask("/plain/", "wrok=cpu:1turns");
    assert_refused(400, "'wrok': this path takes work");
    ask("/plain/", "work=cpu:1turns&x=1");
    assert_refused(400, "'x'");
    ask("/delay/", "work=cpu:1turns");
    assert_refused(400, "'work': this path takes ms and bytes");
    ask("/plain/", "a%0Ab=1");
    assert_refused(400, "unknown parameter");
    ask("/plain/", "work");
    assert_refused(400, "");
    ask("/plain/", "&&&");
    assert_refused(400, "");
}

TEST_FRESH(more_work_than_is_allowed_is_400) {
    setting.max_work_ns = 50 * NS_PER_MS;
    ask("/plain/", "work=sleep:50ms");
    assert_int_equal(job.record.status, 200);
    ask("/plain/", "work=sleep:51ms");
    assert_refused(400, "too much work: 51 ms asked for, at most 50 ms (--max-work)");
    ask("/plain/", "work=cpu:51ms");
    assert_refused(400, "too much work");
    ask("/plain/", "work=cpu:30ms+sleep:30ms");
    assert_refused(400, "60 ms asked for");
    ask("/plain/", "work=sleep:2000000h+sleep:2000000h");
    assert_refused(400, "too much work");
    ask("/plain/", NULL); /* the article's own, 100 ms */
    assert_refused(400, "too much work");
    ask("/delay/", "ms=51");
    assert_refused(400, "too much work");
}

TEST_FRESH(a_delay_has_a_time_and_a_length) {
    ask("/delay/", "ms=200&bytes=1024");
    assert_int_equal(endpoint.kind, ENDPOINT_DELAY);
    assert_int_equal(endpoint.body_bytes, 1024);
    assert_int_equal(job.work.n_steps, 1);
    assert_int_equal(job.work.steps[0].kind, STEP_SLEEP);
    assert_int_equal(job.work.steps[0].amount, 200 * NS_PER_MS);
    ask("/delay/", "ms=0.5");
    assert_int_equal(job.work.steps[0].amount, 500 * NS_PER_US);
    ask("/delay/", NULL);
    assert_int_equal(endpoint.kind, ENDPOINT_DELAY);
    assert_int_equal(job.work.steps[0].amount, 0);
    assert_int_equal(endpoint.body_bytes, 4);
    ask("/delay/", "bytes=0");
    assert_int_equal(endpoint.body_bytes, 0);
    ask("/delay/", "bytes=16777216");
    assert_int_equal(endpoint.body_bytes, DELAY_MAX_BYTES);
}

TEST_FRESH(a_bad_delay_is_400) {
    static const char *const bad[] = {"ms=",       "ms=-1",    "ms=soon",
                                      "ms=1e3",    "ms=nan",   "bytes=16777217",
                                      "bytes=-1",  "bytes=1k", "ms=99999999999999999999",
                                      "bytes=1.5", "bytes="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ask("/delay/", bad[i]);
        assert_int_equal(job.record.status, 400);
        assert_int_equal(endpoint.kind, ENDPOINT_ERROR);
        assert_true(job.record.error[0] != '\0');
    }
}
