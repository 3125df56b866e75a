/*
 * Whole runs against servers that behave and misbehave, in threads of this program; every
 * test over every transport.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <netdb.h>
#include <netinet/in.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "loadgen/drive/in_flight.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "tests/upstream.h"

static struct routes no_routes;

enum { MAX_CONNECTIONS = 1024 };

/* What the server does with each request. */
struct behaviour {
    const char *answer; /* sent, when there is one */
    unsigned wait_ms;   /* before the answer */
    bool closes, resets;
    bool floods;      /* sends `answer` again and again */
    bool drips;       /* sends it byte by byte */
    bool tires;       /* closes on the second request of a connection, unanswered */
    bool closes_soon; /* after the answer, while the connection is idle */
    bool remembers;   /* the last request; for a single user */
    bool half_closes; /* in the answer's segment, and reads on without answering */
};

struct server {
    struct behaviour behaviour;
    int listener;
    unsigned port;
    pthread_t acceptor, handlers[MAX_CONNECTIONS];
    unsigned n_handlers;
    atomic_bool stops;
    atomic_uint n_open, most_open, n_requests;
    char request[1000]; /* its beginning, with `remembers`; set before it is counted */
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

static void answer(const struct server *server, int fd) {
    const struct behaviour *behaviour = &server->behaviour;
    size_t n_bytes = strlen(behaviour->answer);
    size_t piece = behaviour->drips ? 1 : n_bytes;
    int flags = MSG_NOSIGNAL | (behaviour->half_closes ? MSG_MORE : 0);
    do {
        for (size_t sent = 0; sent < n_bytes; sent += piece)
            if (send(fd, behaviour->answer + sent, piece, flags) < 0)
                return;
    } while (behaviour->floods && !server->stops);
}

static void half_close(struct server *server, int fd) {
    char unanswered[4096];
    (void)shutdown(fd, SHUT_WR);
    while (wait_for_input(server, fd) && recv(fd, unanswered, sizeof unanswered, 0) > 0)
        ;
}

/* Requests of these tests come in one piece. False when the connection is over. */
static bool serve_one(struct server *server, int fd, unsigned n_before) {
    char request[4096] = "";
    const struct behaviour *behaviour = &server->behaviour;
    if (!wait_for_input(server, fd) || recv(fd, request, sizeof request - 1, 0) <= 0 ||
        (behaviour->tires && n_before > 0))
        return false;
    if (behaviour->remembers)
        (void)snprintf(server->request, sizeof server->request, "%s", request);
    server->n_requests++;
    uint64_t until_ns = clock_now_ns() + behaviour->wait_ms * NS_PER_MS;
    while (clock_now_ns() < until_ns && !server->stops)
        (void)usleep(1000);
    struct linger abort_close = {.l_onoff = 1, .l_linger = 0};
    if (behaviour->resets)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_close, sizeof abort_close);
    if (behaviour->answer != NULL)
        answer(server, fd);
    if (behaviour->closes_soon)
        (void)usleep(2000);
    if (behaviour->half_closes)
        half_close(server, fd);
    return !behaviour->closes && !behaviour->resets && !behaviour->closes_soon &&
           !behaviour->half_closes;
}

