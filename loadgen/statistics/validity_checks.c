/* Figures of a run, and the table of checks; see validity.h. */
#include "loadgen/statistics/validity.h"

#include <math.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/stats/stats.h"

enum {
    N_BLOCKS = SUMMARY_TENTHS,
    LEAST_FOR_BLOCKS = 200,
    LEAST_FOR_SHARES = 100,
    LEAST_ROUNDS_FOR_LITTLE = 50,
    LEAST_ROUNDS_FOR_TREND = 10,
    LEAST_TICKS = 100,
    FEW_IN_FLIGHT = 10,
    MOST_GAPS = 1000,
};

static const double LEAST_ELAPSED_S = 0.1;

static bool is_open(const struct validity_run *run) {
    return schedule_is_open(run->plan);
}

static size_t count_measured(const struct validity_run *run) {
    return (size_t)(run->summary->n_ok + run->summary->n_failed);
}

static size_t count_sent(const struct validity_run *run) {
    return count_measured(run) + (size_t)run->summary->n_cut_off;
}

static double generator_cpu(const struct validity_run *run) {
    double elapsed_s = clock_seconds(run->result->elapsed_ns); /* warm-up included */
    return elapsed_s >= LEAST_ELAPSED_S
               ? clock_seconds(run->result->usage.cpu_ns) / elapsed_s
               : NAN;
}

/* When the requests sent after the warm-up started, or by how much later than planned:
 * count_sent of them, sorted; NULL without memory. The caller frees it. */
static double *sort_starts(const struct validity_run *run, bool wants_lateness) {
    size_t n = count_sent(run), n_starts = 0;
    struct samples_reader reader = samples_read(run->result->samples);
    struct load_sample sample;
    double *starts_s = malloc((n + 1) * sizeof *starts_s);
    if (starts_s == NULL)
        return NULL;
    while (samples_next_planned(&reader, &sample, NULL))
        if (sample.fate != SAMPLE_NOT_SENT &&
            !sample_is_warmup(&sample, run->result->warmup_ns))
            starts_s[n_starts++] =
                clock_seconds(sample.start_ns - (wants_lateness ? sample.planned_ns : 0));
    stats_sort(starts_s, n);
    return starts_s;
}

static double start_lateness(const struct validity_run *run) {
    size_t n = count_sent(run);
    double median_s = run->summary->percentiles[PERCENTILE_50].seconds;
    bool is_carried = n >= percentiles_samples_needed(0.99) && median_s > 0;
    double *late_s = is_carried ? sort_starts(run, true) : NULL;
    if (late_s == NULL)
        return NAN;
    double p99_s = stats_quantile(late_s, n, 0.99);
    free(late_s);
    return p99_s / median_s;
}

static double count_planned(const struct validity_run *run) {
    return (double)(count_sent(run) + run->summary->n_not_sent);
}

/* In flight at the end are by Little's law as many as come in one latency; those are
 * none that the server owes. */
static double rate_missed(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    double n_planned = count_planned(run);
    if (n_planned < LEAST_FOR_SHARES || !(summary->window_s > 0))
        return NAN;
    double n_expected = n_planned * summary->latency_s / summary->window_s;
    double n_owed = fmax(0, (double)summary->n_cut_off - n_expected);
    return ((double)summary->n_not_sent + n_owed) / n_planned;
}

static double not_sent(const struct validity_run *run) {
    double n_planned = count_planned(run);
    return n_planned > 0 ? (double)run->summary->n_not_sent / n_planned : NAN;
}

static double cut_off(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    return summary->longest_ended_s > 0
               ? summary->longest_wait_s / summary->longest_ended_s
               : INFINITY;
}

/* Beyond as many as were in flight when the warm-up ended. */
static double share_cut_off(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    double n_lost = (double)summary->n_cut_off - (double)summary->n_carried_over;
    return fmax(0, n_lost) / (double)count_sent(run);
}

/* Of an open loop in all latencies; of a closed one in the time of its users, if that is
 * more. */
static double gaps(const struct validity_run *run) {
    const struct held_up *held_up = &run->summary->held_up;
    if (!(run->summary->all_latencies_s > 0))
        return NAN;
    double share = held_up->latencies_s / run->summary->all_latencies_s;
    double users_s = run->plan->n_users * run->summary->elapsed_s;
    return is_open(run) || !(users_s > 0)
               ? share
               : fmax(share, (held_up->latencies_s + held_up->starts_s) / users_s);
}

