/* libcurl on libevent against a small server in a process of its own. */
#include <fcntl.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/net/curl_loop.h"
#include "tests/test.h"
#include "tests/upstream.h"

enum { N_TRANSFERS = 120, N_ROUNDS = 10 }; /* more than two shards hold */

/* One transfer and what has become of it. */
struct tried {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    unsigned n_left;               /* how often it is to be started again */
    unsigned n_finished, n_failed;
    uint64_t started_ns;
    CURLcode result;
    long status;
};

static struct upstream *upstream;
static struct event_base *base;
static struct curl_loop *loop;
static struct tried tried[N_TRANSFERS];
static unsigned n_under_way;

static void on_finished(struct curl_transfer *transfer, CURLcode result,
                        uint64_t ended_ns) {
    struct tried *self = (struct tried *)transfer;
    assert_true(self->started_ns <= ended_ns && ended_ns <= clock_now_ns());
    self->n_finished++;
    self->result = result;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &self->status);
    self->n_failed += result != CURLE_OK || self->status != 200;
    if (self->n_left > 0) {
        self->n_left--;
        self->started_ns = clock_now_ns();
        assert_int_equal(curl_loop_start(transfer), 0);
    } else if (--n_under_way == 0) {
        (void)event_base_loopbreak(base);
    }
}

static size_t drop(char *bytes, size_t size, size_t n, void *context) {
    (void)bytes, (void)context;
    return size * n;
}

static int open_loop(void **state) {
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN);
    upstream = upstream_start(); /* forks, so it comes before libcurl */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -1;
    base = event_base_new();
    loop = base != NULL ? curl_loop_open(base, on_finished) : NULL;
    n_under_way = 0;
    memset(tried, 0, sizeof tried);
    return loop != NULL ? 0 : -1;
}

static int close_loop(void **state) {
    (void)state;
    for (int i = 0; i < N_TRANSFERS; i++)
        if (tried[i].transfer.easy != NULL)
            curl_loop_detach(&tried[i].transfer);
    curl_loop_close(loop);
    event_base_free(base);
    curl_global_cleanup();
    upstream_stop(upstream);
    return 0;
}

#define TEST_WITH_LOOP(name) TEST_WITH(name, open_loop, close_loop)

static void attach(struct tried *self, const char *path) {
    char url[64];
    assert_int_equal(curl_loop_attach(loop, &self->transfer), 0);
    CURL *easy = self->transfer.easy;
    (void)curl_easy_setopt(easy, CURLOPT_URL, upstream_url(upstream, path, url));
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
}

static void start(struct tried *self, unsigned n_more) {
    self->n_left = n_more;
    n_under_way++;
    self->started_ns = clock_now_ns();
    assert_int_equal(curl_loop_start(&self->transfer), 0);
}

static void run_loop(void) {
    (void)alarm(60); /* ends a loop that never does */
    (void)event_base_dispatch(base);
    (void)alarm(0);
}

/* All of them, each again so often from `finished`. */
static void run_all(const char *path, unsigned n_more) {
    for (int i = 0; i < N_TRANSFERS; i++)
        attach(&tried[i], path);
    for (int i = 0; i < N_TRANSFERS; i++)
        start(&tried[i], n_more);
    run_loop();
}

static void expect_of_all(int n_finished) {
    for (int i = 0; i < N_TRANSFERS; i++) {
        assert_int_equal(tried[i].n_finished, n_finished);
        assert_int_equal(tried[i].n_failed, 0);
    }
}

TEST_WITH_LOOP(transfers_finish_once_each_and_keep_their_connections) {
    run_all("/ok", N_ROUNDS - 1);
    expect_of_all(N_ROUNDS);
    assert_int_equal(atomic_load(&upstream->n_requests), N_TRANSFERS * N_ROUNDS);
    assert_in_range(atomic_load(&upstream->n_accepted), 1, N_TRANSFERS);
    assert_in_range(atomic_load(&upstream->most_open), 1, N_TRANSFERS);
}

TEST_WITH_LOOP(a_server_that_closes_does_not_add_connections) {
    run_all("/last", 2);
    expect_of_all(3);
    assert_int_equal(atomic_load(&upstream->n_accepted), 3 * N_TRANSFERS);
    assert_in_range(atomic_load(&upstream->most_open), 1, N_TRANSFERS);
}

