/* Judging claims by criteria; see judge.h. */
#include "measured/judge.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum outcome { HOLDS, FAILS, OPEN, UNKNOWN };

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {"confirmed", "refuted", "undecided"};
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

/* The figure of one repeat; NAN when it, or what it is set against, is not to be had. */
static double figure_of(const struct criterion *criterion, const struct cell *cell,
                        const struct series *other) {
    if (metric_n_failed(cell) > 0)
        return NAN;
    if (criterion->other == NULL)
        return criterion->figure(cell);
    const struct cell *against = series_repeat(other, cell->repeat);
    if (against == NULL || metric_n_failed(against) > 0)
        return NAN;
    return criterion->figure(cell) / criterion->figure(against);
}

/* The criterion over all repeats that carry it. */
static struct estimate measure(const struct run *run, const struct criterion *criterion) {
    const struct series *series = run_find(run, criterion->cell);
    const struct series *other =
        criterion->other != NULL ? run_find(run, criterion->other) : NULL;
    if (series == NULL || (criterion->other != NULL && other == NULL))
        return estimate_values(NULL, 0);
    double *values = calloc(series->n_repeats, sizeof *values);
    size_t n_values = 0;
    for (size_t i = 0; values != NULL && i < series->n_repeats; i++) {
        values[n_values] = figure_of(criterion, series->repeats[i], other);
        n_values += isfinite(values[n_values]) ? 1 : 0;
    }
    struct estimate estimate = estimate_values(values, n_values);
    free(values);
    return estimate;
}

static enum outcome weigh(const struct criterion *criterion,
                          const struct estimate *estimate) {
    if (estimate->n_repeats == 0)
        return UNKNOWN;
    struct interval interval = estimate->interval;
    if (criterion->is_condition) {
        interval = (struct interval){estimate->value, estimate->value};
    } else if (estimate->n_repeats == 1) {
        double margin = JUDGE_ALONE_MARGIN * fabs(estimate->value);
        interval = (struct interval){estimate->value - margin, estimate->value + margin};
    }
    if (interval.low >= criterion->low && interval.high <= criterion->high)
        return HOLDS;
    if (interval.high < criterion->low || interval.low > criterion->high)
        return FAILS;
    return OPEN;
}

/* "0.85 .. 1.15 T", "at least 0.70", "at most 100 ms". */
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
        (void)snprintf(text, text_bytes, "%s .. %s%s%s", low, high, space,
                       criterion->unit);
}

/* Why a figure is unknown, as far as the cell itself tells. */
static const char *reason(const struct run *run, const char *cell_name, char text[128]) {
    const struct series *series = run_find(run, cell_name);
    (void)snprintf(text, 128, "%s was not measured", cell_name);
    for (size_t i = 0; series != NULL && i < series->n_repeats; i++)
        if (metric_n_failed(series->repeats[i]) > 0) {
            (void)snprintf(text, 128, "requests failed in %s", cell_name);
            return text;
        }
    return series == NULL ? text : NULL;
}

static void explain_unknown(const struct run *run, const struct criterion *criterion,
                            struct finding *finding) {
    char text[128];
    const char *why = reason(run, criterion->cell, text);
    if (why == NULL && criterion->other != NULL)
        why = reason(run, criterion->other, text);
    if (finding->why[0] == '\0')
        (void)snprintf(finding->why, sizeof finding->why, "%s: %s", criterion->what,
                       why != NULL ? why : "the cells do not carry it");
}

