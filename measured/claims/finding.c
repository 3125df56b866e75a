/* Findings in words; see finding.h. */
#include "measured/claims/finding.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_BYTES = 96, MOST_SERIES = 1024 };

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

/* "knee", or of a row about every contestant "knee of forking". */
static const char *say_what(const struct criterion *row, const struct measured *measured,
                            char text[WHAT_BYTES]) {
    bool is_named = strcmp(row->cell, EVERY_CONTESTANT) == 0;
    (void)snprintf(text, WHAT_BYTES, "%s%s%s", row->what, is_named ? " of " : "",
                   is_named ? measured->name : "");
    return text;
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
void finding_headline(const struct criterion *criterion, const struct measured *measured,
                      struct finding *finding) {
    char value[32], low[32], high[32], bounds[96], interval[80] = "", what[WHAT_BYTES];
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
                   say_what(criterion, measured, what), value,
                   criterion->unit[0] != '\0' ? " " : "", criterion->unit, interval,
                   bounds);
}

/* "knee of each contestant but blocking, threading-gil". */
static const char *say_whose(const struct criterion *row, char text[WHAT_BYTES]) {
    const char *but = row->along != NULL ? row->along->but : NULL;
    bool is_every = strcmp(row->cell, EVERY_CONTESTANT) == 0;
    (void)snprintf(
        text, WHAT_BYTES, "%s%s%s%s", row->what, is_every ? " of every contestant" : "",
        is_every && but != NULL ? " but " : "", is_every && but != NULL ? but : "");
    return text;
}

void finding_rule(const struct claim *claim, double error, struct finding *finding) {
    static const char *const titles[] = {
        [JUDGED] = "confirmed when the whole interval of each lies within: ",
        [APPLIES] = "about runs with ",
        [ADMITS] = "judged by repeats with ",
    };
    char bounds[96], part[400], whose[WHAT_BYTES];
    finding->rule[0] = '\0';
    for (enum criterion_kind kind = JUDGED; kind <= ADMITS; kind++) {
        size_t length = 0;
        for (const struct criterion *c = claim->criteria; c->what != NULL; c++) {
            if (c->kind != kind || length >= sizeof part)
                continue;
            format_bounds(c, bounds, sizeof bounds);
            length += (size_t)snprintf(part + length, sizeof part - length, "%s%s %s",
                                       length > 0 ? ", " : titles[kind],
                                       say_whose(c, whose), bounds);
        }
        if (length > 0)
            append(finding->rule, sizeof finding->rule, "%s", part);
    }
    append(finding->rule, sizeof finding->rule,
           "refuted when one lies wholly outside, undecided otherwise; an interval "
           "misses with at most %.3g %% over all looks at the run",
           error * 100);
}

static bool is_cited(const struct finding *finding, const char *name) {
    const char *at = strstr(finding->evidence, name);
    size_t length = strlen(name);
    for (; at != NULL; at = strstr(at + 1, name))
        if ((at == finding->evidence || at[-1] == ' ') && at[length] == ':')
            return true;
    return false;
}

static size_t count_admitted(const struct claim *claim, const struct criterion *row,
                             const struct series *series) {
    size_t n = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n += criterion_admits(claim, row, series->repeats[i]);
    return n;
}

static size_t count_failed(const struct series *series) {
    size_t n = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n += metric_n_failed(series->repeats[i]) > 0;
    return n;
}

static size_t count_borne(const struct criterion *row, const struct series *series) {
    size_t n = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n += criterion_bears(row, series->repeats[i]);
    return n;
}

/* "1 point left out as requests failed: forking, 64 users". */
static void cite_holes(const struct criterion *row, const struct series *const *series,
                       size_t n_series, struct finding *finding) {
    char part[200] = "";
    size_t length = 0, n_holes = 0;
    for (size_t i = 0; i < n_series; i++) {
        if (count_borne(row, series[i]) > 0)
            continue;
        n_holes++;
        if (length + 80 < sizeof part)
            length +=
                (size_t)snprintf(part + length, sizeof part - length, "%s%.40s",
                                 length > 0 ? ", " : "", series[i]->parameters->label);
    }
    if (n_holes > 0)
        append(finding->evidence, sizeof finding->evidence,
               "%zu point%s left out as requests failed: %s", n_holes,
               n_holes == 1 ? "" : "s", part);
}

