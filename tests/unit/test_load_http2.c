/*
 * HTTP/2 servers that say good-bye, as all do when they are reloaded. Over plain http and
 * with a connection for each request, so that every libcurl can.
 */
#define TEST_OWN_MAIN
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "loadgen/transport/curl_requests.h"
#include "tests/test.h"
#include "tests/upstream.h"

static struct routes no_routes;

/* Frames: length, type, flags, stream, and what they hold. */
static const unsigned char settings[] = {0, 0, 0, 4, 0, 0, 0, 0, 0};
static const unsigned char status_200[] = {0, 0, 1, 1, 5, 0, 0, 0, 1, 0x88};
/* The last stream that was looked at is 0: that of the request, 1, was not. */
static const unsigned char goodbye[] = {0, 0, 8, 7, 0, 0, 0, 0, 0,
                                        0, 0, 0, 0, 0, 0, 0, 0};
/* Data on a stream that nobody has opened. */
static const unsigned char breach[] = {0, 0, 1, 0, 0, 0, 0, 0, 7, 'x'};

/* What is sent on each connection behind the settings, in turns. */
struct turn {
    const unsigned char *bytes;
    size_t n_bytes;
};

struct server {
    const struct turn *turns;
    unsigned n_turns, port;
    int listener;
    atomic_bool stops;
    atomic_uint n_accepted;
    pthread_t thread;
};

static bool has_input(const struct server *server, int fd) {
    struct pollfd wanted = {.fd = fd, .events = POLLIN};
    while (!server->stops)
        if (poll(&wanted, 1, 10) > 0)
            return true;
    return false;
}

/* Reads until the other side leaves, lest closing should reset the connection. */
static void *serve(void *context) {
    struct server *server = context;
    while (has_input(server, server->listener)) {
        int fd = accept(server->listener, NULL, NULL);
        const struct turn *turn = &server->turns[server->n_accepted++ % server->n_turns];
        char request[4096];
        if (has_input(server, fd) && recv(fd, request, sizeof request, 0) > 0) {
            (void)!send(fd, settings, sizeof settings, MSG_NOSIGNAL);
            (void)!send(fd, turn->bytes, turn->n_bytes, MSG_NOSIGNAL);
            (void)shutdown(fd, SHUT_WR);
            while (has_input(server, fd) && recv(fd, request, sizeof request, 0) > 0)
                ;
        }
        (void)close(fd);
    }
    return NULL;
}

/* Three requests of one user. */
static struct drive_result run(struct server *server, const char *rest) {
    static const struct headers no_headers;
    struct urls urls = {0};
    struct hosts hosts;
    struct drive_result result;
    char line[100], why[WHY_BYTES];
    server->listener = upstream_listen(&server->port);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    (void)snprintf(line, sizeof line, "http://127.0.0.1:%u/%s", server->port, rest);
    assert_int_equal(urls_add(&urls, line, why), 0);
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    struct drive_config config = {
        .transport = &curl_transport,
        .transport_config = {.urls = &urls,
                             .hosts = &hosts,
                             .timeout_ns = 20 * NS_PER_S,
                             .user_agent = "test",
                             .content_type = "text/plain",
                             .headers = &no_headers,
                             .http2 = true},
        .plan = {.n_users = 1, .n_rounds = 3, .n_targets = 1, .seed = 1}};
    assert_int_equal(threads_run(&config, &result), 0);
    server->stops = true;
    (void)pthread_join(server->thread, NULL);
    (void)close(server->listener);
    hosts_free(&hosts);
    urls_free(&urls);
    assert_int_equal(result.samples->n_ended, 3);
    return result;
}

static void check_all(const struct drive_result *result, enum sample_error error) {
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL)) {
        assert_int_equal(sample.error, error);
        if (error == SAMPLE_ANSWERED) {
            assert_int_equal(sample.status, 200);
            assert_int_equal(sample.protocol, 20);
        }
    }
    samples_free(result->samples);
}

TEST(a_get_is_sent_again_after_a_goodbye) {
    static const struct turn turns[] = {{goodbye, sizeof goodbye},
                                        {status_200, sizeof status_200}};
    struct server server = {.turns = turns, .n_turns = 2};
    struct drive_result result = run(&server, "");
    assert_int_equal(result.counts.n_retried, 3);
    assert_int_equal(result.counts.n_connections, 6);
    check_all(&result, SAMPLE_ANSWERED);
}

TEST(a_post_is_closed_by_a_goodbye) {
    static const struct turn turns[] = {{goodbye, sizeof goodbye}};
    struct server server = {.turns = turns, .n_turns = 1};
    struct drive_result result = run(&server, " POST a=b");
    assert_int_equal(result.counts.n_retried, 0);
    assert_int_equal(server.n_accepted, 3);
    check_all(&result, SAMPLE_CLOSED);
}

TEST(a_server_that_always_says_goodbye_is_asked_twice) {
    static const struct turn turns[] = {{goodbye, sizeof goodbye}};
    struct server server = {.turns = turns, .n_turns = 1};
    struct drive_result result = run(&server, "");
    assert_int_equal(result.counts.n_retried, 3);
    assert_int_equal(server.n_accepted, 6);
    check_all(&result, SAMPLE_CLOSED);
}

TEST(a_breach_of_the_protocol_is_never_an_answer) {
    static const struct turn turns[] = {{breach, sizeof breach}};
    struct server server = {.turns = turns, .n_turns = 1};
    struct drive_result result = run(&server, " POST a=b");
    struct samples_reader reader = samples_read(result.samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL))
        assert_true(sample_failed(&sample));
    samples_free(result.samples);
}

TEST(libraries_that_cannot_keep_such_connections_are_known) {
    assert_true(curl_requests_can_keep_plain_http2(0x075700));
    assert_false(curl_requests_can_keep_plain_http2(0x075800));
    assert_false(curl_requests_can_keep_plain_http2(0x075801));
    assert_true(curl_requests_can_keep_plain_http2(0x080000));
}

int main(void) {
    (void)signal(SIGPIPE, SIG_IGN);
    stop_signals_block();
    return run_all_tests();
}
