/*
 * The load generator against wrk, siege and itself, on nginx that answers 200 by itself:
 * server and generator pinned to one core each. The two of a pair run back to back, each
 * first in every other pair, and send the same bytes: wrk's request is a line and a Host.
 */
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/nginx.h"
#include "common/clock.h"
#include "common/error.h"
#include "director/process.h"

enum {
    N_PAIRS = 11,
    N_SHORT_PAIRS = 25,
    N_CURL_PAIRS = 7,
    SERVER_CPU = 0,
    GENERATOR_CPU = 1
};

/* CPU time of a process so far, in seconds. */
static double cpu_s_of(pid_t pid) {
    struct timespec used = {0};
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) == 0)
        (void)clock_gettime(clock, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* What one generator did in one go. */
struct went {
    double rate, cpu_us; /* requests per second; CPU per request */
    double server_cpu_s; /* what nginx used meanwhile */
};

static double cpu_us_of(const struct rusage *usage) {
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

/* Runs a command on the generator's core; the number behind `label` in its output. */
static struct went run_command(const struct nginx *nginx, const char *command,
                               const char *label) {
    char line[400];
    struct rusage before, after;
    double rate = 0, n_requests = 0, server_cpu_s = cpu_s_of(nginx->pid);
    (void)getrusage(RUSAGE_CHILDREN, &before);
    bench_pin(GENERATOR_CPU);
    FILE *output = popen(command, "r");
    bench_pin(-1);
    while (output != NULL && fgets(line, sizeof line, output) != NULL) {
        const char *found = strstr(line, label);
        if (found != NULL && rate == 0)
            rate = atof(found + strlen(label));
        (void)sscanf(line, " %lf requests in", &n_requests);
    }
    if (output != NULL)
        (void)pclose(output);
    (void)getrusage(RUSAGE_CHILDREN, &after);
    if (rate <= 0)
        error_exit("bench: '%s' reached nothing", command);
    double cpu_us = cpu_us_of(&after) - cpu_us_of(&before);
    return (struct went){rate, n_requests > 0 ? cpu_us / n_requests : 0,
                         cpu_s_of(nginx->pid) - server_cpu_s};
}

static struct went run_wrk(const struct nginx *nginx, unsigned n_users,
                           unsigned seconds) {
    char command[200];
    (void)snprintf(command, sizeof command, "wrk -t 1 -c %u -d %us %s 2>&1", n_users,
                   seconds, nginx->url);
    return run_command(nginx, command, "Requests/sec:");
}

/* Now and then siege with many users ends neither in time nor when asked to. */
static struct went run_siege(const struct nginx *nginx, unsigned n_users,
                             unsigned seconds) {
    char command[400];
    (void)snprintf(
        command, sizeof command,
        "rc=$(mktemp); printf 'verbose = false\\nconnection = "
        "keep-alive\\nbenchmark = true\\n' >$rc; "
        "for try in 1 2 3; do HOME=${rc%%/*} timeout -s KILL %u siege -R $rc -c %u "
        "-t %uS -b %s 2>&1 && break; done; rm -f $rc",
        seconds + 5, n_users, seconds, nginx->url);
    return run_command(nginx, command, "Transaction rate:");
}

static struct went run_ours(const struct nginx *nginx, unsigned n_users, unsigned seconds,
                            const char *options) {
    char command[300];
    (void)snprintf(command, sizeof command,
                   "bin/juggle load -c %u -t %uS -b -j -H Accept: -H User-Agent: %s %s "
                   "2>/dev/null | tr ',' '\\n' | sed 's/.*\"transactions\": "
                   "*\\([0-9]*\\).*/\\1 requests in/; s/\"//g'",
                   n_users, seconds, options, nginx->url);
    return run_command(nginx, command, "transaction_rate:");
}

/*
 * Pairs against one of the others, more of them where each is short: a virtual CPU's
 * speed moves by a third from one second to the next. How busy the server was says whose
 * limit was reached: where it has its core to itself and that core is full, no generator
 * gets more from it.
 */
static void against(struct bench_result *result, const char *command,
                    struct went (*run_theirs)(const struct nginx *nginx, unsigned n_users,
                                              unsigned seconds),
                    unsigned n_users, unsigned seconds, bool by_cpu) {
    if (!peer_is_installed("nginx", result) || !peer_is_installed(command, result))
        return;
    struct nginx nginx = {0};
    struct went ours = {0}, theirs = {0};
    double all_s = 0, our_busy_s = 0, their_busy_s = 0;
    nginx_start(&nginx, SERVER_CPU);
    for (size_t i = 0; i < (seconds == 1 ? N_SHORT_PAIRS : N_PAIRS); i++) {
        if (i % 2 == 0)
            ours = run_ours(&nginx, n_users, seconds, "");
        theirs = run_theirs(&nginx, n_users, seconds);
        if (i % 2 != 0)
            ours = run_ours(&nginx, n_users, seconds, "");
        result->values[result->n_values++] =
            by_cpu ? ours.cpu_us / theirs.cpu_us : ours.rate / theirs.rate;
        our_busy_s += ours.server_cpu_s;
        their_busy_s += theirs.server_cpu_s;
        all_s += seconds;
    }
    nginx_stop(&nginx);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.0f and %.0f requests/s, %.2f and %.2f us of CPU "
                   "each; the server's core was busy for %.0f and %.0f %%",
                   ours.rate, theirs.rate, ours.cpu_us, theirs.cpu_us,
                   fmin(100, 100 * our_busy_s / all_s),
                   fmin(100, 100 * their_busy_s / all_s));
}

static void run_50(struct bench_result *result) {
    against(result, "wrk", run_wrk, 50, 1, false);
}

static void run_1000(struct bench_result *result) {
    against(result, "wrk", run_wrk, 1000, 1, false);
}

/* Longer ones: to connect 5,000 takes a tenth of a second, and is not what is asked. */
static void run_5000(struct bench_result *result) {
    against(result, "wrk", run_wrk, 5000, 3, false);
}

static void run_cpu(struct bench_result *result) {
    against(result, "wrk", run_wrk, 50, 1, true);
}

/* Our rate is the server's here, whose core is full. */
static void run_against_siege_50(struct bench_result *result) {
    against(result, "siege", run_siege, 50, 2, false);
}

/* Nearly as many as siege takes; its limit is 255. */
static void run_against_siege_250(struct bench_result *result) {
    against(result, "siege", run_siege, 250, 2, false);
}

/* Connecting is left out: of 5,000 it takes a part of a second that of 50 does not. */
static void run_curl(struct bench_result *result) {
    static const char options[] = "--transport curl --warmup 1s";
    if (!peer_is_installed("nginx", result))
        return;
    struct nginx nginx = {0};
    struct went many = {0}, few = {0};
    nginx_start(&nginx, SERVER_CPU);
    for (size_t i = 0; i < N_CURL_PAIRS; i++) {
        if (i % 2 == 0)
            many = run_ours(&nginx, 5000, 3, options);
        few = run_ours(&nginx, 50, 3, options);
        if (i % 2 != 0)
            many = run_ours(&nginx, 5000, 3, options);
        result->values[result->n_values++] = many.rate / few.rate;
    }
    nginx_stop(&nginx);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.0f and %.0f requests/s", many.rate, few.rate);
}

/*
 * libcurl takes longer for a request than nginx, which sleeps in between, and a virtual
 * CPU that sleeps is dear to wake: 15 us of the sender's time here. At 50 connections it
 * is just not asleep yet. Where idle CPUs stay awake, the transport is what is compared.
 */
static void run_curl_awake(struct bench_result *result) {
    static const int32_t none_us = 0;
    int fd = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC); /* while it is open */
    if (fd >= 0 && write(fd, &none_us, sizeof none_us) == sizeof none_us)
        run_curl(result);
    else
        (void)snprintf(result->skipped, sizeof result->skipped,
                       "needs leave to write to /dev/cpu_dma_latency: run it as root");
    if (fd >= 0)
        (void)close(fd);
}