static void write_rule(const struct claim *claim, struct finding *finding) {
    char bounds[96];
    const char *prefix = "confirmed when the whole 95 % interval over repeats lies in: ";
    (void)snprintf(finding->rule, sizeof finding->rule, "%s", prefix);
    const char *separator = "";
    for (int conditions = 0; conditions <= 1; conditions++) {
        for (const struct criterion *c = claim->criteria; c->what != NULL; c++) {
            if (c->is_condition != (conditions == 1))
                continue;
            size_t length = strlen(finding->rule);
            format_bounds(c, bounds, sizeof bounds);
            (void)snprintf(finding->rule + length, sizeof finding->rule - length,
                           "%s%s %s", separator, c->what, bounds);
            separator = ", ";
        }
        separator = conditions == 0 ? "; judged only with " : "";
    }
    append(finding->rule, sizeof finding->rule,
           "refuted when one of them lies wholly outside, undecided otherwise and where "
           "a condition fails; with one repeat "
           "+-%.0f %% of the figure stand in for the interval",
           JUDGE_ALONE_MARGIN * 100);
}

static bool is_cited(const struct finding *finding, const char *name) {
    const char *at = strstr(finding->evidence, name);
    size_t length = strlen(name);
    for (; at != NULL; at = strstr(at + 1, name))
        if ((at == finding->evidence || at[-1] == ' ') && at[length] == ':')
            return true;
    return false;
}

/* "blocking: 5 repeats, 50 requests, 1002 of `/`". */
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
                         const struct estimate *estimate, struct finding *finding) {
    char value[32], low[32], high[32];
    append(finding->figure, sizeof finding->figure, "%s %s%s%s", criterion->what,
           format_number(estimate->value, value), criterion->unit[0] != '\0' ? " " : "",
           criterion->unit);
    if (estimate->n_repeats > 1)
        append(finding->interval, sizeof finding->interval, "%s %s .. %s",
               criterion->what, format_number(estimate->interval.low, low),
               format_number(estimate->interval.high, high));
    else if (finding->interval[0] == '\0')
        append(finding->interval, sizeof finding->interval, "one repeat: no interval");
}

/* What an undecided finding says of the row that left it so. */
static void explain(const struct criterion *criterion, const struct estimate *estimate,
                    struct finding *finding) {
    char value[32], low[32], high[32], interval[80] = "", bounds[96];
    if (finding->why[0] != '\0')
        return;
    if (!criterion->is_condition && estimate->n_repeats > 1)
        (void)snprintf(interval, sizeof interval, " (%s .. %s)",
                       format_number(estimate->interval.low, low),
                       format_number(estimate->interval.high, high));
    format_bounds(criterion, bounds, sizeof bounds);
    (void)snprintf(finding->why, sizeof finding->why, "%s %s%s, %s %s", criterion->what,
                   format_number(estimate->value, value), interval,
                   criterion->is_condition ? "needed:" : "bounds", bounds);
}

/* One row's part in the verdict; what leaves the finding undecided says so in `why`. */
static enum outcome apply(const struct run *run, const struct criterion *criterion,
                          struct finding *finding) {
    struct estimate estimate = measure(run, criterion);
    enum outcome outcome = weigh(criterion, &estimate);
    cite(run, criterion->cell, finding);
    cite(run, criterion->other, finding);
    if (outcome == UNKNOWN) {
        explain_unknown(run, criterion, finding);
        return UNKNOWN;
    }
    if (!criterion->is_condition)
        write_figure(criterion, &estimate, finding);
    else if (outcome != HOLDS)
        outcome = UNKNOWN;
    if (outcome == OPEN || outcome == UNKNOWN)
        explain(criterion, &estimate, finding);
    return outcome;
}

void judge(const struct run *run, const struct claim *claim, struct finding *finding) {
    size_t n_of[UNKNOWN + 1] = {0};
    *finding = (struct finding){.verdict = UNDECIDED};
    write_rule(claim, finding);
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        n_of[apply(run, row, finding)]++;
    if (n_of[UNKNOWN] > 0 || (n_of[FAILS] == 0 && n_of[OPEN] > 0))
        return;
    finding->verdict = n_of[FAILS] > 0 ? REFUTED : CONFIRMED;
    finding->why[0] = '\0'; /* it is decided, whatever else is open */
}