static void *handle(void *context) {
    struct connection *connection = context;
    struct server *server = connection->server;
    unsigned n_served = 0;
    while (serve_one(server, connection->fd, n_served))
        n_served++;
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
    server->behaviour = behaviour;
    server->listener = upstream_listen(&server->port);
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

/*
 * Before requests are given up: long, since a busy machine must not fail a test, but for
 * servers that never answer.
 */
static uint64_t timeout_ns = 20 * NS_PER_S;

static const struct headers no_headers;

static struct transport_config usual_config(const struct urls *urls,
                                            const struct hosts *hosts) {
    return (struct transport_config){.urls = urls,
                                     .hosts = hosts,
                                     .timeout_ns = timeout_ns,
                                     .user_agent = "test",
                                     .content_type = "text/plain",
                                     .headers = &no_headers,
                                     .keep_alive = true};
}

/* Runs `plan` and leaves the result to the caller. */
static struct drive_result run_config(const struct transport *transport,
                                      struct transport_config transport_config,
                                      struct schedule_plan plan) {
    struct drive_result result;
    plan.n_targets = transport_config.urls->n_targets;
    plan.seed = 1;
    struct drive_config config = {.transport = transport,
                                  .transport_config = transport_config,
                                  .plan = plan,
                                  .max_in_flight = 8};
    assert_int_equal(threads_run(&config, &result), 0);
    return result;
}

/* The same for URLs, which it frees. */
static struct drive_result run_urls(const struct transport *transport, struct urls urls,
                                    struct schedule_plan plan, bool keep_alive) {
    struct hosts hosts;
    char why[WHY_BYTES];
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    struct transport_config config = usual_config(&urls, &hosts);
    config.keep_alive = keep_alive;
    struct drive_result result = run_config(transport, config, plan);
    hosts_free(&hosts);
    urls_free(&urls);
    return result;
}

static void add_url(struct urls *urls, const char *host, unsigned port,
                    const char *rest) {
    char url[100], why[WHY_BYTES];
    (void)snprintf(url, sizeof url, "http://%s:%u/x%s", host, port, rest);
    assert_int_equal(urls_add(urls, url, why), 0);
}

static struct drive_result run(const struct transport *transport, unsigned port,
                               struct schedule_plan plan, bool keep_alive) {
    struct urls urls = {0};
    add_url(&urls, "127.0.0.1", port, "");
    return run_urls(transport, urls, plan, keep_alive);
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct load_sample sample_at(const struct samples *samples, size_t index) {
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample = {0};
    for (size_t i = 0; i <= index; i++)
        assert_true(samples_next(&reader, &sample, NULL));
    return sample;
}

static void every_request_is_answered_once_and_connections_are_kept(void **state) {
    struct server *server = server_start((struct behaviour){.answer = OK_ANSWER});
    struct drive_result result =
        run(*state, server->port, (struct schedule_plan){.n_users = 120, .n_rounds = 10},
            true);
    assert_int_equal(result.samples->n_ended, 1200);
    assert_int_equal(server->n_requests, 1200);
    assert_int_equal(result.counts.n_connections, 120);
    assert_true(server->most_open <= 120);
    unsigned n_of_user[120] = {0}, n_connected = 0;
    for (size_t i = 0; i < 1200; i++) {
        const struct load_sample got = sample_at(result.samples, i), *sample = &got;
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
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .closes = true});
    struct drive_result result =
        run(*state, server->port, (struct schedule_plan){.n_users = 7, .n_rounds = 20},
            false);
    assert_int_equal(result.samples->n_ended, 140);
    assert_int_equal(result.counts.n_connections, 140);
    samples_free(result.samples);
    server_stop(server);
}

static void misbehaving_servers_become_samples_of_their_kind(void **state) {
    static const struct {
        struct behaviour behaviour;
        enum sample_error error;
        short status;
    } rows[] = {
        {{.resets = true}, SAMPLE_RESET, 0},
        {{.closes = true}, SAMPLE_CLOSED, 0},
        {{.answer = "\1\2 not http\r\n\r\n", .closes = true}, SAMPLE_NOT_HTTP, 0},
        {{.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .closes = true},
         SAMPLE_CLOSED,
         200},
        {{.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          .closes = true},
         SAMPLE_BAD_CHUNK,
         200},
        {{.answer = "HTTP/1.1 200 OK\r\nX: y\r\n", .closes = true}, SAMPLE_CLOSED, 200},
        {{.answer = "HTTP/1.1 2", .closes = true}, SAMPLE_CLOSED, 0},
        {{.answer = "HTTP/1.1 200 OK\r\n"}, SAMPLE_TIMEOUT, 200},
        {{.answer = OK_ANSWER, .wait_ms = 10000}, SAMPLE_TIMEOUT, 0},
        {{.answer = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
         SAMPLE_ANSWERED,
         500},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct server *server = server_start(rows[row].behaviour);
        if (rows[row].error == SAMPLE_TIMEOUT) /* long enough for a head that comes */
            timeout_ns = (rows[row].status != 0 ? 1500 : 100) * NS_PER_MS;
        struct drive_result result =
            run(*state, server->port, (struct schedule_plan){.n_users = 3, .n_rounds = 2},
                true);
        assert_int_equal(result.samples->n_ended, 6);
        for (size_t i = 0; i < 6; i++) {
            const struct load_sample got = sample_at(result.samples, i), *sample = &got;
            assert_true(sample_failed(sample));
            assert_int_equal(sample->error, rows[row].error);
            assert_int_equal(sample->status, rows[row].status);
        }
        timeout_ns = 20 * NS_PER_S;
        samples_free(result.samples);
        server_stop(server);
    }
}

/* What one transport alone has names for. */
static void endless_heads_are_given_up(void **state) {
    static const struct {
        const char *answer;
        enum sample_error error; /* over http1 */
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n", SAMPLE_BAD_HEADER},
        {"HTTP/1.1 100 Go on\r\n\r\n", SAMPLE_ENDLESS_HEAD},
        {"HTTP/1.1 no end of it ", SAMPLE_ENDLESS_HEAD},
        {"\r\n", SAMPLE_NOT_HTTP},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server *server =
            server_start((struct behaviour){.answer = rows[i].answer, .floods = true});
        struct drive_result result =
            run(*state, server->port, (struct schedule_plan){.n_users = 2, .n_rounds = 2},
                true);
        assert_int_equal(result.samples->n_ended, 4);
        for (size_t k = 0; k < 4; k++) {
            enum sample_error error = sample_at(result.samples, k).error;
            assert_true(*state == &curl_transport ? error != SAMPLE_ANSWERED
                                                  : error == rows[i].error);
        }
        samples_free(result.samples);
        server_stop(server);
    }
}

static void replies_are_read_in_every_form(void **state) {
    static const struct {
        struct behaviour behaviour;
        uint64_t body_bytes;
        short status;
        unsigned n_connections; /* of 2 users with 3 requests each */
    } rows[] = {
        {{.answer = OK_ANSWER}, 5, 200, 2},
        {{.answer = OK_ANSWER, .drips = true}, 5, 200, 2},
        {{.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX: y\r\n\r\n"},
         7,
         200,
         2},
        {{.answer = "HTTP/1.1 200 OK\r\n\r\nuntil close", .closes = true}, 11, 200, 6},
        {{.answer = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", .closes = true},
         2,
         200,
         6},
        {{.answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
          .closes = true},
         2,
         200,
         6},
        {{.answer = "HTTP/1.1 100 Continue\r\n\r\n" OK_ANSWER}, 5, 200, 2},
        {{.answer = "HTTP/1.1 204 None\r\n\r\n"}, 0, 204, 2},
        {{.answer = "HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n"}, 0, 304, 2},
        {{.answer = OK_ANSWER, .closes_soon = true}, 5, 200, 6},
        {{.answer = OK_ANSWER, .half_closes = true}, 5, 200, 6},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        struct server *server = server_start(rows[row].behaviour);
        struct schedule_plan plan = {.n_users = 2, .n_rounds = 3};
        if (rows[row].behaviour.closes_soon)
            plan.think.high_s = 0.04;
        struct drive_result result = run(*state, server->port, plan, true);
        assert_int_equal(result.samples->n_ended, 6);
        for (size_t i = 0; i < 6; i++) {
            struct load_sample sample = sample_at(result.samples, i);
            assert_int_equal(sample.error, SAMPLE_ANSWERED);
            assert_int_equal(sample.status, rows[row].status);
            assert_int_equal(sample.body_bytes, rows[row].body_bytes);
        }
        assert_true(result.counts.n_connections <= rows[row].n_connections);
        assert_true(server->most_open <= 6);
        samples_free(result.samples);
        server_stop(server);
    }
}

/* Of a server that closes a connection when a second request comes on it. */
static struct drive_result run_tiring(const struct transport *transport,
                                      struct server *server, const char *rest) {
    struct urls urls = {0};
    add_url(&urls, "127.0.0.1", server->port, rest);
    struct schedule_plan plan = {.n_users = 1, .n_rounds = 4};
    struct drive_result result = run_urls(transport, urls, plan, true);
    assert_int_equal(result.samples->n_ended, 4);
    return result;
}

/* RFC 9110, 9.2.2: of idempotent methods. */
static void a_request_on_a_stale_connection_is_sent_again_and_counted(void **state) {
    static const char *const rests[] = {"", " PUT a=b", " DELETE", " DELETE a=b",
                                        " OPTIONS"};
    for (size_t k = 0; k < sizeof rests / sizeof *rests; k++) {
        struct server *server =
            server_start((struct behaviour){.answer = OK_ANSWER, .tires = true});
        struct drive_result result = run_tiring(*state, server, rests[k]);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(sample_at(result.samples, i).error, SAMPLE_ANSWERED);
        assert_int_equal(result.counts.n_connections, 4);
        assert_int_equal(result.counts.n_retried, 3);
        samples_free(result.samples);
        server_stop(server);
    }
}

/* The server may have acted on it, so twice may be once too often. */
static void a_post_or_patch_is_never_sent_twice(void **state) {
    static const char *const rests[] = {" POST a=b", " PATCH a=b"};
    for (size_t k = 0; k < sizeof rests / sizeof *rests; k++) {
        struct server *server =
            server_start((struct behaviour){.answer = OK_ANSWER, .tires = true});
        struct drive_result result = run_tiring(*state, server, rests[k]);
        for (size_t i = 0; i < 4; i++) /* every other one meets a fresh connection */
            assert_int_equal(sample_at(result.samples, i).error,
                             i % 2 == 0 ? SAMPLE_ANSWERED : SAMPLE_CLOSED);
        assert_int_equal(server->n_requests, 2);
        assert_int_equal(result.counts.n_retried, 0);
        samples_free(result.samples);
        server_stop(server);
    }
}

/* RFC 3986: an empty query is not the same as none. */
static void the_target_is_sent_as_the_url_has_it(void **state) {
    static const char *const rows[][2] = {
        {"", "GET /x HTTP/1.1\r\n"},
        {"?", "GET /x? HTTP/1.1\r\n"},
        {"/../y?a=%20&b#c", "GET /y?a=%20&b HTTP/1.1\r\n"},
    };
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .remembers = true});
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct urls urls = {0};
        add_url(&urls, "127.0.0.1", server->port, rows[i][0]);
        struct drive_result result = run_urls(
            *state, urls, (struct schedule_plan){.n_users = 1, .n_rounds = 1}, true);
        samples_free(result.samples);
        assert_int_equal(server->n_requests, i + 1);
        assert_memory_equal(server->request, rows[i][1], strlen(rows[i][1]));
    }
    server_stop(server);
}

/* How often `line` stands in the head of a request, whatever the case of its letters. */
static unsigned count_lines(const char *request, const char *line) {
    unsigned n = 0;
    size_t n_bytes = strlen(line);
    for (const char *at = request; (at = strstr(at, "\r\n")) != NULL; at += 2)
        n += strncasecmp(at + 2, line, n_bytes) == 0 &&
             (line[n_bytes - 1] == ':' || strncmp(at + 2 + n_bytes, "\r\n", 2) == 0);
    return n;
}

/* Each name once, or not at all where it is taken away: as curl does. */
static void the_users_headers_take_the_place_of_our_own(void **state) {
    static const struct {
        const char *given, *line; /* NULL: none of the name */
        const char *name;
    } rows[] = {
        {"Content-Type: application/json", "Content-Type: application/json",
         "Content-Type:"},
        {"content-type:", NULL, "Content-Type:"},
        {"Content-Type;", "Content-Type:", "Content-Type:"},
        {"Connection: close", "Connection: close", "Connection:"},
        {"Host: elsewhere", "Host: elsewhere", "Host:"},
        {"User-Agent: me", "User-Agent: me", "User-Agent:"},
        {"User-Agent:", NULL, "User-Agent:"},
        {"Accept:", NULL, "Accept:"},
        {"Accept-Encoding: br", "Accept-Encoding: br", "Accept-Encoding:"},
        {"X-Empty;", "X-Empty:", "X-Empty:"},
        {"X-None:", NULL, "X-None:"},
        {"X: a b", "X: a b", "X:"},
    };
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .remembers = true});
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct urls urls = {0};
        struct hosts hosts;
        struct headers headers = {0};
        char why[WHY_BYTES];
        add_url(&urls, "127.0.0.1", server->port, " POST a=b");
        assert_int_equal(headers_add(&headers, rows[i].given), 0);
        assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
        struct transport_config config = usual_config(&urls, &hosts);
        config.headers = &headers;
        struct drive_result result = run_config(
            *state, config, (struct schedule_plan){.n_users = 1, .n_rounds = 1});
        assert_int_equal(server->n_requests, i + 1);
        assert_int_equal(count_lines(server->request, rows[i].name),
                         rows[i].line != NULL);
        if (rows[i].line != NULL)
            assert_int_equal(count_lines(server->request, rows[i].line), 1);
        assert_int_equal(count_lines(server->request, "Content-Length: 3"), 1);
        samples_free(result.samples);
        hosts_free(&hosts);
        urls_free(&urls);
    }
    server_stop(server);
}

