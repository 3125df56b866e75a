/*
 * The final statistics: siege's twelve figures, and percentiles with their intervals, as
 * far as the samples carry them. Time figures are of successful requests alone that were
 * planned after the warm-up, rates of what ended after it, the concurrency of all that
 * was in flight after it; with --drain, see docs/design.md. Main thread, after the run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/stats/percentiles.h"
#include "loadgen/drive/drive.h"
#include "loadgen/statistics/statuses.h"

enum { SUMMARY_TENTHS = 10, SUMMARY_PROTOCOLS = 3 };

extern const unsigned summary_protocols[SUMMARY_PROTOCOLS]; /* as samples have them */

/* What the gaps of the generator (sample.h) may have added, at most; without the warm-up.
 */
struct held_up {
    size_t n_gaps;
    double gaps_s, longest_gap_s, busy_s; /* of all threads; busy: CPU time in gaps */
    uint64_t n_requests;
    double latencies_s; /* of the sum of all latencies, those cut off included */
    double starts_s;    /* closed loop: and of what the starts were late */
    double longest_s;   /* of the longest latency */
};

struct summary {
    uint64_t n_ok, n_failed, n_errors[N_SAMPLE_ERRORS]; /* by kind */
    uint64_t n_bad_status;                              /* answered, with 400 and above */
    struct statuses statuses;                           /* of what was answered */
    uint64_t n_answered[SUMMARY_PROTOCOLS];             /* by protocol */
    uint64_t n_warmup;                                  /* in no other count */
    enum warmup_verdict warmup;
    uint64_t n_cut_off, n_not_sent, n_retried;
    double warmup_s;
    uint64_t n_carried_over;       /* in flight when the warm-up ended */
    double window_s;               /* after the warm-up, until nothing new was sent */
    double ended_per_s, latency_s; /* of all that ended, failed or not */
    double longest_ended_s;        /* of those as well */
    double longest_wait_s;         /* of what was cut off */
    double elapsed_s, megabytes, response_s, rate_per_s, throughput, concurrency;
    double longest_s, shortest_s;
    struct held_up held_up;
    double all_latencies_s;          /* the sum, of those that ended or were cut off */
    double tenths_s[SUMMARY_TENTHS]; /* medians, in the order in which they ended */
    struct percentile percentiles[N_PERCENTILES];
    /* Open loop: the same from the actual starts, of which latencies are from the planned
     * ones. */
    bool is_open;
    double service_s;
    struct percentile service_percentiles[N_PERCENTILES];
};

/* 0 or -ENOMEM. */
int summary_make(struct summary *summary, const struct drive_result *result);

double summary_availability(const struct summary *summary);
