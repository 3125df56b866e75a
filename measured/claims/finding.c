/* Findings in words; see finding.h. */
#include "measured/claims/finding.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/text.h"
#include "measured/figures.h"

enum { WHAT_BYTES = 96, BOUNDS_BYTES = 96 };

const char *verdict_name(enum verdict verdict) {
    static const char *const names[] = {"confirmed", "refuted", "undecided",
                                        "not applicable"};
    return names[verdict];
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

/* What stands before the next part of a text. */
static const char *joint(const char *text) {
    return text[0] != '\0' ? "; " : "";
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

/* "knee"; of a row about every contestant, or of a server that stands for a cell, "knee
 * of forking", or without a name "knee of every contestant but blocking, threading-gil".
 */
static const char *say_what(const struct criterion *row, const char *name,
                            char text[WHAT_BYTES]) {
    const char *but = row->along != NULL && name == NULL ? row->along->but : NULL;
    bool is_every = strcmp(row->cell, EVERY_CONTESTANT) == 0;
    if (!is_every && (name == NULL || strcmp(name, row->cell) == 0))
        return row->what;
    (void)snprintf(text, WHAT_BYTES, "%s of %s%s%s", row->what,
                   name != NULL ? name : "every contestant", but != NULL ? " but " : "",
                   but != NULL ? but : "");
    return text;
}

/* "0.85 to 1.15 own T", "at least 0.7", "at most 50 %" with 100 for one and " %". */
static const char *format_bounds(const struct criterion *row, double times,
                                 const char *unit, char text[BOUNDS_BYTES]) {
    char low[32], high[32];
    (void)format_number(row->low * times, low);
    (void)format_number(row->high * times, high);
    if (isinf(row->high))
        (void)snprintf(text, BOUNDS_BYTES, "at least %s%s", low, unit);
    else if (isinf(row->low))
        (void)snprintf(text, BOUNDS_BYTES, "at most %s%s", high, unit);
    else
        (void)snprintf(text, BOUNDS_BYTES, "%s to %s%s", low, high, unit);
    return text;
}

static const char *format_rule(const struct criterion *row, char text[BOUNDS_BYTES]) {
    char unit[BOUNDS_BYTES];
    (void)snprintf(unit, sizeof unit, "%s%s", row->unit[0] != '\0' ? " " : "", row->unit);
    return format_bounds(row, 1, unit, text);
}

#define say(finding, ...)                                                                \
    text_append((finding)->headline, sizeof(finding)->headline, __VA_ARGS__)

/* Of milliseconds: "133 ms", of an open one "1.3 s (0.9 s to 1.8 s)". */
static void say_time(struct finding *finding, const struct measured *measured) {
    char value[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
    say(finding, "%s", figure_time(measured->value * 1e3, value));
    if (measured->outcome == OPEN && isfinite(measured->interval.high))
        say(finding, " (%s to %s)", figure_time(measured->interval.low * 1e3, low),
            figure_time(measured->interval.high * 1e3, high));
}

/* "kept 0.98 CPUs busy", "kept 1.3 CPUs busy; the claim allows at most 1.05", of an open
 * one "kept 1.03 (0.97 to 1.07) CPUs busy; ...". */
void finding_headline(const struct run *run, const struct criterion *row,
                      const struct measured *measured, struct finding *finding) {
    const struct series *first = criterion_next(run, row, measured->name, NULL);
    const struct cell_parameters *cell = first != NULL ? first->parameters : NULL;
    char plain[WHAT_BYTES + 64], value[FIGURE_BYTES], low[32], high[32], what[WHAT_BYTES];
    char bounds[BOUNDS_BYTES];
    (void)snprintf(plain, sizeof plain, "%s * %s", say_what(row, measured->name, what),
                   row->unit);
    const char *says = row->says != NULL ? row->says : plain;
    bool is_percent = strstr(says, "* %") != NULL;
    double times = is_percent ? 100 : 1;
    finding->headline[0] = '\0';
    if (row->says != NULL && strchr(says, '@') == NULL && cell != NULL &&
        parameters_are_external(cell))
        say(finding, "%s: ", cell->contestant_label);
    for (; *says != '\0'; says++) {
        if (strncmp(says, "* ms", 4) == 0) {
            say_time(finding, measured);
            says += strlen(" ms");
        } else if (*says == '*' && measured->outcome == OPEN &&
                   isfinite(measured->interval.high))
            say(finding, "%s (%s to %s)", format_number(measured->value * times, value),
                format_number(measured->interval.low * times, low),
                format_number(measured->interval.high * times, high));
        else if (*says == '*' && is_percent && fabs(measured->value) < 0.01)
            say(finding, "less than 1");
        else if (*says == '*')
            say(finding, "%s", figure_rounded(measured->value * times, value));
        else if (*says == '#' && cell != NULL)
            say(finding, "%u", cell->users);
        else if (*says == '@')
            say(finding, "%s",
                cell != NULL && cell->contestant_label != NULL ? cell->contestant_label
                                                               : measured->name);
        else
            say(finding, "%c", *says);
    }
    if (measured->outcome != HOLDS)
        say(finding, "; the claim allows %s",
            format_bounds(row, times, is_percent ? " %" : "", bounds));
}

void finding_figure(const struct criterion *row, const struct measured *measured,
                    struct finding *finding) {
    char value[32], low[32], high[32], text[WHAT_BYTES], of[64] = "";
    const char *what = say_what(row, measured->name, text);
    if (measured->n_names > 1)
        (void)snprintf(of, sizeof of, ", of %zu the closest to a bound",
                       measured->n_names);
    text_append(finding->figure, sizeof finding->figure, "%s%s %s%s%s%s",
                joint(finding->figure), what, format_number(measured->value, value),
                row->unit[0] != '\0' ? " " : "", row->unit, of);
    if (isfinite(measured->interval.high) && measured->n > 1)
        text_append(finding->interval, sizeof finding->interval, "%s%s %s to %s",
                    joint(finding->interval), what,
                    format_number(measured->interval.low, low),
                    format_number(measured->interval.high, high));
    else if (finding->interval[0] == '\0')
        text_append(finding->interval, sizeof finding->interval,
                    "%zu repeat%s: no interval", measured->n, plural(measured->n));
}

void finding_rule(const struct claim *claim, double error, struct finding *finding) {
    static const char *const titles[] = {
        [JUDGED] = "confirmed when the whole interval of each lies within: ",
        [APPLIES] = "about runs with ",
        [ADMITS] = "judged by repeats with ",
    };
    for (enum criterion_kind kind = JUDGED; kind <= ADMITS; kind++) {
        char bounds[BOUNDS_BYTES], what[WHAT_BYTES];
        bool is_first = true;
        for (const struct criterion *row = claim->criteria; row->what != NULL; row++) {
            if (row->kind != kind)
                continue;
            text_append(finding->rule, sizeof finding->rule, "%s%s%s %s",
                        is_first ? joint(finding->rule) : ", ",
                        is_first ? titles[kind] : "", say_what(row, NULL, what),
                        format_rule(row, bounds));
            is_first = false;
        }
    }
    text_append(
        finding->rule, sizeof finding->rule,
        "%srefuted when one lies wholly outside, undecided otherwise; an interval "
        "misses with at most %.3g %% over all looks at the run",
        joint(finding->rule), error * 100);
}

static bool is_cited(const struct finding *finding, const char *name) {
    const char *at = strstr(finding->evidence, name);
    size_t length = strlen(name);
    for (; at != NULL; at = strstr(at + 1, name))
        if ((at == finding->evidence || at[-1] == ' ') && at[length] == ':')
            return true;
    return false;
}

/* "blocking: 5 repeats, 50 requests, 1002 probes", or of a curve "threading: 7 points, 21
 * repeats, 4100 requests, 0 probes; 1 point left out as requests failed: threading, 64
 * users". */
static void cite(const struct run *run, const struct criterion *row, const char *name,
                 struct finding *finding) {
    size_t n_points = 0, n_requests = 0, n_probes = 0, n_repeats = 0, n_holes = 0;
    char holes[200] = "", points[48] = "";
    for (const struct series *series = NULL;
         (series = criterion_next(run, row, name, series)) != NULL;) {
        bool is_hole = true;
        for (size_t k = 0; k < series->n_repeats; k++) {
            n_requests += series->repeats[k]->n_requests;
            n_probes += series->repeats[k]->n_probes;
            is_hole &= !criterion_bears(row, series->repeats[k]);
        }
        n_points++;
        n_repeats += series->n_repeats;
        n_holes += is_hole;
        if (is_hole && strlen(holes) + 80 < sizeof holes)
            text_append(holes, sizeof holes, "%s%.40s", holes[0] != '\0' ? ", " : "",
                        series->parameters->label);
    }
    if (n_points == 0)
        return;
    const char *shown = strcmp(name, EVERY_CONTESTANT) == 0 ? "every contestant" : name;
    if (is_cited(finding, shown))
        return;
    if (row->along != NULL)
        (void)snprintf(points, sizeof points, "%zu point%s, ", n_points,
                       plural(n_points));
    text_append(finding->evidence, sizeof finding->evidence,
                "%s%s: %s%zu repeat%s, %zu requests, %zu probes",
                joint(finding->evidence), shown, points, n_repeats, plural(n_repeats),
                n_requests, n_probes);
    if (row->along != NULL && n_holes > 0)
        text_append(finding->evidence, sizeof finding->evidence,
                    "; %zu point%s left out as requests failed: %s", n_holes,
                    plural(n_holes), holes);
}

void finding_cite(const struct run *run, const struct criterion *row,
                  struct finding *finding) {
    const char *names[MAX_CONTESTANTS];
    bool is_every = strcmp(row->cell, EVERY_CONTESTANT) == 0;
    size_t n = is_every ? 0 : criterion_names(run, row, names);
    for (size_t i = 0; i < n; i++)
        cite(run, row, names[i], finding);
    if (is_every)
        cite(run, row, row->cell, finding);
    cite(run, row, row->other, finding);
}

/* Whether the series of that name say why the row has no value. */
static bool explain_series(const struct run *run, const struct claim *claim,
                           const struct criterion *row, const char *name,
                           struct finding *finding) {
    size_t n_repeats = 0, n_admitted = 0;
    for (const struct series *series = NULL;
         (series = criterion_next(run, row, name, series)) != NULL;) {
        for (size_t k = 0; k < series->n_repeats; k++) {
            if (!criterion_bears(row, series->repeats[k])) {
                (void)snprintf(finding->why, sizeof finding->why, "requests failed in %s",
                               row->along != NULL ? series->parameters->label : name);
                return true;
            }
            n_admitted += criterion_admits(claim, row, series->repeats[k]);
        }
        n_repeats += series->n_repeats;
    }
    if (n_repeats == 0)
        (void)snprintf(finding->why, sizeof finding->why, "%s was not measured",
                       strcmp(name, EVERY_CONTESTANT) == 0 ? "no contestant" : name);
    else if (n_admitted < n_repeats)
        (void)snprintf(finding->why, sizeof finding->why,
                       "other programs left too few CPUs in %zu of %zu repeats",
                       n_repeats - n_admitted, n_repeats);
    return n_admitted < n_repeats || n_repeats == 0;
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

double finding_more(const struct finding *finding, const struct cell_parameters *cell) {
    double n_more = 0;
    for (const struct open_criterion *open = finding->open;
         open < finding->open + finding->n_open; open++)
        if (criterion_is_about(open->row, open->name, cell))
            n_more = fmax(n_more, open->n_more);
    return n_more;
}

void finding_explain_open(struct finding *finding) {
    if (finding->why[0] != '\0')
        return;
    if (isinf(finding->n_more))
        (void)snprintf(finding->why, sizeof finding->why,
                       "it is too close to its bound for the noise here");
    else
        (void)snprintf(finding->why, sizeof finding->why,
                       "it needs about %.0f more repeat%s", finding->n_more,
                       finding->n_more == 1 ? "" : "s");
}
