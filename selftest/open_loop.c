/* Proofs of the open loop: its arrivals, a frozen server, and a rate beyond its means. */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "selftest/stage.h"

/* Arrivals, planned and as they were sent, against what was asked for. */

/* Sorted gaps between the times of requests. */
struct gaps {
    double *us;
    size_t n;
};

static struct gaps gaps_of(struct stage *stage, const char *key) {
    struct gaps gaps;
    gaps.us = stage_column(stage, key, &gaps.n);
    if (gaps.us == NULL)
        return gaps;
    gaps.n -= gaps.n > 0;
    for (size_t i = 0; i < gaps.n; i++)
        gaps.us[i] = gaps.us[i + 1] - gaps.us[i];
    stats_sort(gaps.us, gaps.n);
    return gaps;
}

static int measure_gaps(struct stage *stage, const char *const *options,
                        struct gaps *planned, struct gaps *started) {
    int error = stage_measure(stage, options, "");
    if (error != 0)
        return error;
    *planned = gaps_of(stage, "planned_us");
    *started = gaps_of(stage, "start_us");
    return planned->us != NULL && started->us != NULL ? 0 : -ENOMEM;
}

int proof_exponential(struct stage *stage, unsigned n_try,
                      struct proof_outcome *outcome) {
    static const double mean_us = 5e3, most = STATS_ANDERSON_DARLING_1_PERCENT;
    char seed[16];
    const char *const options[] = {"--rate", "200", "--time", "4s", "--seed", seed, NULL};
    struct gaps planned, started;
    (void)snprintf(seed, sizeof seed, "%u", n_try);
    int error = measure_gaps(stage, options, &planned, &started);
    if (error != 0)
        return error;
    double of_plan = stats_exponential_distance(planned.us, planned.n, mean_us);
    double of_starts = stats_exponential_distance(started.us, started.n, mean_us);
    outcome->verdict = of_plan <= most && of_starts <= most ? PROOF_HOLDS : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "exponential gaps of %.0f ms in the mean: Anderson-Darling at most "
                   "%.3f (1 %%)",
                   mean_us / 1e3, most);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "planned %.2f, started %.2f, of %zu gaps, means %.2f and %.2f ms",
                   of_plan, of_starts, planned.n, stats_mean(planned.us, planned.n) / 1e3,
                   stats_mean(started.us, started.n) / 1e3);
    return 0;
}

/* Planned gaps have no spread but that of printing; half of the starts may have little.
 */
int proof_constant(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    static const char *const options[] = {"--rate",     "100",      "--time", "3s",
                                          "--arrivals", "constant", NULL};
    static const double gap_us = 10e3, rounding_us = 0.25, most_spread = 0.1;
    struct gaps planned, started;
    (void)n_try;
    int error = measure_gaps(stage, options, &planned, &started);
    if (error != 0)
        return error;
    double least_us = planned.n > 0 ? planned.us[0] : NAN;
    double most_us = planned.n > 0 ? planned.us[planned.n - 1] : NAN;
    double low = stats_quantile(started.us, started.n, 0.25);
    double high = stats_quantile(started.us, started.n, 0.75);
    bool is_planned = least_us >= gap_us - rounding_us && most_us <= gap_us + rounding_us;
    bool is_started =
        low >= gap_us * (1 - most_spread) && high <= gap_us * (1 + most_spread);
    outcome->verdict = !is_planned  ? PROOF_FAILS
                       : is_started ? PROOF_HOLDS
                                    : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "every planned gap %.0f ms, the middle half of the gaps between "
                   "starts within 10 %% of it",
                   gap_us / 1e3);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "planned %.3f .. %.3f ms, started %.3f .. %.3f ms, of %zu gaps",
                   least_us / 1e3, most_us / 1e3, low / 1e3, high / 1e3, planned.n);
    return 0;
}

/*
 * A server that is frozen for d of D seconds. Whoever asked meanwhile waited for what
 * was left of the freeze, so the share d / D of the requests must show latencies spread
 * evenly over 0 .. d. A generator that waits for its answers shows a single long one.
 */

#define RATE "200" /* a second, at constant gaps */
#define SECONDS "4"

