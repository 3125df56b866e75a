/* Judging claims by criteria; see judge.h. */
#include "measured/judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome { HOLDS, FAILS, OPEN, UNKNOWN };

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {"confirmed", "refuted", "undecided",
                                        "not applicable"};
    return names[verdict];
}

/* Appends to a text, with "; " between parts; what does not fit is cut. */
static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t text_bytes, const char *format, ...) {
    size_t length = strlen(text);
    if (length > 0 && length + 3 < text_bytes) {
        memcpy(text + length, "; ", 3);
        length += 2;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + length, text_bytes - length, format, arguments);
    va_end(arguments);
}

/* A number to the digits that matter: 2, 1002, 50.2, 5.51, 0.021, 3e-07. */
static const char *format_number(double value, char text[32]) {
    double size = fabs(value);
    bool is_whole = size < 1e6 && value == floor(value);
    int decimals = is_whole ? 0 : size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    if (size > 0 && size < 0.0995)
        (void)snprintf(text, 32, size < 0.0001 ? "%.0e" : "%.2g", value);
    else
        (void)snprintf(text, 32, "%.*f", decimals, value);
    return text;
}

static bool is_within(const struct criterion *criterion, double value) {
    return value >= criterion->low && value <= criterion->high;
}

/* Whether the claim may be judged by that repeat: by figures that say nothing of it. */
static bool is_admitted(const struct claim *claim, const struct cell *cell) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        if (row->kind == ADMITS && strcmp(row->cell, cell->parameters.name) == 0 &&
            !is_within(row, row->figure(cell)))
            return false;
    return metric_n_failed(cell) == 0;
}

/* The figure of one repeat; NAN when it, or what it is set against, is not to be had. */
static double figure_of(const struct claim *claim, const struct criterion *criterion,
                        const struct cell *cell, const struct series *other) {
    if (!is_admitted(claim, cell))
        return NAN;
    if (criterion->other == NULL)
        return criterion->figure(cell);
    const struct cell *against =
        other != NULL ? series_repeat(other, cell->repeat) : NULL;
    if (against == NULL || !is_admitted(claim, against))
        return NAN;
    return criterion->figure(cell) / criterion->figure(against);
}

/* A criterion over all repeats that carry it. */
struct measured {
    size_t n;
    double value, deviation;  /* the deviation on the scale of the interval */
    struct interval interval; /* holds at every look */
    double error;             /* that it may miss */
    enum outcome outcome;
};