/* A name with several addresses, of which perhaps only the last one answers. */
static void a_user_goes_from_host_to_host_with_few_connections(void **state) {
    struct server *one = server_start((struct behaviour){.answer = OK_ANSWER});
    struct server *other = server_start((struct behaviour){.answer = OK_ANSWER});
    struct urls urls = {0};
    add_url(&urls, "localhost", one->port, "");
    add_url(&urls, "127.0.0.1", other->port, "/y POST abc");
    struct schedule_plan plan = {.n_users = 3, .n_rounds = 4};
    struct drive_result result = run_urls(*state, urls, plan, true);
    assert_int_equal(result.samples->n_ended, 12);
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(sample_at(result.samples, i).error, SAMPLE_ANSWERED);
    assert_int_equal(one->n_requests, 6);
    assert_int_equal(other->n_requests, 6);
    samples_free(result.samples);
    server_stop(one);
    server_stop(other);
}

/*
 * Addresses of a server on 127.0.0.1 as a name might have them: two more come first,
 * where nobody listens. `last` is the server's.
 */
struct addresses {
    struct addrinfo all[2];
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;
};

static void addresses_make(struct addresses *addresses, struct addrinfo *last,
                           unsigned port) {
    addresses->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
                                          .sin6_addr = IN6ADDR_LOOPBACK_INIT,
                                          .sin6_port = htons((uint16_t)port)};
    addresses->v4 = (struct sockaddr_in){.sin_family = AF_INET,
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1),
                                         .sin_port = htons((uint16_t)port)};
    addresses->all[0] = (struct addrinfo){.ai_family = AF_INET6,
                                          .ai_addr = (void *)&addresses->v6,
                                          .ai_addrlen = sizeof addresses->v6,
                                          .ai_next = &addresses->all[1]};
    addresses->all[1] = (struct addrinfo){.ai_family = AF_INET,
                                          .ai_addr = (void *)&addresses->v4,
                                          .ai_addrlen = sizeof addresses->v4,
                                          .ai_next = last};
}

