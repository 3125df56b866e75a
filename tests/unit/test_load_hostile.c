/*
 * The generator against a server that resets, answers early, half-closes, stops in the
 * middle, dies and returns: what it counts is what the server did, over every transport.
 * HOSTILE_SECONDS=20 makes each part last so long; by itself it is short.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "tests/hostile.h"

static struct routes no_routes;

enum { N_USERS = 8, N_ROUNDS = 24, LARGE_BYTES = 4 * 1024 * 1024 };

/* What the generator says of all requests. */
struct tally {
    uint64_t n_ok, n_early, n_cut, n_lost, n_lost_outside, n_other, n_samples, n_retried;
};

static uint64_t wanted_ns(uint64_t usual_ns) {
    const char *text = getenv("HOSTILE_SECONDS");
    return text != NULL ? strtoull(text, NULL, 10) * NS_PER_S : usual_ns;
}

/* Whether the server was away, or died, while the request was under way. */
static bool met_death(const struct hostile *hostile, uint64_t from_ns, uint64_t to_ns) {
    for (unsigned i = 0; i < atomic_load(&hostile->n_deaths); i++) {
        uint64_t back_ns = hostile->deaths[i].to_ns;
        if (to_ns >= hostile->deaths[i].from_ns && (back_ns == 0 || from_ns <= back_ns))
            return true;
    }
    return false;
}

static void add(struct tally *tally, const struct load_sample *sample, bool met) {
    bool answered = sample->error == SAMPLE_ANSWERED;
    bool lost = sample->error == SAMPLE_RESET || sample->error == SAMPLE_CLOSED;
    tally->n_samples++;
    if (answered && sample->status == 200)
        tally->n_ok++;
    else if (answered && sample->status == 413)
        tally->n_early++;
    else if (lost && sample->first_byte_ns != 0)
        tally->n_cut++;
    else if (lost || (sample->error == SAMPLE_REFUSED && met)) {
        tally->n_lost++;
        tally->n_lost_outside += !met;
    } else {
        tally->n_other++;
    }
}

/* Requests of every kind, and bodies that no socket's buffer takes whole. */
static void make_urls(struct urls *urls, unsigned port) {
    static const char *const rests[] = {"a",      "b POST x=y", "c",      "d POST ",
                                        "e PUT ", "f",          "g HEAD", "h DELETE"};
    char *line = malloc(100 + LARGE_BYTES), why[WHY_BYTES];
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
        int n = sprintf(line, "http://127.0.0.1:%u/%s", port, rests[i]);
        if (line[n - 1] == ' ') {
            memset(line + n, 'x', LARGE_BYTES);
            line[n + LARGE_BYTES] = '\0';
        }
        assert_int_equal(urls_add(urls, line, why), 0);
    }
    free(line);
}

static void run(const struct transport *transport, const struct hostile *hostile,
                uint64_t seed, struct tally *tally) {
    static const struct headers no_headers;
    struct urls urls = {0};
    struct hosts hosts;
    struct drive_result result;
    char why[WHY_BYTES];
    make_urls(&urls, hostile->port);
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    struct drive_config config = {.transport = transport,
                                  .transport_config = {.urls = &urls,
                                                       .hosts = &hosts,
                                                       .timeout_ns = 60 * NS_PER_S,
                                                       .user_agent = "test",
                                                       .content_type = "text/plain",
                                                       .headers = &no_headers,
                                                       .keep_alive = true},
                                  .plan = {.n_users = N_USERS,
                                           .n_rounds = N_ROUNDS,
                                           .n_targets = urls.n_targets,
                                           .random_targets = true,
                                           .seed = seed}};
    assert_int_equal(threads_run(&config, &result), 0);
    assert_int_equal(result.samples->n_ended, N_USERS * N_ROUNDS);
    struct samples_reader reader = samples_read(result.samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL)) {
        uint64_t from_ns = result.epoch_ns + sample.start_ns;
        add(tally, &sample, met_death(hostile, from_ns, from_ns + sample.service_ns));
    }
    tally->n_retried += result.counts.n_retried;
    samples_free(result.samples);
    hosts_free(&hosts);
    urls_free(&urls);
}

/* Runs one after the other, each to its end, so that nothing is cut off. */
static struct tally run_for(const struct transport *transport, struct hostile *hostile,
                            uint64_t duration_ns) {
    struct tally tally = {0};
    uint64_t end_ns = clock_now_ns() + duration_ns;
    for (uint64_t seed = 1; clock_now_ns() < end_ns; seed++)
        run(transport, hostile, seed, &tally);
    return tally;
}