TEST_WITH_LOOP(failures_are_told_apart) {
    attach(&tried[0], "/drop");
    attach(&tried[1], "/silent");
    attach(&tried[2], "/missing");
    attach(&tried[3], "/ok");
    attach(&tried[4], "/ok");
    (void)curl_easy_setopt(tried[1].transfer.easy, CURLOPT_TIMEOUT_MS, 100L);
    (void)curl_easy_setopt(tried[4].transfer.easy, CURLOPT_PORT, (long)CLOSED_PORT);
    for (int i = 0; i < 5; i++)
        start(&tried[i], 0);
    run_loop();
    for (int i = 0; i < 5; i++)
        assert_int_equal(tried[i].n_finished, 1);
    assert_int_equal(tried[0].result, CURLE_GOT_NOTHING);
    assert_int_equal(tried[1].result, CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(tried[2].result, CURLE_OK);
    assert_int_equal(tried[2].status, 404);
    assert_int_equal(tried[3].result, CURLE_OK);
    assert_int_equal(tried[3].status, 200);
    assert_int_equal(tried[4].result, CURLE_COULDNT_CONNECT);
}

TEST_WITH_LOOP(what_is_cancelled_never_finishes_and_may_start_again) {
    char url[64];
    for (int i = 0; i < N_TRANSFERS; i++)
        attach(&tried[i], i % 2 == 0 ? "/silent" : "/ok");
    for (int i = 0; i < N_TRANSFERS; i++)
        start(&tried[i], 0);
    n_under_way -= N_TRANSFERS / 2;
    run_loop(); /* the odd ones finish, the even ones never would */
    for (int i = 0; i < N_TRANSFERS; i += 2)
        curl_loop_cancel(&tried[i].transfer);
    for (int i = 0; i < N_TRANSFERS; i++)
        assert_int_equal(tried[i].n_finished, i % 2);
    for (int i = 0; i < N_TRANSFERS; i += 2) {
        (void)curl_easy_setopt(tried[i].transfer.easy, CURLOPT_URL,
                               upstream_url(upstream, "/ok", url));
        start(&tried[i], 0);
    }
    run_loop();
    expect_of_all(1);
}

TEST_WITH_LOOP(a_place_that_was_given_back_is_taken_again) {
    for (int round = 0; round < 3; round++) {
        run_all("/ok", 0);
        expect_of_all(round + 1);
        for (int i = 0; i < N_TRANSFERS; i++) {
            curl_loop_detach(&tried[i].transfer);
            assert_null(tried[i].transfer.easy);
        }
    }
}

TEST_WITH_LOOP(an_environment_with_a_proxy_changes_nothing) {
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    attach(&tried[0], "/ok");
    start(&tried[0], 0);
    run_loop();
    (void)unsetenv("http_proxy");
    assert_int_equal(tried[0].n_failed, 0);
}

static int check_is_open(const struct event_base *of, const struct event *event,
                         void *context) {
    int fd = event_get_fd(event);
    (void)of, (void)context;
    return fd >= 0 && fcntl(fd, F_GETFD) < 0; /* not 0 ends the walk */
}

/*
 * libcurl closes those of its resolver by itself. A watch that stayed would keep a later
 * socket of the same number from being watched. No server is asked for such a long name.
 */
TEST_WITH_LOOP(sockets_of_the_resolver_are_watched_no_longer) {
    char url[100];
    (void)snprintf(url, sizeof url, "http://%064d.invalid/", 0);
    for (int i = 0; i < N_TRANSFERS; i++) {
        attach(&tried[i], "/ok");
        if (i % 2 == 0)
            (void)curl_easy_setopt(tried[i].transfer.easy, CURLOPT_URL, url);
    }
    for (int round = 1; round <= 2; round++) {
        for (int i = 0; i < N_TRANSFERS; i++)
            start(&tried[i], 0);
        run_loop();
        for (int i = 0; i < N_TRANSFERS; i++) {
            assert_int_equal(tried[i].n_finished, round);
            assert_int_equal(tried[i].result,
                             i % 2 == 0 ? CURLE_COULDNT_RESOLVE_HOST : CURLE_OK);
        }
        assert_int_equal(event_base_foreach_event(base, check_is_open, NULL), 0);
    }
}