/* Users ask for a name that is in no directory, but in the hosts, or whose proxy's is. */
static void reach_unknown(const struct transport *transport, struct server *server,
                          const char *proxy) {
    struct addresses addresses;
    struct urls known = {0}, unknown = {0};
    struct hosts hosts;
    char why[WHY_BYTES];
    add_url(&known, "127.0.0.1", server->port, "");
    add_url(&unknown, "No-Such-Name.invalid", server->port, "");
    assert_int_equal(hosts_resolve(&hosts, &known, &no_routes, why), 0);
    struct host found = hosts.all[0];
    addresses_make(&addresses, found.addresses, server->port);
    struct target named = unknown.targets[0];
    if (proxy != NULL)
        named.host = (char *)"no-such-proxy.invalid";
    hosts.all[0] = (struct host){.target = &named,
                                 .name = named.host,
                                 .port = named.port,
                                 .addresses = addresses.all,
                                 .n_addresses = 3};
    struct transport_config config = usual_config(&unknown, &hosts);
    const struct routes by_proxy = {.proxy = proxy};
    hosts.routes = &by_proxy;
    config.preconnects = transport == &http1_transport; /* to the last one, too */
    struct drive_result result = run_config(
        transport, config, (struct schedule_plan){.n_users = 60, .n_rounds = 2});
    assert_int_equal(result.samples->n_ended, 120);
    assert_int_equal(result.counts.n_unconnected, 0);
    for (size_t i = 0; i < 120; i++)
        assert_int_equal(sample_at(result.samples, i).error, SAMPLE_ANSWERED);
    samples_free(result.samples);
    hosts.all[0] = found;
    hosts_free(&hosts);
    urls_free(&known);
    urls_free(&unknown);
}