static double error_of_one(const struct claim *claim) {
    double n_judged = 0;
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        n_judged += row->kind == JUDGED;
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
                               const struct criterion *criterion) {
    const struct series *series = run_find(run, criterion->cell);
    const struct series *other =
        criterion->other != NULL ? run_find(run, criterion->other) : NULL;
    size_t n_repeats = series != NULL ? series->n_repeats : 0;
    double *values = calloc(n_repeats + 1, sizeof *values);
    struct measured measured = {.error = error_of_one(claim)};
    for (size_t i = 0; values != NULL && i < n_repeats; i++) {
        values[measured.n] = figure_of(claim, criterion, series->repeats[i], other);
        measured.n += isfinite(values[measured.n]) ? 1 : 0;
    }
    bool is_ratio = values != NULL && has_ratio_scale(criterion, values, measured.n);
    if (measured.n > 0) {
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

/* "0.85 to 1.15 own T", "at least 0.7", "at most 100 ms". */
static void format_bounds(const struct criterion *criterion, char *text,
                          size_t text_bytes) {
    char low[32], high[32];
    const char *space = criterion->unit[0] != '\0' ? " " : "";
    (void)format_number(criterion->low, low);
    (void)format_number(criterion->high, high);
    if (isinf(criterion->high))
        (void)snprintf(text, text_bytes, "at least %s%s%s", low, space, criterion->unit);
    else if (isinf(criterion->low))
        (void)snprintf(text, text_bytes, "at most %s%s%s", high, space, criterion->unit);
    else
        (void)snprintf(text, text_bytes, "%s to %s%s%s", low, high, space,
                       criterion->unit);
}

/* "CPUs kept busy 0.98, at most 1.05", "above 1.05", "(0.97 to 1.07), at most 1.05". */
static void write_headline(const struct criterion *criterion,
                           const struct measured *measured, struct finding *finding) {
    char value[32], low[32], high[32], bounds[96], interval[80] = "";
    (void)format_number(measured->value, value);
    format_bounds(criterion, bounds, sizeof bounds);
    if (measured->outcome == FAILS) {
        bool is_above = measured->value > criterion->high;
        (void)snprintf(bounds, sizeof bounds, "%s %s", is_above ? "above" : "below",
                       format_number(is_above ? criterion->high : criterion->low, low));
    } else if (measured->outcome == OPEN && isfinite(measured->interval.high)) {
        (void)snprintf(interval, sizeof interval, " (%s to %s)",
                       format_number(measured->interval.low, low),
                       format_number(measured->interval.high, high));
    }
    (void)snprintf(finding->headline, sizeof finding->headline, "%s %s%s%s%s, %s",
                   criterion->what, value, criterion->unit[0] != '\0' ? " " : "",
                   criterion->unit, interval, bounds);
}

static void write_rule(const struct claim *claim, struct finding *finding) {
    static const char *const titles[] = {
        [JUDGED] = "confirmed when the whole interval of each lies within: ",
        [APPLIES] = "about runs with ",
        [ADMITS] = "judged by repeats with ",
    };
    char bounds[96], part[400];
    finding->rule[0] = '\0';
    for (enum criterion_kind kind = JUDGED; kind <= ADMITS; kind++) {
        size_t length = 0;
        for (const struct criterion *c = claim->criteria; c->what != NULL; c++) {
            if (c->kind != kind || length >= sizeof part)
                continue;
            format_bounds(c, bounds, sizeof bounds);
            length += (size_t)snprintf(part + length, sizeof part - length, "%s%s %s",
                                       length > 0 ? ", " : titles[kind], c->what, bounds);
        }
        if (length > 0)
            append(finding->rule, sizeof finding->rule, "%s", part);
    }
    append(finding->rule, sizeof finding->rule,
           "refuted when one lies wholly outside, undecided otherwise; an interval "
           "misses with at most %.3g %% over all looks at the run",
           error_of_one(claim) * 100);
}

static bool is_cited(const struct finding *finding, const char *name) {
    const char *at = strstr(finding->evidence, name);
    size_t length = strlen(name);
    for (; at != NULL; at = strstr(at + 1, name))
        if ((at == finding->evidence || at[-1] == ' ') && at[length] == ':')
            return true;
    return false;
}

/* "blocking: 5 repeats, 50 requests, 1002 probes". */
static void cite(const struct run *run, const char *name, struct finding *finding) {
    const struct series *series = name != NULL ? run_find(run, name) : NULL;
    if (series == NULL || is_cited(finding, name))
        return;
    size_t n_requests = 0, n_probes = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        n_requests += series->repeats[i]->n_requests;
        n_probes += series->repeats[i]->n_probes;
    }
    append(finding->evidence, sizeof finding->evidence,
           "%s: %zu repeat%s, %zu requests, %zu probes", name, series->n_repeats,
           series->n_repeats == 1 ? "" : "s", n_requests, n_probes);
}

static void write_figure(const struct criterion *criterion,
                         const struct measured *measured, struct finding *finding) {
    char value[32], low[32], high[32];
    append(finding->figure, sizeof finding->figure, "%s %s%s%s", criterion->what,
           format_number(measured->value, value), criterion->unit[0] != '\0' ? " " : "",
           criterion->unit);
    if (isfinite(measured->interval.high) && measured->n > 1)
        append(finding->interval, sizeof finding->interval, "%s %s to %s",
               criterion->what, format_number(measured->interval.low, low),
               format_number(measured->interval.high, high));
    else if (finding->interval[0] == '\0')
        append(finding->interval, sizeof finding->interval, "%zu repeat%s: no interval",
               measured->n, measured->n == 1 ? "" : "s");
}

/* Where a cell that a claim is about is missing, or lacks what it is judged by. */
static void explain_unknown(const struct run *run, const struct claim *claim,
                            const struct criterion *criterion, struct finding *finding) {
    const char *names[] = {criterion->cell, criterion->other};
    char *why = finding->why;
    size_t room = sizeof finding->why;
    for (size_t k = 0; k < 2 && why[0] == '\0'; k++) {
        const struct series *series = names[k] != NULL ? run_find(run, names[k]) : NULL;
        size_t n_failed = 0, n_left_out = 0;
        if (names[k] != NULL && series == NULL)
            (void)snprintf(why, room, "%s was not measured", names[k]);
        for (size_t i = 0; series != NULL && i < series->n_repeats; i++) {
            n_failed += metric_n_failed(series->repeats[i]) > 0;
            n_left_out += !is_admitted(claim, series->repeats[i]);
        }
        if (n_failed > 0)
            (void)snprintf(why, room, "requests failed in %s", names[k]);
        else if (n_left_out > 0 && series != NULL)
            (void)snprintf(why, room,
                           "other programs left too few CPUs in %zu of %zu repeats",
                           n_left_out, series->n_repeats);
    }
    if (why[0] == '\0')
        (void)snprintf(why, room, "%s: the cells do not carry it", criterion->what);
}

/* Seconds that one repeat of all cells of the claim takes. */
static double repeat_seconds(const struct run *run, const struct claim *claim) {
    double seconds = 0;
    for (size_t i = 0; i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        if (claim_is_about(claim, series->parameters->name))
            seconds += series->repeats[series->n_repeats - 1]->window.server_seconds;
    }
    return seconds;
}

/* What an undecided claim lacks, in words. */
static void explain_open(const struct run *run, const struct claim *claim,
                         struct finding *finding) {
    finding->more_s = finding->n_more * repeat_seconds(run, claim);
    if (finding->why[0] != '\0')
        return;
    if (isinf(finding->n_more))
        (void)snprintf(finding->why, sizeof finding->why,
                       "too close to its bound for the noise here");
    else if (isfinite(finding->more_s))
        (void)snprintf(finding->why, sizeof finding->why,
                       "needs about %.0f more repeat%s, %.0f s", finding->n_more,
                       finding->n_more == 1 ? "" : "s", ceil(finding->more_s));
    else
        (void)snprintf(finding->why, sizeof finding->why,
                       "needs about %.0f more repeat%s", finding->n_more,
                       finding->n_more == 1 ? "" : "s");
}

/* Whether the claim is about this run; if not, `why` says what it is about. */
static bool is_applicable(const struct run *run, const struct claim *claim,
                          struct finding *finding) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        const struct series *series = run_find(run, row->cell);
        if (!run_plans(run, row->cell) ||
            (row->other != NULL && !run_plans(run, row->other))) {
            (void)snprintf(finding->why, sizeof finding->why, "%s was not chosen",
                           run_plans(run, row->cell) ? row->other : row->cell);
            return false;
        }
        if (row->kind != APPLIES || series == NULL ||
            is_within(row, row->figure(series->repeats[0])))
            continue;
        (void)snprintf(finding->why, sizeof finding->why, "%s", row->refusal);
        return false;
    }
    return true;
}