static double gaps_in_longest(const struct validity_run *run) {
    double longest_s = run->summary->longest_ended_s;
    return longest_s > 0 ? run->summary->held_up.longest_s / longest_s : NAN;
}

/* Between requests of a user, on average: he thinks, or rests after lost ones. */
static double mean_pause_s(const struct validity_run *run) {
    size_t n = run->result->samples->n_ended;
    double rested_s = clock_seconds(run->result->rested_ns);
    return think_mean_s(&run->plan->think) + (n > 0 ? rested_s / (double)n : 0);
}

/*
 * Beyond what chance makes of think times (two standard errors). Only with a duration, as
 * users who end their rounds one by one are fewer in the end. What was cut off is in no
 * throughput, so with few requests per user it shows here.
 */
static double littles_law(const struct validity_run *run) {
    const struct schedule_plan *plan = run->plan;
    double n = (double)count_measured(run);
    double round_s = run->summary->latency_s + mean_pause_s(run);
    if (plan->duration_ns == 0 || !(n > 0) || !(round_s > 0))
        return NAN;
    double chance = 2 * think_deviation_s(&plan->think) / round_s / sqrt(n);
    double distance = fabs(run->summary->ended_per_s * round_s / plan->n_users - 1);
    return fmax(0, distance - chance);
}

/*
 * The mean latency by Little's law, (users / throughput) - think time or in an open loop
 * (requests in flight / rate of those that ended or were cut off). Above 1 the p99 is
 * beside the point: a few requests took most of the time, or some are in no percentile.
 * Those that were cut off count, as they are among the ones in flight. Where more than
 * half of a p99 is thought, the scatter of think times would be taken for latency.
 */
static double mean_over_p99(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    double p99_s = summary->percentiles[PERCENTILE_99].seconds;
    double think_s = mean_pause_s(run);
    /* Whether the users of a closed loop are all there for long enough. */
    bool is_carried =
        run->plan->duration_ns != 0 &&
        count_measured(run) >= LEAST_ROUNDS_FOR_LITTLE * (size_t)run->plan->n_users &&
        2 * think_s <= p99_s;
    if (!(p99_s > 0) || !(summary->ended_per_s > 0) || (!is_open(run) && !is_carried))
        return NAN;
    double cut_off_per_s = (double)summary->n_cut_off / summary->window_s;
    double mean_s = is_open(run)
                        ? summary->concurrency / (summary->ended_per_s + cut_off_per_s)
                        : run->plan->n_users / summary->ended_per_s - think_s;
    return mean_s / p99_s;
}

/* The least change from the first block to the last that a line through all allows. */
static double least_change(const double blocks[N_BLOCKS]) {
    static const double place[N_BLOCKS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const double t_of_8 = 2.3060; /* 0.975 of Student's t, N_BLOCKS - 2 degrees */
    struct line_fit fit = stats_fit_line(place, blocks, N_BLOCKS);
    double slope = fabs(fit.slope);
    if (!(slope > 0))
        return slope; /* 0, or NAN where a block has no figure */
    double error = slope * sqrt(fmax(0, 1 / fit.r_squared - 1) / (N_BLOCKS - 2));
    return fmax(0, slope - t_of_8 * error) * (N_BLOCKS - 1);
}

/* Of the medians of tenths, relative to their mean; what a line through them allows at
 * least (95 %). */
static double trend(const struct validity_run *run) {
    uint64_t n_users = is_open(run) ? 0 : run->plan->n_users, n_ok = run->summary->n_ok;
    const double *tenths_s = run->summary->tenths_s;
    bool are_enough =
        n_ok >= LEAST_FOR_BLOCKS && n_ok >= LEAST_ROUNDS_FOR_TREND * n_users;
    return are_enough ? least_change(tenths_s) / stats_mean(tenths_s, N_BLOCKS) : NAN;
}

static double warm_up(const struct validity_run *run) {
    return run->result->warmup == WARMUP_TOO_FEW
               ? NAN
               : run->result->warmup == WARMUP_NOT_ENDED;
}

/* The least growth that a line allows (95 %), relative to their mean, or to ten where
 * they are fewer. */
static double in_flight_growth(const struct validity_run *run) {
    const struct samples *samples = run->result->samples;
    double window_s = run->summary->window_s, block_s = window_s / N_BLOCKS;
    double warmup_s = clock_seconds(run->result->warmup_ns);
    if (count_sent(run) < LEAST_FOR_BLOCKS || !(window_s > 0))
        return NAN;
    double in_flight[N_BLOCKS] = {0};
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        if (sample.fate == SAMPLE_NOT_SENT)
            continue;
        double start_s = clock_seconds(sample.start_ns) - warmup_s;
        double end_s = start_s + clock_seconds(sample.service_ns);
        size_t first = start_s > 0 ? (size_t)(start_s / block_s) : 0;
        for (size_t i = first; i < N_BLOCKS && (double)i * block_s < end_s; i++)
            in_flight[i] += fmax(0, fmin(end_s, (double)(i + 1) * block_s) -
                                        fmax(start_s, (double)i * block_s));
    }
    for (int i = 0; i < N_BLOCKS; i++)
        in_flight[i] /= block_s;
    double base = fmax(stats_mean(in_flight, N_BLOCKS), FEW_IN_FLIGHT);
    return in_flight[N_BLOCKS - 1] > in_flight[0] ? least_change(in_flight) / base : 0;
}