static void names_are_looked_up_before_the_run_alone(void **state) {
    struct server *server = server_start((struct behaviour){.answer = OK_ANSWER});
    char proxy[100];
    reach_unknown(*state, server, NULL);
    (void)snprintf(proxy, sizeof proxy, "no-such-proxy.invalid:%u", server->port);
    if (*state == &curl_transport)
        reach_unknown(*state, server, proxy);
    server_stop(server);
}

/* By way of a server that takes its time, to a name that is known from there alone. */
static void a_redirect_is_followed_and_its_connection_counted(void **state) {
    enum { WAIT_MS = 30 };
    if (*state != &curl_transport)
        return;
    struct server *last = server_start((struct behaviour){.answer = OK_ANSWER});
    char redirect[200], why[WHY_BYTES];
    (void)snprintf(redirect, sizeof redirect,
                   "HTTP/1.1 302 There\r\nContent-Length: 4\r\n"
                   "Server-Timing: queue;dur=1, run;dur=2\r\n"
                   "Location: http://localhost:%u/\r\n\r\ngone",
                   last->port);
    struct server *first =
        server_start((struct behaviour){.answer = redirect, .wait_ms = WAIT_MS});
    struct urls urls = {0};
    struct hosts hosts;
    add_url(&urls, "127.0.0.1", first->port, "");
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    const struct routes following = {.follows = true};
    struct transport_config config = usual_config(&urls, &hosts);
    hosts.routes = &following;
    struct drive_result result =
        run_config(*state, config, (struct schedule_plan){.n_users = 1, .n_rounds = 3});
    assert_int_equal(result.samples->n_ended, 3);
    assert_int_equal(result.counts.n_connections, 6); /* one at a time */
    for (size_t i = 0; i < 3; i++) {
        struct load_sample sample = sample_at(result.samples, i);
        assert_int_equal(sample.status, 200);
        assert_int_equal(sample.body_bytes, 5);
        assert_false(sample.has_report); /* the redirect's is not the answer's */
        assert_true(sample.connect_ns > 0);
        assert_true(sample.first_byte_ns >= sample.connect_ns + WAIT_MS * NS_PER_MS);
        assert_true(sample.service_ns >= sample.first_byte_ns);
    }
    samples_free(result.samples);
    hosts_free(&hosts);
    urls_free(&urls);
    server_stop(first);
    server_stop(last);
}

