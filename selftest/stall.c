/*
 * A server that is frozen for d of D seconds. Whoever asked meanwhile waited for what
 * was left of the freeze, so the share d / D of the requests must show latencies spread
 * evenly over 0 .. d. A generator that waits for its answers shows a single long one.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "selftest/proof.h"

#define RATE "200" /* a second, at constant gaps */
#define SECONDS "4"

enum { N_PLANNED = 800 }; /* the first is due at the start, none at the end */

static const double RATE_PER_S = 200;
static const double LEAST_SHARE = 0.1; /* of the freeze: what is slower was frozen */
static const double MOST_DISTANCE = 0.1, COUNT_TOLERANCE = 0.1;
static const uint64_t BEFORE_NS = 1500 * NS_PER_MS, FREEZE_NS = NS_PER_S;

/* Freezes the server with all its children; how long, in seconds, as it came out. */
static double freeze(const struct stage *stage) {
    interrupts_pause(BEFORE_NS);
    uint64_t from_ns = clock_now_ns();
    (void)kill(-stage->server.pid, SIGSTOP);
    interrupts_pause(FREEZE_NS);
    uint64_t to_ns = clock_now_ns();
    (void)kill(-stage->server.pid, SIGCONT);
    return (double)(to_ns - from_ns) / (double)NS_PER_S;
}

static void judge(double frozen_s, double *latencies_us, size_t n_requests,
                  double n_accounted, struct proof_outcome *outcome) {
    double least_us = LEAST_SHARE * frozen_s * 1e6;
    double n_expected = RATE_PER_S * frozen_s * (1 - LEAST_SHARE);
    stats_sort(latencies_us, n_requests);
    size_t n_fast = 0;
    while (n_fast < n_requests && latencies_us[n_fast] < least_us)
        n_fast++;
    size_t n_slow = n_requests - n_fast;
    double distance =
        stats_uniform_distance(latencies_us + n_fast, n_slow, least_us, frozen_s * 1e6);
    bool is_even = distance <= MOST_DISTANCE; /* false when it is NAN */
    bool is_share = fabs((double)n_slow - n_expected) <= COUNT_TOLERANCE * n_expected;
    outcome->verdict = n_accounted != N_PLANNED ? PROOF_FAILS
                       : is_even && is_share    ? PROOF_HOLDS
                                                : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "frozen for %.2f s of " SECONDS " s: %.0f of %d requests +-10 %% "
                   "spread evenly over %.2f .. %.2f s (distance at most %.2f), none lost",
                   frozen_s, n_expected, N_PLANNED, least_us / 1e6, frozen_s,
                   MOST_DISTANCE);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "%zu, distance %.3f, longest %.2f s, %.0f accounted for", n_slow,
                   distance, n_requests > 0 ? latencies_us[n_requests - 1] / 1e6 : NAN,
                   n_accounted);
}

int proof_stall(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    static const char *const options[] = {"--rate", RATE,        "--arrivals", "constant",
                                          "--time", SECONDS "s", NULL};
    (void)n_try;
    json_t *load;
    int error = stage_serve(stage);
    if (error == 0)
        error = stage_start_load(stage, options, "");
    if (error != 0)
        return error;
    double frozen_s = freeze(stage);
    error = stage_finish_load(stage, &load);
    if (error != 0)
        return error;
    size_t n_requests;
    double *latencies_us = stage_column(load, "latency_us", &n_requests);
    double n_accounted = (double)n_requests + fields_get_number(load, "cut_off") +
                         fields_get_number(load, "not_sent");
    json_decref(load);
    if (latencies_us == NULL)
        return -ENOMEM;
    judge(frozen_s, latencies_us, n_requests, n_accounted, outcome);
    free(latencies_us);
    return 0;
}
