/* 10,000 users who all wait at once: how long it takes, and what each costs in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/children/children.h"

enum { N_USERS = 10000, N_ROUNDS = 5 };

struct waited {
    double makespan_s, memory_kib;
};

/* A line such as "VmHWM:    1234 kB" of the process. */
static double status_kib(pid_t pid, const char *name) {
    char path[64], line[200];
    double kib = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = atof(line + strlen(name) + 1);
    if (status != NULL)
        (void)fclose(status);
    return kib;
}

static struct waited wait_once(int preconnects) {
    char base[160], url[240], users[16];
    struct child server;
    const char *options[] = {"--turns-per-ms", "1000000", "--only", "async", NULL};
    bench_start_server(&server, options, base);
    (void)snprintf(url, sizeof url, "%sasync/?work=sleep:1s", base);
    (void)snprintf(users, sizeof users, "%d", N_USERS);
    double before_kib = status_kib(server.pid, "VmRSS");
    const char *load_options[] = {
        "-c", users, "-r", "1", "-b", preconnects ? "--preconnect" : "-q", url, NULL};
    json_t *load = bench_load(load_options);
    struct waited waited = {
        .makespan_s = bench_makespan_s(load),
        .memory_kib = (status_kib(server.pid, "VmHWM") - before_kib) / N_USERS,
    };
    children_stop(&server, 5 * NS_PER_S);
    const json_t *statistics = json_object_get(load, "statistics");
    if (json_integer_value(json_object_get(statistics, "transactions")) != N_USERS)
        error_exit("bench: not all of the %d users were answered", N_USERS);
    json_decref(load);
    return waited;
}

static int has_descriptors(struct bench_result *result) {
    unsigned nofile = machine_raise_nofile();
    if (nofile >= N_USERS + 200)
        return 1;
    (void)snprintf(result->skipped, sizeof result->skipped,
                   "needs %d open files and the limit is %u: ulimit -n", N_USERS + 200,
                   nofile);
    return 0;
}

static void measure(struct bench_result *result, int preconnects) {
    if (!has_descriptors(result))
        return;
    for (size_t i = 0; i < N_ROUNDS; i++)
        result->values[result->n_values++] = wait_once(preconnects).makespan_s;
}

static void run_makespan(struct bench_result *result) {
    measure(result, 1);
}

static void run_connecting(struct bench_result *result) {
    measure(result, 0);
}

static void run_memory(struct bench_result *result) {
    if (!has_descriptors(result))
        return;
    for (size_t i = 0; i < 3; i++)
        result->values[result->n_values++] = wait_once(1).memory_kib;
}

const struct bench bench_waiting[] = {
    {"10,000 users in /async/?work=sleep:1s: makespan, connected", "s ", 0, 1.2,
     run_makespan},
    {"10,000 users in /async/?work=sleep:1s: makespan, connecting", "s ", 0, 1.2,
     run_connecting},
    {"10,000 users in /async/?work=sleep:1s: peak memory each", "KiB ", 0, 6, run_memory},
    {0},
};
