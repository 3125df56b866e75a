/*
 * The search for the highest rate, run: a trial is one open-loop run of a window's
 * length, and its verdict goes to the state machine in search.h. Main thread.
 */
#ifndef JUGGLE_LOADGEN_SEARCH_RUN_H
#define JUGGLE_LOADGEN_SEARCH_RUN_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "loadgen/drive/drive.h"
#include "loadgen/drive/search.h"

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
 * of `config` plus i. What has no answer counts as infinitely slow: what failed, what was
 * due and not sent, and what was cut off after it had waited longer than the objective
 * allows. After a trial that was too much it asks one at a time until the server has
 * worked off what that left. Prints a line for each trial on `progress` unless that is
 * NULL. Afterwards `config` and `result` are those of the last trial; errors as
 * drive_run's.
 */
int search_run(const struct search_setting *setting, struct drive_config *config,
               struct drive_result *result, FILE *progress, struct search_report *report);

/* What was found, and whether there were enough requests to say so. */
void search_print(const struct search_report *report, FILE *out);

/* {objective, trials, best_rate, kept_rate, interrupted, requests_needed}; the rates are
 * null when there are none. */
json_t *search_json(const struct search_report *report);

#endif
