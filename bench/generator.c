/*
 * The load generator against wrk, siege and itself, on nginx that answers 200 by itself:
 * server and generator pinned to one core each. The two of a pair run back to back, each
 * first in every other pair, and send the same bytes: wrk's request is a line and a Host.
 */
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "common/clock.h"
#include "common/error.h"
#include "director/process.h"
#include "server/listener.h"

enum { N_PAIRS = 11, N_SHORT_PAIRS = 25, SERVER_CPU = 0, GENERATOR_CPU = 1 };

/* nginx, for one bench */

struct nginx {
    pid_t pid;
    char folder[40];
    char url[60];
};

static int has_command(const char *name, struct bench_result *result) {
    char command[80];
    (void)snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
    if (system(command) == 0)
        return 1;
    (void)snprintf(result->skipped, sizeof result->skipped, "install %s",
                   strcmp(name, "nginx") == 0 ? "nginx-light" : name);
    return 0;
}

/* 0 or -1. */
static int write_configuration(const struct nginx *nginx, unsigned port) {
    char path[80];
    const char *folder = nginx->folder;
    (void)snprintf(path, sizeof path, "%s/nginx.conf", folder);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -1;
    (void)fprintf(
        file,
        "daemon off; master_process off; pid %s/pid; error_log %s/error.log;\n"
        "worker_rlimit_nofile 12000; events { worker_connections 11000; }\n"
        "http { access_log off; keepalive_requests 1000000000;\n"
        "  client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s;\n"
        "  uwsgi_temp_path %s; scgi_temp_path %s;\n"
        "  server { listen 127.0.0.1:%u backlog=4096;\n"
        "    location / { return 200 \"hello, world\"; } } }\n",
        folder, folder, folder, folder, folder, folder, folder, port);
    return fclose(file);
}

static void start_nginx(struct nginx *nginx) {
    unsigned port = 0;
    char configuration[80];
    int fd = listener_open("127.0.0.1", &port, false); /* a port that is free now */
    (void)close(fd);
    (void)snprintf(nginx->folder, sizeof nginx->folder, "/tmp/juggle-nginx-XXXXXX");
    if (mkdtemp(nginx->folder) == NULL || write_configuration(nginx, port) != 0)
        error_exit("bench: cannot write to %s", nginx->folder);
    (void)snprintf(nginx->url, sizeof nginx->url, "http://127.0.0.1:%u/", port);
    (void)snprintf(configuration, sizeof configuration, "%s/nginx.conf", nginx->folder);
    bench_pin(SERVER_CPU);
    nginx->pid = fork();
    if (nginx->pid == 0) {
        sigset_t none; /* the bench itself blocks what ends it */
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execlp("nginx", "nginx", "-p", nginx->folder, "-c", configuration,
                     (char *)NULL);
        _exit(127);
    }
    bench_pin(-1);
    clock_sleep_until(clock_now_ns() + 500 * NS_PER_MS);
}

static void stop_nginx(struct nginx *nginx) {
    char command[80];
    (void)kill(nginx->pid, SIGTERM);
    (void)waitpid(nginx->pid, NULL, 0);
    (void)snprintf(command, sizeof command, "rm -rf %s", nginx->folder);
    (void)!system(command);
}

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

/* Now and then siege with many users does not end when its time is up. */
static struct went run_siege(const struct nginx *nginx, unsigned n_users,
                             unsigned seconds) {
    char command[400];
    (void)snprintf(command, sizeof command,
                   "rc=$(mktemp); printf 'verbose = false\\nconnection = "
                   "keep-alive\\nbenchmark = true\\n' >$rc; "
                   "for try in 1 2 3; do HOME=${rc%%/*} timeout %u siege -R $rc -c %u "
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
    if (!has_command("nginx", result) || !has_command(command, result))
        return;
    struct nginx nginx = {0};
    struct went ours = {0}, theirs = {0};
    double all_s = 0, our_busy_s = 0, their_busy_s = 0;
    start_nginx(&nginx);
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
    stop_nginx(&nginx);
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
    if (!has_command("nginx", result))
        return;
    struct nginx nginx = {0};
    start_nginx(&nginx);
    for (size_t i = 0; i < 5; i++)
        result->values[result->n_values++] = run_ours(&nginx, 5000, 3, options).rate /
                                             run_ours(&nginx, 50, 3, options).rate;
    stop_nginx(&nginx);
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
    if (!has_command("nginx", result))
        return;
    struct nginx nginx = {0};
    start_nginx(&nginx);
    measure_memory(result, nginx.url, "100", "1", "5100", "1");
    stop_nginx(&nginx);
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
    {"load: memory per user", "B ", 0, 4096, run_memory_per_user},
    {"load: memory per recorded request", "B ", 0, 64, run_memory_per_request},
    {0},
};
