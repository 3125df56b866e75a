/* What a declared step costs that does nothing: CPU time of the server a request. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "bench/bench.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/children.h"

enum { N_PAIRS = 15, SERVER_CPU = 0, GENERATOR_CPU = 1 };

static double cpu_us_a_request(const struct child *server, const char *base,
                               const char *work) {
    char url[240];
    clockid_t clock;
    const char *options[] = {"-c", "10", "-r", "3000", "-b", url, NULL};
    (void)snprintf(url, sizeof url, "%sblocking/?work=%s", base, work);
    if (clock_getcpuclockid(server->pid, &clock) != 0)
        error_exit("bench: the kernel does not tell the CPU time of the server");
    uint64_t before_ns = clock_read_ns(clock);
    bench_pin(GENERATOR_CPU);
    json_t *load = bench_load(options);
    bench_pin(-1);
    double used_us = (double)(clock_read_ns(clock) - before_ns) / 1e3;
    double n = json_number_value(
        json_object_get(json_object_get(load, "statistics"), "transactions"));
    json_decref(load);
    return used_us / n;
}

static void run_nothing(struct bench_result *result) {
    char base[SERVER_URL_BYTES], path[4096], step[4200];
    double with_us = 0, without_us = 0;
    struct child server;
    const char *options[] = {"--turns-per-ms", "1000000", "--step", step, NULL};
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/'); /* beside this program, as make has it */
    (void)snprintf(step, sizeof step, "nothing=%.*s/examples/nothing.so",
                   slash != NULL ? (int)(slash - path) : 0, path);
    bench_pin(SERVER_CPU);
    bench_start_server(&server, options, base);
    bench_pin(-1);
    for (size_t i = 0; i < N_PAIRS; i++) {
        with_us = cpu_us_a_request(&server, base, "cpu:0%2Bnothing");
        without_us = cpu_us_a_request(&server, base, "cpu:0");
        result->values[result->n_values++] = with_us - without_us;
    }
    (void)snprintf(result->detail, sizeof result->detail,
                   "the last pair: %.2f and %.2f us of CPU a request", with_us,
                   without_us);
    children_stop(&server, NS_PER_S);
}

const struct bench bench_steps[] = {
    {"CPU of a declared step that does nothing", "us ", -INFINITY, 2, run_nothing},
    {0},
};
