/* Storage of samples, the server's headers, the statistics. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/stats/random.h"
#include "loadgen/samples/samples.h"
#include "loadgen/statistics/summary_print.h"
#include "loadgen/transport/headers.h"
#include "tests/test.h"

/* A whole number of any size up to so many bits, small ones as often as large ones. */
static uint64_t any_number(struct random *random, unsigned most_bits) {
    return random_next(random) >> (64 - 1 - random_next(random) % most_bits);
}

static struct load_sample any_sample(struct random *random) {
    uint64_t service_ns = any_number(random, 60), start_ns = any_number(random, 62);
    uint64_t late_ns = any_number(random, 61);
    return (struct load_sample){
        .planned_ns = late_ns < start_ns ? start_ns - late_ns : 0,
        .start_ns = start_ns,
        .connect_ns = any_number(random, 40),
        .first_byte_ns = service_ns - service_ns / (1 + random_next(random) % 5),
        .service_ns = service_ns,
        .body_bytes = any_number(random, 64),
        .user = (unsigned)any_number(random, 32),
        .target = (unsigned)any_number(random, 32),
        .status = (short)(random_next(random) % 600),
        .error = (unsigned char)(random_next(random) % N_SAMPLE_ERRORS),
        .protocol = (unsigned char)any_number(random, 8),
        .has_report = random_next(random) % 3 != 0,
    };
}

static struct server_report any_report(struct random *random) {
    bool says_all = random_next(random) % 4 != 0;
    return (struct server_report){
        .queue_us = says_all ? (double)any_number(random, 30) / 1e3 : NAN,
        .run_us = says_all ? (double)any_number(random, 50) / 1e3 : NAN,
        .cpu_us = (double)any_number(random, 40) / 1e3,
        .wait_us = (double)any_number(random, 40) / 1e3,
        .process = (int)any_number(random, 31),
        .thread = (int)any_number(random, 31),
        .cpu = (int)any_number(random, 8) - 1,
        .from_ns = any_number(random, 64),
        .to_ns = any_number(random, 64),
        .names_worker = random_next(random) % 3 != 0,
    };
}

static void assert_same_sample(const struct load_sample *one,
                               const struct load_sample *other) {
    assert_true(one->planned_ns == other->planned_ns);
    assert_true(one->start_ns == other->start_ns);
    assert_true(one->connect_ns == other->connect_ns);
    assert_true(one->first_byte_ns == other->first_byte_ns);
    assert_true(one->service_ns == other->service_ns);
    assert_true(one->body_bytes == other->body_bytes);
    assert_int_equal(one->user, other->user);
    assert_int_equal(one->target, other->target);
    assert_int_equal(one->status, other->status);
    assert_int_equal(one->error, other->error);
    assert_int_equal(one->protocol, other->protocol);
    assert_int_equal(one->has_report, other->has_report);
}

/* To the nanosecond, of which a double holds as many as it can. */
static void assert_same_us(double one, double other) {
    assert_int_equal(isnan(one), isnan(other));
    assert_true(isnan(one) || fabs(one - other) <= 1e-15 * other + 1e-12);
}

static void assert_same_report(const struct server_report *one,
                               const struct server_report *other) {
    assert_same_us(one->queue_us, other->queue_us);
    assert_same_us(one->run_us, other->run_us);
    assert_same_us(one->cpu_us, other->cpu_us);
    assert_same_us(one->wait_us, other->wait_us);
    assert_int_equal(one->names_worker, other->names_worker);
    if (!one->names_worker)
        return;
    assert_int_equal(one->process, other->process);
    assert_int_equal(one->thread, other->thread);
    assert_int_equal(one->cpu, other->cpu);
    assert_true(one->from_ns == other->from_ns);
    assert_true(one->to_ns == other->to_ns);
}

TEST(samples_come_back_in_order_as_they_were) {
    enum { N = 100000 }; /* over several chunks */
    struct samples *samples = samples_new();
    struct random written, read;
    random_seed(&written, 1);
    random_seed(&read, 1);
    for (unsigned i = 0; i < N; i++) {
        struct load_sample sample = any_sample(&written);
        struct server_report report = any_report(&written);
        assert_int_equal(
            samples_add(samples, &sample, sample.has_report ? &report : NULL), 0);
    }
    assert_int_equal(samples->n_ended, N);
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    struct server_report report;
    for (unsigned i = 0; i < N; i++) {
        struct load_sample expected = any_sample(&read);
        struct server_report expected_report = any_report(&read);
        assert_true(samples_next(&reader, &sample, &report));
        assert_same_sample(&sample, &expected);
        if (sample.has_report)
            assert_same_report(&report, &expected_report);
    }
    assert_false(samples_next(&reader, &sample, &report));
    samples_free(samples);
}

