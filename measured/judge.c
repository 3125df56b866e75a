/* Judging claims by criteria; see judge.h. */
#include "measured/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_within(const struct criterion *criterion, double value) {
    return value >= criterion->low && value <= criterion->high;
}

static double error_of_one(const struct run *run, const struct claim *claim) {
    double n_judged = 0;
    const char *names[MAX_CONTESTANTS];
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        n_judged += row->kind == JUDGED ? (double)criterion_names(run, row, names) : 0;
    return fmin(JUDGE_ERROR, 2 * JUDGE_ERROR / n_judged);
}

static bool has_ratio_scale(const struct criterion *criterion, const double *values,
                            size_t n_values) {
    size_t n_positive = 0;
    while (n_positive < n_values && values[n_positive] > 0)
        n_positive++;
    return !criterion->is_share && n_values > 0 && n_positive == n_values;
}

static enum outcome weigh(const struct criterion *criterion,
                          const struct measured *measured) {
    const struct interval *interval = &measured->interval;
    if (measured->n == 0)
        return UNKNOWN;
    if (measured->n == 1)
        return OPEN;
    if (interval->low >= criterion->low && interval->high <= criterion->high)
        return HOLDS;
    if (interval->high < criterion->low || interval->low > criterion->high)
        return FAILS;
    return OPEN;
}

static struct measured measure(const struct run *run, const struct claim *claim,
                               const struct criterion *criterion, const char *name) {
    struct measured measured = {.name = name, .error = error_of_one(run, claim)};
    double *values;
    measured.n = criterion_values(run, claim, criterion, name, &values);
    if (measured.n > 0) {
        bool is_ratio = has_ratio_scale(criterion, values, measured.n);
        measured.value = stats_mean(values, measured.n);
        measured.interval =
            stats_looks_interval(values, measured.n, measured.error, is_ratio);
        measured.interval.low -= JUDGE_RESOLUTION * fabs(measured.value);
        measured.interval.high += JUDGE_RESOLUTION * fabs(measured.value);
        measured.deviation = stats_deviation(values, measured.n);
    }
    free(values);
    measured.outcome = weigh(criterion, &measured);
    return measured;
}

/*
 * About how many more repeats an open criterion takes if figure and deviation stay as
 * they are: INFINITY when more than MOST_USEFUL, but not by the word of a few.
 */
static double more_needed(const struct criterion *criterion,
                          const struct measured *measured) {
    enum { LEAST = 4, ENOUGH_TO_DESPAIR = 6, MOST_USEFUL = 60 };
    double n_now = (double)measured->n;
    if (measured->n < 2)
        return LEAST - n_now;
    double to_low = fabs(measured->value - criterion->low);
    double distance = fmin(to_low, fabs(measured->value - criterion->high)) -
                      JUDGE_RESOLUTION * fabs(measured->value);
    for (size_t n = measured->n + 1; n <= measured->n + MOST_USEFUL; n++)
        if (stats_looks_quantile(n, measured->error) * measured->deviation /
                sqrt((double)n) <
            distance)
            return (double)n - n_now;
    return n_now < ENOUGH_TO_DESPAIR ? ENOUGH_TO_DESPAIR - n_now : INFINITY;
}

/* Seconds that one repeat of all cells of the claim takes. */
static double repeat_seconds(const struct run *run, const struct claim *claim) {
    double seconds = 0;
    for (size_t i = 0; i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        if (claim_is_about(claim, series->parameters))
            seconds += series->repeats[series->n_repeats - 1]->window.server_seconds;
    }
    return seconds;
}

/* Of the rows' names, cells or contestants, the first that was not to be measured. */
static const char *find_unplanned(const struct run *run, const struct criterion *row) {
    if (!criterion_is_planned(run, row, row->cell))
        return row->cell;
    if (row->other != NULL && !criterion_is_planned(run, row, row->other))
        return row->other;
    return NULL;
}

