/* A run in plain sentences; see answer.h. */
#include "report/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "report/contest/sizes.h"

/* Strategies whose CPUs kept busy are within this of another's are told together. */
static const double ALIKE = 0.12;
/* Below this share of the time, CPUs are not what a work is about. */
static const double COMPUTES = 0.5;
/* Whose figure is further from the best is not advised, though chance may explain it. */
static const double NEAR = 1.25;
/* So many who varied too much are named, and more counted. */
enum { MOST_UNSURE = 2 };
/* A page that takes longer than one picture of a film is noticed. */
static const double NOTICED_US = 40e3;

static double value(const struct overview_row *row, enum figure_id id) {
    return row->estimates[id].value;
}

/* Those of the first rank that are near its first and known to be better than the next
 * rank; the others vary too much to tell. */
static struct group near_ones(const struct contest *contest, struct group *others) {
    struct group near = {.n = 0}, rank = contest_rank(contest, 0),
                 next = contest_rank(contest, 1);
    others->n = 0;
    for (size_t i = 0; i < rank.n; i++) {
        const struct overview_row *row = rank.rows[i];
        bool is_near =
            value(row, contest->by) <= NEAR * value(rank.rows[0], contest->by) &&
            (next.n == 0 || contest_is_worse(contest, row, next.rows[0]));
        group_add(is_near ? &near : others, row);
    }
    return near;
}

