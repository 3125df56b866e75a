/* Figures of a run that tell whether it can be trusted; see validity_figures.h. */
#include "loadgen/statistics/validity_figures.h"

#include <math.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/stats.h"

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

static double seconds(uint64_t ns) {
    return (double)ns / (double)NS_PER_S;
}

static size_t count_measured(const struct validity_run *run) {
    return (size_t)(run->summary->n_ok + run->summary->n_failed);
}

static size_t count_sent(const struct validity_run *run) {
    return count_measured(run) + (size_t)run->summary->n_cut_off;
}

double validity_generator_cpu(const struct validity_run *run) {
    double elapsed_s = seconds(run->result->elapsed_ns); /* warm-up included */
    return elapsed_s >= LEAST_ELAPSED_S ? seconds(run->result->usage.cpu_ns) / elapsed_s
                                        : NAN;
}

/* The next request that was sent after the warm-up; false after the last. */
static bool next_sent(struct samples_reader *reader, const struct validity_run *run,
                      struct load_sample *sample) {
    while (samples_next_planned(reader, sample, NULL))
        if (sample->fate != SAMPLE_NOT_SENT &&
            !sample_is_warmup(sample, run->result->warmup_ns))
            return true;
    return false;
}

double validity_start_lateness(const struct validity_run *run) {
    size_t n = count_sent(run), n_late = 0;
    struct load_sample sample;
    double median_s = run->summary->percentiles[PERCENTILE_50].seconds;
    double *late_s =
        n >= percentiles_samples_needed(0.99) ? malloc(n * sizeof *late_s) : NULL;
    if (late_s == NULL || !(median_s > 0)) {
        free(late_s);
        return NAN;
    }
    struct samples_reader reader = samples_read(run->result->samples);
    while (next_sent(&reader, run, &sample))
        late_s[n_late++] = seconds(sample.start_ns - sample.planned_ns);
    stats_sort(late_s, n);
    double p99_s = stats_quantile(late_s, n, 0.99);
    free(late_s);
    return p99_s / median_s;
}

static double count_planned(const struct validity_run *run) {
    return (double)(count_sent(run) + run->summary->n_not_sent);
}

/* In flight at the end are by Little's law as many as come in one latency; those are
 * none that the server owes. */
double validity_rate_missed(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    double n_planned = count_planned(run);
    if (n_planned < LEAST_FOR_SHARES || !(summary->window_s > 0))
        return NAN;
    double n_expected = n_planned * summary->latency_s / summary->window_s;
    double n_owed = fmax(0, (double)summary->n_cut_off - n_expected);
    return ((double)summary->n_not_sent + n_owed) / n_planned;
}

double validity_not_sent(const struct validity_run *run) {
    double n_planned = count_planned(run);
    return n_planned > 0 ? (double)run->summary->n_not_sent / n_planned : NAN;
}

double validity_cut_off(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    if (summary->n_cut_off == 0)
        return NAN;
    return summary->longest_ended_s > 0
               ? summary->longest_wait_s / summary->longest_ended_s
               : INFINITY;
}

double validity_share_cut_off(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    if (summary->n_cut_off == 0)
        return NAN;
    double n_lost = (double)summary->n_cut_off - (double)summary->n_carried_over;
    return fmax(0, n_lost) / (double)count_sent(run);
}

double validity_gaps(const struct validity_run *run) {
    const struct held_up *held_up = &run->summary->held_up;
    if (!(run->summary->all_latencies_s > 0))
        return NAN;
    double share = held_up->latencies_s / run->summary->all_latencies_s;
    double users_s = run->plan->n_users * run->summary->elapsed_s;
    return is_open(run) || !(users_s > 0)
               ? share
               : fmax(share, (held_up->latencies_s + held_up->starts_s) / users_s);
}

double validity_gaps_in_longest(const struct validity_run *run) {
    double longest_s = run->summary->longest_ended_s;
    return longest_s > 0 ? run->summary->held_up.longest_s / longest_s : NAN;
}

/* Whether the users of a closed loop are all there for long enough. */
static bool carries_littles_law(const struct validity_run *run) {
    const struct schedule_plan *plan = run->plan;
    return plan->duration_ns != 0 &&
           count_measured(run) >= LEAST_ROUNDS_FOR_LITTLE * (size_t)plan->n_users;
}

/* Between requests of a user, on average: he thinks, or rests after lost ones. */
static double mean_pause_s(const struct validity_run *run) {
    size_t n = samples_count(run->result->samples);
    double rested_s = (double)run->result->rested_ns / (double)NS_PER_S;
    return think_mean_s(&run->plan->think) + (n > 0 ? rested_s / (double)n : 0);
}

