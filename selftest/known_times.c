/* Proofs of times that are known: a sleep is never cut short, Little's law closes on a
 * known delay, and twice the turns of the counting loop take twice the time. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "common/workload/counting.h"
#include "selftest/stage.h"
#include "strategies/strategy.h"

/* Sleeps, under every strategy in turn, one request at a time. */

enum { SLEEPS_PER_STRATEGY = 5 };
static const double SLEEP_US = 100e3, MOST_ADDED_US = 25e3;

/* A file with the URL of each strategy's sleep. How many, or -errno. */
static int write_urls(const struct stage *stage, const char *path) {
    int n_urls = 0;
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        (void)fprintf(file, "%s%s/?work=sleep:100ms\n", stage->url, entry->name);
        n_urls++;
    }
    return fclose(file) == 0 ? n_urls : -errno;
}

static int measure_sleeps(struct stage *stage) {
    char path[sizeof stage->folder + 16], rounds[16];
    (void)snprintf(path, sizeof path, "%s/urls", stage->folder);
    int error = stage_serve(stage);
    if (error != 0)
        return error;
    int n_urls = write_urls(stage, path);
    (void)snprintf(rounds, sizeof rounds, "%d", SLEEPS_PER_STRATEGY * n_urls);
    const char *const options[] = {"--concurrent", "1",  "--reps", rounds,
                                   "--file",       path, NULL};
    if (n_urls > 0) {
        error = stage_start_load(stage, options, NULL);
        if (error == 0)
            error = stage_finish_load(stage);
    } else {
        (void)snprintf(stage->why, sizeof stage->why, "cannot write %.150s", path);
        error = -EIO;
    }
    (void)unlink(path);
    return error;
}

int proof_sleep(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    (void)n_try;
    int error = measure_sleeps(stage);
    if (error != 0)
        return error;
    size_t n;
    const double *run_us = stage_column(stage, "run_us", &n);
    const double *latency_us = stage_column(stage, "latency_us", &n);
    if (run_us == NULL || latency_us == NULL || n == 0)
        return -ENOMEM;
    double added_us = stats_quantile(latency_us, n, 0.5) - SLEEP_US;
    bool is_early = !(run_us[0] >= SLEEP_US && latency_us[0] >= SLEEP_US);
    outcome->verdict = is_early                    ? PROOF_FAILS
                       : added_us <= MOST_ADDED_US ? PROOF_HOLDS
                                                   : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "none of %zu runs and latencies below %.0f ms; in the median at most "
                   "%.0f ms added",
                   n, SLEEP_US / 1e3, MOST_ADDED_US / 1e3);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "shortest run %.3f ms, shortest latency %.3f ms; added: median %.3f "
                   "ms, most %.3f ms",
                   run_us[0] / 1e3, latency_us[0] / 1e3, added_us / 1e3,
                   (latency_us[n - 1] - SLEEP_US) / 1e3);
    return 0;
}

/* Little's law: in a closed loop without think time, users = throughput x latency. */
int proof_little(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    static const char *const options[] = {"--concurrent", "20", "--benchmark",
                                          "--time",       "2s", NULL};
    static const double expected_users = 20, delay_us = 20e3, tolerance = 0.05;
    size_t n;
    (void)n_try;
    int error = stage_measure(stage, options, "delay/?ms=20");
    if (error != 0)
        return error;
    const double *latency_us = stage_column(stage, "latency_us", &n);
    if (latency_us == NULL)
        return -ENOMEM;
    double rate_per_s = (double)n / fields_get_number(stage->load, "elapsed_s");
    double mean_us = stats_mean(latency_us, n), users = rate_per_s * mean_us / 1e6;
    bool closes = fabs(users - expected_users) <= tolerance * expected_users;
    outcome->verdict = !(mean_us >= delay_us) ? PROOF_FAILS
                       : closes               ? PROOF_HOLDS
                                              : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "throughput x mean latency = %.0f users +-5 %%, a mean of at least "
                   "%.0f ms",
                   expected_users, delay_us / 1e3);
    (void)snprintf(outcome->found, sizeof outcome->found, "%.1f/s x %.2f ms = %.2f users",
                   rate_per_s, mean_us / 1e3, users);
    return 0;
}

/* The counting loop is the unit of all CPU work. */

enum { N_TRIALS = 40 };
static const double TRIAL_MS = 8, TOLERANCE = 0.05;
static const uint64_t CALIBRATION_NS = 100 * NS_PER_MS;

/* Lowers `least_ns` to the CPU time of so many turns, where that is less. */
static void time_turns(uint64_t turns, uint64_t *least_ns) {
    uint64_t start_ns = clock_thread_cpu_ns();
    uint64_t counted = counting_loop(turns);
    assert(counted == turns);
    uint64_t took_ns = clock_thread_cpu_ns() - start_ns;
    *least_ns = took_ns < *least_ns ? took_ns : *least_ns;
}

int proof_counting(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    (void)stage, (void)n_try;
    uint64_t turns = (uint64_t)(counting_calibrate(CALIBRATION_NS) * TRIAL_MS);
    uint64_t once_ns = UINT64_MAX, twice_ns = UINT64_MAX;
    for (int i = 0; i < N_TRIALS; i++) {
        time_turns(turns, &once_ns);
        time_turns(2 * turns, &twice_ns);
    }
    double ratio = (double)twice_ns / (double)once_ns;
    outcome->verdict = fabs(ratio - 2) <= 2 * TOLERANCE ? PROOF_HOLDS : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "2 +-5 %% (CPU time, the least of %d trials each)", N_TRIALS);
    (void)snprintf(outcome->found, sizeof outcome->found, "%.3f ms / %.3f ms = %.3f",
                   (double)twice_ns / 1e6, (double)once_ns / 1e6, ratio);
    return 0;
}
