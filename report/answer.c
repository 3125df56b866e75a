/* A run in plain sentences; see answer.h. */
#include "report/answer.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "report/contest.h"

/* Strategies whose CPUs kept busy are within this of another's are told together. */
static const double ALIKE = 0.12;
/* Below this share of the time, CPUs are not what a work is about. */
static const double COMPUTES = 0.5;
/* Whose figure is further from the best is not advised, though chance may explain it. */
static const double NEAR = 1.25;
/* A page that takes longer than one picture of a film is noticed. */
static const double NOTICED_US = 40e3;
/* So is memory of a MiB, of all users together. */
static const double NOTICED_BYTES = 1 << 20;

enum { NAME_BYTES = 256, NAMES_BYTES = 480, FIGURES_BYTES = 3 * FIGURE_BYTES };

/* What the sentences are made with: who was named already goes by its label. */
struct teller {
    const struct overview *overview;
    struct answer *answer;
    const char *named[CONTEST_MAX_ROWS]; /* contestants */
    size_t n_named;
    bool has_explained_gil;
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

/* At first by its gloss, "a pool of 2 cooks (kitchen)", and then by its label. */
static void name_row(struct teller *teller, const struct overview_row *row, char *text,
                     size_t text_bytes) {
    const struct cell_parameters *who = row->series->parameters;
    struct gloss gloss = experiment_gloss(who);
    for (size_t i = 0; i < teller->n_named; i++)
        if (strcmp(teller->named[i], who->contestant) == 0) {
            (void)snprintf(text, text_bytes, "%s", who->contestant_label);
            return;
        }
    if (teller->n_named < CONTEST_MAX_ROWS)
        teller->named[teller->n_named++] = who->contestant;
    (void)snprintf(text, text_bytes, "%s (%s%s)", gloss.words, gloss.typed,
                   who->gil && !teller->has_explained_gil
                       ? "; a GIL lets one thread compute at a time"
                       : "");
    teller->has_explained_gil |= who->gil;
}

/* Before the item of that place in "a, b and c". */
static const char *comma(size_t i, size_t n, const char *conjunction) {
    return i == 0 ? "" : i + 1 < n ? ", " : conjunction;
}

/* "a", "a and b", "a, b and c". */
static const char *name_rows(struct teller *teller, const struct group *group,
                             const char *conjunction, char text[NAMES_BYTES]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < group->n && length < NAMES_BYTES; i++) {
        char name[NAME_BYTES];
        name_row(teller, group->rows[i], name, sizeof name);
        length += (size_t)snprintf(text + length, NAMES_BYTES - length, "%s%s",
                                   comma(i, group->n, conjunction), name);
    }
    return text;
}

/* A figure of each: "0.33 s", "0.33 and 0.34 s", "0.33 to 0.57 s" of more than two. */
static const char *say_figures(const struct teller *teller, const struct group *group,
                               enum figure_id id, char text[FIGURES_BYTES]) {
    struct shown_unit unit = overview_unit(teller->overview, id);
    const char *name = id == FIGURE_THROUGHPUT ? "answers a second" : unit.name;
    char least[FIGURE_BYTES], most[FIGURE_BYTES];
    const struct overview_row *const *rows = group->rows, *low = rows[0], *high = rows[0];
    for (size_t i = 1; i < group->n && group->n > 2; i++) {
        low = value(rows[i], id) < value(low, id) ? rows[i] : low;
        high = value(rows[i], id) > value(high, id) ? rows[i] : high;
    }
    if (group->n == 2)
        high = rows[1]; /* in the order of their names */
    (void)figure_rounded(value(low, id) / unit.in_own_unit, least);
    (void)figure_rounded(value(high, id) / unit.in_own_unit, most);
    bool is_one = strcmp(least, most) == 0;
    (void)snprintf(text, FIGURES_BYTES, "%s%s%s%s%s", least,
                   is_one          ? ""
                   : group->n == 2 ? " and "
                                   : " to ",
                   is_one ? "" : most, name[0] != '\0' ? " " : "", name);
    return text;
}

/* "100 ms of CPU work", "20 ms of CPU work and 80 ms of waiting"; of several works "a
 * fetch or 1 s of waiting". */