static void a_refused_connection_ends_and_is_counted(void **state) {
    struct drive_result result = run(
        *state, CLOSED_PORT, (struct schedule_plan){.n_users = 60, .n_rounds = 5}, true);
    assert_int_equal(result.samples->n_ended, 300);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(sample_at(result.samples, i).error, SAMPLE_REFUSED);
    samples_free(result.samples);
}

static void users_of_a_server_that_is_away_rest_ever_longer(void **state) {
    const struct schedule_plan plan = {.n_users = 5, .duration_ns = NS_PER_S};
    struct drive_result result = run(*state, CLOSED_PORT, plan, true);
    /* Each at 0, 10, 30, 70, 150, 310 and 630 ms, or later on a busy machine. */
    size_t n = result.samples->n_ended;
    assert_in_range(n, 5, 35);
    assert_int_equal(result.n_cut_off, 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sample_at(result.samples, i).error, SAMPLE_REFUSED);
    assert_in_range(result.rested_ns, 5 * 10 * NS_PER_MS, 5 * NS_PER_S);
    samples_free(result.samples);
}

static void rest_doubles_up_to_a_second_until_something_comes(void **state) {
    static const struct answer lost = {.error = SAMPLE_REFUSED},
                               cut = {.error = SAMPLE_CLOSED, .first_byte_ns = 1},
                               whole = {.error = SAMPLE_ANSWERED};
    static const uint64_t rests_ms[] = {10, 20, 40, 80, 160, 320, 640, 1000, 1000};
    struct in_flight_request request = {0};
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof rests_ms / sizeof *rests_ms; i++)
            assert_int_equal(in_flight_rest_ns(&request, &lost, 0, 0),
                             rests_ms[i] * NS_PER_MS);
        assert_int_equal(in_flight_rest_ns(&request, round == 0 ? &cut : &whole, 0, 0),
                         0);
    }
    assert_int_equal(in_flight_rest_ns(&request, &lost, 95, 100), 5);
    assert_int_equal(in_flight_rest_ns(&request, &lost, 101, 100), 0);
}

static void the_run_ends_on_time_and_cuts_off_what_is_in_flight(void **state) {
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 300});
    struct schedule_plan plan = {.n_users = 4, .duration_ns = 1000 * NS_PER_MS};
    struct drive_result result = run(*state, server->port, plan, true);
    assert_in_range(result.samples->n_ended, 4, 4 * 3);
    assert_int_equal(result.n_cut_off, 4);
    assert_in_range(result.elapsed_ns, NS_PER_S, 10 * NS_PER_S);
    samples_free(result.samples);
    server_stop(server);
}

static void an_open_loop_counts_what_the_cap_forbids(void **state) {
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 10000});
    struct schedule_plan plan = {
        .rate_per_s = 200, .constant_gaps = true, .duration_ns = 790 * NS_PER_MS};
    struct drive_result result = run(*state, server->port, plan, true);
    assert_int_equal(result.n_cut_off, 8);                             /* max_in_flight */
    assert_in_range(result.elapsed_ns, 790 * NS_PER_MS, 9 * NS_PER_S); /* unanswered */
    assert_true(server->most_open <= 8);
    assert_in_range(result.n_not_sent + result.n_cut_off, 157, 159);
    samples_free(result.samples);
    server_stop(server);
}

/* Awake it is only when a start is near. In between it sleeps, and so it does when the
 * last was sent: seen in the CPU time, of which the starts need next to nothing. */
