/* The table of benches and their harness; see bench.h. */
#include "bench/bench.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/children/children.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "common/workload/counting.h"
#include "compare/compare.h"
#include "director/programs/generator.h"
#include "director/run.h"
#include "loadgen/load.h"
#include "report/report.h"
#include "server/core/spawner_child.h"
#include "server/front/serve.h"

static const struct bench *const groups[] = {
    bench_makespan, bench_requests, bench_waiting, bench_gil,  bench_generator,
    bench_accuracy, bench_report,   bench_compare, bench_steps};

static const uint64_t LIMIT_NS = 600 * NS_PER_S;

void bench_start_server(struct child *server, const char *const *options,
                        char url[SERVER_URL_BYTES]) {
    char why[WHY_BYTES];
    if (server_start_ours(server, options, NULL, url, why) != 0)
        error_exit("bench: %s", why);
}

struct child bench_run(const char *const *words) {
    struct child child;
    const struct child_order order = {.words = words, .is_this_program = true};
    if (children_start(&child, &order) != 0 ||
        children_wait(&child, clock_now_ns() + LIMIT_NS, NULL, NULL) != 0)
        error_exit("bench: 'juggle %s' did not start or end, or was interrupted",
                   words[1]);
    return child;
}

static int keep_output(void *context, const char *bytes, size_t n_bytes) {
    return fwrite(bytes, 1, n_bytes, context) == n_bytes ? 0 : -EIO;
}

FILE *bench_shell(const char *command, int *status) {
    const char *words[] = {"sh", "-c", command, NULL};
    int ended;
    FILE *output = tmpfile();
    struct child_task task = {
        .words = words, .limit_ns = LIMIT_NS, .take = keep_output, .context = output};
    if (output == NULL)
        error_exit("bench: cannot write to /tmp");
    if (children_run(&task, &ended) != 0)
        error_exit("bench: '%s' did not start or end, or was interrupted", command);
    (void)fputs(task.complaints, stderr);
    rewind(output);
    if (status != NULL)
        *status = ended;
    return output;
}

void bench_remove(const char *folder) {
    char command[200];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", folder);
    (void)fclose(bench_shell(command, NULL));
}

json_t *bench_load(const char *const *options) {
    char file[64];
    const char *words[ARGUMENTS_MOST] = {"juggle", "load", "-q", "--json", file};
    size_t n_words = 5;
    (void)snprintf(file, sizeof file, "/tmp/juggle-bench-%d.json", (int)getpid());
    while (*options != NULL && n_words + 1 < ARGUMENTS_MOST)
        words[n_words++] = *options++;
    (void)bench_run(words);
    json_t *load = json_load_file(file, 0, NULL);
    (void)unlink(file);
    if (load == NULL)
        error_exit("bench: the load generator left no results");
    const json_t *statistics = json_object_get(load, "statistics");
    if (json_integer_value(json_object_get(statistics, "failed_transactions")) != 0)
        error_exit("bench: requests to %s failed, so their times say nothing",
                   words[n_words - 1]);
    return load;
}

double bench_makespan_s(const json_t *load) {
    size_t i;
    json_t *request;
    double first_us = INFINITY, last_us = 0;
    json_array_foreach(json_object_get(load, "requests"), i, request) {
        double start_us = json_number_value(json_object_get(request, "start_us"));
        double latency_us = json_number_value(json_object_get(request, "latency_us"));
        first_us = fmin(first_us, start_us);
        last_us = fmax(last_us, start_us + latency_us);
    }
    return (last_us - first_us) / 1e6;
}

void bench_pin(int cpu) {
    static cpu_set_t all;
    static int is_known;
    if (!is_known)
        (void)sched_getaffinity(0, sizeof all, &all);
    is_known = 1;
    cpu_set_t wanted = all;
    for (int i = 0, seen = 0; cpu >= 0 && i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all) && seen++ == cpu % CPU_COUNT(&all)) {
            CPU_ZERO(&wanted);
            CPU_SET(i, &wanted);
            break;
        }
    (void)sched_setaffinity(0, sizeof wanted, &wanted);
}

/* 1 when the bound was missed. */
static int run_bench(const struct bench *bench) {
    struct bench_result result = {0};
    bench->run(&result);
    bench_pin(-1);
    if (result.skipped[0] != '\0') {
        (void)printf("skipped  %-58s %s\n", bench->name, result.skipped);
        return 0;
    }
    stats_sort(result.values, result.n_values);
    double median = stats_quantile(result.values, result.n_values, 0.5);
    int is_kept = median >= bench->least && median <= bench->most;
    char bounds[64];
    if (bench->least > 0 && isfinite(bench->most))
        (void)snprintf(bounds, sizeof bounds, "%g to %g", bench->least, bench->most);
    else
        (void)snprintf(bounds, sizeof bounds,
                       bench->least > 0 ? "at least %g" : "at most %g",
                       bench->least > 0 ? bench->least : bench->most);
    (void)printf("%-8s %-58s %7.3f %s(%s; %.3f .. %.3f in %zu)\n",
                 is_kept ? "kept" : "MISSED", bench->name, median, bench->unit, bounds,
                 result.values[0], result.values[result.n_values - 1], result.n_values);
    if (result.detail[0] != '\0')
        (void)printf("         %s\n", result.detail);
    (void)fflush(stdout);
    return !is_kept;
}

/* What the programs that a bench starts are called as: this one in each case. */
static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} subcommands[] = {{"serve", serve_main},     {"load", load_main},
                   {"run", run_main},         {"report", report_main},
                   {"compare", compare_main}, {SPAWNER_COMMAND, spawner_main}};

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++)
        if (strcmp(argv[0], "juggle") == 0 && argc > 1 &&
            strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    if (interrupts_heed() != 0)
        error_exit("bench: no descriptor is left; raise ulimit -n");
    (void)printf("%s, %u usable CPU%s, effective cores %.2f\n", machine_cpu_model(),
                 machine_usable_cpus(), machine_usable_cpus() == 1 ? "" : "s",
                 counting_effective_cores(
                     machine_usable_cpus(),
                     (uint64_t)(300 * counting_calibrate(300 * NS_PER_MS)), NULL));
    int n_missed = 0;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (const struct bench *bench = groups[i]; bench->name != NULL; bench++)
            if (argc < 2 || strstr(bench->name, argv[1]) != NULL)
                n_missed += run_bench(bench);
    (void)printf("%d bound%s missed\n", n_missed, n_missed == 1 ? "" : "s");
    return n_missed > 0;
}
