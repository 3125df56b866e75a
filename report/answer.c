/* A run in plain sentences; see answer.h. */
#include "report/answer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/units.h"
#include "common/workload/work.h"
#include "report/curves.h"
#include "report/data.h"

/* Strategies whose CPUs kept busy are within this of another's are told together. */
static const double ALIKE = 0.12;
/* Below this share of the time, CPUs are not what a work is about. */
static const double COMPUTES = 0.5;
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

char *answer_time(double us, char text[FIGURE_BYTES]) {
    const char *unit = us >= 1e5 ? "s" : "ms";
    double size = us >= 1e5 ? us / 1e6 : us / 1e3;
    int decimals = size >= 9.95 ? 0 : size >= 0.995 ? 1 : size >= 0.0995 ? 2 : 3;
    (void)snprintf(text, FIGURE_BYTES, "%.*f %s", decimals, size, unit);
    return text;
}

/* "0.53 s", or "0.53 to 0.61 s", of the rows of a group. */
static const char *say_times(const struct group *group,
                             double (*figure)(const struct overview_row *),
                             char text[2 * FIGURE_BYTES + 8]) {
    double least = NAN, most = NAN;
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    for (size_t i = 0; i < group->n_rows; i++) {
        least = fmin(least, figure(group->rows[i]));
        most = fmax(most, figure(group->rows[i]));
    }
    (void)answer_time(least, low);
    (void)answer_time(most, high);
    if (strcmp(low, high) == 0) {
        (void)snprintf(text, 2 * FIGURE_BYTES + 8, "%s", low);
        return text;
    }
    if (strcmp(strrchr(low, ' '), strrchr(high, ' ')) == 0)
        *strrchr(low, ' ') = '\0'; /* one unit is enough */
    (void)snprintf(text, 2 * FIGURE_BYTES + 8, "%s to %s", low, high);
    return text;
}

static double last_us(const struct overview_row *row) {
    return value(row, FIGURE_LAST);
}

static double busy_us(const struct overview_row *row) {
    return row->busy.p50_us;
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
    say(answer, "%s ask%s at once for %s. %s, %.0f CPU%s%s.", users,
        strcmp(users, "1 user") == 0 ? "s" : "",
        asked[0] != '\0' ? describe_work(asked, work, sizeof work) : "the same work",
        fields_get_text(machine, "cpu_model", "unknown CPU"), n_cpus,
        n_cpus == 1 ? "" : "s", measured);
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
static bool are_apart(const struct group *less, const struct group *more) {
    double high = NAN, low = NAN;
    for (size_t i = 0; i < less->n_rows; i++)
        high = fmax(high, less->rows[i]->estimates[FIGURE_CPUS_BUSY].interval.high);
    for (size_t i = 0; i < more->n_rows; i++)
        low = fmin(low, more->rows[i]->estimates[FIGURE_CPUS_BUSY].interval.low);
    return high < low;
}

/* Who kept how many CPUs busy, and how long the last user waited for that. */
static void say_cpus(const struct overview *overview, struct answer *answer) {
    char names[NAMES_BYTES], times[2 * FIGURE_BYTES + 8];
    struct group most = most_or_least_busy(overview, true);
    struct group least = most_or_least_busy(overview, false);
    if (most.n_rows == 0 || !(busy_of(&most) >= COMPUTES))
        return;
    double n_cpus = overview->machine.cpus_allowed;
    char of_all[32] = "";
    if (isfinite(n_cpus))
        (void)snprintf(of_all, sizeof of_all, " of %.3g", n_cpus);
    say(answer, "%s kept %.1f%s CPUs busy: the last user waited %s.",
        name_rows(&most, "and", names), busy_of(&most), of_all,
        say_times(&most, last_us, times));
    if (are_apart(&least, &most))
        say(answer, "%s kept %.1f busy: the last user waited %s.",
            name_rows(&least, "and", names), busy_of(&least),
            say_times(&least, last_us, times));
}

/* What somebody else's page took meanwhile. */
static void say_probes(const struct overview *overview, struct answer *answer) {
    struct group quick = {.n_rows = 0}, slow = {.n_rows = 0};
    double least_us = NAN;
    char names[NAMES_BYTES], times[2 * FIGURE_BYTES + 8], others[2 * FIGURE_BYTES + 8];
    for (size_t i = 0; i < overview->n_rows; i++)
        least_us = fmin(least_us, busy_us(&overview->rows[i]));
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        bool stops = busy_us(row) > value(row, FIGURE_LAST) / 4;
        struct group *group = stops && busy_us(row) > 10 * least_us ? &slow : &quick;
        if (isfinite(busy_us(row)) && group->n_rows < MAX_NAMED)
            group->rows[group->n_rows++] = row;
    }
    if (quick.n_rows > 0 && slow.n_rows > 0)
        say(answer,
            "Somebody else's page (`/`) took %s meanwhile (median), but %s under %s.",
            say_times(&quick, busy_us, others), say_times(&slow, busy_us, times),
            name_rows(&slow, "and", names));
    else if (quick.n_rows + slow.n_rows > 0)
        say(answer, "Somebody else's page (`/`) took %s meanwhile (median).",
            say_times(quick.n_rows > 0 ? &quick : &slow, busy_us, times));
}