TEST(errors_of_the_system_have_kinds_and_names) {
    static const struct {
        int error;
        const char *name;
    } rows[] = {{ECONNREFUSED, "refused"},        {EPIPE, "reset"},
                {ETIMEDOUT, "timeout"},           {ENETUNREACH, "unreachable"},
                {EADDRNOTAVAIL, "no local port"}, {EMFILE, "no descriptor"},
                {ENOBUFS, "no memory"},           {EPROTO, "other"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(sample_error_name(sample_error_of(rows[i].error)),
                            rows[i].name);
}

TEST(no_samples_are_read_as_none) {
    struct samples *samples = samples_new();
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    assert_false(samples_next(&reader, &sample, NULL));
    samples_free(samples);
}

static bool read_header(const char *line, struct server_report *report) {
    return headers_read_report(line, strlen(line), report);
}

TEST(the_server_headers_are_read) {
    struct server_report report;
    headers_clear_report(&report);
    assert_true(isnan(report.queue_us) && isnan(report.run_us));
    assert_true(read_header("Server-Timing: queue;dur=0.012, run;dur=50.123, "
                            "cpu;dur=50.1, wait;dur=0.000\r\n",
                            &report));
    assert_true(fabs(report.queue_us - 12) < 1e-6);
    assert_true(fabs(report.run_us - 50123) < 1e-6);
    assert_true(fabs(report.cpu_us - 50100) < 1e-6);
    assert_true(report.wait_us == 0);
    assert_true(read_header("juggle-worker: process=123 thread=124 cpu=1 "
                            "from_ns=9007199254740993 to_ns=9007199254740995\r\n",
                            &report));
    assert_true(report.names_worker);
    assert_int_equal(report.process, 123);
    assert_int_equal(report.thread, 124);
    assert_int_equal(report.cpu, 1);
    assert_true(report.from_ns == UINT64_C(9007199254740993));
    assert_true(report.to_ns == UINT64_C(9007199254740995));
}

TEST(strange_headers_are_left_unread) {
    struct server_report report;
    headers_clear_report(&report);
    assert_false(read_header("HTTP/1.1 200 OK\r\n", &report));
    assert_false(read_header("Server-Timing:", &report));
    assert_false(read_header("", &report));
    assert_true(read_header("Server-Timing: queue, run;dur=x, cpu;dur=nan\r\n", &report));
    assert_true(isnan(report.queue_us) && isnan(report.run_us) && report.cpu_us == 0);
    assert_true(read_header("Server-Timing: queue;dur=-1, run;dur=1e300\r\n", &report));
    assert_true(isnan(report.queue_us) && isnan(report.run_us));
    assert_true(read_header("Juggle-Worker: process=1 thread=x\r\n", &report));
    assert_false(report.names_worker);
    char *huge = malloc(100000);
    memset(huge, 'x', 100000);
    memcpy(huge, "Server-Timing: ", 15);
    assert_false(headers_read_report(huge, 100000, &report));
    free(huge);
}

/* n good requests of 1, 2, 3 .. ms over `elapsed_s`, and one failure of each kind. */
static struct drive_result make_result(unsigned n_good, unsigned n_bad) {
    struct drive_result result = {.samples = samples_new(), .elapsed_ns = 2 * NS_PER_S};
    for (unsigned i = 1; i <= n_good; i++) {
        struct load_sample sample = {
            .planned_ns = 0,
            .start_ns = NS_PER_MS,
            .service_ns = i * NS_PER_MS,
            .body_bytes = 1024 * 1024,
            .status = 200,
        };
        (void)samples_add(result.samples, &sample, NULL);
    }
    for (unsigned i = 0; i < n_bad; i++) {
        struct load_sample timeout = {.service_ns = NS_PER_S, .error = SAMPLE_TIMEOUT};
        struct load_sample status = {.service_ns = NS_PER_S, .status = 404};
        (void)samples_add(result.samples, i % 2 == 0 ? &timeout : &status, NULL);
    }
    return result;
}

TEST(the_statistics_are_of_successful_requests) {
    struct drive_result result = make_result(100, 2);
    struct summary summary;
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_int_equal(summary.n_ok, 100);
    assert_int_equal(summary.n_failed, 2);
    assert_int_equal(summary.n_errors[SAMPLE_TIMEOUT], 1);
    assert_int_equal(summary.n_bad_status, 1);
    assert_true(fabs(summary.response_s - 0.0505) < 1e-9);
    assert_true(fabs(summary.longest_s - 0.1) < 1e-9);
    assert_true(fabs(summary.shortest_s - 0.001) < 1e-9);
    assert_true(fabs(summary.megabytes - 100) < 1e-9);
    assert_true(fabs(summary.rate_per_s - 50) < 1e-9);
    /* Little's law counts the failed ones as well */
    assert_true(fabs(summary.concurrency - (5.05 + 2) / 2) < 1e-9);
    assert_true(fabs(summary_availability(&summary) - 100. * 100 / 102) < 1e-9);
    result.is_open = true;
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_true(fabs(summary.longest_s - 0.101) < 1e-9); /* planned 1 ms earlier */
    samples_free(result.samples);
}

TEST(a_warm_up_is_in_no_statistics) {
    struct drive_result result = {
        .samples = samples_new(), .elapsed_ns = 3 * NS_PER_S, .warmup_ns = NS_PER_S};
    for (unsigned i = 0; i < 30; i++) { /* ten each second, the first ones slow */
        struct load_sample sample = {.planned_ns = i * NS_PER_S / 10,
                                     .start_ns = i * NS_PER_S / 10,
                                     .service_ns = i < 10 ? NS_PER_S : NS_PER_MS,
                                     .status = i < 5 ? 500 : 200};
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    }
    struct summary summary;
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_int_equal(summary.n_warmup, 10);
    assert_int_equal(summary.n_ok, 20);
    assert_int_equal(summary.n_failed, 0);
    assert_true(fabs(summary.elapsed_s - 2) < 1e-9);
    /* Of the slow ones all ended after it, and half of them well. */
    assert_true(fabs(summary.rate_per_s - (20 + 5) / 2.) < 1e-9);
    assert_true(fabs(summary.longest_s - 0.001) < 1e-9);
    result.elapsed_ns = NS_PER_S / 2; /* ended before it was warm */
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_true(summary.elapsed_s == 0 && summary.rate_per_s == 0);
    samples_free(result.samples);
}

/* Ten users, 0.5 s each, from 0.2 s on until 3 s: what is in flight when the warm-up ends
 * and when the run does makes neither figure smaller. */
TEST(a_window_cuts_requests_at_both_ends) {
    struct drive_result result = {
        .samples = samples_new(), .elapsed_ns = 3 * NS_PER_S, .warmup_ns = NS_PER_S};
    for (unsigned i = 0; i < 60; i++) {
        uint64_t start_ns = 200 * NS_PER_MS + i / 10 * (NS_PER_S / 2);
        bool is_last = i >= 50;
        struct load_sample sample = {.planned_ns = start_ns,
                                     .start_ns = start_ns,
                                     .service_ns = (is_last ? 300 : 500) * NS_PER_MS,
                                     .status = is_last ? 0 : 200,
                                     .fate = is_last ? SAMPLE_CUT_OFF : SAMPLE_ENDED};
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    }
    assert_int_equal(result.samples->n_ended, 50);
    assert_int_equal(result.samples->n_planned, 60);
    struct summary summary;
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_true(fabs(summary.rate_per_s - 20) < 1e-9);
    assert_true(fabs(summary.concurrency - 10) < 1e-9);
    assert_int_equal(summary.n_ok, 30); /* planned after it */
    assert_int_equal(summary.n_cut_off, 10);
    assert_true(summary.percentiles[PERCENTILE_50].n_longer == 0);
    samples_free(result.samples);
}

/* The last 2 % had no answer: some timed out, and some were cut off, after up to 0.4 s.
 */
TEST(a_stall_takes_back_what_it_makes_untrue) {
    struct drive_result result = {.samples = samples_new(), .elapsed_ns = 10 * NS_PER_S};
    for (unsigned i = 0; i < 1000; i++) {
        bool is_cut_off = i >= 990, is_given_up = i >= 980 && !is_cut_off;
        uint64_t wait_ns = (1000 - i) * 20 * NS_PER_MS;
        struct load_sample sample = {
            .service_ns = is_cut_off || is_given_up ? wait_ns : NS_PER_MS,
            .status = is_cut_off || is_given_up ? 0 : 200,
            .error = is_given_up ? SAMPLE_TIMEOUT : SAMPLE_ANSWERED,
            .fate = is_cut_off ? SAMPLE_CUT_OFF : SAMPLE_ENDED};
        assert_int_equal(samples_add(result.samples, &sample, NULL), 0);
    }
    struct summary summary;
    result.is_open = true;
    assert_int_equal(summary_make(&summary, &result), 0);
    assert_false(isnan(summary.percentiles[PERCENTILE_95].seconds));
    assert_true(isnan(summary.percentiles[PERCENTILE_99].seconds));
    assert_true(isnan(summary.percentiles[PERCENTILE_MAX].seconds));
    assert_int_equal(summary.percentiles[PERCENTILE_MAX].n_longer, 20);
    char *text = NULL;
    size_t text_bytes = 0;
    FILE *out = open_memstream(&text, &text_bytes);
    summary_print(&summary, out);
    (void)fclose(out);
    assert_non_null(strstr(text, "n/a (20 without an answer waited longer)\n"));
    free(text);
    samples_free(result.samples);
}

TEST(percentiles_are_shown_only_where_samples_carry_them) {
    static const struct {
        unsigned n;
        bool p50, p90, p99, max;
    } rows[] = {{0, false, false, false, false}, {9, false, false, false, true},
                {10, true, false, false, true},  {79, true, false, false, true},
                {80, true, true, false, true},   {799, true, true, false, true},
                {800, true, true, true, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct drive_result result = make_result(rows[i].n, 0);
        struct summary summary;
        assert_int_equal(summary_make(&summary, &result), 0);
        assert_int_equal(!isnan(summary.percentiles[0].seconds), rows[i].p50);
        assert_int_equal(!isnan(summary.percentiles[1].seconds), rows[i].p90);
        assert_int_equal(!isnan(summary.percentiles[3].seconds), rows[i].p99);
        assert_int_equal(!isnan(summary.percentiles[5].seconds), rows[i].max);
        json_t *json = summary_json(&summary);
        json_t *p99 = json_object_get(json_object_get(json, "percentiles"), "p99");
        assert_int_equal(json_is_null(p99), !rows[i].p99);
        json_decref(json);
        samples_free(result.samples);
    }
}

/* As siege 4.0.7 prints them, byte for byte. */
TEST(the_text_is_that_of_siege) {
    struct drive_result result = make_result(10, 0);
    struct summary summary;
    char *text = NULL;
    size_t text_bytes = 0;
    assert_int_equal(summary_make(&summary, &result), 0);
    FILE *out = open_memstream(&text, &text_bytes);
    summary_print(&summary, out);
    (void)fclose(out);
    assert_string_equal(text, "Transactions:\t\t          10 hits\n"
                              "Availability:\t\t      100.00 %\n"
                              "Elapsed time:\t\t        2.00 secs\n"
                              "Data transferred:\t       10.00 MB\n"
                              "Response time:\t\t        0.01 secs\n"
                              "Transaction rate:\t        5.00 trans/sec\n"
                              "Throughput:\t\t        5.00 MB/sec\n"
                              "Concurrency:\t\t        0.03\n"
                              "Successful transactions:          10\n"
                              "Failed transactions:\t           0\n"
                              "Longest transaction:\t        0.01\n"
                              "Shortest transaction:\t        0.00\n"
                              "\n"
                              "p50:\t\t\t      5.5 ms (95 %: 2 ms to 9 ms)\n"
                              "p90:\t\t\t         n/a (needs 80)\n"
                              "p95:\t\t\t         n/a (needs 160)\n"
                              "p99:\t\t\t         n/a (needs 800)\n"
                              "p99.9:\t\t\t         n/a (needs 8000)\n"
                              "max:\t\t\t       10 ms\n"
                              "Statuses:\t\t200: 10\n");
    free(text);
    samples_free(result.samples);
}