double validity_littles_law(const struct validity_run *run) {
    const struct schedule_plan *plan = run->plan;
    double n = (double)count_measured(run);
    double round_s = run->summary->latency_s + mean_pause_s(run);
    if (plan->duration_ns == 0 || !(n > 0) || !(round_s > 0))
        return NAN;
    double chance = 2 * think_deviation_s(&plan->think) / round_s / sqrt(n);
    double distance = fabs(run->summary->ended_per_s * round_s / plan->n_users - 1);
    return fmax(0, distance - chance);
}

/* Those that were cut off count, as they are among the ones in flight. Where more than
 * half of a p99 is thought, the scatter of think times would be taken for latency. */
double validity_mean_over_p99(const struct validity_run *run) {
    const struct summary *summary = run->summary;
    double p99_s = summary->percentiles[PERCENTILE_99].seconds;
    double think_s = mean_pause_s(run);
    if (!(p99_s > 0) || !(summary->ended_per_s > 0) ||
        (!is_open(run) && (!carries_littles_law(run) || 2 * think_s > p99_s)))
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

double validity_trend(const struct validity_run *run) {
    uint64_t n_users = is_open(run) ? 0 : run->plan->n_users, n_ok = run->summary->n_ok;
    const double *tenths_s = run->summary->tenths_s;
    bool are_enough =
        n_ok >= LEAST_FOR_BLOCKS && n_ok >= LEAST_ROUNDS_FOR_TREND * n_users;
    return are_enough ? least_change(tenths_s) / stats_mean(tenths_s, N_BLOCKS) : NAN;
}

double validity_warm_up(const struct validity_run *run) {
    return run->result->warmup == CHANGEPOINT_TOO_FEW
               ? NAN
               : run->result->warmup == CHANGEPOINT_NOT_ENDED;
}

/* Adds a request's time in flight to the blocks that it touches. */
static void add_flight(double blocks_s[N_BLOCKS], double from_s, double to_s,
                       double block_s) {
    size_t first = from_s > 0 ? (size_t)(from_s / block_s) : 0;
    for (size_t i = first; i < N_BLOCKS && (double)i * block_s < to_s; i++) {
        double from = fmax(from_s, (double)i * block_s);
        double to = fmin(to_s, (double)(i + 1) * block_s);
        blocks_s[i] += fmax(0, to - from);
    }
}

double validity_in_flight_growth(const struct validity_run *run) {
    const struct samples *samples = run->result->samples;
    double window_s = run->summary->window_s, block_s = window_s / N_BLOCKS;
    double warmup_s = seconds(run->result->warmup_ns);
    if (count_sent(run) < LEAST_FOR_BLOCKS || !(window_s > 0))
        return NAN;
    double in_flight[N_BLOCKS] = {0};
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        double start_s = seconds(sample.start_ns) - warmup_s;
        if (sample.fate != SAMPLE_NOT_SENT)
            add_flight(in_flight, start_s, start_s + seconds(sample.service_ns), block_s);
    }
    for (int i = 0; i < N_BLOCKS; i++)
        in_flight[i] /= block_s;
    double base = fmax(stats_mean(in_flight, N_BLOCKS), FEW_IN_FLIGHT);
    return in_flight[N_BLOCKS - 1] > in_flight[0] ? least_change(in_flight) / base : 0;
}

/* Actual starts in seconds, sorted; NULL without memory. */
static double *sorted_starts(const struct validity_run *run, size_t n) {
    double *starts_s = malloc((n + 1) * sizeof *starts_s);
    struct samples_reader reader = samples_read(run->result->samples);
    struct load_sample sample;
    size_t n_starts = 0;
    if (starts_s == NULL)
        return NULL;
    while (next_sent(&reader, run, &sample))
        starts_s[n_starts++] = seconds(sample.start_ns);
    stats_sort(starts_s, n_starts);
    return starts_s;
}

double validity_arrivals(const struct validity_run *run) {
    size_t n = count_sent(run), n_gaps = n > 0 ? n - 1 : 0;
    if (run->plan->constant_gaps || run->plan->times != NULL || n_gaps < LEAST_FOR_SHARES)
        return NAN;
    double *starts_s = sorted_starts(run, n);
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

double validity_run_queue(const struct validity_run *run) {
    const struct usage *usage = &run->result->usage;
    double median_s = run->summary->percentiles[PERCENTILE_50].seconds;
    return usage->n_waits > 0 && median_s > 0 ? usage_mean_wait_s(usage) / median_s : NAN;
}

double validity_speed(const struct validity_run *run) {
    double change = run->result->speed_change;
    return change > 0 ? fabs(change - 1) : NAN;
}

double validity_stolen(const struct validity_run *run) {
    const struct usage *usage = &run->result->usage;
    return usage->all_ticks >= LEAST_TICKS
               ? (double)usage->stolen_ticks / (double)usage->all_ticks
               : NAN;
}

double validity_too_few_samples(const struct validity_run *run) {
    double n_ok = (double)run->summary->n_ok;
    return n_ok > 0 ? (double)percentiles_samples_needed(0.5) / n_ok : INFINITY;
}