/* Of up to 1,000 gaps, all over the run. */
static double arrivals(const struct validity_run *run) {
    size_t n = count_sent(run), n_gaps = n > 0 ? n - 1 : 0;
    if (run->plan->constant_gaps || run->plan->times != NULL || n_gaps < LEAST_FOR_SHARES)
        return NAN;
    double *starts_s = sort_starts(run, false);
    if (starts_s == NULL)
        return NAN;
    /* Whatever the rate does: counted in arrivals that were to be expected meanwhile,
     * gaps are exponential of mean 1. */
    double expected[MOST_GAPS];
    size_t n_expected = n_gaps < MOST_GAPS ? n_gaps : MOST_GAPS;
    for (size_t i = 0; i < n_expected; i++) {
        size_t gap = i * n_gaps / n_expected;
        expected[i] = schedule_expected_arrivals(run->plan, starts_s[gap + 1]) -
                      schedule_expected_arrivals(run->plan, starts_s[gap]);
    }
    free(starts_s);
    stats_sort(expected, n_expected);
    return stats_exponential_distance(expected, n_expected, 1);
}

static double run_queue(const struct validity_run *run) {
    const struct usage *usage = &run->result->usage;
    double median_s = run->summary->percentiles[PERCENTILE_50].seconds;
    return usage->n_waits > 0 && median_s > 0 ? usage_mean_wait_s(usage) / median_s : NAN;
}

static double speed(const struct validity_run *run) {
    double change = run->result->speed_change;
    return change > 0 ? fabs(change - 1) : NAN;
}

static double stolen(const struct validity_run *run) {
    const struct usage *usage = &run->result->usage;
    return usage->all_ticks >= LEAST_TICKS
               ? (double)usage->stolen_ticks / (double)usage->all_ticks
               : NAN;
}

static double too_few_samples(const struct validity_run *run) {
    double n_ok = (double)run->summary->n_ok;
    return n_ok > 0 ? (double)percentiles_samples_needed(0.5) / n_ok : INFINITY;
}

/*
 * The bound of 1 % is passed by 1 in 100 sets of true exponential gaps. The others are
 * rules of thumb.
 */
