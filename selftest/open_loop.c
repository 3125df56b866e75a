/* Proofs of the open loop: its arrivals, a frozen server, and a rate beyond its means. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "selftest/stage.h"

/* Arrivals, planned and as they were sent, against what was asked for. */

/* Sorted gaps between the times of requests; the stage's. */
struct gaps {
    double *us;
    size_t n;
};

static bool find_gaps(struct stage *stage, const char *key, struct gaps *gaps) {
    if (!stage_column(stage, key, &gaps->us, &gaps->n))
        return false;
    gaps->n -= gaps->n > 0;
    for (size_t i = 0; i < gaps->n; i++)
        gaps->us[i] = gaps->us[i + 1] - gaps->us[i];
    stats_sort(gaps->us, gaps->n);
    return true;
}

static bool measure_gaps(struct stage *stage, const char *const *options,
                         struct gaps *planned, struct gaps *started) {
    return stage_measure(stage, options, "") && find_gaps(stage, "planned_us", planned) &&
           find_gaps(stage, "start_us", started);
}

static enum proof_verdict prove_exponential(struct stage *stage) {
    static const double mean_us = 5e3, most = STATS_ANDERSON_DARLING_1_PERCENT;
    char seed[16];
    const char *const options[] = {"--rate", "200", "--time", "4s", "--seed", seed, NULL};
    struct gaps planned, started;
    (void)snprintf(seed, sizeof seed, "%u", stage->n_tries);
    if (!measure_gaps(stage, options, &planned, &started))
        return PROOF_FAILS;
    double of_plan = stats_exponential_distance(planned.us, planned.n, mean_us);
    double of_starts = stats_exponential_distance(started.us, started.n, mean_us);
    stage_find(stage, "planned %.2f, started %.2f, of %zu gaps, means %.2f and %.2f ms",
               of_plan, of_starts, planned.n, stats_mean(planned.us, planned.n) / 1e3,
               stats_mean(started.us, started.n) / 1e3);
    return of_plan <= most && of_starts <= most ? PROOF_HOLDS : PROOF_SPOILT;
}

const struct proof proof_exponential = {
    "exponential", "open loop: arrivals are exponential",
    "exponential gaps of 5 ms in the mean: Anderson-Darling at most 3.857 (1 %)",
    prove_exponential};

/* Planned gaps have no spread but that of printing; half of the starts may have little.
 */
static enum proof_verdict prove_constant(struct stage *stage) {
    static const char *const options[] = {"--rate",     "100",      "--time", "3s",
                                          "--arrivals", "constant", NULL};
    static const double gap_us = 10e3, rounding_us = 0.25, most_spread = 0.1;
    struct gaps planned, started;
    if (!measure_gaps(stage, options, &planned, &started))
        return PROOF_FAILS;
    double least_us = planned.n > 0 ? planned.us[0] : NAN;
    double most_us = planned.n > 0 ? planned.us[planned.n - 1] : NAN;
    double low = stats_quantile(started.us, started.n, 0.25);
    double high = stats_quantile(started.us, started.n, 0.75);
    stage_find(stage, "planned %.3f .. %.3f ms, started %.3f .. %.3f ms, of %zu gaps",
               least_us / 1e3, most_us / 1e3, low / 1e3, high / 1e3, planned.n);
    if (!(least_us >= gap_us - rounding_us && most_us <= gap_us + rounding_us))
        return PROOF_FAILS;
    return low >= gap_us * (1 - most_spread) && high <= gap_us * (1 + most_spread)
               ? PROOF_HOLDS
               : PROOF_SPOILT;
}

const struct proof proof_constant = {
    "constant", "open loop: arrivals are constant when asked for",
    "every planned gap 10 ms, the middle half of the gaps between starts within 10 % of "
    "it",
    prove_constant};

/*
 * A server that is frozen for d of D seconds. Whoever asked meanwhile waited for what
 * was left of the freeze, so the share d / D of the requests must show latencies spread
 * evenly over 0 .. d. A generator that waits for its answers shows a single long one.
 */
