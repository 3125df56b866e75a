/* A run in plain sentences; see answer.h. */
#include "report/answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/units.h"
#include "common/workload/work.h"
#include "report/charts/chart.h"
#include "report/charts/told.h"

/* Strategies whose CPUs kept busy are within this of another's are told together. */
static const double ALIKE = 0.12;
/* Below this share of the time, CPUs are not what a work is about. */
static const double COMPUTES = 0.5;
/* Who keeps so much of the CPUs busy is said to keep all of them busy. */
static const double NEARLY_ALL = 0.85;
static const double WORTH_A_WORD_BYTES = 100 * 1024;

enum { MAX_NAMED = 16, NAMES_BYTES = 300 };

/* Rows that are told together. */
struct group {
    const struct overview_row *rows[MAX_NAMED];
    size_t n_rows;
};

static void __attribute__((format(printf, 2, 3)))
say(struct answer *answer, const char *format, ...) {
    if (answer->n_sentences == ANSWER_MAX_SENTENCES)
        return;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(answer->sentences[answer->n_sentences++], ANSWER_SENTENCE_BYTES,
                    format, arguments);
    va_end(arguments);
}

static double value(const struct overview_row *row, enum figure_id id) {
    return row->estimates[id].value;
}

/* "a", "a and b", "a, b and c". */
static const char *name_rows(const struct group *group, const char *conjunction,
                             char text[NAMES_BYTES]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < group->n_rows && length < NAMES_BYTES; i++) {
        bool is_last = i > 0 && i + 1 == group->n_rows;
        length += (size_t)snprintf(text + length, NAMES_BYTES - length, "%s%s%s%s",
                                   i == 0    ? ""
                                   : is_last ? " "
                                             : ", ",
                                   is_last ? conjunction : "", is_last ? " " : "",
                                   group->rows[i]->series->parameters->label);
    }
    return text;
}

enum { RANGE_BYTES = 2 * FIGURE_BYTES + 16 };

/* "0.53 s", or "0.53 to 0.61 s": the least and the most of a group. */
static const char *say_range(const struct group *group, enum figure_id id,
                             const struct shown_unit *unit, char text[RANGE_BYTES]) {
    double least = NAN, most = NAN;
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    for (size_t i = 0; i < group->n_rows; i++) {
        least = fmin(least, value(group->rows[i], id));
        most = fmax(most, value(group->rows[i], id));
    }
    (void)figure_rounded(least / unit->in_own_unit, low);
    (void)figure_rounded(most / unit->in_own_unit, high);
    bool is_one = strcmp(low, high) == 0;
    (void)snprintf(text, RANGE_BYTES, "%s%s%s%s%s", low, is_one ? "" : " to ",
                   is_one ? "" : high, unit->name[0] != '\0' ? " " : "", unit->name);
    return text;
}

/* "100 ms of CPU work", "20 ms of CPU work and 80 ms of waiting". */
static char *describe_work(const char *asked, char *text, size_t text_bytes) {
    size_t length = 0;
    text[0] = '\0';
    for (const char *step = asked; *step != '\0' && length < text_bytes;) {
        size_t step_length = strcspn(step, "+");
        const char *colon = memchr(step, ':', step_length);
        const char *amount = colon != NULL ? colon + 1 : step + step_length;
        size_t digits = strspn(amount, "0123456789.");
        size_t unit = step_length - (size_t)(amount - step) - digits;
        const char *joint = length == 0 ? "" : " and ";
        bool computes = strncmp(step, "cpu", 3) == 0;
        bool is_time = unit > 0 && strncmp(amount + digits, "turns", 5) != 0;
        if (colon == NULL)
            length += (size_t)snprintf(text + length, text_bytes - length, "%sa %.*s",
                                       joint, (int)step_length, step);
        else
            length +=
                (size_t)snprintf(text + length, text_bytes - length, "%s%.*s %.*s of %s",
                                 joint, (int)digits, amount, is_time ? (int)unit : 5,
                                 is_time ? amount + digits : "turns",
                                 !computes ? "waiting"
                                 : is_time ? "CPU work"
                                           : "the counting loop");
        step += step_length + (step[step_length] == '+');
    }
    return text;
}

static double seconds_measured(const struct overview *overview) {
    double seconds = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct series *series = overview->rows[i].series;
        for (size_t k = 0; k < series->n_repeats; k++)
            if (isfinite(series->repeats[k]->window.server_seconds))
                seconds += series->repeats[k]->window.server_seconds;
    }
    return seconds;
}