static void an_open_loop_sleeps_between_its_starts(void **state) {
    static uint64_t at_ns[] = {0, 20 * NS_PER_MS};
    static const struct schedule_times times = {at_ns, 2};
    static const struct schedule_plan plans[] = {
        {.rate_per_s = 10, .constant_gaps = true, .duration_ns = 590 * NS_PER_MS},
        {.rate_per_s = 10, .times = &times}};
    for (size_t i = 0; i < 2; i++) {
        struct server *server =
            server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 300});
        struct drive_result result = run(*state, server->port, plans[i], true);
        assert_true(result.usage.cpu_ns < result.elapsed_ns / 8);
        struct samples_reader reader = samples_read(result.samples);
        struct load_sample sample;
        while (samples_next_planned(&reader, &sample, NULL))
            assert_true(sample.start_ns >= sample.planned_ns);
        samples_free(result.samples);
        server_stop(server);
    }
}

static void *send_sigterm(void *context) {
    (void)usleep(500 * 1000);
    (void)kill(getpid(), SIGTERM);
    return context;
}

static void a_signal_ends_the_run_with_what_was_measured(void **state) {
    struct server *server =
        server_start((struct behaviour){.answer = OK_ANSWER, .wait_ms = 1});
    pthread_t sender;
    assert_int_equal(pthread_create(&sender, NULL, send_sigterm, NULL), 0);
    struct schedule_plan plan = {.rate_per_s = 100, .duration_ns = 3600 * NS_PER_S};
    struct drive_result result = run(*state, server->port, plan, true);
    assert_int_equal(result.signal, SIGTERM);
    assert_true(result.samples->n_ended > 0);
    assert_true(result.elapsed_ns < 20 * NS_PER_S);
    (void)pthread_join(sender, NULL);
    samples_free(result.samples);
    server_stop(server);
}

/* A listener that takes nobody: its queue is full, and further connections are dropped.
 */
struct deaf {
    int listener, fillers[3];
    unsigned port;
};

static struct deaf deaf_start(void) {
    struct deaf deaf;
    deaf.listener = upstream_listen(&deaf.port);
    assert_int_equal(listen(deaf.listener, 0), 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)deaf.port)};
    for (int i = 0; i < 3; i++) {
        deaf.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(deaf.fillers[i], (void *)&address, sizeof address);
    }
    return deaf;
}

static void deaf_stop(struct deaf *deaf) {
    for (int i = 0; i < 3; i++)
        (void)close(deaf->fillers[i]);
    (void)close(deaf->listener);
}

/* A unix socket has no time-out for those that it has no room for: it says so at once. */
static void a_unix_socket_with_a_full_queue_refuses(void **state) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct routes routes = {.unix_path = address.sun_path};
    struct urls urls = {0};
    struct hosts hosts;
    char why[WHY_BYTES];
    (void)snprintf(address.sun_path, sizeof address.sun_path,
                   "/tmp/test_load_drive.%d.socket", (int)getpid());
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (void *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 0), 0);
    add_url(&urls, "a.test", 80, "");
    assert_int_equal(hosts_resolve(&hosts, &urls, &routes, why), 0);
    struct transport_config config = usual_config(&urls, &hosts);
    config.timeout_ns = 200 * NS_PER_MS;
    struct drive_result result =
        run_config(*state, config, (struct schedule_plan){.n_users = 4, .n_rounds = 1});
    unsigned n_refused = 0;
    for (size_t i = 0; i < 4; i++) { /* who had room waits in vain */
        unsigned error = sample_at(result.samples, i).error;
        n_refused += error == SAMPLE_REFUSED;
        assert_true(error == SAMPLE_REFUSED || error == SAMPLE_TIMEOUT);
    }
    assert_in_range(n_refused, 3, 4);
    samples_free(result.samples);
    hosts_free(&hosts);
    urls_free(&urls);
    (void)close(listener);
    (void)unlink(address.sun_path);
}

/* What threads_run returns of three users who connect before the start. */
static int run_preconnected(unsigned port, struct drive_result *result) {
    struct urls urls = {0};
    struct hosts hosts;
    char why[WHY_BYTES];
    add_url(&urls, "127.0.0.1", port, "");
    assert_int_equal(hosts_resolve(&hosts, &urls, &no_routes, why), 0);
    struct drive_config config = {
        .transport = &http1_transport,
        .transport_config = usual_config(&urls, &hosts),
        .plan = {.n_users = 3, .n_rounds = 2, .n_targets = 1, .seed = 1}};
    config.transport_config.preconnects = true;
    int error = threads_run(&config, result);
    hosts_free(&hosts);
    urls_free(&urls);
    return error;
}

