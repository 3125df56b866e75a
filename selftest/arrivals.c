/* Arrivals of an open loop, planned and as they were sent, against what was asked for. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/stats/stats.h"
#include "selftest/proof.h"

/* Sorted gaps between the times under a key. */
struct gaps {
    double *us;
    size_t n;
};

static struct gaps gaps_of(const json_t *load, const char *key) {
    struct gaps gaps;
    gaps.us = stage_column(load, key, &gaps.n);
    if (gaps.us == NULL)
        return gaps;
    stats_sort(gaps.us, gaps.n); /* requests stand in the order of their ends */
    gaps.n -= gaps.n > 0;
    for (size_t i = 0; i < gaps.n; i++)
        gaps.us[i] = gaps.us[i + 1] - gaps.us[i];
    stats_sort(gaps.us, gaps.n);
    return gaps;
}

static void judge_exponential(struct gaps planned, struct gaps started, double mean_us,
                              struct proof_outcome *outcome) {
    double of_plan = stats_exponential_distance(planned.us, planned.n, mean_us);
    double of_starts = stats_exponential_distance(started.us, started.n, mean_us);
    const double most = STATS_ANDERSON_DARLING_1_PERCENT;
    outcome->verdict = of_plan <= most && of_starts <= most ? PROOF_HOLDS : PROOF_SPOILT;
    (void)snprintf(outcome->expected, sizeof outcome->expected,
                   "exponential gaps of %.0f ms in the mean: Anderson-Darling at most "
                   "%.3f (1 %%)",
                   mean_us / 1e3, most);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "planned %.2f, started %.2f, of %zu gaps, means %.2f and %.2f ms",
                   of_plan, of_starts, planned.n, stats_mean(planned.us, planned.n) / 1e3,
                   stats_mean(started.us, started.n) / 1e3);
}

/* Planned gaps have no spread but that of printing; half of the starts may have little.
 */
static void judge_constant(struct gaps planned, struct gaps started, double gap_us,
                           struct proof_outcome *outcome) {
    static const double rounding_us = 0.25, most_spread = 0.1;
    double low = stats_quantile(started.us, started.n, 0.25);
    double high = stats_quantile(started.us, started.n, 0.75);
    bool is_planned = planned.n > 0 && planned.us[0] >= gap_us - rounding_us &&
                      planned.us[planned.n - 1] <= gap_us + rounding_us;
    bool is_started =
        low >= gap_us * (1 - most_spread) && high <= gap_us * (1 + most_spread);
    outcome->verdict = !is_planned  ? PROOF_FAILS
                       : is_started ? PROOF_HOLDS
                                    : PROOF_SPOILT;
    (void)snprintf(
        outcome->expected, sizeof outcome->expected,
        "every planned gap %.0f ms, the middle half of the gaps between starts "
        "within 10 %% of it",
        gap_us / 1e3);
    (void)snprintf(outcome->found, sizeof outcome->found,
                   "planned %.3f .. %.3f ms, started %.3f .. %.3f ms, of %zu gaps",
                   planned.n > 0 ? planned.us[0] / 1e3 : NAN,
                   planned.n > 0 ? planned.us[planned.n - 1] / 1e3 : NAN, low / 1e3,
                   high / 1e3, planned.n);
}

static int prove(struct stage *stage, const char *const *options, double gap_us,
                 void (*judge)(struct gaps, struct gaps, double, struct proof_outcome *),
                 struct proof_outcome *outcome) {
    json_t *load;
    int error = stage_measure(stage, options, "", &load);
    if (error != 0)
        return error;
    struct gaps planned = gaps_of(load, "planned_us");
    struct gaps started = gaps_of(load, "start_us");
    json_decref(load);
    if (planned.us != NULL && started.us != NULL)
        judge(planned, started, gap_us, outcome);
    else
        error = -ENOMEM;
    free(planned.us);
    free(started.us);
    return error;
}

int proof_exponential(struct stage *stage, unsigned n_try,
                      struct proof_outcome *outcome) {
    char seed[16];
    (void)snprintf(seed, sizeof seed, "%u", n_try);
    const char *const options[] = {"--rate", "200", "--time", "4s", "--seed", seed, NULL};
    return prove(stage, options, 5e3, judge_exponential, outcome);
}

int proof_constant(struct stage *stage, unsigned n_try, struct proof_outcome *outcome) {
    static const char *const options[] = {"--rate",     "100",      "--time", "3s",
                                          "--arrivals", "constant", NULL};
    (void)n_try;
    return prove(stage, options, 10e3, judge_constant, outcome);
}