/* What was compared, on what, for how long. */
static void say_question(const struct overview *overview, struct answer *answer) {
    const json_t *machine = json_object_get(overview->run->info, "machine");
    char users[48], work[160], measured[48] = "";
    double n_cpus = fields_get_number(machine, "cpus_usable");
    double seconds = seconds_measured(overview);
    const char *asked = run_work_asked(overview->run, overview->name);
    if (seconds >= 1)
        (void)snprintf(measured, sizeof measured, ", %.0f s measured", seconds);
    if (overview_users(overview, users, sizeof users)[0] == '\0' || !(n_cpus >= 1))
        return;
    /* The machine is named once, by the first experiment of a run. */
    char where[128] = "";
    if (strcmp(overview->name, overview->run->experiments[0]) == 0)
        (void)snprintf(where, sizeof where, " %s, %.0f CPU%s%s.",
                       fields_get_text(machine, "cpu_model", "unknown CPU"), n_cpus,
                       n_cpus == 1 ? "" : "s", measured);
    say(answer, "%s ask%s at once for %s.%s", users,
        strcmp(users, "1 user") == 0 ? "s" : "",
        asked[0] != '\0' ? describe_work(asked, work, sizeof work) : "the same work",
        where);
}

/* The rows that kept as many CPUs busy as the one that kept most (or least) did. */
static struct group most_or_least_busy(const struct overview *overview, bool most) {
    struct group group = {.n_rows = 0};
    double end = NAN;
    for (size_t i = 0; i < overview->n_rows; i++) {
        double own = value(&overview->rows[i], FIGURE_CPUS_BUSY);
        end = most ? fmax(end, own) : fmin(end, own);
    }
    for (size_t i = 0; i < overview->n_rows && group.n_rows < MAX_NAMED; i++)
        if (fabs(log(value(&overview->rows[i], FIGURE_CPUS_BUSY) / end)) <= ALIKE)
            group.rows[group.n_rows++] = &overview->rows[i];
    return group;
}

static double busy_of(const struct group *group) {
    double sum = 0;
    for (size_t i = 0; i < group->n_rows; i++)
        sum += value(group->rows[i], FIGURE_CPUS_BUSY);
    return sum / (double)group->n_rows;
}

/* Whether the intervals of the first group all lie below those of the second. */
static bool are_apart(const struct group *less, const struct group *more,
                      enum figure_id id) {
    double high = NAN, low = NAN;
    for (size_t i = 0; i < less->n_rows; i++)
        high = fmax(high, less->rows[i]->estimates[id].interval.high);
    for (size_t i = 0; i < more->n_rows; i++)
        low = fmin(low, more->rows[i]->estimates[id].interval.low);
    return high < low;
}

/* "both CPUs busy (1.8 of 2)", "one CPU busy (1.0)", "1.5 of 4 CPUs busy". */
static const char *say_busy(double busy, double n_cpus, char text[64]) {
    if (n_cpus >= 1.5 && busy >= NEARLY_ALL * n_cpus)
        (void)snprintf(text, 64,
                       n_cpus == 2 ? "both CPUs busy (%.1f of %.3g)"
                                   : "all CPUs busy (%.1f of %.3g)",
                       busy, n_cpus);
    else if (fabs(log(busy)) <= ALIKE)
        (void)snprintf(text, 64, "one CPU busy (%.1f)", busy);
    else if (isfinite(n_cpus))
        (void)snprintf(text, 64, "%.1f of %.3g CPUs busy", busy, n_cpus);
    else
        (void)snprintf(text, 64, "%.1f CPUs busy", busy);
    return text;
}

/* Who kept how many CPUs busy, and how long the users waited for that. */
static void say_busy_group(const struct overview *overview, const struct group *group,
                           struct answer *answer) {
    const struct shown_unit *unit = overview_wait_unit(overview);
    char names[NAMES_BYTES], first[RANGE_BYTES], last[RANGE_BYTES], busy[64];
    say(answer, "%s kept %s: the first user waited %s, the last %s.",
        name_rows(group, "and", names),
        say_busy(busy_of(group), overview->machine.cpus_allowed, busy),
        say_range(group, FIGURE_FIRST, unit, first),
        say_range(group, FIGURE_LAST, unit, last));
}

/* False: the work is not about CPUs. */
static bool say_cpus(const struct overview *overview, struct answer *answer) {
    struct group most = most_or_least_busy(overview, true);
    struct group least = most_or_least_busy(overview, false);
    if (most.n_rows == 0 || !(busy_of(&most) >= COMPUTES))
        return false;
    say_busy_group(overview, &most, answer);
    if (are_apart(&least, &most, FIGURE_CPUS_BUSY))
        say_busy_group(overview, &least, answer);
    return true;
}