static char *describe_work(const char *asked, char *text, size_t text_bytes) {
    size_t length = 0;
    text[0] = '\0';
    for (const char *step = asked; *step != '\0' && length < text_bytes;) {
        size_t step_length = strcspn(step, "+,");
        const char *colon = memchr(step, ':', step_length);
        const char *amount = colon != NULL ? colon + 1 : step + step_length;
        size_t digits = strspn(amount, "0123456789.");
        size_t unit = step_length - (size_t)(amount - step) - digits;
        const char *joint = length == 0 ? "" : step[-1] == ',' ? " or " : " and ";
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
        step += step_length + (step[step_length] != '\0');
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

/* "10 users ask at once", "8 users ask again and again", "500 requests a second come". */
static const char *say_users(const struct overview *overview, char *text,
                             size_t text_bytes) {
    const struct cell_parameters *first = overview->rows[0].series->parameters;
    char users[40];
    (void)overview_users(overview, users, sizeof users);
    if (users[0] == '\0')
        (void)snprintf(text, text_bytes, "%g requests a second come", first->rate_per_s);
    else
        (void)snprintf(text, text_bytes, "%s ask%s %s", users,
                       strcmp(users, "1 user") == 0 ? "s" : "",
                       first->rounds == 1 ? "at once" : "again and again");
    return text;
}

/* " of a server that may use 1 to 2 CPUs"; "" where that is not varied. */
static const char *say_cpus_given(const struct overview *overview, char *text,
                                  size_t text_bytes) {
    unsigned least = UINT_MAX, most = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        unsigned own = overview->rows[i].series->parameters->cpus;
        least = own < least ? own : least;
        most = own > most ? own : most;
    }
    text[0] = '\0';
    if (least < most)
        (void)snprintf(text, text_bytes, ", of a server that may use %u to %u CPUs",
                       least, most);
    return text;
}

/* What was compared, on what, for how long. */
static void say_question(const struct overview *overview, struct answer *answer) {
    const json_t *machine = json_object_get(overview->run->info, "machine");
    char users[64], work[160], given[64], where[128] = "", measured[48] = "";
    double n_cpus = fields_get_number(machine, "cpus_usable");
    double seconds = seconds_measured(overview);
    const char *asked = run_work_asked(overview->run, overview->name);
    if (seconds >= 1)
        (void)snprintf(measured, sizeof measured, ", %.0f s measured", seconds);
    /* The machine is named once, by the first experiment of a run. */
    if (n_cpus >= 1 && strcmp(overview->name, overview->run->experiments[0]) == 0)
        (void)snprintf(where, sizeof where, " %s, %.0f CPU%s%s.",
                       fields_get_text(machine, "cpu_model", "unknown CPU"), n_cpus,
                       n_cpus == 1 ? "" : "s", measured);
    say(answer, "%s for %s%s.%s", say_users(overview, users, sizeof users),
        asked[0] != '\0' ? describe_work(asked, work, sizeof work) : "the same work",
        say_cpus_given(overview, given, sizeof given), where);
}

/* What a request costs: "102 ms of CPU and 53 KiB of memory". */
static const char *say_price(const struct teller *teller, const struct group *group,
                             char text[2 * FIGURES_BYTES]) {
    char cpu[FIGURES_BYTES], memory[FIGURES_BYTES];
    bool is_worth_a_word = false;
    for (size_t i = 0; i < group->n; i++) {
        const struct estimate *own = &group->rows[i]->estimates[FIGURE_MEMORY_PER_USER];
        double users = group->rows[i]->series->parameters->users;
        is_worth_a_word |= own->interval.low > 0 && own->value * users >= NOTICED_BYTES;
    }
    (void)snprintf(
        text, 2 * FIGURES_BYTES, "%s of CPU%s%s%s",
        say_figures(teller, group, FIGURE_CPU_PER_REQUEST, cpu),
        is_worth_a_word ? " and " : "",
        is_worth_a_word ? say_figures(teller, group, FIGURE_MEMORY_PER_USER, memory) : "",
        is_worth_a_word ? " of memory" : "");
    return text;
}

/* Why who is no part of the ranks is not: " Not ranked: async: 1 of 60
 * requests failed.". */
static const char *say_who_is_out(struct teller *teller, const struct contest *contest,
                                  char text[NAMES_BYTES]) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < contest->out.n && length < NAMES_BYTES; i++) {
        const struct overview_row *row = contest->out.rows[i];
        char name[NAME_BYTES], why[64] = "its numbers mean nothing";
        name_row(teller, row, name, sizeof name);
        if (row->n_failed > 0)
            (void)snprintf(why, sizeof why, "%zu of %zu requests failed", row->n_failed,
                           row->n_requests);
        else if (row->n_requests == 0)
            (void)snprintf(why, sizeof why, "nothing was answered");
        length += (size_t)snprintf(text + length, NAMES_BYTES - length, "%s%s: %s",
                                   i == 0 ? " Not ranked: " : "; ", name, why);
    }
    if (length > 0 && length + 1 < NAMES_BYTES)
        (void)strcpy(text + length, ".");
    return text;
}