/* "blocking: 5 repeats, 50 requests, 1002 probes", or of a curve "threading: 7 points, 21
 * repeats, 4100 requests, 0 probes". */
static void cite(const struct run *run, const struct criterion *row, const char *name,
                 struct finding *finding) {
    const struct series *series[MOST_SERIES];
    const char *shown = name;
    char points[48] = "";
    size_t n = name != NULL ? criterion_series(run, row, name, series, MOST_SERIES) : 0;
    size_t n_requests = 0, n_probes = 0, n_repeats = 0;
    if (n > 0 && strcmp(name, EVERY_CONTESTANT) == 0)
        shown = "every contestant";
    if (n == 0 || is_cited(finding, shown))
        return;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < series[i]->n_repeats; k++) {
            n_requests += series[i]->repeats[k]->n_requests;
            n_probes += series[i]->repeats[k]->n_probes;
            n_repeats++;
        }
    if (row->along != NULL)
        (void)snprintf(points, sizeof points, "%zu point%s, ", n, n == 1 ? "" : "s");
    append(finding->evidence, sizeof finding->evidence,
           "%s: %s%zu repeat%s, %zu requests, %zu probes", shown, points, n_repeats,
           n_repeats == 1 ? "" : "s", n_requests, n_probes);
    if (row->along != NULL)
        cite_holes(row, series, n, finding);
}

void finding_cite(const struct run *run, const struct criterion *row,
                  struct finding *finding) {
    cite(run, row, row->cell, finding);
    cite(run, row, row->other, finding);
}

void finding_figure(const struct criterion *row, const struct measured *measured,
                    struct finding *finding) {
    char value[32], low[32], high[32], what[WHAT_BYTES], of[64] = "";
    (void)say_what(row, measured, what);
    if (measured->n_names > 1)
        (void)snprintf(of, sizeof of, ", of %zu the closest to a bound",
                       measured->n_names);
    append(finding->figure, sizeof finding->figure, "%s %s%s%s%s", what,
           format_number(measured->value, value), row->unit[0] != '\0' ? " " : "",
           row->unit, of);
    if (isfinite(measured->interval.high) && measured->n > 1)
        append(finding->interval, sizeof finding->interval, "%s %s to %s", what,
               format_number(measured->interval.low, low),
               format_number(measured->interval.high, high));
    else if (finding->interval[0] == '\0')
        append(finding->interval, sizeof finding->interval, "%zu repeat%s: no interval",
               measured->n, measured->n == 1 ? "" : "s");
}

/* Whether the series of that name say why the row has no value. */
static bool explain_series(const struct run *run, const struct claim *claim,
                           const struct criterion *row, const char *name,
                           struct finding *finding) {
    const struct series *series[MOST_SERIES];
    size_t n = criterion_series(run, row, name, series, MOST_SERIES);
    size_t n_repeats = 0, n_admitted = 0;
    bool is_every = strcmp(name, EVERY_CONTESTANT) == 0;
    for (size_t i = 0; i < n; i++) {
        if (count_failed(series[i]) > 0) {
            (void)snprintf(finding->why, sizeof finding->why, "requests failed in %s",
                           row->along != NULL ? series[i]->parameters->label : name);
            return true;
        }
        n_repeats += series[i]->n_repeats;
        n_admitted += count_admitted(claim, row, series[i]);
    }
    if (n == 0)
        (void)snprintf(finding->why, sizeof finding->why,
                       is_every ? "no contestant was measured" : "%s was not measured",
                       name);
    else if (n_admitted < n_repeats)
        (void)snprintf(finding->why, sizeof finding->why,
                       "other programs left too few CPUs in %zu of %zu repeats",
                       n_repeats - n_admitted, n_repeats);
    return n == 0 || n_admitted < n_repeats;
}

void finding_explain_unknown(const struct run *run, const struct claim *claim,
                             const struct criterion *row, const char *name,
                             struct finding *finding) {
    if (finding->why[0] != '\0' || explain_series(run, claim, row, name, finding) ||
        (row->other != NULL && explain_series(run, claim, row, row->other, finding)))
        return;
    if (row->along != NULL)
        (void)snprintf(finding->why, sizeof finding->why,
                       "%s of %s: not to be found along the values of %s", row->what,
                       name, row->along->axis);
    else
        (void)snprintf(finding->why, sizeof finding->why, "%s: the cells do not carry it",
                       row->what);
}

void finding_explain_open(struct finding *finding) {
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
