/* Ranks; see contest.h. */
#include "report/contest/contest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "experiments/experiment.h"

/* Less than this between two waits matters to nobody; who is further than that from the
 * best is not advised, though chance may explain it. */
static const double TOO_LITTLE = 1.03, NEAR = 1.25;
static const double CHEAPER_CPU = 1.2, CHEAPER_MEMORY = 2, WORTH_BYTES = 1 << 20;

static const struct estimate *of(const struct overview_row *row, enum figure_id id) {
    return &row->estimates[id];
}

bool row_is_below(const struct overview_row *less, const struct overview_row *more,
                  enum figure_id id) {
    return of(less, id)->interval.high < of(more, id)->interval.low;
}

bool group_is_below(const struct group *less, const struct group *more,
                    enum figure_id id) {
    for (size_t i = 0; i < less->n; i++)
        for (size_t k = 0; k < more->n; k++)
            if (!row_is_below(less->rows[i], more->rows[k], id))
                return false;
    return less->n > 0 && more->n > 0;
}

/* Parts of a cell's label behind its contestant's, ", 4 threads, work sleep:1s, 16
 * users", of which those go to `text` that are about a place, or about who serves. */
static void pick_from_label(const struct cell_parameters *cell, bool of_place, char *text,
                            size_t text_bytes) {
    size_t length = strlen(cell->contestant_label), from, n;
    const char *rest = cell->label + length;
    text[0] = '\0';
    if (strncmp(cell->label, cell->contestant_label, length) != 0)
        return;
    for (char part[CONTEST_WHERE_BYTES]; strncmp(rest, ", ", 2) == 0; rest += length) {
        length = strcspn(rest += 2, ",");
        (void)snprintf(part, sizeof part, "%.*s", (int)length, rest);
        const struct parameter *parameter = parameter_of_phrase(part, &from, &n);
        bool is_place = parameter != NULL ? parameter_is_place(parameter)
                                          : !parameters_are_external(cell);
        if (is_place == of_place)
            text_append(text, text_bytes, "%s%s", text[0] != '\0' ? ", " : "", part);
    }
}

char *contest_who(const struct cell_parameters *cell, char *text, size_t text_bytes) {
    char own[CONTEST_WHERE_BYTES];
    pick_from_label(cell, false, own, sizeof own);
    (void)snprintf(text, text_bytes, own[0] != '\0' ? "%s (%s)" : "%s",
                   cell->contestant_label, own);
    return text;
}

char *contest_meaning(const struct cell_parameters *cell, char *text, size_t text_bytes) {
    char own[CONTEST_WHERE_BYTES];
    struct gloss gloss = experiment_gloss(cell);
    pick_from_label(cell, false, own, sizeof own);
    bool is_plain = strcmp(gloss.words, cell->contestant_label) == 0 ||
                    (own[0] != '\0' && strstr(gloss.words, own) != NULL);
    (void)snprintf(text, text_bytes, "%s", is_plain ? "" : gloss.words);
    return text;
}

bool contest_is_same(const struct cell_parameters *left,
                     const struct cell_parameters *right) {
    char a[CONTEST_WHERE_BYTES], b[CONTEST_WHERE_BYTES];
    return strcmp(left->contestant, right->contestant) == 0 &&
           strcmp(contest_who(left, a, sizeof a), contest_who(right, b, sizeof b)) == 0;
}

static struct contest contest_of(const struct cell_parameters *cell) {
    static const char work[] = "work ";
    struct contest contest = {.where = ""};
    char place[CONTEST_WHERE_BYTES], *where = place;
    pick_from_label(cell, true, place, sizeof place);
    if (strncmp(place, work, sizeof work - 1) == 0) { /* it comes first */
        where += sizeof work - 1;
        size_t length = strcspn(where, ",");
        (void)snprintf(contest.work, sizeof contest.work, "%.*s", (int)length, where);
        where += length + strspn(where + length, ", ");
    }
    (void)snprintf(contest.where, sizeof contest.where, "%s", where);
    return contest;
}

void group_add(struct group *group, const struct overview_row *row) {
    if (group->n < CONTEST_MAX_ROWS)
        group->rows[group->n++] = row;
}

void group_insert(struct group *group, const struct overview_row *row,
                  enum figure_id id) {
    if (group->n == CONTEST_MAX_ROWS)
        return;
    size_t i = group->n++;
    for (; i > 0 && of(group->rows[i - 1], id)->value > of(row, id)->value; i--)
        group->rows[i] = group->rows[i - 1];
    group->rows[i] = row;
}

bool group_has(const struct group *group, const struct overview_row *row) {
    size_t i = 0;
    while (i < group->n && group->rows[i] != row)
        i++;
    return i < group->n;
}

