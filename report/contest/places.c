/* Other places; see places.h. */
#include "report/contest/places.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static double answers(const struct overview_row *row) {
    return row->estimates[FIGURE_THROUGHPUT].value;
}

/* So much of "1 user" is its number, which is enough before "to 16 users". */
static int short_length(const char *where) {
    bool is_counted = isdigit((unsigned char)where[0]) && strchr(where, ',') == NULL;
    return (int)(is_counted ? strcspn(where, " ") : strlen(where));
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

void places_say_growth(struct teller *teller, const struct contest *from,
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
    teller_say(teller, "From %.*s to %s ", short_length(from->where), from->where,
               to->where);
    if (!(most.interval.low > 1)) {
        teller_say(teller, "nobody was seen to give more answers a second");
        return;
    }
    teller_name(teller, most.from);
    teller_say(teller, " went from %s to %s answers a second",
               figure_rounded(answers(most.from), low),
               figure_rounded(answers(most.to), high));
    if (!is_apart) {
        teller_say(teller, "%s",
                   to->ranked.n > 1 ? ", and no other was seen to gain less" : "");
        return;
    }
    teller_say(teller, ", and ");
    teller_name(teller, least.from);
    teller_say(teller, " only from %s to %s", figure_rounded(answers(least.from), low),
               figure_rounded(answers(least.to), high));
}

/* What to choose in one place, beside what is said of the one that tells most. */
static void say_place(struct teller *teller, const struct contest *contest,
                      const struct contest *telling) {
    struct advice own, known;
    size_t n_same = 0; /* who is advised there and is here as well */
    contest_advise(contest, &own);
    contest_advise(telling, &known);
    for (size_t i = 0; i < known.best.n; i++)
        for (size_t k = 0; k < own.best.n; k++)
            n_same += contest_is_same(known.best.rows[i]->series->parameters,
                                      own.best.rows[k]->series->parameters);
    bool is_open = contest->n_ranks == 1, is_telling_open = telling->n_ranks == 1;
    bool is_same = is_telling_open ? is_open : n_same == known.best.n && !is_open;
    teller_say(teller, is_same   ? is_open ? "it is the same" : "the choice is the same"
                       : is_open ? "no clear winner could be seen"
                                 : "choose ");
    if (!is_open && !is_same)
        teller_names(teller, &own.best, " or ");
}

void places_say_others(struct teller *teller, const struct contest *contests,
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
                       is_one ? (int)strlen(one->where) : short_length(one->where),
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
