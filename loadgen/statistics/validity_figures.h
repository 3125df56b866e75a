/*
 * What the checks of validity.h compute from a run. Each figure grows as the run gets
 * worse, and is NAN where the run is too short or too small to carry it. A warm-up is
 * left out. Main thread, after the run.
 */
#ifndef JUGGLE_LOADGEN_VALIDITY_FIGURES_H
#define JUGGLE_LOADGEN_VALIDITY_FIGURES_H

#include "loadgen/drive/drive.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/statistics/summary.h"

struct validity_run {
    const struct schedule_plan *plan;
    const struct drive_result *result;
    const struct summary *summary;
};

/* Share of the elapsed time that the generator's busiest thread was on its CPU; from 0.1
 * s. */
double validity_generator_cpu(const struct validity_run *run);

/* Open loop: p99 of start minus planned start, over the median latency; 800 requests. */
double validity_start_lateness(const struct validity_run *run);

/* Open loop: share of the planned requests that were not answered in time, and are more
 * than must be in flight at the end; 100 requests. */
double validity_rate_missed(const struct validity_run *run);

/* Open loop: share of the planned requests that were due but not sent. */
double validity_not_sent(const struct validity_run *run);

/*
 * Share of the requests sent that were cut off at the end, beyond as many as were in
 * flight when the warm-up ended: by so much rates may be too low. NAN when none was.
 */
double validity_share_cut_off(const struct validity_run *run);

/*
 * By how much figures may be wrong since the generator did not look: the greater share of
 * gaps (gaps.h) in all latencies, and of a closed loop in the time of its users.
 */
double validity_gaps(const struct validity_run *run);

/* The same of the longest latency alone. */
double validity_gaps_in_longest(const struct validity_run *run);

/* Longest wait of a request that was cut off at the end, over the longest latency: above
 * 1 the run ended before the worst was known. NAN when none was cut off. */
double validity_cut_off(const struct validity_run *run);

/*
 * Closed loop: relative distance of the users from throughput x (latency + think time),
 * Little's law, beyond what chance makes of think times (two standard errors). Only with
 * a duration, as users who end their rounds one by one are fewer in the end. What was cut
 * off is in no throughput, so with few requests per user it shows here.
 */
double validity_littles_law(const struct validity_run *run);

/*
 * The least change of latency over the run that a line through the medians of ten blocks
 * allows (95 %), relative to their mean; 200 successful requests, and 10 per user.
 */
double validity_trend(const struct validity_run *run);

/* 1 when --warmup auto says that the warm-up did not end, else 0; NAN if it found too few
 * requests. */
double validity_warm_up(const struct validity_run *run);

/*
 * Open loop: the least growth of the requests in flight over ten blocks (95 %), relative
 * to their mean, or to ten where they are fewer; 200 requests.
 */
double validity_in_flight_growth(const struct validity_run *run);

/*
 * Open loop with exponential gaps: Anderson and Darling's A squared of up to 1,000 gaps
 * between actual starts, all over the run, against the distribution that was asked for;
 * 100 gaps.
 */
double validity_arrivals(const struct validity_run *run);

/*
 * The mean latency by Little's law, (users / throughput) - think time or in an open loop
 * (requests in flight / rate of those that ended or were cut off), over the p99 that is
 * reported. Above 1 the p99 is
 * beside the point: a few requests took most of the time, or some are in no percentile.
 * Needs what that law needs, and a p99 of twice the think time.
 */
double validity_mean_over_p99(const struct validity_run *run);

/* Mean time for which the generator was ready to run and had no CPU yet, each time that
 * it was woken, over the median latency. */
double validity_run_queue(const struct validity_run *run);

/* Relative change of a bare loop's speed from before the run to after it. */
double validity_speed(const struct validity_run *run);

/* Share of the CPUs' time that the hypervisor gave to others; from 100 ticks on. */
double validity_stolen(const struct validity_run *run);

/* Samples that a median needs over the successful there are. */
double validity_too_few_samples(const struct validity_run *run);

#endif