/* Those of a rank that are near its first; the others vary too much to tell. */
static struct group near_ones(const struct group *rank, struct group *others) {
    struct group near = {.n = 0};
    others->n = 0;
    for (size_t i = 0; i < rank->n; i++) {
        bool is_near = value(rank->rows[i], FIGURE_SLOWDOWN) <=
                       NEAR * value(rank->rows[0], FIGURE_SLOWDOWN);
        struct group *group = is_near ? &near : others;
        group->rows[group->n++] = rank->rows[i];
    }
    return near;
}

/* "Choose a or b", "With 16 users choose a or b": what a sentence begins with. */
static const char *begin(const struct contest *contest, const char *alone,
                         const char *behind, char text[2 * CONTEST_WHERE_BYTES]) {
    char work[CONTEST_WHERE_BYTES];
    bool has_work = contest->work[0] != '\0', has_where = contest->where[0] != '\0';
    (void)snprintf(text, 2 * CONTEST_WHERE_BYTES, "%s%s%s%s%s%s",
                   has_where  ? "With "
                   : has_work ? "For "
                              : alone,
                   contest->where, has_where && has_work ? " for " : "",
                   has_work ? describe_work(contest->work, work, sizeof work) : "",
                   has_where || has_work ? " " : "", has_where || has_work ? behind : "");
    return text;
}

/* "users waited 0.33 s on average, the last 0.55 s, at 102 ms of CPU a request". */
static const char *say_waits(const struct teller *teller, const struct group *group,
                             char text[2 * NAMES_BYTES]) {
    char mean[FIGURES_BYTES], second[FIGURES_BYTES], price[2 * FIGURES_BYTES];
    bool is_burst = group->rows[0]->series->parameters->rounds == 1;
    enum figure_id id = is_burst ? FIGURE_LAST : FIGURE_THROUGHPUT;
    (void)say_figures(teller, group, id, second);
    (void)snprintf(text, 2 * NAMES_BYTES,
                   is_burst ? "users waited %s on average, the last %s, at %s a request"
                            : "users waited %s on average (%s), at %s a request",
                   say_figures(teller, group, FIGURE_MEAN, mean), second,
                   say_price(teller, group, price));
    return text;
}

/* Those of the best that cost less than others of them, who are told behind: "; no
 * quicker, but dearer in memory (11 KiB a request): threading". */
static struct group leave_dearer(const struct group *best, struct group *dearer,
                                 enum figure_id *by) {
    struct group cheap = group_cheapest(best, by);
    dearer->n = 0;
    for (size_t i = 0, k = 0; i < best->n; i++)
        if (k < cheap.n && cheap.rows[k] == best->rows[i])
            k++;
        else
            dearer->rows[dearer->n++] = best->rows[i];
    return cheap;
}

/* The best of one place, what they cost, and who is not told apart from them. */
static void say_best(struct teller *teller, const struct contest *contest) {
    struct group rank = contest_rank(contest, 0), unsure, dearer;
    struct group near = near_ones(&rank, &unsure);
    enum figure_id by;
    struct group best = leave_dearer(&near, &dearer, &by);
    bool is_open = contest_ranks(contest) == 1 && rank.n > 1;
    bool is_once = is_open && rank.rows[0]->series->n_repeats == 1;
    char text[ANSWER_SENTENCE_BYTES], start[2 * CONTEST_WHERE_BYTES], names[NAMES_BYTES];
    char waits[2 * NAMES_BYTES], more[FIGURES_BYTES];
    if (is_open && dearer.n == 0) {
        say(teller->answer, "%so difference in the wait could be seen%s: %s.",
            begin(contest, "N", "n", start),
            is_once ? ", as each was measured only once" : "",
            say_waits(teller, &rank, waits));
        return;
    }
    if (rank.n == 1 && contest->ranked.n == 1) /* nobody to choose from */
        (void)snprintf(text, sizeof text,
                       "%s%s: ", begin(contest, "Under ", "under ", start),
                       name_rows(teller, &rank, "", names));
    else
        (void)snprintf(text, sizeof text,
                       "%s%s: ", begin(contest, "Choose ", "choose ", start),
                       name_rows(teller, &best, " or ", names));
    size_t length = strlen(text);
    length += (size_t)snprintf(text + length, sizeof text - length, "%s",
                               say_waits(teller, &best, waits));
    if (dearer.n > 0 && length < sizeof text)
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "; no quicker but dearer in %s (%s): %s",
                                   by == FIGURE_CPU_PER_REQUEST ? "CPU time" : "memory",
                                   say_figures(teller, &dearer, by, more),
                                   name_rows(teller, &dearer, " and ", names));
    if (unsure.n > 0 && length < sizeof text)
        (void)snprintf(text + length, sizeof text - length,
                       "; %s varied too much to be told apart",
                       name_rows(teller, &unsure, " and ", names));
    say(teller->answer, "%s.", text);
}

