/* Waits of a known length: a sleep is never cut short, and Little's law closes. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "selftest/proof.h"
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

static int measure_sleeps(struct stage *stage, json_t **load) {
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
            error = stage_finish_load(stage, load);
    } else {
        (void)snprintf(stage->why, sizeof stage->why, "cannot write %.150s", path);
        error = -EIO;
    }
    (void)unlink(path);
    return error;
}

int proof_sleep(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    (void)n_try;
    json_t *load;
    int error = measure_sleeps(stage, &load);
    if (error != 0)
        return error;
    size_t n;
    double *run_us = stage_column(load, "run_us", &n);
    double *latency_us = stage_column(load, "latency_us", &n);
    json_decref(load);
    if (run_us != NULL && latency_us != NULL && n > 0) {
        stats_sort(run_us, n);
        stats_sort(latency_us, n);
        double added_us = stats_quantile(latency_us, n, 0.5) - SLEEP_US;
        bool is_early = !(run_us[0] >= SLEEP_US && latency_us[0] >= SLEEP_US);
        outcome->verdict = is_early                    ? PROOF_FAILS
                           : added_us <= MOST_ADDED_US ? PROOF_HOLDS
                                                       : PROOF_SPOILT;
        (void)snprintf(outcome->expected, sizeof outcome->expected,
                       "none of %zu runs and latencies below %.0f ms; in the median at "
                       "most %.0f ms added",
                       n, SLEEP_US / 1e3, MOST_ADDED_US / 1e3);
        (void)snprintf(outcome->found, sizeof outcome->found,
                       "shortest run %.3f ms, shortest latency %.3f ms; added: median "
                       "%.3f ms, most %.3f ms",
                       run_us[0] / 1e3, latency_us[0] / 1e3, added_us / 1e3,
                       (latency_us[n - 1] - SLEEP_US) / 1e3);
    } else {
        error = -ENOMEM;
    }
    free(run_us);
    free(latency_us);
    return error;
}

/* Little's law: in a closed loop without think time, users = throughput x latency. */

static const double USERS = 20, DELAY_US = 20e3, LITTLE_TOLERANCE = 0.05;

int proof_little(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    static const char *const options[] = {"--concurrent", "20", "--benchmark",
                                          "--time",       "2s", NULL};
    (void)n_try;
    json_t *load;
    int error = stage_measure(stage, options, "delay/?ms=20", &load);
    if (error != 0)
        return error;
    size_t n;
    double *latency_us = stage_column(load, "latency_us", &n);
    double rate_per_s = (double)n / fields_get_number(load, "elapsed_s");
    json_decref(load);
    if (latency_us == NULL)
        return -ENOMEM;
    double mean_us = stats_mean(latency_us, n);
    free(latency_us);
    double users = rate_per_s * mean_us / 1e6;
    bool closes = fabs(users - USERS) <= LITTLE_TOLERANCE * USERS;
    outcome->verdict = !(mean_us >= DELAY_US) ? PROOF_FAILS
                       : closes               ? PROOF_HOLDS
                                              : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "throughput x mean latency = %.0f users +-5 %%, a mean of at least "
                   "%.0f ms",
                   USERS, DELAY_US / 1e3);
    (void)snprintf(outcome->found, sizeof outcome->found, "%.1f/s x %.2f ms = %.2f users",
                   rate_per_s, mean_us / 1e3, users);
    return 0;
}
