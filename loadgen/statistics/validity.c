/* The table of checks and the verdict; see validity.h. To add a check, add a row. */
#include "loadgen/statistics/validity.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

enum mode { BOTH, CLOSED, OPEN, WARMUP_SOUGHT, CUT_OFF };

struct validity_check {
    const char *name;
    enum mode mode; /* elsewhere it means nothing and is left out */
    double (*figure)(const struct validity_run *run);
    double suspect_above, invalid_above;
    const char *meaning; /* of the figure */
    const char *needs;   /* what a run must have to carry it */
};

/*
 * The bound of 1 % is passed by 1 in 100 sets of true exponential gaps. The others are
 * rules of thumb.
 */
static const struct validity_check checks[] = {
    {"generator_cpu", BOTH, validity_generator_cpu, 0.8, 0.95,
     "share of the time that the generator's busiest thread was on its CPU", "0.1 s"},
    {"generator_gaps", BOTH, validity_gaps, 0.01, 0.1,
     "share of the latencies, or of the users' time, that was spent waiting for the "
     "generator, which stood still or was busy for 30 ms and more",
     "a request"},
    {"generator_gaps_in_max", BOTH, validity_gaps_in_longest, 0.1, 1,
     "the same share of the longest latency", "a request that ended"},
    {"start_lateness", OPEN, validity_start_lateness, 0.1, 1,
     "p99 of start after planned start, over the median latency", "800 requests"},
    {"rate", OPEN, validity_rate_missed, 0.05, 0.1,
     "share of the planned requests that were not answered, beyond those that must be in "
     "flight at the end",
     "100 requests"},
    {"not_sent", OPEN, validity_not_sent, 0.001, 0.05,
     "share of the planned requests that were due but not sent", "a request"},
    {"cut_off", CUT_OFF, validity_cut_off, 1, 2,
     "longest wait of requests cut off at the end, over the longest latency",
     "a request cut off"},
    {"share_cut_off", CUT_OFF, validity_share_cut_off, 0.05, 0.2,
     "share of the requests sent that were cut off at the end, by which rates may be too "
     "low (see --drain)",
     "a request cut off"},
    {"littles_law", CLOSED, validity_littles_law, 0.05, 0.2,
     "distance of users from throughput x (latency + think time)",
     "a duration and a request that ended"},
    {"mean_over_p99", BOTH, validity_mean_over_p99, 1.05, 2,
     "mean latency that Little's law demands, over the p99",
     "a p99; users: a duration, 50 requests each, a p99 of twice the think time"},
    {"steady_state", BOTH, validity_trend, 0.1, 0.5,
     "least change of latency over ten blocks", "200 requests, and 10 per user"},
    {"warm_up", WARMUP_SOUGHT, validity_warm_up, 0, 1,
     "1: the warm-up did not end before the last quarter, or a trend stays",
     "200 successful requests, and 10 per user"},
    {"in_flight_growth", OPEN, validity_in_flight_growth, 0.5, 1,
     "least growth of requests in flight over ten blocks", "200 requests"},
    {"arrivals", OPEN, validity_arrivals, STATS_ANDERSON_DARLING_1_PERCENT, 10,
     "Anderson-Darling A squared of the gaps between actual starts",
     "exponential gaps, 100 of them"},
    {"stolen_cpu", BOTH, validity_stolen, 0.02, 0.1,
     "share of the CPUs' time that the hypervisor gave to others", "100 ticks"},
    {"run_queue", BOTH, validity_run_queue, 0.1, 1,
     "mean wait of the generator for a CPU when it was woken, over the median latency",
     "a median, and a kernel that tells"},
    {"calibration", BOTH, validity_speed, 0.05, 0.2,
     "change of a bare loop's speed from before the run to after it",
     "-t of 5 s that was not interrupted, and no --search"},
    {"samples", BOTH, validity_too_few_samples, 1, 1e6,
     "samples that a median needs over the successful there are", "nothing"},
};

#define N_CHECKS (sizeof checks / sizeof *checks)

static_assert(N_CHECKS <= (size_t)VALIDITY_MAX_CHECKS, "every check has a place");

static enum verdict verdict_on(const struct validity_check *check, double figure) {
    if (isnan(figure))
        return VERDICT_NOT_CARRIED;
    if (figure > check->invalid_above)
        return VERDICT_INVALID;
    return figure > check->suspect_above ? VERDICT_SUSPECT : VERDICT_VALID;
}

static bool applies(const struct validity_check *check, const struct validity_run *run) {
    switch (check->mode) {
    case CLOSED:
        return !schedule_is_open(run->plan);
    case OPEN:
        return schedule_is_open(run->plan);
    case CUT_OFF:
        return run->summary->n_cut_off > 0;
    case WARMUP_SOUGHT:
        return run->result->warmup != CHANGEPOINT_NOT_SOUGHT;
    default:
        return true;
    }
}

void validity_judge(struct validity *validity, const struct validity_run *run) {
    *validity = (struct validity){.verdict = VERDICT_VALID};
    for (size_t i = 0; i < N_CHECKS; i++) {
        if (!applies(&checks[i], run))
            continue;
        double figure = checks[i].figure(run);
        enum verdict verdict = verdict_on(&checks[i], figure);
        validity->reasons[validity->n_reasons++] =
            (struct validity_reason){&checks[i], figure, verdict};
        if (verdict > validity->verdict)
            validity->verdict = verdict;
    }
}

const char *validity_name(enum verdict verdict) {
    static const char *const names[] = {"not carried", "VALID", "SUSPECT", "INVALID"};
    return names[verdict];
}

static void write_rule(const struct validity_check *check, char *text,
                       size_t text_bytes) {
    (void)snprintf(text, text_bytes, "%s; SUSPECT above %g, INVALID above %g; needs %s",
                   check->meaning, check->suspect_above, check->invalid_above,
                   check->needs);
}

void validity_print(const struct validity *validity, FILE *out) {
    (void)fprintf(out, "Validity:\t\t%12s\n", validity_name(validity->verdict));
    unsigned n_missing = 0;
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        char rule[256];
        write_rule(reason->check, rule, sizeof rule);
        if (reason->verdict > VERDICT_VALID)
            (void)fprintf(out, "  %s: %s is %.3g: %s\n", validity_name(reason->verdict),
                          reason->check->name, reason->figure, rule);
        n_missing += reason->verdict == VERDICT_NOT_CARRIED;
    }
    if (n_missing == 0)
        return;
    const char *before = "  not carried: ";
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        if (validity->reasons[i].verdict != VERDICT_NOT_CARRIED)
            continue;
        (void)fprintf(out, "%s%s (needs %s)", before, validity->reasons[i].check->name,
                      validity->reasons[i].check->needs);
        before = "; ";
    }
    (void)fputc('\n', out);
}

json_t *validity_json(const struct validity *validity) {
    json_t *reasons = json_array();
    for (unsigned i = 0; i < validity->n_reasons; i++) {
        const struct validity_reason *reason = &validity->reasons[i];
        char rule[256];
        write_rule(reason->check, rule, sizeof rule);
        (void)json_array_append_new(
            reasons,
            json_pack("{s:s, s:s, s:o, s:s}", "check", reason->check->name, "verdict",
                      validity_name(reason->verdict), "figure",
                      !isfinite(reason->figure) ? json_null() : json_real(reason->figure),
                      "rule", rule));
    }
    return json_pack("{s:s, s:o}", "verdict", validity_name(validity->verdict), "reasons",
                     reasons);
}