/* Who comes next and last, and who is not ranked at all. */
static void say_rest(struct teller *teller, const struct contest *contest) {
    unsigned n_ranks = contest_ranks(contest);
    char names[NAMES_BYTES], times[FIGURES_BYTES], out[NAMES_BYTES], text[900] = "";
    size_t length = 0;
    for (unsigned rank = 1; rank < n_ranks;
         rank = rank + 1 < n_ranks - 1 ? n_ranks - 1 : rank + 1) {
        struct group group = contest_rank(contest, rank);
        bool is_last = rank + 1 == n_ranks;
        (void)name_rows(teller, &group, " and ", names);
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s, at %s: %s",
                             rank == 1 && is_last ? "Slower"
                             : is_last            ? "; last"
                                                  : "Next",
                             say_figures(teller, &group, FIGURE_MEAN, times), names);
        length = length < sizeof text ? length : sizeof text - 1;
    }
    (void)say_who_is_out(teller, contest, out);
    if (length > 0 || out[0] != '\0')
        say(teller->answer, "%s%s%s", text, length > 0 ? "." : "",
            length > 0 ? out : out + 1);
}

/* Of the CPUs there are, how many each kept busy: those that kept most, those that kept
 * least, and the others; nothing where the work is not about CPUs. */
static void say_cpus(struct teller *teller, const struct group *ranked) {
    struct group most = {.n = 0}, least = {.n = 0}, others = {.n = 0};
    double high = NAN, low = NAN, n_cpus = teller->overview->machine.cpus_allowed;
    char names[NAMES_BYTES], busy[FIGURES_BYTES], text[900];
    for (size_t i = 0; i < ranked->n; i++) {
        high = fmax(high, value(ranked->rows[i], FIGURE_CPUS_BUSY));
        low = fmin(low, value(ranked->rows[i], FIGURE_CPUS_BUSY));
    }
    if (!(high >= COMPUTES) || !(n_cpus >= 1))
        return;
    for (size_t i = 0; i < ranked->n; i++) {
        double own = value(ranked->rows[i], FIGURE_CPUS_BUSY);
        struct group *group = !isfinite(own)             ? NULL
                              : log(high / own) <= ALIKE ? &most
                              : log(own / low) <= ALIKE  ? &least
                                                         : &others;
        if (group != NULL)
            group->rows[group->n++] = ranked->rows[i];
    }
    bool is_apart = group_is_below(&least, &most, FIGURE_CPUS_BUSY);
    size_t length = (size_t)snprintf(
        text, sizeof text, "Of %.3g CPU%s, %s %s kept busy by %s", n_cpus,
        n_cpus == 1 ? "" : "s", say_figures(teller, &most, FIGURE_CPUS_BUSY, busy),
        strcmp(busy, "1.0") == 0 ? "was" : "were",
        name_rows(teller, &most, " and ", names));
    if (is_apart)
        length += (size_t)snprintf(text + length, sizeof text - length, "; %s by %s",
                                   say_figures(teller, &least, FIGURE_CPUS_BUSY, busy),
                                   name_rows(teller, &least, " and ", names));
    if (is_apart && others.n > 0 && length < sizeof text)
        (void)snprintf(text + length, sizeof text - length, "; %s by the other%s",
                       say_figures(teller, &others, FIGURE_CPUS_BUSY, busy),
                       others.n == 1 ? " one" : "s");
    say(teller->answer, "%s.", text);
}

/* Under whom somebody else's page took long, the longest first, and how long at most
 * under the others. */