/* What to choose, or that there is no clear winner; with waits and price. */
static void say_best(struct teller *teller, const struct contest *contest) {
    struct group rank = contest_rank(contest, 0), unsure, dearer;
    struct group near = near_ones(contest, &unsure);
    enum figure_id by;
    struct group best = group_cheapest(&near, &dearer, &by);
    if (contest->n_ranks == 1 && rank.n > 1 && dearer.n == 0) {
        teller_begin(teller, contest, "no clear winner could be seen");
        if (rank.rows[0]->series->n_repeats == 1)
            teller_say(teller, ", as each was measured only once");
        teller_say(teller, ": ");
        teller_waits(teller, &rank);
        return;
    }
    bool is_alone = contest->ranked.n == 1; /* nobody to choose from */
    teller_begin(teller, contest, is_alone ? "under " : "choose ");
    teller_names(teller, &best, " or ");
    teller_say(teller, ": ");
    teller_waits(teller, &best);
    if (dearer.n > 0) {
        teller_say(teller, "; no quicker but dearer in %s (",
                   by == FIGURE_CPU_PER_REQUEST ? "CPU time" : "memory");
        teller_figures(teller, &dearer, by);
        teller_say(teller, "): ");
        teller_names(teller, &dearer, " and ");
    }
    if (unsure.n > 0) {
        teller_say(teller, "; ");
        if (unsure.n <= MOST_UNSURE)
            teller_names(teller, &unsure, " and ");
        else
            teller_say(teller, "%zu others", unsure.n);
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

/* How many times as many answers a second somebody gives in another place; with its
 * widest interval. NAN: it is not ranked there. */
struct growth {
    const struct overview_row *from, *to;
    double factor;
    struct interval interval;
};

static struct growth growth_of(const struct contest *from,
                               const struct overview_row *to) {
    const struct estimate *after = &to->estimates[FIGURE_THROUGHPUT];
    for (size_t i = 0; i < from->ranked.n; i++) {
        const struct overview_row *row = from->ranked.rows[i];
        const struct estimate *before = &row->estimates[FIGURE_THROUGHPUT];
        if (contest_is_same(row->series->parameters, to->series->parameters))
            return (struct growth){row,
                                   to,
                                   after->value / before->value,
                                   {after->interval.low / before->interval.high,
                                    after->interval.high / before->interval.low}};
    }
    return (struct growth){.factor = NAN};
}

/* Who gains most and least from the first place to the last. */
static void say_growth(struct teller *teller, const struct contest *from,
                       const struct contest *to) {
    struct growth most = {.factor = NAN}, least = most;
    char low[FIGURE_BYTES], high[FIGURE_BYTES];
    for (size_t i = 0; i < to->ranked.n; i++) {
        struct growth own = growth_of(from, to->ranked.rows[i]);
        if (!isfinite(own.factor))
            continue;
        most = own.factor <= most.factor ? most : own;
        least = own.factor >= least.factor ? least : own;
    }
    if (!isfinite(most.factor))
        return;
    bool is_apart = least.interval.high < most.interval.low;
    teller_say(teller, "From %.*s to %s ", (int)strcspn(from->where, " "), from->where,
               to->where);
    if (!(most.interval.low > 1)) {
        teller_say(teller, "nobody was seen to give more answers a second");
        return;
    }
    teller_name(teller, most.from);
    teller_say(teller, " went from %s to %s answers a second",
               figure_rounded(value(most.from, FIGURE_THROUGHPUT), low),
               figure_rounded(value(most.to, FIGURE_THROUGHPUT), high));
    if (!is_apart) {
        teller_say(teller, "%s",
                   to->ranked.n > 1 ? ", and no other was seen to gain less" : "");
        return;
    }
    teller_say(teller, ", and ");
    teller_name(teller, least.from);
    teller_say(teller, " only from %s to %s",
               figure_rounded(value(least.from, FIGURE_THROUGHPUT), low),
               figure_rounded(value(least.to, FIGURE_THROUGHPUT), high));
}

/* What to choose in one place, beside what is said of the one that tells most. */
static void say_place(struct teller *teller, const struct contest *contest,
                      const struct contest *telling) {
    struct group unsure, dearer, near = near_ones(contest, &unsure);
    struct group known = near_ones(telling, &unsure);
    enum figure_id by;
    size_t n_same = 0; /* who is advised there and is here as well */
    near = group_cheapest(&near, &dearer, &by);
    known = group_cheapest(&known, &dearer, &by);
    for (size_t i = 0; i < known.n; i++)
        for (size_t k = 0; k < near.n; k++)
            n_same += contest_is_same(known.rows[i]->series->parameters,
                                      near.rows[k]->series->parameters);
    bool is_open = contest->n_ranks == 1, is_telling_open = telling->n_ranks == 1;
    bool is_same = is_telling_open ? is_open : n_same == known.n && !is_open;
    teller_say(teller, is_same   ? "it is the same"
                       : is_open ? "no clear winner could be seen"
                                 : "choose ");
    if (!is_open && !is_same)
        teller_names(teller, &near, " or ");
}

/* "With 1 to 4 users it is the same; with 8 users choose a": of the places before the one
 * that tells most, those of which the same is to be said together. */
static void say_other_places(struct teller *teller, const struct contest *contests,
                             const struct contest *telling) {
    struct teller next = *teller; /* which says what is to be said of one place */
    bool is_first = true;
    for (const struct contest *one = contests; one < telling;) {
        const struct contest *last = one;
        char said[TELLER_SENTENCE_BYTES];
        bool is_known = one->ranked.n > 1;
        for (; is_known && last < telling; last++) {
            next.sentence[0] = '\0';
            say_place(&next, last, telling);
            if (last == one)
                (void)strcpy(said, next.sentence);
            else if (last->ranked.n < 2 || strcmp(said, next.sentence) != 0)
                break;
        }
        if (is_known) {
            bool is_one = last - one == 1;
            teller_say(teller, "%s%.*s", is_first ? "With " : "; with ",
                       (int)(is_one ? strlen(one->where) : strcspn(one->where, " ")),
                       one->where);
            teller_say(teller, "%s%s %s",
                       is_one            ? ""
                       : last - one == 2 ? " and "
                                         : " to ",
                       is_one ? "" : last[-1].where, said);
            is_first = false;
        }
        one = is_known ? last : one + 1;
    }
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
        for (unsigned i = 0; i < (is_single ? SIZES_SENTENCES : 1); i++) {
            sizes_say(teller, &sizes, i);
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
            say_other_places(teller, contests + from, last);
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
        say_growth(teller, &contests[0], last);
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