bool contest_is_worse(const struct contest *contest, const struct overview_row *one,
                      const struct overview_row *other) {
    enum figure_id by = contest->by;
    bool matters = of(other, by)->value > TOO_LITTLE * of(one, by)->value;
    return matters && row_is_below(one, other, by) &&
           !row_is_below(other, one, FIGURE_MEAN);
}

static void divide_into_ranks(struct contest *contest) {
    const struct group *ranked = &contest->ranked;
    bool is_placed[CONTEST_MAX_ROWS] = {false};
    for (size_t first = 0; first < ranked->n; first++) {
        if (is_placed[first])
            continue;
        for (size_t i = first; i < ranked->n; i++)
            if (!is_placed[i] &&
                !contest_is_worse(contest, ranked->rows[first], ranked->rows[i])) {
                is_placed[i] = true;
                contest->rank_of[i] = contest->n_ranks;
            }
        contest->n_ranks++;
    }
}

struct contest *contests_make(const struct overview *overview, size_t *n) {
    struct contest *contests = calloc(overview->n_rows + 1, sizeof *contests);
    enum figure_id by = overview_ranks_by(overview);
    *n = 0;
    for (size_t i = 0; contests != NULL && i < overview->n_rows; i++) {
        struct contest own = contest_of(overview->rows[i].series->parameters);
        own.by = by;
        size_t k = 0;
        while (k < *n && (strcmp(contests[k].where, own.where) != 0 ||
                          strcmp(contests[k].work, own.work) != 0))
            k++;
        if (k == *n)
            contests[(*n)++] = own;
        const struct overview_row *row = &overview->rows[i];
        if (!isfinite(of(row, by)->value) || row->n_failed > 0 ||
            row->validity.level == VALIDITY_INVALID)
            group_add(&contests[k].out, row);
        else
            group_insert(&contests[k].ranked, row, by);
    }
    for (size_t i = 0; i < *n; i++)
        divide_into_ranks(&contests[i]);
    return contests;
}

const struct contest *contest_telling(const struct contest *contests, size_t n) {
    size_t i = n;
    while (i > 0 && contests[i - 1].ranked.n < 2)
        i--;
    return &contests[i > 0 ? i - 1 : n - 1];
}

struct group contest_rank(const struct contest *contest, unsigned rank) {
    struct group group = {.n = 0};
    for (size_t i = 0; i < contest->ranked.n; i++)
        if (contest->rank_of[i] == rank)
            group_add(&group, contest->ranked.rows[i]);
    return group;
}

/* Whether a request costs clearly more than with the one that costs least. */
static bool is_dearer(const struct overview_row *row, const struct overview_row *least,
                      enum figure_id id) {
    double own = of(row, id)->value, other = of(least, id)->value;
    double users = fmax(1, row->series->parameters->users);
    bool is_much = id == FIGURE_MEMORY_PER_USER ? own > CHEAPER_MEMORY * other &&
                                                      (own - other) * users >= WORTH_BYTES
                                                : own > CHEAPER_CPU * other;
    return is_much && row_is_below(least, row, id);
}

/* Leaves in `best` those for whom a request is clearly cheaper than for the others. */
static void part_by_price(struct advice *advice) {
    static const enum figure_id prices[] = {FIGURE_MEMORY_PER_USER,
                                            FIGURE_CPU_PER_REQUEST};
    const struct group all = advice->best;
    for (size_t p = 0; p < sizeof prices / sizeof *prices; p++) {
        const struct overview_row *least = NULL;
        advice->price = prices[p];
        advice->best.n = 0;
        for (size_t i = 0; i < all.n; i++)
            if (least == NULL ||
                of(all.rows[i], prices[p])->value < of(least, prices[p])->value)
                least = all.rows[i];
        for (size_t i = 0; i < all.n; i++)
            group_add(is_dearer(all.rows[i], least, prices[p]) ? &advice->dearer
                                                               : &advice->best,
                      all.rows[i]);
        if (advice->dearer.n > 0)
            return;
    }
}

void contest_advise(const struct contest *contest, struct advice *advice) {
    struct group rank = contest_rank(contest, 0), next = contest_rank(contest, 1);
    *advice = (struct advice){.best = {.n = 0}};
    for (size_t i = 0; i < rank.n; i++) {
        const struct overview_row *row = rank.rows[i];
        bool is_near =
            of(row, contest->by)->value <= NEAR * of(rank.rows[0], contest->by)->value;
        bool is_known = next.n == 0 || contest_is_worse(contest, row, next.rows[0]);
        group_add(is_near && is_known ? &advice->best : &advice->unsure, row);
    }
    part_by_price(advice);
}