static void say_probes(struct teller *teller, const struct group *ranked) {
    struct group slow = {.n = 0}, quick = {.n = 0};
    const struct overview_row *slowest_quick = NULL;
    char text[900] = "Meanwhile the home page took ", name[NAME_BYTES],
         time[FIGURES_BYTES];
    for (size_t i = 0; i < ranked->n; i++) {
        const struct overview_row *row = ranked->rows[i];
        double us = value(row, FIGURE_BUSY_P50);
        if (us > NOTICED_US) {
            size_t k = slow.n++;
            for (; k > 0 && value(slow.rows[k - 1], FIGURE_BUSY_P50) < us; k--)
                slow.rows[k] = slow.rows[k - 1];
            slow.rows[k] = row;
        } else if (isfinite(us)) {
            quick.rows[quick.n++] = row;
            if (slowest_quick == NULL || us > value(slowest_quick, FIGURE_BUSY_P50))
                slowest_quick = row;
        }
    }
    if (slow.n + quick.n == 0)
        return;
    for (size_t i = 0; i < slow.n; i++) {
        struct group one = {{slow.rows[i]}, 1};
        size_t length = strlen(text);
        name_row(teller, slow.rows[i], name, sizeof name);
        (void)snprintf(text + length, sizeof text - length, "%s%s%s under %s",
                       comma(i, slow.n + (quick.n > 0), " and "),
                       say_figures(teller, &one, FIGURE_BUSY_P50, time),
                       i == 0 ? " (median)" : "", name);
    }
    if (quick.n > 0) {
        struct group one = {{slowest_quick}, 1};
        size_t length = strlen(text);
        (void)snprintf(text + length, sizeof text - length, "%sat most %s%s",
                       slow.n > 0 ? ", " : "",
                       say_figures(teller, &one, FIGURE_BUSY_P50, time),
                       slow.n > 0     ? " under the others"
                       : quick.n == 1 ? " (median)"
                                      : " (median) under any of them");
    }
    say(teller->answer, "%s.", text);
}

/* The row of the same contestant in another place; NULL: it is not ranked there. */
static const struct overview_row *find_in(const struct contest *contest,
                                          const struct overview_row *row) {
    for (size_t i = 0; i < contest->ranked.n; i++)
        if (strcmp(contest->ranked.rows[i]->series->parameters->contestant,
                   row->series->parameters->contestant) == 0)
            return contest->ranked.rows[i];
    return NULL;
}

/* How many times as many answers a second there are; with its widest interval. */
static struct estimate growth(const struct overview_row *from,
                              const struct overview_row *to) {
    const struct estimate *before = &from->estimates[FIGURE_THROUGHPUT];
    const struct estimate *after = &to->estimates[FIGURE_THROUGHPUT];
    return (struct estimate){after->value / before->value,
                             {after->interval.low / before->interval.high,
                              after->interval.high / before->interval.low},
                             0};
}

/* Who gains most and least from the first place to the last. */
static void say_growth(struct teller *teller, const struct contest *from,
                       const struct contest *to) {
    struct group ends[2] = {{.n = 0}, {.n = 0}}; /* each: before, after */
    struct estimate least = {.value = NAN}, most = {.value = NAN};
    char text[900], name[NAME_BYTES] = "they", low[FIGURE_BYTES], high[FIGURE_BYTES];
    for (size_t i = 0; i < to->ranked.n; i++) {
        const struct overview_row *last = to->ranked.rows[i],
                                  *first = find_in(from, last);
        struct estimate own = {.value = NAN};
        if (first != NULL)
            own = growth(first, last);
        if (!isfinite(own.value))
            continue;
        if (!(own.value <= most.value)) {
            most = own;
            ends[0] = (struct group){{first, last}, 2};
        }
        if (!(own.value >= least.value)) {
            least = own;
            ends[1] = (struct group){{first, last}, 2};
        }
    }
    if (ends[0].n == 0)
        return;
    bool is_apart = least.interval.high < most.interval.low;
    size_t length =
        (size_t)snprintf(text, sizeof text, "From %.*s to %s ",
                         (int)strcspn(from->where, " "), from->where, to->where);
    for (int i = 0; i < (is_apart ? 2 : 1) && length < sizeof text; i++) {
        double before = value(ends[i].rows[0], FIGURE_THROUGHPUT);
        double after = value(ends[i].rows[1], FIGURE_THROUGHPUT);
        if (is_apart || to->ranked.n == 1)
            name_row(teller, ends[i].rows[0], name, sizeof name);
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   i == 0 ? "%s went from %s to %s answers a second"
                                          : ", and %s only from %s to %s",
                                   name, figure_rounded(before, low),
                                   figure_rounded(after, high));
    }
    say(teller->answer, "%s.", text);
}