const struct validity_check validity_checks[] = {
    {"generator_cpu", VALIDITY_BOTH, generator_cpu, 0.8, 0.95,
     "share of the time that the generator's busiest thread was on its CPU", "0.1 s",
     "the load generator was short of CPU (%s): latencies are too high; use load "
     "--threads 2, or another machine",
     SAID_AS_SHARE},
    {"generator_gaps", VALIDITY_BOTH, gaps, 0.01, 0.1,
     "share of the latencies, or of the users' time, that was spent waiting for the "
     "generator, which stood still or was busy for 30 ms and more",
     "a request",
     "the load generator stood still for %s of the time: latencies are too high; "
     "end other programs, or leave it a CPU",
     SAID_AS_SHARE},
    {"generator_gaps_in_max", VALIDITY_BOTH, gaps_in_longest, 0.1, 1,
     "the same share of the longest latency", "a request that ended",
     "the load generator stood still for %s of the longest latency: the slowest "
     "were quicker than they look; end other programs, or leave it a CPU",
     SAID_AS_SHARE},
    {"start_lateness", VALIDITY_OPEN, start_lateness, 0.1, 1,
     "p99 of start after planned start, over the median latency", "800 requests",
     "requests were sent late, the slowest by %s of a median latency: the load "
     "was milder than asked for; use a lower --rate, or load --threads 2",
     SAID_AS_SHARE},
    {"rate", VALIDITY_OPEN, rate_missed, 0.05, 0.1,
     "share of the planned requests that were not answered, beyond those that must be in "
     "flight at the end",
     "100 requests",
     "%s of the planned requests were not answered: the server did not keep up; "
     "use a lower --rate, or let --search find it",
     SAID_AS_SHARE},
    {"not_sent", VALIDITY_OPEN, not_sent, 0.001, 0.05,
     "share of the planned requests that were due but not sent", "a request",
     "%s of the requests that were due were not sent: the load was milder than "
     "asked for; use a lower --rate, or more --max-inflight",
     SAID_AS_SHARE},
    {"cut_off", VALIDITY_CUT_OFF, cut_off, 1, 2,
     "longest wait of requests cut off at the end, over the longest latency",
     "a request cut off",
     "a request that was cut off at the end had waited %s times as long as the "
     "longest answer: the slowest are missing; use --drain",
     SAID_AS_NUMBER},
    {"share_cut_off", VALIDITY_CUT_OFF, share_cut_off, 0.05, 0.2,
     "share of the requests sent that were cut off at the end, by which rates may be too "
     "low (see --drain)",
     "a request cut off",
     "%s of the requests were cut off at the end: rates are too low; use --drain",
     SAID_AS_SHARE},
    {"littles_law", VALIDITY_CLOSED, littles_law, 0.05, 0.2,
     "distance of users from throughput x (latency + think time)",
     "a duration and a request that ended",
     "users, throughput and latency do not fit each other by %s: some of the "
     "time is in none of them; measure for longer",
     SAID_AS_SHARE},
    {"mean_over_p99", VALIDITY_BOTH, mean_over_p99, 1.05, 2,
     "mean latency that Little's law demands, over the p99",
     "a p99; users: a duration, 50 requests each, a p99 of twice the think time",
     "the mean must have been %s times the p99: a few requests took most of the "
     "time and percentiles hide them; look at the longest latency",
     SAID_AS_NUMBER},
    {"steady_state", VALIDITY_BOTH, trend, 0.1, 0.5,
     "least change of latency over ten blocks", "200 requests, and 10 per user",
     "latency changed by %s while it was measured: a mean over that is nobody's; "
     "use --warmup auto, or measure for longer",
     SAID_AS_SHARE},
    {"warm_up", VALIDITY_WARMUP_SOUGHT, warm_up, 0, 1,
     "1: the warm-up did not end in the first half of the run",
     "500 successful requests, and 10 per user",
     "the warm-up had not ended by half of the run: numbers mix both; measure "
     "for longer",
     SAID_AS_NUMBER},
    {"in_flight_growth", VALIDITY_OPEN, in_flight_growth, 0.5, 1,
     "least growth of requests in flight over ten blocks", "200 requests",
     "requests in flight grew by %s: the server is overloaded, and latencies "
     "grow with the length of the run; use a lower --rate",
     SAID_AS_SHARE},
    {"arrivals", VALIDITY_OPEN, arrivals, STATS_ANDERSON_DARLING_1_PERCENT, 10,
     "Anderson-Darling A squared of the gaps between actual starts",
     "exponential gaps, 100 of them",
     "requests did not start when they were due (A squared %s): the load was "
     "burstier than asked for; use load --threads 2, or another machine",
     SAID_AS_NUMBER},
    {"stolen_cpu", VALIDITY_BOTH, stolen, 0.02, 0.1,
     "share of the CPUs' time that the hypervisor gave to others", "100 ticks",
     "the hypervisor took %s of the CPU time: latencies are too high; measure "
     "again, or on another machine",
     SAID_AS_SHARE},
    {"run_queue", VALIDITY_BOTH, run_queue, 0.1, 1,
     "mean wait of the generator for a CPU when it was woken, over the median latency",
     "a median, and a kernel that tells",
     "the load generator waited for a CPU for %s of a median latency: latencies "
     "are too high; end other programs, or leave it a CPU",
     SAID_AS_SHARE},
    {"calibration", VALIDITY_BOTH, speed, 0.05, 0.2,
     "change of a bare loop's speed from before the run to after it",
     "-t of 5 s that was not interrupted, and no --search",
     "the speed of the machine changed by %s during the run: numbers from before "
     "and after differ; measure again",
     SAID_AS_SHARE},
    {"samples", VALIDITY_BOTH, too_few_samples, 1, 1e6,
     "samples that a median needs over the successful there are", "nothing",
     "there are too few answers for a median (%s times as many are needed): no "
     "number means much; send more requests",
     SAID_AS_NUMBER},
    {0},
};