static enum proof_verdict prove_stall(struct stage *stage) {
    static const char *const options[] = {"--rate", "200", "--arrivals", "constant",
                                          "--time", "4s",  NULL};
    enum { N_PLANNED = 800 }; /* the first is due at the start, none at the end */
    static const double rate_per_s = 200, most_distance = 0.1, tolerance = 0.1;
    static const double least_share = 0.1; /* of the freeze: what is slower was frozen */
    double *latencies_us;
    size_t n, n_fast = 0;
    if (!stage_serve(stage) || !stage_start_load(stage, options, ""))
        return PROOF_FAILS;
    interrupts_pause(1500 * NS_PER_MS);
    uint64_t from_ns = clock_now_ns();
    (void)kill(-stage->server.pid, SIGSTOP); /* with all its children */
    interrupts_pause(NS_PER_S);
    double frozen_s = clock_seconds(clock_now_ns() - from_ns);
    (void)kill(-stage->server.pid, SIGCONT);
    if (!stage_finish_load(stage) ||
        !stage_column(stage, "latency_us", &latencies_us, &n))
        return PROOF_FAILS;
    double least_us = least_share * frozen_s * 1e6;
    while (n_fast < n && latencies_us[n_fast] < least_us)
        n_fast++;
    double n_slow = (double)(n - n_fast);
    double n_expected = rate_per_s * frozen_s * (1 - least_share);
    double distance = stats_uniform_distance(latencies_us + n_fast, n - n_fast, least_us,
                                             frozen_s * 1e6);
    double n_accounted = (double)n + fields_get_number(stage->load, "cut_off") +
                         fields_get_number(stage->load, "not_sent");
    stage_find(stage,
               "frozen for %.2f s: %.0f of %.0f, distance %.3f, longest %.2f s, %.0f of "
               "%d accounted for",
               frozen_s, n_slow, n_expected, distance,
               n > 0 ? latencies_us[n - 1] / 1e6 : NAN, n_accounted, N_PLANNED);
    if (n_accounted != N_PLANNED)
        return PROOF_FAILS;
    return distance <= most_distance &&
                   fabs(n_slow - n_expected) <= tolerance * n_expected
               ? PROOF_HOLDS
               : PROOF_SPOILT;
}

const struct proof proof_stall = {"stall",
                                  "open loop: a frozen server shows in the latencies",
                                  "frozen for 1 s of 4 s: the requests of nine tenths of "
                                  "it, +-10 %, spread evenly over "
                                  "0.1 .. 1 s (distance at most 0.10), none lost",
                                  prove_stall};

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

static enum proof_verdict prove_saturation(struct stage *stage) {
    /* A send takes a system call, and no CPU makes five million of them a second. */
    static const char *const too_much[] = {"--rate",         "5000000", "--arrivals",
                                           "constant",       "--time",  "1s",
                                           "--max-inflight", "500",     NULL};
    static const char *const easy[] = {"--concurrent", "5",  "--benchmark",
                                       "--time",       "1s", NULL};
    char driven[160];
    if (!stage_measure(stage, too_much, ""))
        return PROOF_FAILS;
    const json_t *load = stage->load;
    const char *verdict =
        fields_get_text(json_object_get(load, "validity"), "verdict", "missing");
    const char *rate = check_of(load, "rate"), *not_sent = check_of(load, "not_sent");
    bool is_noticed =
        strcmp(verdict, "INVALID") == 0 && is_flagged(rate) && is_flagged(not_sent);
    (void)snprintf(driven, sizeof driven, "%s, rate %s, not_sent %s, start_lateness %s",
                   verdict, rate, not_sent, check_of(load, "start_lateness"));
    stage_clear(stage);
    if (!stage_measure(stage, easy, "delay/?ms=20"))
        return PROOF_FAILS;
    const char *cpu = check_of(stage->load, "generator_cpu");
    stage_find(stage, "%s; generator_cpu %s", driven, cpu);
    if (!is_noticed)
        return PROOF_FAILS;
    return is_flagged(cpu) ? PROOF_SPOILT : PROOF_HOLDS;
}

const struct proof proof_saturation = {
    "saturation", "a generator that is asked for too much says so",
    "INVALID for its rate and for what was not sent at 5,000,000/s; no complaint of its "
    "CPU with 5 users",
    prove_saturation};
