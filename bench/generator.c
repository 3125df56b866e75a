/*
 * The load generator against wrk, siege and itself, on nginx that answers 200 by itself:
 * server and generator pinned to one core each. The two of a pair run back to back, each
 * first in every other pair, and send the same bytes: wrk's request is a line and a Host.
 */
#include <fcntl.h>
#include <malloc.h>
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
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/children/children.h"

enum {
    N_PAIRS = 11,
    N_SHORT_PAIRS = 25,
    N_CURL_PAIRS = 7,
    SERVER_CPU = 0,
    GENERATOR_CPU = 1
};

static const double MOST_STOLEN = 0.02; /* above it our own runs are SUSPECT */

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
    double rate = 0, n_requests = 0, server_cpu_s = cpu_s_of(nginx->process.pid);
    (void)getrusage(RUSAGE_CHILDREN, &before);
    bench_pin(GENERATOR_CPU);
    FILE *output = bench_shell(command, NULL);
    bench_pin(-1);
    while (fgets(line, sizeof line, output) != NULL) {
        const char *found = strstr(line, label);
        if (found != NULL && rate == 0)
            rate = atof(found + strlen(label));
        double n = 0;
        int n_read = 0; /* 0: not to the end of the form */
        if (sscanf(line, " %lf requests in%n", &n, &n_read) == 1 && n_read > 0)
            n_requests = n;
    }
    (void)fclose(output);
    (void)getrusage(RUSAGE_CHILDREN, &after);
    if (rate <= 0)
        error_exit("bench: '%s' reached nothing", command);
    double cpu_us = cpu_us_of(&after) - cpu_us_of(&before);
    return (struct went){rate, n_requests > 0 ? cpu_us / n_requests : 0,
                         cpu_s_of(nginx->process.pid) - server_cpu_s};
}

/* One of a pair. */
struct contender {
    struct went (*run)(const struct nginx *nginx, const struct contender *contender);
    unsigned n_users, seconds;
    const char *options; /* of ours alone */
};

static struct went run_wrk(const struct nginx *nginx, const struct contender *wrk) {
    char command[200];
    (void)snprintf(command, sizeof command, "wrk -t 1 -c %u -d %us %s 2>&1", wrk->n_users,
                   wrk->seconds, nginx->url);
    return run_command(nginx, command, "Requests/sec:");
}

/* Now and then siege with many users ends neither in time nor when asked to. */
static struct went run_siege(const struct nginx *nginx, const struct contender *siege) {
    char command[400];
    (void)snprintf(
        command, sizeof command,
        "rc=$(mktemp); printf 'verbose = false\\nconnection = "
        "keep-alive\\nbenchmark = true\\n' >$rc; "
        "for try in 1 2 3; do HOME=${rc%%/*} timeout -s KILL %u siege -R $rc -c %u "
        "-t %uS -b %s 2>&1 && break; done; rm -f $rc",
        siege->seconds + 5, siege->n_users, siege->seconds, nginx->url);
    return run_command(nginx, command, "Transaction rate:");
}

static struct went run_ours(const struct nginx *nginx, const struct contender *ours) {
    char command[300];
    (void)snprintf(command, sizeof command,
                   "bin/juggle load -c %u -t %uS -b -j -H Accept: -H User-Agent: %s %s "
                   "2>/dev/null | tr ',' '\\n' | sed 's/.*\"transactions\": "
                   "*\\([0-9]*\\).*/\\1 requests in/; s/\"//g'",
                   ours->n_users, ours->seconds, ours->options, nginx->url);
    return run_command(nginx, command, "transaction_rate:");
}

/*
 * Pairs, more of them where each is short: a virtual CPU's speed moves by a third from
 * one second to the next. A pair from which the hypervisor took more than a run of ours
 * may lose and be VALID is measured again, as many times as there are pairs. How busy the
 * server was says whose limit was reached: where it has its core to itself and that core
 * is full, no generator gets more from it.
 */