static unsigned done(const struct hostile *hostile, enum hostile_deed deed) {
    return atomic_load(&hostile->n_deeds[deed]);
}

static void show(const struct transport *transport, const struct hostile *hostile,
                 const struct tally *tally) {
    printf("# %s: samples %llu, ok %llu (server %u), early %llu (%u), cut %llu (%u), "
           "lost %llu + sent again %llu (%u), other %llu; deaths %u, CPU while away "
           "%.3f s of %.3f s\n",
           transport->name, (unsigned long long)tally->n_samples,
           (unsigned long long)tally->n_ok, done(hostile, HOSTILE_OK),
           (unsigned long long)tally->n_early, done(hostile, HOSTILE_EARLY),
           (unsigned long long)tally->n_cut,
           done(hostile, HOSTILE_CUT_HEAD) + done(hostile, HOSTILE_CUT_BODY),
           (unsigned long long)tally->n_lost, (unsigned long long)tally->n_retried,
           done(hostile, HOSTILE_RESET) + done(hostile, HOSTILE_HALF_CLOSE),
           (unsigned long long)tally->n_other, atomic_load(&hostile->n_deaths),
           (double)hostile->parents_cpu_ns / (double)NS_PER_S,
           (double)hostile->away_ns / (double)NS_PER_S);
}

static void counts_are_those_of_the_server(void **state) {
    struct hostile *hostile = hostile_start(1, 0, 0);
    struct tally tally = run_for(*state, hostile, wanted_ns(NS_PER_S / 2));
    show(*state, hostile, &tally);
    assert_int_equal(tally.n_other, 0);
    assert_int_equal(tally.n_ok, done(hostile, HOSTILE_OK));
    assert_int_equal(tally.n_early, done(hostile, HOSTILE_EARLY));
    assert_int_equal(tally.n_cut,
                     done(hostile, HOSTILE_CUT_HEAD) + done(hostile, HOSTILE_CUT_BODY));
    assert_int_equal(tally.n_lost + tally.n_retried,
                     done(hostile, HOSTILE_RESET) + done(hostile, HOSTILE_HALF_CLOSE));
    assert_true(tally.n_ok > 0 && tally.n_early > 0 && tally.n_cut > 0 &&
                tally.n_lost > 0);
    hostile_stop(hostile);
}

/*
 * What dies with the server was answered by nobody: it may be in no log, and the answers
 * that were on their way may be lost. Beside that the counts are the same.
 */
static void a_server_that_dies_and_returns_costs_little(void **state) {
    uint64_t duration_ns = wanted_ns(NS_PER_S);
    bool is_long = duration_ns > NS_PER_S;
    struct hostile *hostile =
        hostile_start(2, is_long ? 2000 : 300, is_long ? 2000 : 300);
    struct tally tally = run_for(*state, hostile, duration_ns);
    show(*state, hostile, &tally);
    unsigned n_deaths = atomic_load(&hostile->n_deaths);
    unsigned n_lost = done(hostile, HOSTILE_RESET) + done(hostile, HOSTILE_HALF_CLOSE);
    uint64_t slack = (uint64_t)N_USERS * n_deaths;
    assert_true(n_deaths > 0);
    assert_int_equal(tally.n_other, 0);
    assert_in_range(tally.n_ok + slack, done(hostile, HOSTILE_OK),
                    done(hostile, HOSTILE_OK) + slack);
    assert_in_range(tally.n_early + slack, done(hostile, HOSTILE_EARLY),
                    done(hostile, HOSTILE_EARLY) + slack);
    assert_true(tally.n_lost_outside <= n_lost);
    assert_true(tally.n_lost + tally.n_retried + slack >= n_lost);
    assert_true(hostile->parents_cpu_ns < hostile->away_ns / 2);
    hostile_stop(hostile);
}

int main(void) {
    static const struct transport *const transports[] = {&http1_transport,
                                                         &curl_transport};
    struct CMUnitTest tests[4];
    (void)signal(SIGPIPE, SIG_IGN);
    stop_signals_block();
    for (int i = 0; i < 2; i++) {
        tests[2 * i] = (struct CMUnitTest){"counts_are_those_of_the_server",
                                           counts_are_those_of_the_server, NULL, NULL,
                                           (void *)transports[i]};
        tests[2 * i + 1] =
            (struct CMUnitTest){"a_server_that_dies_and_returns_costs_little",
                                a_server_that_dies_and_returns_costs_little, NULL, NULL,
                                (void *)transports[i]};
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
