/* Whole runs against servers that behave and misbehave, in threads of this program. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "common/clock.h"
#include "loadgen/drive.h"

enum { MAX_CONNECTIONS = 1024 };

/* What the server does with each request. */
struct behaviour {
    const char *answer; /* sent, when there is one */
    unsigned wait_ms;   /* before the answer */
    bool closes, resets;
};

struct server {
    struct behaviour behaviour;
    int listener, port;
    pthread_t acceptor, handlers[MAX_CONNECTIONS];
    unsigned n_handlers;
    atomic_bool stops;
    atomic_uint n_open, most_open, n_requests;
};

struct connection {
    struct server *server;
    int fd;
};

/* Waits up to 10 ms at a time, so that stopping is noticed. True when there is input. */
static bool wait_for_input(struct server *server, int fd) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    while (!server->stops)
        if (poll(&poll_fd, 1, 10) > 0)
            return true;
    return false;
}

/* Requests of these tests come in one piece. False when the connection is over. */
static bool serve_one(struct server *server, int fd) {
    char request[4096];
    if (!wait_for_input(server, fd) || recv(fd, request, sizeof request, 0) <= 0)
        return false;
    server->n_requests++;
    const struct behaviour *behaviour = &server->behaviour;
    uint64_t until_ns = clock_now_ns() + behaviour->wait_ms * NS_PER_MS;
    while (clock_now_ns() < until_ns && !server->stops)
        (void)usleep(1000);
    struct linger abort_close = {.l_onoff = 1, .l_linger = 0};
    if (behaviour->resets)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_close, sizeof abort_close);
    if (behaviour->answer != NULL)
        (void)send(fd, behaviour->answer, strlen(behaviour->answer), MSG_NOSIGNAL);
    return !behaviour->closes && !behaviour->resets;
}

static void *handle(void *context) {
    struct connection *connection = context;
    struct server *server = connection->server;
    while (serve_one(server, connection->fd)) {
    }
    server->n_open--;
    (void)close(connection->fd);
    free(connection);
    return NULL;
}

static void *accept_all(void *context) {
    struct server *server = context;
    while (wait_for_input(server, server->listener)) {
        struct connection *connection = malloc(sizeof *connection);
        *connection = (struct connection){server, accept(server->listener, NULL, NULL)};
        unsigned n_open = ++server->n_open;
        if (n_open > server->most_open)
            server->most_open = n_open;
        if (server->n_handlers == MAX_CONNECTIONS)
            abort();
        (void)pthread_create(&server->handlers[server->n_handlers++], NULL, handle,
                             connection);
    }
    return NULL;
}

static struct server *server_start(struct behaviour behaviour) {
    struct server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    server->behaviour = behaviour;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (void *)&address, length), 0);
    assert_int_equal(listen(server->listener, 512), 0);
    assert_int_equal(getsockname(server->listener, (void *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->acceptor, NULL, accept_all, server), 0);
    return server;
}

static void server_stop(struct server *server) {
    server->stops = true;
    (void)pthread_join(server->acceptor, NULL);
    for (unsigned i = 0; i < server->n_handlers; i++)
        (void)pthread_join(server->handlers[i], NULL);
    (void)close(server->listener);
    free(server);
}

/* Runs `plan` against a port and leaves the result to the caller. */
static struct drive_result run(int port, struct schedule_plan plan, bool keep_alive) {
    struct urls urls = {0};
    struct drive_result result;
    char url[64], why[512];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/x", port);
    assert_int_equal(urls_add(&urls, url, why, sizeof why), 0);
    plan.n_targets = 1;
    plan.seed = 1;
    struct drive_config config = {.transport = &curl_transport,
                                  .transport_config = {.urls = &urls,
                                                       .timeout_ns = 200 * NS_PER_MS,
                                                       .user_agent = "test",
                                                       .content_type = "text/plain",
                                                       .keep_alive = keep_alive},
                                  .plan = plan,
                                  .max_in_flight = 8};
    assert_int_equal(drive_run(&config, &result), 0);
    urls_free(&urls);
    return result;
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static void every_request_is_answered_once_and_connections_are_kept(void **state) {
    (void)state;
    struct server *server = server_start((struct behaviour){.answer = OK_ANSWER});
    struct drive_result result =
        run(server->port, (struct schedule_plan){.n_users = 120, .n_rounds = 10}, true);
    assert_int_equal(samples_count(result.samples), 1200);
    assert_int_equal(server->n_requests, 1200);
    assert_int_equal(result.n_connections, 120);
    assert_true(server->most_open <= 120);
    unsigned n_of_user[120] = {0}, n_connected = 0;
    for (size_t i = 0; i < 1200; i++) {
        const struct load_sample *sample = samples_get(result.samples, i);
        assert_false(sample_failed(sample));
        assert_int_equal(sample->body_bytes, 5);
        assert_true(sample->first_byte_ns <= sample->service_ns);
        assert_true(sample->connect_ns <= sample->first_byte_ns);
        n_connected += sample->connect_ns != 0;
        n_of_user[sample->user]++;
    }
    for (unsigned user = 0; user < 120; user++)
        assert_int_equal(n_of_user[user], 10);
    assert_int_equal(n_connected, 120);
    samples_free(result.samples);
    server_stop(server);
}

static void without_keep_alive_connections_are_still_no_more_than_users(void **state) {
    (void)state;
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .closes = true});
    struct drive_result result =
        run(server->port, (struct schedule_plan){.n_users = 7, .n_rounds = 20}, false);
    assert_int_equal(samples_count(result.samples), 140);
    assert_int_equal(result.n_connections, 140);
    samples_free(result.samples);
    server_stop(server);
}

