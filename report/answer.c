/* A run in plain sentences; see answer.h. */
#include "report/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "report/contest/places.h"
#include "report/contest/size_advice.h"

/* Strategies whose CPUs kept busy are within this of another's are told together. */
static const double ALIKE = 0.12;
/* Below this share of the time, CPUs are not what a work is about. */
static const double COMPUTES = 0.5;
/* So many who varied too much are named, and more counted. */
enum { MOST_UNSURE = 2 };
/* A page that takes longer than one picture of a film is noticed. */
static const double NOTICED_US = 40e3;

static double value(const struct overview_row *row, enum figure_id id) {
    return row->estimates[id].value;
}

/* What to choose, or that there is no clear winner; with waits and price. */
static void say_best(struct teller *teller, const struct contest *contest) {
    struct group rank = contest_rank(contest, 0);
    struct advice advice;
    contest_advise(contest, &advice);
    if (contest->n_ranks == 1 && rank.n > 1 && advice.dearer.n == 0) {
        teller_begin(teller, contest, "no clear winner could be seen");
        if (rank.rows[0]->series->n_repeats == 1)
            teller_say(teller, ", as each was measured only once");
        teller_say(teller, ": ");
        teller_waits(teller, &rank);
        return;
    }
    bool is_alone = contest->ranked.n == 1; /* nobody to choose from */
    teller_begin(teller, contest, is_alone ? "under " : "choose ");
    teller_names(teller, &advice.best, " or ");
    teller_say(teller, ": ");
    teller_waits(teller, &advice.best);
    if (advice.dearer.n > 0) {
        teller_say(teller, "; no quicker but dearer in %s (",
                   advice.price == FIGURE_CPU_PER_REQUEST ? "CPU time" : "memory");
        teller_figures(teller, &advice.dearer, advice.price);
        teller_say(teller, "): ");
        teller_names(teller, &advice.dearer, " and ");
    }
    if (advice.unsure.n > 0) {
        teller_say(teller, "; ");
        if (advice.unsure.n <= MOST_UNSURE)
            teller_names(teller, &advice.unsure, " and ");
        else
            teller_say(teller, "%zu others", advice.unsure.n);
        teller_say(teller, " varied too much to be told apart");
    }
}

static void say_rank(struct teller *teller, const struct contest *contest,
                     const char *place, const struct group *rank) {
    teller_say(teller, "%s, at ", place);
    teller_figures(teller, rank, contest->by);
    teller_say(teller, contest->by == FIGURE_SLOWDOWN ? " times the job: " : ": ");
    teller_names(teller, rank, " and ");
}

/* Who comes next, and who last where nobody else is as far; who is not ranked at all, and
 * why. */
static void say_rest(struct teller *teller, const struct contest *contest) {
    unsigned n_ranks = contest->n_ranks;
    if (n_ranks > 1) {
        struct group next = contest_rank(contest, 1);
        struct group last = contest_rank(contest, n_ranks - 1);
        say_rank(teller, contest, n_ranks == 2 ? "Slower" : "Next", &next);
        if (n_ranks > 2 &&
            last.rows[last.n - 1] == contest->ranked.rows[contest->ranked.n - 1] &&
            value(last.rows[0], contest->by) > value(next.rows[next.n - 1], contest->by))
            say_rank(teller, contest, "; last", &last);
    }
    for (size_t i = 0; i < contest->out.n; i++) {
        const struct overview_row *row = contest->out.rows[i];
        teller_say(teller, "%s%s", n_ranks > 1 && i == 0 ? ". " : "",
                   i == 0 ? "Not ranked: " : "; ");
        teller_name(teller, row);
        if (row->n_failed > 0)
            teller_say(teller, ": %zu of %zu requests failed", row->n_failed,
                       row->n_requests);
        else
            teller_say(teller, row->n_requests == 0 ? ": nothing was answered"
                                                    : ": its numbers mean nothing");
    }
}

/* Of the CPUs there are, how many those kept busy that kept most, and those that kept
 * least; nothing where the work is not about CPUs. */
static void say_cpus(struct teller *teller, const struct group *ranked) {
    struct group most = {.n = 0}, least = {.n = 0};
    double high = NAN, low = NAN, n_cpus = teller->overview->machine.cpus_allowed;
    for (size_t i = 0; i < ranked->n; i++) {
        high = fmax(high, value(ranked->rows[i], FIGURE_CPUS_BUSY));
        low = fmin(low, value(ranked->rows[i], FIGURE_CPUS_BUSY));
    }
    if (!(high >= COMPUTES) || !(n_cpus >= 1))
        return;
    for (size_t i = 0; i < ranked->n; i++) {
        double own = value(ranked->rows[i], FIGURE_CPUS_BUSY);
        struct group *group = log(high / own) <= ALIKE  ? &most
                              : log(own / low) <= ALIKE ? &least
                                                        : NULL;
        if (group != NULL)
            group_add(group, ranked->rows[i]);
    }
    teller_say(teller, "On %.3g CPU%s, ", n_cpus, n_cpus == 1 ? "" : "s");
    teller_names(teller, &most, " and ");
    teller_say(teller, most.n > 1 ? " each kept " : " kept ");
    teller_figures(teller, &most, FIGURE_CPUS_BUSY);
    teller_say(teller, " busy");
    if (!group_is_below(&least, &most, FIGURE_CPUS_BUSY))
        return;
    teller_say(teller, "; ");
    teller_names(teller, &least, " and ");
    teller_say(teller, " kept only ");
    teller_figures(teller, &least, FIGURE_CPUS_BUSY);
    teller_say(teller, " busy");
}