/* What somebody else's page took meanwhile. */
static void say_probes(const struct overview *overview, struct answer *answer) {
    static const struct shown_unit ms = {"ms", 1e3};
    struct group quick = {.n_rows = 0}, slow = {.n_rows = 0};
    double least_us = NAN;
    char names[NAMES_BYTES], times[RANGE_BYTES], others[RANGE_BYTES];
    for (size_t i = 0; i < overview->n_rows; i++)
        least_us = fmin(least_us, value(&overview->rows[i], FIGURE_BUSY_P50));
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        double busy_us = value(row, FIGURE_BUSY_P50);
        bool stops = busy_us > value(row, FIGURE_LAST) / 4;
        struct group *group = stops && busy_us > 10 * least_us ? &slow : &quick;
        if (isfinite(busy_us) && group->n_rows < MAX_NAMED)
            group->rows[group->n_rows++] = row;
    }
    if (quick.n_rows > 0 && slow.n_rows > 0)
        say(answer, "Meanwhile the home page (`/`) took %s (median), %s under %s.",
            say_range(&quick, FIGURE_BUSY_P50, &ms, others),
            say_range(&slow, FIGURE_BUSY_P50, &ms, times),
            name_rows(&slow, "and", names));
    else if (quick.n_rows + slow.n_rows > 0)
        say(answer, "Meanwhile the home page (`/`) took %s (median).",
            say_range(quick.n_rows > 0 ? &quick : &slow, FIGURE_BUSY_P50, &ms, times));
}

static bool is_valid(const struct overview_row *row) {
    return isfinite(value(row, FIGURE_SLOWDOWN)) && row->n_failed == 0 &&
           row->validity.level != VALIDITY_INVALID;
}

/* The one with the least slowdown (or the most), and those that are not known to differ
 * from it: their 95 % intervals overlap. */
static struct group least_or_most_slowed(const struct overview *overview, bool most) {
    const struct overview_row *end = NULL;
    struct group group = {.n_rows = 0};
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        bool is_further = end == NULL || (value(row, FIGURE_SLOWDOWN) <
                                          value(end, FIGURE_SLOWDOWN)) != most;
        if (is_valid(row) && is_further)
            end = row;
    }
    if (end != NULL)
        group.rows[group.n_rows++] = end;
    for (size_t i = 0; end != NULL && i < overview->n_rows && group.n_rows < MAX_NAMED;
         i++) {
        const struct overview_row *row = &overview->rows[i];
        const struct interval *low =
            &(most ? row : end)->estimates[FIGURE_SLOWDOWN].interval;
        const struct interval *high =
            &(most ? end : row)->estimates[FIGURE_SLOWDOWN].interval;
        if (row != end && is_valid(row) && !(low->high < high->low))
            group.rows[group.n_rows++] = row;
    }
    return group;
}

/* "102 ms of CPU and 1.2 MiB a request". */
static const char *say_price(const struct group *group, char text[3 * RANGE_BYTES]) {
    static const struct shown_unit ms = {"ms", 1e3}, mib = {"MiB", 1 << 20};
    char cpu[RANGE_BYTES], memory[RANGE_BYTES];
    bool is_heavy = false;
    for (size_t i = 0; i < group->n_rows; i++) {
        const struct estimate *own = &group->rows[i]->estimates[FIGURE_MEMORY_PER_USER];
        is_heavy |= own->interval.low > 0 && own->value >= WORTH_A_WORD_BYTES;
    }
    (void)say_range(group, FIGURE_MEMORY_PER_USER, &mib, memory);
    (void)snprintf(text, 3 * RANGE_BYTES, "%s of CPU%s%s a request",
                   say_range(group, FIGURE_CPU_PER_REQUEST, &ms, cpu),
                   is_heavy ? " and " : "", is_heavy ? memory : "");
    return text;
}

