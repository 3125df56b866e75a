/* Judging claims by criteria; see judge.h. */
#include "measured/claims/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What is found as rows are judged one by one. */
struct judgement {
    const struct run *run;
    const struct claim *claim;
    struct finding *finding;
    double error; /* that one interval may miss */
    size_t n_of[FAILS + 1];
    enum outcome shown; /* by the headline */
};

static struct measured measure(const struct judgement *judgement,
                               const struct criterion *row, const char *name) {
    struct measured measured = {.name = name};
    double *values;
    size_t n = criterion_values(judgement->run, judgement->claim, row, name, &values);
    bool is_ratio = !row->is_share;
    for (size_t i = 0; i < n; i++)
        is_ratio = is_ratio && values[i] > 0;
    if (n > 0) {
        double resolution = JUDGE_RESOLUTION * fabs(stats_mean(values, n));
        measured.n = n;
        measured.value = stats_mean(values, n);
        measured.deviation = stats_deviation(values, n);
        measured.interval = stats_looks_interval(values, n, judgement->error, is_ratio);
        measured.interval.low -= resolution;
        measured.interval.high += resolution;
    }
    free(values);
    const struct interval *interval = &measured.interval;
    bool is_within = interval->low >= row->low && interval->high <= row->high;
    bool is_outside = interval->high < row->low || interval->low > row->high;
    measured.outcome = n == 0       ? UNKNOWN
                       : n == 1     ? OPEN
                       : is_within  ? HOLDS
                       : is_outside ? FAILS
                                    : OPEN;
    return measured;
}

/*
 * About how many more repeats an open criterion takes if figure and deviation stay as
 * they are, and as many of them may be judged by: INFINITY when more than MOST_USEFUL,
 * but not by the word of a few.
 */
static double more_needed(const struct run *run, const struct criterion *row,
                          const struct measured *measured, double error) {
    enum { LEAST = 4, ENOUGH_TO_DESPAIR = 6, MOST_USEFUL = 60 };
    double n_now = (double)measured->n, n_tried = 0;
    for (const struct series *series = NULL;
         (series = criterion_next(run, row, measured->name, series)) != NULL;)
        n_tried = fmax(n_tried, (double)series->n_repeats);
    if (n_tried >= ENOUGH_TO_DESPAIR && measured->n == 0)
        return INFINITY;
    double tries = n_now > 0 ? n_tried / n_now : 1; /* for one that may be judged by */
    if (measured->n < 2)
        return (LEAST - n_now) * tries;
    double distance =
        fmin(fabs(measured->value - row->low), fabs(measured->value - row->high)) -
        JUDGE_RESOLUTION * fabs(measured->value);
    for (size_t n = measured->n + 1; n <= measured->n + MOST_USEFUL; n++)
        if (stats_looks_quantile(n, error) * measured->deviation / sqrt((double)n) <
            distance)
            return ((double)n - n_now) * tries;
    return n_now < ENOUGH_TO_DESPAIR ? (ENOUGH_TO_DESPAIR - n_now) * tries : INFINITY;
}

static void keep_open(struct finding *finding, const struct criterion *row,
                      const char *name, double n_more) {
    finding->n_more = fmax(finding->n_more, n_more);
    if (finding->n_open < FINDING_MOST_OPEN)
        finding->open[finding->n_open++] = (struct open_criterion){row, name, n_more};
}

static double seconds_to_decide(const struct run *run, const struct finding *finding) {
    double seconds = 0;
    for (size_t i = 0; i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        seconds += finding_more(finding, series->parameters) *
                   series->repeats[series->n_repeats - 1]->window.server_seconds;
    }
    return seconds;
}

/* Whether the run was to measure what a row calls so. */
static bool is_planned(const struct run *run, const struct criterion *row,
                       const char *name) {
    size_t i = 0;
    while (i < run->n_plans && !criterion_means(row, name, &run->plans[i].parameters))
        i++;
    return i < run->n_plans;
}