/* Whether the claim is about this run; if not, `why` says what it is about. */
static bool is_applicable(const struct run *run, const struct claim *claim,
                          struct finding *finding) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        const struct series *series;
        const char *unplanned = find_unplanned(run, row);
        if (unplanned != NULL) {
            (void)snprintf(finding->why, sizeof finding->why, "%s was not chosen",
                           unplanned);
            return false;
        }
        if (row->kind != APPLIES ||
            criterion_series(run, row, row->cell, &series, 1) == 0 ||
            is_within(row, row->figure(series->repeats[0])))
            continue;
        (void)snprintf(finding->why, sizeof finding->why, "%s", row->refusal);
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

/* Which says more of the verdict: what failed, is open, holds, is not known. */
static int weight(enum outcome outcome) {
    static const int weights[] = {[UNKNOWN] = 0, [HOLDS] = 1, [OPEN] = 2, [FAILS] = 3};
    return weights[outcome];
}

/* What is found as rows are judged one by one. */
struct judgement {
    const struct run *run;
    const struct claim *claim;
    struct finding *finding;
    size_t n_of[UNKNOWN + 1];
    enum outcome shown; /* by the headline */
};

/* A row for one of its names: counts it, and returns what was measured. */
static struct measured judge_one(struct judgement *judgement, const struct criterion *row,
                                 const char *name) {
    struct finding *finding = judgement->finding;
    struct measured measured = measure(judgement->run, judgement->claim, row, name);
    judgement->n_of[measured.outcome]++;
    if (measured.outcome == UNKNOWN)
        finding_explain_unknown(judgement->run, judgement->claim, row, name, finding);
    if (measured.outcome == UNKNOWN || measured.outcome == OPEN)
        finding->n_more = fmax(finding->n_more, more_needed(row, &measured));
    return measured;
}

/* A row for all of its names; that which says most of the verdict is shown. */
static void judge_row(struct judgement *judgement, const struct criterion *row) {
    const char *names[MAX_CONTESTANTS];
    size_t n = criterion_names(judgement->run, row, names);
    struct measured most = {.outcome = UNKNOWN};
    if (n == 0) {
        judgement->n_of[UNKNOWN]++;
        finding_explain_unknown(judgement->run, judgement->claim, row, row->cell,
                                judgement->finding);
    }
    for (size_t i = 0; i < n; i++) {
        struct measured measured = judge_one(judgement, row, names[i]);
        if (weight(measured.outcome) > weight(most.outcome) ||
            (measured.outcome == most.outcome &&
             margin(row, &measured) < margin(row, &most)))
            most = measured;
    }
    if (most.outcome == UNKNOWN)
        return;
    most.n_names = n;
    finding_figure(row, &most, judgement->finding);
    if (weight(most.outcome) <= weight(judgement->shown))
        return;
    judgement->shown = most.outcome;
    finding_headline(row, &most, judgement->finding);
}

void judge(const struct run *run, const struct claim *claim, struct finding *finding) {
    *finding = (struct finding){.verdict = NOT_APPLICABLE};
    struct judgement judgement = {run, claim, finding, {0}, UNKNOWN};
    finding_rule(claim, error_of_one(run, claim), finding);
    if (!is_applicable(run, claim, finding))
        return;
    finding->verdict = UNDECIDED;
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        finding_cite(run, row, finding);
        if (row->kind == JUDGED)
            judge_row(&judgement, row);
    }
    const size_t *n_of = judgement.n_of;
    if (n_of[FAILS] > 0 || (n_of[OPEN] == 0 && n_of[UNKNOWN] == 0)) {
        finding->verdict = n_of[FAILS] > 0 ? REFUTED : CONFIRMED;
        finding->why[0] = '\0'; /* it is decided, whatever else is open */
        finding->n_more = 0;
    } else {
        finding->more_s = finding->n_more * repeat_seconds(run, claim);
        finding_explain_open(finding);
    }
}