static void misbehaving_servers_become_samples_of_their_kind(void **state) {
    (void)state;
    static const struct {
        struct behaviour behaviour;
        enum sample_error error;
        short status;
    } rows[] = {
        {{.resets = true}, SAMPLE_RESET, 0},
        {{.closes = true}, SAMPLE_CLOSED, 0},
        {{.answer = "\1\2 not http\r\n\r\n", .closes = true}, SAMPLE_BAD_RESPONSE, 0},
        {{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .closes = true},
         SAMPLE_CLOSED,
         200},
        {{.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          .closes = true},
         SAMPLE_BAD_RESPONSE,
         200},
        {{.answer = OK_ANSWER, .wait_ms = 10000}, SAMPLE_TIMEOUT, 0},
        {{.answer = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
         SAMPLE_ANSWERED,
         500},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct server *server = server_start(rows[row].behaviour);
        struct drive_result result =
            run(server->port, (struct schedule_plan){.n_users = 3, .n_rounds = 2}, true);
        assert_int_equal(samples_count(result.samples), 6);
        for (size_t i = 0; i < 6; i++) {
            const struct load_sample *sample = samples_get(result.samples, i);
            assert_true(sample_failed(sample));
            assert_int_equal(sample->error, rows[row].error);
            assert_int_equal(sample->status, rows[row].status);
        }
        samples_free(result.samples);
        server_stop(server);
    }
}

static void a_refused_connection_ends_and_is_counted(void **state) {
    (void)state;
    struct server *server = server_start((struct behaviour){0});
    int port = server->port;
    server_stop(server); /* nobody listens there now */
    struct drive_result result =
        run(port, (struct schedule_plan){.n_users = 60, .n_rounds = 5}, true);
    assert_int_equal(samples_count(result.samples), 300);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(samples_get(result.samples, i)->error, SAMPLE_REFUSED);
    samples_free(result.samples);
}

static void the_run_ends_on_time_and_cuts_off_what_is_in_flight(void **state) {
    (void)state;
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 150});
    struct schedule_plan plan = {.n_users = 4, .duration_ns = 250 * NS_PER_MS};
    struct drive_result result = run(server->port, plan, true);
    assert_int_equal(samples_count(result.samples), 4);
    assert_int_equal(result.n_cut_off, 4);
    assert_in_range(result.elapsed_ns, 249 * NS_PER_MS, 400 * NS_PER_MS);
    samples_free(result.samples);
    server_stop(server);
}

static void an_open_loop_counts_what_the_cap_forbids(void **state) {
    (void)state;
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 10000});
    struct schedule_plan plan = {
        .rate_per_s = 200, .constant_gaps = true, .duration_ns = 190 * NS_PER_MS};
    struct drive_result result = run(server->port, plan, true);
    assert_int_equal(result.n_cut_off, 8); /* max_in_flight */
    assert_true(server->most_open <= 8);
    assert_in_range(result.n_not_sent + result.n_cut_off, 37, 39);
    samples_free(result.samples);
    server_stop(server);
}

static void *send_sigterm(void *context) {
    (void)usleep(100 * 1000);
    (void)kill(getpid(), SIGTERM);
    return context;
}

static void a_signal_ends_the_run_with_what_was_measured(void **state) {
    (void)state;
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 1});
    pthread_t sender;
    assert_int_equal(pthread_create(&sender, NULL, send_sigterm, NULL), 0);
    struct schedule_plan plan = {.rate_per_s = 100, .duration_ns = 3600 * NS_PER_S};
    struct drive_result result = run(server->port, plan, true);
    assert_int_equal(result.signal, SIGTERM);
    assert_true(samples_count(result.samples) > 0);
    assert_true(result.elapsed_ns < 5 * NS_PER_S);
    (void)pthread_join(sender, NULL);
    samples_free(result.samples);
    server_stop(server);
}

int main(void) {
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_answered_once_and_connections_are_kept),
        cmocka_unit_test(without_keep_alive_connections_are_still_no_more_than_users),
        cmocka_unit_test(misbehaving_servers_become_samples_of_their_kind),
        cmocka_unit_test(a_refused_connection_ends_and_is_counted),
        cmocka_unit_test(the_run_ends_on_time_and_cuts_off_what_is_in_flight),
        cmocka_unit_test(an_open_loop_counts_what_the_cap_forbids),
        cmocka_unit_test(a_signal_ends_the_run_with_what_was_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