/* Which to choose, what that means for the users, and its price. */
static void say_choice(const struct overview *overview, struct answer *answer) {
    static const struct shown_unit times = {"", 1};
    const struct shown_unit *unit = overview_wait_unit(overview);
    struct group best = least_or_most_slowed(overview, false);
    struct group worst = least_or_most_slowed(overview, true);
    char names[NAMES_BYTES], wait[RANGE_BYTES], slow[RANGE_BYTES], price[3 * RANGE_BYTES];
    if (best.n_rows == 0)
        return;
    (void)say_range(&best, FIGURE_MEAN, unit, wait);
    (void)say_range(&best, FIGURE_SLOWDOWN, &times, slow);
    (void)say_price(&best, price);
    if (overview->n_rows == 1)
        say(answer, "The mean wait was %s, %s times what a job takes, at %s.", wait, slow,
            price);
    else if (best.n_rows == 1 && worst.rows[0] == best.rows[0])
        return; /* nobody else can be held against it */
    else if (!are_apart(&best, &worst, FIGURE_SLOWDOWN))
        say(answer, "No difference in the mean wait could be seen between them.");
    else
        say(answer,
            "For this work choose %s: the mean wait was %s, %s times what a job "
            "takes, at %s.",
            name_rows(&best, "or", names), wait, slow, price);
}

/* Where CPUs say nothing: how long the quickest let the first and the last user wait, and
 * the slowest; or all, where they are not known to differ. */
static void say_waits(const struct overview *overview, struct answer *answer) {
    const struct shown_unit *unit = overview_wait_unit(overview);
    struct group groups[] = {least_or_most_slowed(overview, false),
                             least_or_most_slowed(overview, true)};
    char names[NAMES_BYTES], first[RANGE_BYTES], last[RANGE_BYTES];
    size_t n = are_apart(&groups[0], &groups[1], FIGURE_SLOWDOWN) ? 2 : 1;
    for (size_t i = 0; i < n && groups[i].n_rows > 0; i++)
        say(answer, "Under %s the first user waited %s, the last %s.",
            name_rows(&groups[i], "and", names),
            say_range(&groups[i], FIGURE_FIRST, unit, first),
            say_range(&groups[i], FIGURE_LAST, unit, last));
}

/* Adds a sentence "With 8 users: ..." to the last one where that begins alike. */
static bool goes_on(struct answer *answer, const char *text) {
    char *last = answer->sentences[answer->n_sentences - 1];
    size_t length = strlen(last), same = strcspn(text, ":") + 1;
    if (strncmp(last, text, same) != 0 ||
        length + strlen(text + same) + 2 > ANSWER_SENTENCE_BYTES)
        return false;
    (void)snprintf(last + length - 1, ANSWER_SENTENCE_BYTES - length + 1, ";%s",
                   text + same);
    return true;
}

/* The mean says what a median would, and contention is the machine's. */
static bool is_worth_a_word(enum figure_id id) {
    return id != FIGURE_P50 && id != FIGURE_CONTENTION;
}

/* Of an experiment with an axis its curves are the answer; false: it has none. */
static bool say_curves(const struct overview *overview, struct answer *answer) {
    char text[ANSWER_SENTENCE_BYTES];
    bool has_curves = false;
    for (const struct chart *chart = chart_list(overview); chart->kind != NULL;
         chart = chart_next(overview, chart)) {
        has_curves |= chart->axis != NULL;
        if (chart->axis != NULL && is_worth_a_word(chart->figure) &&
            told_say(overview, chart, text, sizeof text)[0] != '\0' &&
            !goes_on(answer, text))
            say(answer, "%s", text);
    }
    return has_curves;
}

void answer_make(const struct overview *overview, struct answer *answer) {
    *answer = (struct answer){.n_sentences = 0};
    if (overview->n_rows == 0) {
        say(answer, "Nothing was measured.");
        return;
    }
    say_question(overview, answer);
    if (say_curves(overview, answer))
        return;
    if (!say_cpus(overview, answer))
        say_waits(overview, answer);
    say_probes(overview, answer);
    say_choice(overview, answer);
}

void answer_write(const struct overview *overview, struct document *document) {
    struct answer answer;
    answer_make(overview, &answer);
    for (size_t i = 0; i < answer.n_sentences; i++)
        document_paragraph(document, "%s", answer.sentences[i]);
}

void answer_write_flow(const struct overview *overview, struct document *document) {
    char flow[ANSWER_MAX_SENTENCES * ANSWER_SENTENCE_BYTES] = "";
    struct answer answer;
    answer_make(overview, &answer);
    document_paragraph(document, "%s", answer.sentences[0]);
    for (size_t i = 1; i < answer.n_sentences; i++) {
        size_t length = strlen(flow);
        (void)snprintf(flow + length, sizeof flow - length, "%s%s", i > 1 ? " " : "",
                       answer.sentences[i]);
    }
    if (flow[0] != '\0')
        document_paragraph(document, "%s", flow);
}