static void measure_pairs(struct bench_result *result, size_t n_pairs,
                          struct contender first, struct contender second, bool by_cpu) {
    struct nginx nginx = {0};
    struct went ours = {0}, theirs = {0};
    double all_s = 0, our_busy_s = 0, their_busy_s = 0;
    size_t n_again = 0;
    nginx_start(&nginx, SERVER_CPU);
    while (result->n_values < n_pairs) {
        struct machine_ticks before = machine_read_ticks();
        bool is_ours_first = result->n_values % 2 == 0;
        if (is_ours_first)
            ours = first.run(&nginx, &first);
        theirs = second.run(&nginx, &second);
        if (!is_ours_first)
            ours = first.run(&nginx, &first);
        struct machine_ticks now = machine_read_ticks();
        if (n_again < n_pairs && machine_stolen_share(&before, &now) > MOST_STOLEN) {
            n_again++;
            continue;
        }
        result->values[result->n_values++] =
            by_cpu ? ours.cpu_us / theirs.cpu_us : ours.rate / theirs.rate;
        our_busy_s += ours.server_cpu_s;
        their_busy_s += theirs.server_cpu_s;
        all_s += first.seconds;
    }
    nginx_stop(&nginx);
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.0f and %.0f requests/s, %.2f and %.2f us of CPU "
                   "each; the server's core was busy for %.0f and %.0f %%; %zu measured "
                   "again",
                   ours.rate, theirs.rate, ours.cpu_us, theirs.cpu_us,
                   fmin(100, 100 * our_busy_s / all_s),
                   fmin(100, 100 * their_busy_s / all_s), n_again);
}

static void against_wrk(struct bench_result *result, unsigned n_users, bool by_cpu) {
    /* Connecting 5,000 takes a tenth of a second, and is not what is asked. */
    unsigned seconds = n_users >= 5000 ? 3 : 1;
    if (peer_is_installed("nginx", result) && peer_is_installed("wrk", result))
        measure_pairs(result, seconds == 1 ? N_SHORT_PAIRS : N_PAIRS,
                      (struct contender){run_ours, n_users, seconds, ""},
                      (struct contender){run_wrk, n_users, seconds, ""}, by_cpu);
}

static void run_50(struct bench_result *result) {
    against_wrk(result, 50, false);
}

static void run_1000(struct bench_result *result) {
    against_wrk(result, 1000, false);
}

static void run_5000(struct bench_result *result) {
    against_wrk(result, 5000, false);
}

static void run_cpu(struct bench_result *result) {
    against_wrk(result, 50, true);
}

static void against_siege(struct bench_result *result, unsigned n_users) {
    if (peer_is_installed("nginx", result) && peer_is_installed("siege", result))
        measure_pairs(result, N_PAIRS, (struct contender){run_ours, n_users, 2, ""},
                      (struct contender){run_siege, n_users, 2, ""}, false);
}

/* Our rate is the server's here, whose core is full. */
static void run_against_siege_50(struct bench_result *result) {
    against_siege(result, 50);
}

/* Nearly as many as siege takes; its limit is 255. */
static void run_against_siege_250(struct bench_result *result) {
    against_siege(result, 250);
}

/* Connecting is left out: of 5,000 it takes a part of a second that of 50 does not. */
static void run_curl(struct bench_result *result) {
    static const char options[] = "--transport curl --warmup 1s";
    if (peer_is_installed("nginx", result))
        measure_pairs(result, N_CURL_PAIRS,
                      (struct contender){run_ours, 5000, 3, options},
                      (struct contender){run_ours, 50, 3, options}, false);
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
    const char *words[] = {"juggle", "load", "-q", "-c", users, "-r", rounds, url, NULL};
    (void)malloc_trim(0); /* the kernel counts what a child inherits until it execs */
    struct child load = bench_run(words);
    long own_pages = 0;
    FILE *statm = fopen("/proc/self/statm", "re");
    if (load.status != 0)
        error_exit("bench: a load of %s users failed", users);
    if (statm == NULL || fscanf(statm, "%*d %ld", &own_pages) != 1)
        error_exit("bench: cannot read /proc/self/statm");
    (void)fclose(statm);
    if (load.usage.ru_maxrss * 1024 <= own_pages * sysconf(_SC_PAGESIZE))
        error_exit("bench: this program holds more memory than the load, and hides it");
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
    struct child server;
    bench_start_server(&server, options, base);
    (void)snprintf(url, sizeof url, "%sasync/?work=sleep:1ms", base);
    measure_memory(result, url, "100", "10", "100", "3010");
    children_stop(&server, NS_PER_S);
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
