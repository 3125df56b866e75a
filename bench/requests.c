/*
 * Requests per second: `/` against a minimal evhttp program, and empty jobs against `/`.
 * Server and generator have one core each, where there are two.
 */
#include <math.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>

#include "bench/bench.h"
#include "bench/nginx.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/children.h"

enum { N_PAIRS = 7, SERVER_CPU = 0, GENERATOR_CPU = 1 };

static void answer(struct evhttp_request *http, void *context) {
    (void)context;
    struct evbuffer *body = evbuffer_new();
    (void)evbuffer_add(body, "hello, world", 12);
    evhttp_send_reply(http, 200, "OK", body);
    evbuffer_free(body);
}

/* What libevent's users write first. Never returns. */
static _Noreturn void serve_minimal(int port_fd) {
    struct event_base *base = event_base_new();
    struct evhttp *http = evhttp_new(base);
    struct evhttp_bound_socket *bound =
        evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    evhttp_set_gencb(http, answer, NULL);
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    (void)getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address,
                      &length);
    unsigned port = ntohs(address.sin_port);
    (void)!write(port_fd, &port, sizeof port);
    (void)event_base_dispatch(base);
    _exit(0);
}

static pid_t start_minimal(char *url, size_t url_bytes) {
    int ends[2];
    unsigned port = 0;
    if (pipe(ends) != 0)
        error_exit("bench: cannot make a pipe");
    bench_pin(SERVER_CPU);
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve_minimal(ends[1]);
    }
    bench_pin(-1);
    (void)close(ends[1]);
    if (pid < 0 || read(ends[0], &port, sizeof port) != (ssize_t)sizeof port)
        error_exit("bench: the minimal server did not start");
    (void)close(ends[0]);
    (void)snprintf(url, url_bytes, "http://127.0.0.1:%u/", port);
    return pid;
}

/* wrk where it is installed, since it is known; else our own. */
static double rate_by_wrk(const char *url) {
    char command[300], line[300];
    double rate = 0;
    (void)snprintf(command, sizeof command, "wrk -t 1 -c 50 -d 2s '%s' 2>&1", url);
    FILE *output = bench_shell(command, NULL);
    while (fgets(line, sizeof line, output) != NULL)
        (void)sscanf(line, "Requests/sec: %lf", &rate);
    (void)fclose(output);
    return rate;
}

static double rate_by_load(const char *url) {
    const char *options[] = {"-c", "50", "-t", "2S", "-b", url, NULL};
    json_t *load = bench_load(options);
    double rate = json_number_value(
        json_object_get(json_object_get(load, "statistics"), "transaction_rate"));
    json_decref(load);
    return rate;
}

static double rate_of(const char *url) {
    bench_pin(GENERATOR_CPU);
    struct bench_result unused;
    double rate =
        peer_is_installed("wrk", &unused) ? rate_by_wrk(url) : rate_by_load(url);
    bench_pin(-1);
    if (rate <= 0)
        error_exit("bench: the load generator reached nothing at %s", url);
    return rate;
}

static void compare(const char *one, const char *other, struct bench_result *result) {
    double one_rate = 0, other_rate = 0;
    for (size_t i = 0; i < N_PAIRS; i++) {
        one_rate = rate_of(one);
        other_rate = rate_of(other);
        result->values[result->n_values++] = one_rate / other_rate;
    }
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.0f and %.0f requests/s", one_rate, other_rate);
}

static void run_index(struct bench_result *result) {
    char url[160], minimal_url[160];
    struct child server;
    const char *options[] = {"--turns-per-ms", "1000000", NULL};
    pid_t minimal = start_minimal(minimal_url, sizeof minimal_url);
    bench_pin(SERVER_CPU);
    bench_start_server(&server, options, url);
    compare(url, minimal_url, result);
    children_stop(&server, NS_PER_S);
    (void)kill(minimal, SIGKILL);
    (void)waitpid(minimal, NULL, 0);
}

static void compare_empty_job(const char *strategy, struct bench_result *result) {
    char index_url[160], url[240];
    struct child server;
    const char *options[] = {"--turns-per-ms", "1000000", "--only", strategy, NULL};
    bench_start_server(&server, options, index_url);
    (void)snprintf(url, sizeof url, "%s%s/?work=cpu:0", index_url, strategy);
    compare(url, index_url, result);
    children_stop(&server, NS_PER_S);
}

static void run_empty_threadpool(struct bench_result *result) {
    compare_empty_job("threadpool", result);
}

static void run_empty_processing(struct bench_result *result) {
    compare_empty_job("processing", result);
}

const struct bench bench_requests[] = {
    {"requests/s of / / a minimal evhttp program", "", 1.0, INFINITY, run_index},
    {"requests/s of an empty job, threadpool / `/`", "", 0.5, INFINITY,
     run_empty_threadpool},
    {"requests/s of an empty job, processing / `/`", "", 0.4, INFINITY,
     run_empty_processing},
    {0},
};