static void connections_before_the_start_obey_the_time_out(void **state) {
    struct drive_result result;
    struct deaf deaf = deaf_start();
    (void)state;
    uint64_t start_ns = clock_now_ns();
    timeout_ns = 200 * NS_PER_MS;
    assert_int_equal(run_preconnected(deaf.port, &result), -ETIMEDOUT);
    assert_in_range(clock_now_ns() - start_ns, 200 * NS_PER_MS, 8 * NS_PER_S);
    timeout_ns = 20 * NS_PER_S;
    samples_free(result.samples);
    deaf_stop(&deaf);
    assert_int_equal(run_preconnected(CLOSED_PORT, &result), -ECONNREFUSED);
    samples_free(result.samples);
}

static void a_signal_ends_connecting_before_the_start(void **state) {
    struct drive_result result;
    struct deaf deaf = deaf_start();
    pthread_t sender;
    (void)state;
    assert_int_equal(pthread_create(&sender, NULL, send_sigterm, NULL), 0);
    uint64_t start_ns = clock_now_ns();
    timeout_ns = 3600 * NS_PER_S;
    assert_int_equal(run_preconnected(deaf.port, &result), 0);
    timeout_ns = 20 * NS_PER_S;
    assert_true(clock_now_ns() - start_ns < 20 * NS_PER_S);
    assert_int_equal(result.signal, SIGTERM);
    assert_int_equal(result.samples->n_planned, 0);
    assert_int_equal(result.elapsed_ns, 0);
    (void)pthread_join(sender, NULL);
    samples_free(result.samples);
    deaf_stop(&deaf);
}

static const struct transport *const transports[] = {&http1_transport, &curl_transport};

static const struct {
    const char *name;
    void (*run)(void **state);
} tests[] = {
#define TEST(name)                                                                       \
    { #name, name }
    TEST(every_request_is_answered_once_and_connections_are_kept),
    TEST(without_keep_alive_connections_are_still_no_more_than_users),
    TEST(replies_are_read_in_every_form),
    TEST(a_request_on_a_stale_connection_is_sent_again_and_counted),
    TEST(a_post_or_patch_is_never_sent_twice),
    TEST(the_target_is_sent_as_the_url_has_it),
    TEST(the_users_headers_take_the_place_of_our_own),
    TEST(a_user_goes_from_host_to_host_with_few_connections),
    TEST(misbehaving_servers_become_samples_of_their_kind),
    TEST(endless_heads_are_given_up),
    TEST(names_are_looked_up_before_the_run_alone),
    TEST(a_redirect_is_followed_and_its_connection_counted),
    TEST(a_refused_connection_ends_and_is_counted),
    TEST(users_of_a_server_that_is_away_rest_ever_longer),
    TEST(rest_doubles_up_to_a_second_until_something_comes),
    TEST(the_run_ends_on_time_and_cuts_off_what_is_in_flight),
    TEST(a_unix_socket_with_a_full_queue_refuses),
    TEST(an_open_loop_counts_what_the_cap_forbids),
    TEST(an_open_loop_sleeps_between_its_starts),
    TEST(a_signal_ends_the_run_with_what_was_measured),
};

enum {
    N_TRANSPORTS = sizeof transports / sizeof *transports,
    N_TESTS = sizeof tests / sizeof *tests
};

int main(void) {
    static char names[N_TRANSPORTS * N_TESTS][100];
    struct CMUnitTest all[N_TRANSPORTS * N_TESTS + 2];
    (void)signal(SIGPIPE, SIG_IGN);
    stop_signals_block();
    for (size_t i = 0; i < N_TRANSPORTS * N_TESTS; i++) {
        const struct transport *transport = transports[i / N_TESTS];
        (void)snprintf(names[i], sizeof names[i], "%s: %s", transport->name,
                       tests[i % N_TESTS].name);
        all[i] = (struct CMUnitTest){names[i], tests[i % N_TESTS].run, NULL, NULL,
                                     (void *)transport};
    }
    all[N_TRANSPORTS * N_TESTS] = (struct CMUnitTest)cmocka_unit_test(
        connections_before_the_start_obey_the_time_out);
    all[N_TRANSPORTS * N_TESTS + 1] =
        (struct CMUnitTest)cmocka_unit_test(a_signal_ends_connecting_before_the_start);
    return cmocka_run_group_tests(all, NULL, NULL);
}