/* Memory: what a larger load takes more than a smaller one. */

/* Peak memory of a load of so many users and rounds, in bytes. */
static double peak_bytes(const char *url, const char *users, const char *rounds) {
    struct process load;
    const char *words[] = {"juggle", "load", "-q", "-c", users, "-r", rounds, url, NULL};
    if (process_start(&load, words, false) != 0 ||
        process_wait(&load, clock_now_ns() + 120 * NS_PER_S, NULL, NULL) != 0 ||
        load.status != 0)
        error_exit("bench: a load of %s users failed", users);
    return (double)load.usage.ru_maxrss * 1024;
}

static void measure_memory(struct bench_result *result, const char *url,
                           const char *few_users, const char *few_rounds,
                           const char *many_users, const char *many_rounds) {
    double n_more = atof(many_users) * atof(many_rounds);
    n_more -= atof(few_users) * atof(few_rounds);
    for (size_t round = 0; round < 3; round++)
        result->values[result->n_values++] = (peak_bytes(url, many_users, many_rounds) -
                                              peak_bytes(url, few_users, few_rounds)) /
                                             n_more;
}

static void run_memory_per_user(struct bench_result *result) {
    if (!peer_is_installed("nginx", result))
        return;
    struct nginx nginx = {0};
    nginx_start(&nginx, SERVER_CPU);
    measure_memory(result, nginx.url, "100", "1", "5100", "1");
    nginx_stop(&nginx);
}

/* From a server of ours, which says more of each request than others do. */
static void run_memory_per_request(struct bench_result *result) {
    static const char *const options[] = {"--turns-per-ms", "1000000", NULL};
    char base[160], url[200];
    struct process server;
    bench_start_server(&server, options, base, sizeof base);
    (void)snprintf(url, sizeof url, "%sasync/?work=sleep:1ms", base);
    measure_memory(result, url, "100", "10", "100", "3010");
    process_stop(&server, NS_PER_S);
}

const struct bench bench_generator[] = {
    {"load against wrk, requests/s, 50 connections", "", 1.05, INFINITY, run_50},
    {"load against wrk, requests/s, 1,000 connections", "", 1.10, INFINITY, run_1000},
    {"load against wrk, requests/s, 5,000 connections", "", 1.50, INFINITY, run_5000},
    {"load against wrk, CPU per request, 50 connections", "", 0, 0.90, run_cpu},
    {"load against siege with keep-alive, requests/s, 50", "", 10, INFINITY,
     run_against_siege_50},
    {"load against siege with keep-alive, requests/s, 250", "", 10, INFINITY,
     run_against_siege_250},
    {"load by curl, requests/s, 5,000 / 50 connections", "", 0.7, INFINITY, run_curl},
    {"load by curl, the same where idle CPUs stay awake", "", 0.7, INFINITY,
     run_curl_awake},
    {"load: memory per user", "B ", 0, 4096, run_memory_per_user},
    {"load: memory per recorded request", "B ", 0, 64, run_memory_per_request},
    {0},
};