/* What two rows differ by is more than chance: their 95 % intervals are apart. */
static bool is_sooner(const struct overview_row *row, const struct overview_row *other) {
    const struct interval *a = &row->estimates[FIGURE_SLOWDOWN].interval;
    const struct interval *b = &other->estimates[FIGURE_SLOWDOWN].interval;
    return a->high < b->low;
}

static double slowdown(const struct overview_row *row) {
    return value(row, FIGURE_SLOWDOWN);
}

static void say_price(const struct overview_row *best, char *text, size_t text_bytes) {
    double cpu_us = value(best, FIGURE_CPU_PER_REQUEST);
    const struct estimate *memory = &best->estimates[FIGURE_MEMORY_PER_USER];
    char cpu[FIGURE_BYTES];
    text[0] = '\0';
    if (!isfinite(cpu_us))
        return;
    int length = snprintf(text, text_bytes, ", at %s of CPU", answer_time(cpu_us, cpu));
    if (memory->interval.low > 0 && memory->value >= WORTH_A_WORD_BYTES)
        (void)snprintf(text + length, text_bytes - (size_t)length, " and %.2g MiB",
                       memory->value / (1 << 20));
    strncat(text, " a request", text_bytes - strlen(text) - 1);
}

/* Who answered soonest, by how much, and what that means. */
static void say_choice(const struct overview *overview, struct answer *answer) {
    const struct overview_row *best = NULL, *worst = NULL;
    struct group tied = {.n_rows = 0};
    char names[NAMES_BYTES], price[96], wait[FIGURE_BYTES], slow[FIGURE_BYTES];
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (!isfinite(slowdown(row)) || row->validity.level == VALIDITY_INVALID)
            continue;
        best = best == NULL || slowdown(row) < slowdown(best) ? row : best;
        worst = worst == NULL || slowdown(row) > slowdown(worst) ? row : worst;
    }
    if (best == NULL || best == worst)
        return;
    if (!is_sooner(best, worst)) {
        say(answer, "No difference in the mean wait could be seen between them.");
        return;
    }
    tied.rows[tied.n_rows++] = best;
    for (size_t i = 0; i < overview->n_rows && tied.n_rows < MAX_NAMED; i++)
        if (&overview->rows[i] != best && isfinite(slowdown(&overview->rows[i])) &&
            !is_sooner(best, &overview->rows[i]))
            tied.rows[tied.n_rows++] = &overview->rows[i];
    say_price(best, price, sizeof price);
    say(answer,
        "For this work choose %s: users waited %s on average%s. Slowest was %s with %s, "
        "%.1f times the slowdown.",
        name_rows(&tied, "or", names), answer_time(value(best, FIGURE_MEAN), wait), price,
        worst->series->parameters->label, answer_time(value(worst, FIGURE_MEAN), slow),
        slowdown(worst) / slowdown(best));
}

/* Of an experiment with an axis its curves are the answer; false: it has none. */
static bool say_curves(const struct overview *overview, struct answer *answer) {
    char text[ANSWER_SENTENCE_BYTES];
    bool has_curves = false;
    for (const struct chart *chart = data_charts(overview); chart->kind != NULL;
         chart++) {
        has_curves |= chart->axis != NULL;
        if (chart->axis != NULL &&
            curves_say(overview, chart, text, sizeof text)[0] != '\0')
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
    say_cpus(overview, answer);
    say_probes(overview, answer);
    say_choice(overview, answer);
}

void answer_write(const struct overview *overview, struct document *document) {
    struct answer answer;
    answer_make(overview, &answer);
    for (size_t i = 0; i < answer.n_sentences; i++)
        document_paragraph(document, "%s", answer.sentences[i]);
}