/* Of a place: "no difference could be seen", or "choose a or b". */
static const char *say_shortly(struct teller *teller, const struct contest *contest,
                               char text[NAMES_BYTES + 16]) {
    struct group rank = contest_rank(contest, 0), unsure;
    struct group near = near_ones(&rank, &unsure);
    char names[NAMES_BYTES];
    (void)strcpy(text, "no difference could be seen");
    if (contest_ranks(contest) > 1)
        (void)snprintf(text, NAMES_BYTES + 16, "choose %s",
                       name_rows(teller, &near, " or ", names));
    return text;
}

/* The places before the last, those of which the same is to be said together. */
static void say_other_places(struct teller *teller, const struct contest *contests,
                             size_t n) {
    char text[900] = "", own[NAMES_BYTES + 16], before[NAMES_BYTES + 16] = "";
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(text);
        if (contests[i].ranked.n < 2)
            continue;
        bool is_same = strcmp(say_shortly(teller, &contests[i], own), before) == 0;
        if (is_same)
            text[length -= strlen(own) + 1] = '\0';
        (void)snprintf(text + length, sizeof text - length, "%s%s %s",
                       length == 0 ? "With "
                       : is_same   ? " and "
                                   : "; with ",
                       contests[i].where, own);
        (void)strcpy(before, own);
    }
    if (text[0] != '\0')
        say(teller->answer, "%s.", text);
}

/* The last place of a work in which several are ranked; else the last. */
static size_t telling_place(const struct contest *contests, size_t from, size_t end) {
    size_t i = end;
    while (i > from && contests[i - 1].ranked.n < 2)
        i--;
    return i > from ? i - 1 : end - 1;
}

/* Of each work the last place; of a single work also what leads there. */
static void say_places(struct teller *teller, const struct contest *contests, size_t n) {
    size_t told = 0, from = 0, n_works = 0;
    for (size_t end = 1; end <= n; end++) {
        if (end < n && strcmp(contests[end].work, contests[from].work) == 0)
            continue;
        told = telling_place(contests, from, end);
        if (contests[told].ranked.n > 0)
            say_best(teller, &contests[told]);
        else
            say_rest(teller, &contests[told]);
        n_works++;
        from = end;
    }
    teller->answer->n_brief = teller->answer->n_sentences;
    if (n_works > 1)
        return;
    const struct contest *last = &contests[told];
    if (n > 1 && last->ranked.n > 0)
        say_rest(teller, last);
    if (told > 0)
        say_growth(teller, &contests[0], last);
    say_other_places(teller, contests, told);
    if (n > 1)
        return;
    say_cpus(teller, &last->ranked);
    say_probes(teller, &last->ranked);
    size_t n_before = teller->answer->n_sentences;
    if (last->ranked.n > 0)
        say_rest(teller, last);
    teller->answer->ends_in_ranks = teller->answer->n_sentences > n_before;
}

void answer_make(const struct overview *overview, struct answer *answer) {
    struct teller teller = {.overview = overview, .answer = answer};
    size_t n;
    *answer = (struct answer){.n_sentences = 0};
    if (overview->n_rows == 0) {
        say(answer, "Nothing was measured.");
        answer->n_brief = 1;
        return;
    }
    struct contest *contests = contests_make(overview, &n);
    if (contests == NULL)
        return;
    say_question(overview, answer);
    say_places(&teller, contests, n);
    free(contests);
}

void answer_write(const struct overview *overview, struct document *document) {
    struct answer answer;
    answer_make(overview, &answer);
    for (size_t i = 0; i < answer.n_sentences; i++)
        document_paragraph(document, "%s", answer.sentences[i]);
}

void answer_write_beside_table(const struct overview *overview, bool is_brief,
                               struct document *document) {
    char flow[ANSWER_MAX_SENTENCES * ANSWER_SENTENCE_BYTES] = "";
    struct answer answer;
    answer_make(overview, &answer);
    size_t length = 0,
           n = is_brief ? answer.n_brief : answer.n_sentences - answer.ends_in_ranks;
    for (size_t i = 0; i < n; i++)
        length += (size_t)snprintf(flow + length, sizeof flow - length, "%s%s",
                                   i > 0 ? " " : "", answer.sentences[i]);
    document_paragraph(document, "%s", flow);
}
