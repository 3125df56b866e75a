/*
 * The search for the highest rate that keeps an objective. A pure state machine says what
 * to try: it doubles the rate until that fails, halves what lies between in the sense of
 * ratios, and confirms what is left in a longer trial, or else a lower rate. Before that
 * a rate has failed only if it fails twice: one hiccup of the machine ends no search.
 * search_run does the trials, each an open-loop run of a window's length. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "loadgen/drive/drive.h"

enum {
    SEARCH_MAX_TRIALS = 64, /* no search has more, whatever it is told */
    SEARCH_CONFIRMATION_WINDOWS = 3
};

/* The q-quantile of the latencies must not exceed `limit_ns`. */
struct search_objective {
    double quantile; /* above 0; 1: the maximum */
    uint64_t limit_ns;
};

/* What is asked for on the command line. */
struct search_setting {
    const char *text; /* the objective as it was given; NULL: there is no search */
    struct search_objective objective;
    double from_per_s;
    uint64_t window_ns; /* the confirmation's is SEARCH_CONFIRMATION_WINDOWS of them */
};

/* From "p99:50ms", "p99.9:1s" or "max:2s". 0, -EINVAL or -ERANGE. */
int search_parse_objective(const char *text, struct search_objective *objective);

enum search_phase {
    SEARCH_BRACKETING, /* by doubling, then by halves */
    SEARCH_CONFIRMING,
    SEARCH_FOUND,     /* `rate_per_s` keeps the objective, and was confirmed */
    SEARCH_NOT_FOUND, /* even the lowest rate does not, or none was confirmed */
};

/* Members are for reading; the functions below alone change them. */
struct search {
    enum search_phase phase;
    double rate_per_s; /* to be tried next, or found */
    double from_per_s, most_per_s;
    double kept_per_s, failed_per_s; /* the bracket; 0: none yet */
    unsigned n_confirmations;
    bool failed_once; /* `rate_per_s`, and has another trial */
};

/* Starts at `from_per_s` and never goes below it, nor above `most_per_s`. */
void search_begin(struct search *search, double from_per_s, double most_per_s);

/* Still looking: `rate_per_s` wants a trial, a longer one in SEARCH_CONFIRMING. */
bool search_goes_on(const struct search *search);

/* What the trial at `rate_per_s` showed; only while search_goes_on. */
void search_tell(struct search *search, bool kept);

struct search_trial {
    double rate_per_s, window_s;
    uint64_t n_requests; /* the figure is of these: answered or not */
    double figure_us;    /* infinite: too many of them had no answer */
    bool kept;
};

struct search_report {
    const struct search_setting *setting;
    struct search_trial trials[SEARCH_MAX_TRIALS];
    unsigned n_trials;
    double best_per_s; /* 0: none was found */
    double kept_per_s; /* the highest that was kept in a trial; 0: none */
    bool is_interrupted;
};

/*
 * Runs trials until the search ends or a signal comes; trial i is drawn from the seed
 * of `config` plus i. What has no answer counts as infinitely slow. Prints a line for
 * each trial on `progress` unless that is NULL. Afterwards `config` and `result` are
 * those of the last trial; errors as drive_run's.
 */
int search_run(const struct search_setting *setting, struct drive_config *config,
               struct drive_result *result, FILE *progress, struct search_report *report);

/* What was found, and whether there were enough requests to say so. */
void search_print(const struct search_report *report, FILE *out);

/* {objective, trials, best_rate, kept_rate, interrupted, requests_needed}; the rates are
 * null when there are none. */
json_t *search_json(const struct search_report *report);