/* The row that says most of the verdict: the first that failed, is open, or holds. */
static void keep_headline(const struct criterion *criterion,
                          const struct measured *measured, enum outcome *shown,
                          struct finding *finding) {
    static const int weights[] = {[UNKNOWN] = 0, [HOLDS] = 1, [OPEN] = 2, [FAILS] = 3};
    if (weights[measured->outcome] <= weights[*shown])
        return;
    *shown = measured->outcome;
    write_headline(criterion, measured, finding);
}

void judge(const struct run *run, const struct claim *claim, struct finding *finding) {
    size_t n_of[UNKNOWN + 1] = {0};
    enum outcome shown = UNKNOWN;
    *finding = (struct finding){.verdict = NOT_APPLICABLE};
    write_rule(claim, finding);
    if (!is_applicable(run, claim, finding))
        return;
    finding->verdict = UNDECIDED;
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
        cite(run, row->cell, finding);
        cite(run, row->other, finding);
        if (row->kind != JUDGED)
            continue;
        struct measured measured = measure(run, claim, row);
        n_of[measured.outcome]++;
        if (measured.outcome == UNKNOWN) {
            if (finding->why[0] == '\0')
                explain_unknown(run, claim, row, finding);
            finding->n_more = fmax(finding->n_more, more_needed(row, &measured));
            continue;
        }
        write_figure(row, &measured, finding);
        keep_headline(row, &measured, &shown, finding);
        if (measured.outcome == OPEN)
            finding->n_more = fmax(finding->n_more, more_needed(row, &measured));
    }
    if (n_of[FAILS] > 0 || (n_of[OPEN] == 0 && n_of[UNKNOWN] == 0)) {
        finding->verdict = n_of[FAILS] > 0 ? REFUTED : CONFIRMED;
        finding->why[0] = '\0'; /* it is decided, whatever else is open */
        finding->n_more = 0;
    } else {
        explain_open(run, claim, finding);
    }
}

bool claim_is_about(const struct claim *claim, const char *cell) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        if (strcmp(row->cell, cell) == 0 ||
            (row->other != NULL && strcmp(row->other, cell) == 0))
            return true;
    return false;
}
