/* Proofs of times that are known: a sleep is never cut short, Little's law closes on a
 * known delay, and twice the turns of the counting loop take twice the time. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "common/workload/counting.h"
#include "selftest/stage.h"
#include "strategies/strategy.h"

static bool measure_sleeps(struct stage *stage) {
    enum { PER_STRATEGY = 5 };
    char path[sizeof stage->folder + 16], rounds[16];
    (void)snprintf(path, sizeof path, "%s/urls", stage->folder);
    if (!stage_serve(stage))
        return false;
    int n_urls = 0;
    FILE *file = fopen(path, "we");
    for (; file != NULL && strategies[n_urls].name != NULL; n_urls++)
        (void)fprintf(file, "%s%s/?work=sleep:100ms\n", stage->url,
                      strategies[n_urls].name);
    bool is_written = file != NULL && fclose(file) == 0;
    if (!is_written)
        stage_find(stage, "cannot write %.150s: %s", path, strerror(errno));
    (void)snprintf(rounds, sizeof rounds, "%d", PER_STRATEGY * n_urls);
    const char *const options[] = {"--concurrent", "1",  "--reps", rounds,
                                   "--file",       path, NULL};
    bool is_done =
        is_written && stage_start_load(stage, options, NULL) && stage_finish_load(stage);
    (void)unlink(path);
    return is_done;
}

static enum proof_verdict prove_sleep(struct stage *stage) {
    static const double sleep_us = 100e3, most_added_us = 25e3;
    double *run_us, *latency_us;
    size_t n;
    if (!measure_sleeps(stage) || !stage_column(stage, "run_us", &run_us, &n) ||
        !stage_column(stage, "latency_us", &latency_us, &n) || n == 0)
        return PROOF_FAILS;
    double added_us = stats_quantile(latency_us, n, 0.5) - sleep_us;
    stage_find(stage,
               "of %zu the shortest run %.3f ms, shortest latency %.3f ms; added: median "
               "%.3f ms, most %.3f ms",
               n, run_us[0] / 1e3, latency_us[0] / 1e3, added_us / 1e3,
               (latency_us[n - 1] - sleep_us) / 1e3);
    if (!(run_us[0] >= sleep_us && latency_us[0] >= sleep_us))
        return PROOF_FAILS;
    return added_us <= most_added_us ? PROOF_HOLDS : PROOF_SPOILT;
}

const struct proof proof_sleep = {
    "sleep", "a sleep:100ms never ends early, under any strategy",
    "no run and no latency below 100 ms; in the median at most 25 ms added", prove_sleep};

/* In a closed loop without think time, users = throughput x latency. */
static enum proof_verdict prove_little(struct stage *stage) {
    static const char *const options[] = {"--concurrent", "20", "--benchmark",
                                          "--time",       "2s", NULL};
    static const double expected_users = 20, delay_us = 20e3, tolerance = 0.05;
    double *latency_us;
    size_t n;
    if (!stage_measure(stage, options, "delay/?ms=20") ||
        !stage_column(stage, "latency_us", &latency_us, &n))
        return PROOF_FAILS;
    double rate_per_s = (double)n / fields_get_number(stage->load, "elapsed_s");
    double mean_us = stats_mean(latency_us, n), users = rate_per_s * mean_us / 1e6;
    stage_find(stage, "%.1f/s x %.2f ms = %.2f users", rate_per_s, mean_us / 1e3, users);
    if (!(mean_us >= delay_us))
        return PROOF_FAILS;
    return fabs(users - expected_users) <= tolerance * expected_users ? PROOF_HOLDS
                                                                      : PROOF_SPOILT;
}

const struct proof proof_little = {
    "little", "closed loop: Little's law holds on a known delay",
    "throughput x mean latency = 20 users +-5 %, a mean of at least 20 ms", prove_little};

/* Lowers `least_ns` to the CPU time of so many turns, where that is less. */
static void time_turns(uint64_t turns, uint64_t *least_ns) {
    uint64_t start_ns = clock_thread_cpu_ns();
    uint64_t counted = counting_loop(turns);
    assert(counted == turns);
    uint64_t took_ns = clock_thread_cpu_ns() - start_ns;
    *least_ns = took_ns < *least_ns ? took_ns : *least_ns;
}

/* The counting loop is the unit of all CPU work. */
static enum proof_verdict prove_counting(struct stage *stage) {
    enum { N_TRIALS = 40, TRIAL_MS = 8 };
    static const double tolerance = 0.05;
    uint64_t turns = (uint64_t)(counting_calibrate(100 * NS_PER_MS) * TRIAL_MS);
    uint64_t once_ns = UINT64_MAX, twice_ns = UINT64_MAX;
    for (int i = 0; i < N_TRIALS; i++) {
        time_turns(turns, &once_ns);
        time_turns(2 * turns, &twice_ns);
    }
    double ratio = (double)twice_ns / (double)once_ns;
    stage_find(stage, "%.3f ms / %.3f ms = %.3f", (double)twice_ns / 1e6,
               (double)once_ns / 1e6, ratio);
    return fabs(ratio - 2) <= 2 * tolerance ? PROOF_HOLDS : PROOF_SPOILT;
}

const struct proof proof_counting = {
    "counting", "counting loop: twice the turns take twice the time",
    "2 +-5 % (CPU time, the least of 40 trials each)", prove_counting};