enum { N_PLANNED = 800 }; /* the first is due at the start, none at the end */

static const double RATE_PER_S = 200;
static const double LEAST_SHARE = 0.1; /* of the freeze: what is slower was frozen */
static const double MOST_DISTANCE = 0.1, COUNT_TOLERANCE = 0.1;
static const uint64_t BEFORE_NS = 1500 * NS_PER_MS, FREEZE_NS = NS_PER_S;

static void judge_freeze(double frozen_s, const double *latencies_us, size_t n_requests,
                         double n_accounted, struct proof_outcome *outcome) {
    double least_us = LEAST_SHARE * frozen_s * 1e6;
    double n_expected = RATE_PER_S * frozen_s * (1 - LEAST_SHARE);
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
    int error = stage_serve(stage);
    if (error == 0)
        error = stage_start_load(stage, options, "");
    if (error != 0)
        return error;
    interrupts_pause(BEFORE_NS);
    uint64_t from_ns = clock_now_ns();
    (void)kill(-stage->server.pid, SIGSTOP); /* with all its children */
    interrupts_pause(FREEZE_NS);
    double frozen_s = clock_seconds(clock_now_ns() - from_ns);
    (void)kill(-stage->server.pid, SIGCONT);
    error = stage_finish_load(stage);
    if (error != 0)
        return error;
    size_t n_requests;
    const double *latencies_us = stage_column(stage, "latency_us", &n_requests);
    if (latencies_us == NULL)
        return -ENOMEM;
    double n_accounted = (double)n_requests + fields_get_number(stage->load, "cut_off") +
                         fields_get_number(stage->load, "not_sent");
    judge_freeze(frozen_s, latencies_us, n_requests, n_accounted, outcome);
    return 0;
}

/* A generator that is asked for more than it can send says so of its own figures. */

/* What the run's verdict says of one check; "missing" when it is not among them. */
static const char *check_of(const json_t *load, const char *check) {
    const json_t *validity = json_object_get(load, "validity"), *reason;
    const json_t *reasons = json_object_get(validity, "reasons");
    size_t i;
    json_array_foreach((json_t *)reasons, i, reason) {
        if (strcmp(fields_get_text(reason, "check", ""), check) == 0)
            return fields_get_text(reason, "verdict", "missing");
    }
    return "missing";
}

static bool is_flagged(const char *verdict) {
    return strcmp(verdict, "SUSPECT") == 0 || strcmp(verdict, "INVALID") == 0;
}

int proof_saturation(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    /* A send takes a system call, and no CPU makes five million of them a second. */
    static const char *const too_much[] = {"--rate",         "5000000", "--arrivals",
                                           "constant",       "--time",  "1s",
                                           "--max-inflight", "500",     NULL};
    static const char *const easy[] = {"--concurrent", "5",  "--benchmark",
                                       "--time",       "1s", NULL};
    (void)n_try;
    int error = stage_measure(stage, too_much, "");
    if (error != 0)
        return error;
    json_t *driven = json_incref(stage->load);
    const char *verdict =
        fields_get_text(json_object_get(driven, "validity"), "verdict", "missing");
    const char *rate = check_of(driven, "rate"), *not_sent = check_of(driven, "not_sent");
    stage_clear(stage);
    error = stage_measure(stage, easy, "delay/?ms=20");
    if (error == 0) {
        const char *cpu = check_of(stage->load, "generator_cpu");
        bool noticed =
            strcmp(verdict, "INVALID") == 0 && is_flagged(rate) && is_flagged(not_sent);
        outcome->verdict = !noticed           ? PROOF_FAILS
                           : !is_flagged(cpu) ? PROOF_HOLDS
                                              : PROOF_SPOILT;
        (void)snprintf(outcome->expected, sizeof outcome->expected,
                       "INVALID for its rate and for what was not sent at 5,000,000/s; "
                       "no complaint of its CPU with 5 users");
        (void)snprintf(outcome->found, sizeof outcome->found,
                       "%s, rate %s, not_sent %s, start_lateness %s; generator_cpu %s",
                       verdict, rate, not_sent, check_of(driven, "start_lateness"), cpu);
    }
    json_decref(driven);
    return error;
}