/* Whether the claim is about this run; if not, `why` says what it is about. */
static bool is_applicable(const struct run *run, const struct claim *claim,
                          struct finding *finding) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        const char *unplanned = !is_planned(run, row, row->cell) ? row->cell
                                : row->other != NULL && !is_planned(run, row, row->other)
                                    ? row->other
                                    : NULL;
        const struct series *first = criterion_next(run, row, row->cell, NULL);
        double value = first != NULL ? row->figure(first->repeats[0]) : row->low;
        if (unplanned != NULL)
            (void)snprintf(finding->why, sizeof finding->why, "%s was not chosen",
                           unplanned);
        else if (row->kind == APPLIES && !(value >= row->low && value <= row->high))
            (void)snprintf(finding->why, sizeof finding->why, "%s", row->refusal);
        else
            continue;
        return false;
    }
    return true;
}

/* How far inside its bounds a value is, as a share of the bound: below 0 outside. */
static double margin(const struct criterion *row, const struct measured *measured) {
    double to_low = (measured->value - row->low) / fmax(fabs(row->low), 1e-9);
    double to_high = (row->high - measured->value) / fmax(fabs(row->high), 1e-9);
    return isinf(row->low) ? to_high : isinf(row->high) ? to_low : fmin(to_low, to_high);
}

/* A row for all of its names; that which says most of the verdict is shown. */
static void judge_row(struct judgement *judgement, const struct criterion *row) {
    const struct run *run = judgement->run;
    const struct claim *claim = judgement->claim;
    struct finding *finding = judgement->finding;
    struct measured most = {.outcome = UNKNOWN};
    const char *names[MAX_CONTESTANTS];
    size_t n = criterion_names(run, row, names);
    bool judges = row->kind == JUDGED; /* one that only tells decides nothing */
    if (n == 0 && judges) {
        judgement->n_of[UNKNOWN]++;
        finding_explain_unknown(run, claim, row, row->cell, finding);
    }
    for (size_t i = 0; i < n; i++) {
        struct measured measured = measure(judgement, row, names[i]);
        judgement->n_of[measured.outcome] += judges;
        if (!judges && measured.outcome == OPEN)
            measured.outcome = HOLDS;
        if (judges && measured.outcome == UNKNOWN)
            finding_explain_unknown(run, claim, row, names[i], finding);
        if (judges && (measured.outcome == UNKNOWN || measured.outcome == OPEN))
            keep_open(finding, row, names[i],
                      more_needed(run, row, &measured, judgement->error));
        if (measured.outcome > most.outcome ||
            (measured.outcome == most.outcome &&
             margin(row, &measured) < margin(row, &most)))
            most = measured;
    }
    if (most.outcome == UNKNOWN)
        return;
    most.n_names = n;
    finding_figure(row, &most, finding);
    if (most.outcome <= judgement->shown)
        return;
    judgement->shown = most.outcome;
    finding_headline(run, row, &most, finding);
}

void judge(const struct run *run, const struct claim *claim, struct finding *finding) {
    double n_judged = 0;
    const char *names[MAX_CONTESTANTS];
    *finding = (struct finding){.verdict = NOT_APPLICABLE};
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        n_judged += row->kind == JUDGED ? (double)criterion_names(run, row, names) : 0;
    struct judgement judgement = {
        .run = run,
        .claim = claim,
        .finding = finding,
        .error = fmin(JUDGE_ERROR, 2 * JUDGE_ERROR / n_judged),
        .shown = UNKNOWN,
    };
    finding_rule(claim, judgement.error, finding);
    if (!is_applicable(run, claim, finding))
        return;
    finding->verdict = UNDECIDED;
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        finding_cite(run, row, finding);
        if (row->kind == JUDGED || row->kind == TOLD)
            judge_row(&judgement, row);
    }
    const size_t *n_of = judgement.n_of;
    if (n_of[FAILS] > 0 || (n_of[OPEN] == 0 && n_of[UNKNOWN] == 0)) {
        finding->verdict = n_of[FAILS] > 0 ? REFUTED : CONFIRMED;
        finding->why[0] = '\0'; /* it is decided, whatever else is open */
        finding->n_more = 0;
        finding->n_open = 0;
    } else {
        finding->more_s = seconds_to_decide(run, finding);
        finding_explain_open(finding);
    }
}