/* Under whom somebody else's page took long, the longest first, and how long at most
 * under the others. */
static void say_probes(struct teller *teller, const struct group *ranked) {
    struct group slow = {.n = 0}, quick = {.n = 0};
    for (size_t i = 0; i < ranked->n; i++) {
        double us = value(ranked->rows[i], FIGURE_BUSY_P50);
        if (isfinite(us))
            group_insert(us > NOTICED_US ? &slow : &quick, ranked->rows[i],
                         FIGURE_BUSY_P50);
    }
    if (slow.n + quick.n == 0)
        return;
    teller_say(teller, "Meanwhile the home page, a page without work, took ");
    for (size_t i = 0; i < slow.n; i++) {
        teller_say(teller, "%s", text_joint(i, slow.n + (quick.n > 0), " and "));
        const struct overview_row *row = slow.rows[slow.n - 1 - i];
        teller_figures(teller, &(struct group){{row}, 1}, FIGURE_BUSY_P50);
        teller_say(teller, i == 0 ? " (median) under " : " under ");
        teller_name(teller, row);
    }
    if (quick.n == 0)
        return;
    teller_say(teller, slow.n > 0 ? ", at most " : "at most ");
    teller_figures(teller, &(struct group){{quick.rows[quick.n - 1]}, 1},
                   FIGURE_BUSY_P50);
    teller_say(teller, slow.n > 0     ? " under the others"
                       : quick.n == 1 ? " (median)"
                                      : " (median) under any of them");
}

/* Puts the sentence that was made behind the others. */
static void finish(struct teller *teller, struct answer *answer) {
    if (teller->sentence[0] != '\0' && answer->n_sentences < ANSWER_MAX_SENTENCES) {
        teller_say(teller, ".");
        (void)strcpy(answer->sentences[answer->n_sentences++], teller->sentence);
    }
    teller->sentence[0] = '\0';
}

/* Of contests about sizes: of each work what to choose, and of a single one the rest.
 * Whether they are about sizes. */
static bool say_sizes(struct teller *teller, const struct contest *contests, size_t n,
                      struct answer *answer) {
    static struct sizes sizes;
    size_t from = 0, n_before = answer->n_sentences;
    for (size_t next = 1; next <= n; next++) {
        if (next < n && strcmp(contests[next].work, contests[from].work) == 0)
            continue;
        const struct contest *last = contest_telling(contests + from, next - from);
        if (!sizes_make(teller->overview, last, &sizes)) {
            answer->n_sentences = n_before;
            return false;
        }
        bool is_single = from == 0 && next == n;
        for (unsigned i = 0; i < (is_single ? SIZE_ADVICE_SENTENCES : 1); i++) {
            size_advice_say(teller, &sizes, i);
            finish(teller, answer);
            if (i == 0)
                answer->n_brief = answer->n_sentences;
        }
        from = next;
    }
    return true;
}

/* Of each work the last place; of a single work also what leads there. */
static void say_places(struct teller *teller, const struct contest *contests, size_t n,
                       struct answer *answer) {
    const struct contest *last = contests;
    size_t from = 0, n_works = 0;
    for (size_t next = 1; next <= n; next++) {
        if (next < n && strcmp(contests[next].work, contests[from].work) == 0)
            continue;
        last = contest_telling(contests + from, next - from);
        if (last->ranked.n > 0)
            say_best(teller, last);
        else
            say_rest(teller, last);
        finish(teller, answer);
        if (last->ranked.n > 0)
            places_say_others(teller, contests + from, last);
        finish(teller, answer);
        n_works++;
        from = next;
    }
    answer->n_brief = answer->n_sentences;
    if (n_works > 1)
        return;
    if (n > 1 && last->ranked.n > 0)
        say_rest(teller, last);
    finish(teller, answer);
    if (last != contests)
        places_say_growth(teller, &contests[0], last);
    finish(teller, answer);
    if (n > 1)
        return;
    say_cpus(teller, &last->ranked);
    finish(teller, answer);
    say_probes(teller, &last->ranked);
    finish(teller, answer);
    answer->n_ranks = answer->n_sentences;
    if (last->ranked.n > 0)
        say_rest(teller, last);
    finish(teller, answer);
    answer->n_ranks = answer->n_sentences - answer->n_ranks;
}

void answer_make(const struct overview *overview, struct answer *answer) {
    struct teller teller = {.overview = overview};
    size_t n;
    *answer = (struct answer){.n_sentences = 0};
    if (overview->n_rows == 0) {
        teller_say(&teller, "Nothing was measured");
        finish(&teller, answer);
        answer->n_brief = 1;
        return;
    }
    struct contest *contests = contests_make(overview, &n);
    if (contests == NULL)
        return;
    teller_question(&teller);
    finish(&teller, answer);
    if (!say_sizes(&teller, contests, n, answer))
        say_places(&teller, contests, n, answer);
    free(contests);
}

char *answer_flow(const struct answer *answer, size_t from, size_t end,
                  char text[ANSWER_BYTES]) {
    text[0] = '\0';
    for (size_t i = from; i < end; i++)
        text_append(text, ANSWER_BYTES, "%s%s", i > from ? " " : "",
                    answer->sentences[i]);
    return text;
}
