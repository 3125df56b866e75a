/* Headlines; see headline.h. */
#include "report/charts/headline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "report/charts/data.h"
#include "report/charts/timelines.h"

/* Who is done within this of the time that it takes in turn is no sooner; and a fraction
 * is told where all of an interval is this near to it. */
static const double NO_SOONER = 0.95, FRACTION_FROM = 0.8, FRACTION_TO = 1.25;

enum { NAME_BYTES = DATA_NAME_BYTES, NAMES_BYTES = 3 * DATA_NAME_BYTES };

static const struct estimate *of(const struct overview_row *row, enum figure_id id) {
    return &row->estimates[id];
}

/* Whether a row's figure may be told. */
static bool tells(const struct overview_row *row, enum figure_id id) {
    return isfinite(of(row, id)->value) && row->n_failed == 0 &&
           row->validity.level != VALIDITY_INVALID;
}

/* Over the repeats, where the figure itself is of all of them together. */
static struct interval interval_of(const struct overview_row *row, enum figure_id id) {
    return figures[id].repeats == REPEATS_MERGED
               ? estimate_series(row->series, figures[id].of, false).interval
               : of(row, id)->interval;
}

static bool is_below(const struct overview_row *less, const struct overview_row *more,
                     enum figure_id id) {
    return interval_of(less, id).high < interval_of(more, id).low;
}

/* "kitchen (4 cooks)", "kitchen (large; 4 cooks)": without the comma, which would part it
 * in a sentence. */
static const char *name_of(const struct overview_row *row, char text[NAME_BYTES]) {
    (void)snprintf(text, NAME_BYTES, "%.180s", row->series->parameters->label);
    char *comma = strstr(text, ", ");
    if (comma != NULL) {
        bool is_in_brackets = comma > text && comma[-1] == ')';
        memcpy(is_in_brackets ? comma - 1 : comma, is_in_brackets ? ";" : " (",
               is_in_brackets ? 1 : 2);
        if (is_in_brackets)
            memmove(comma, comma + 1, strlen(comma));
        (void)strcat(comma, ")");
    }
    return text;
}

static const char *told_of(const struct overview *overview,
                           const struct overview_row *row, enum figure_id id,
                           char text[FIGURE_BYTES]) {
    return overview_value(overview, id, of(row, id)->value, text);
}

/* The rows with the least and the most of a figure; NULL when no row carries it. */
struct extremes {
    const struct overview_row *least, *most;
};

static struct extremes find_extremes(const struct overview *overview, enum figure_id id) {
    struct extremes found = {NULL, NULL};
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (!tells(row, id))
            continue;
        if (found.least == NULL || of(row, id)->value < of(found.least, id)->value)
            found.least = row;
        if (found.most == NULL || of(row, id)->value > of(found.most, id)->value)
            found.most = row;
    }
    return found;
}

/* "The mean wait was 0.33 s with a pool of 2 cooks and 1.0 s with one at a time"; `plain`
 * where there are no two. */
static void tell_extremes(const struct overview *overview, enum figure_id id,
                          const char *before, const char *plain, char *title,
                          size_t bytes) {
    struct extremes found = find_extremes(overview, id);
    char least[FIGURE_BYTES], most[FIGURE_BYTES], name[NAME_BYTES], other[NAME_BYTES];
    (void)snprintf(title, bytes, "%s", plain);
    if (found.least == NULL || found.least == found.most)
        return;
    (void)snprintf(title, bytes, "%s %s with %s and %s with %s", before,
                   told_of(overview, found.least, id, least), name_of(found.least, name),
                   told_of(overview, found.most, id, most), name_of(found.most, other));
}

/* Into which part of the time in turn the last wait of a row falls: 1 is no sooner, 2 is
 * half, and so on to 10; 0: its interval does not tell. */
static unsigned part_of(const struct overview_row *row, const struct overview_row *turn) {
    const struct interval *own = &of(row, FIGURE_LAST)->interval;
    const struct interval *whole = &of(turn, FIGURE_LAST)->interval;
    double low = own->low / whole->high, high = own->high / whole->low;
    if (low >= NO_SOONER)
        return 1;
    for (unsigned k = 2; k <= 10; k++)
        if (low * k >= FRACTION_FROM && high * k <= FRACTION_TO)
            return k;
    return 0;
}

/* "a pool of 2 cooks and 3 others" of those whose part it is, by their mean wait. */
static void name_part(const struct overview *overview, const size_t *order,
                      const struct overview_row *turn, unsigned part,
                      char names[NAMES_BYTES]) {
    size_t n = 0;
    char name[NAME_BYTES], second[NAME_BYTES] = "";
    names[0] = '\0';
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[order[i]];
        if (row == turn || !tells(row, FIGURE_LAST) || part_of(row, turn) != part)
            continue;
        if (n == 0)
            text_append(names, NAMES_BYTES, "%s", name_of(row, name));
        (void)name_of(row, second);
        n++;
    }
    if (n == 2)
        text_append(names, NAMES_BYTES, " and %s", second);
    else if (n > 2)
        text_append(names, NAMES_BYTES, " and %zu others", n - 1);
}

void headline_waits(const struct overview *overview, char *title, size_t title_bytes) {
    static const char *const parts[] = {
        "half the time",         "a third of the time", "a quarter of the time",
        "a fifth of the time",   "a sixth of the time", "a seventh of the time",
        "an eighth of the time", "a ninth of the time", "a tenth of the time"};
    const struct overview_row *turn = NULL; /* who serves in turn */
    char late[NAMES_BYTES] = "", soon[NAMES_BYTES] = "", name[NAME_BYTES];
    unsigned best = 0;
    for (size_t i = 0; i < overview->n_rows && turn == NULL; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (row->model != NULL && row->model->order == IN_TURN && tells(row, FIGURE_LAST))
            turn = row;
    }
    for (size_t i = 0; turn != NULL && i < overview->n_rows; i++)
        if (tells(&overview->rows[i], FIGURE_LAST) && &overview->rows[i] != turn &&
            part_of(&overview->rows[i], turn) > best)
            best = part_of(&overview->rows[i], turn);
    size_t *order = best > 0 ? data_in_order(overview) : NULL;
    tell_extremes(overview, FIGURE_MEAN, "The mean wait was", "How long each user waited",
                  title, title_bytes);
    if (order == NULL)
        return;
    name_part(overview, order, turn, 1, late);
    if (best > 1)
        name_part(overview, order, turn, best, soon);
    free(order);
    if (soon[0] == '\0')
        (void)snprintf(title, title_bytes,
                       "With %s the last user is done no sooner than with %s", late,
                       name_of(turn, name));
    else
        (void)snprintf(
            title, title_bytes, "With %s the last user is done in %s that %s takes%s%s%s",
            soon, parts[best - 2], name_of(turn, name), late[0] != '\0' ? "; with " : "",
            late, late[0] != '\0' ? " no sooner" : "");
}

void headline_staircase(const struct overview *overview, char *title,
                        size_t title_bytes) {
    struct extremes found = find_extremes(overview, FIGURE_SPREAD);
    char name[NAME_BYTES], other[NAME_BYTES], first[FIGURE_BYTES], last[FIGURE_BYTES];
    char all[FIGURE_BYTES];
    if (found.least != NULL && is_below(found.least, found.most, FIGURE_SPREAD))
        (void)snprintf(
            title, title_bytes,
            "With %s one user waits %s and another %s; with %s all wait %s",
            name_of(found.most, name), told_of(overview, found.most, FIGURE_FIRST, first),
            told_of(overview, found.most, FIGURE_LAST, last), name_of(found.least, other),
            overview_values(overview, FIGURE_LAST, of(found.least, FIGURE_FIRST)->value,
                            of(found.least, FIGURE_LAST)->value, all));
    else
        tell_extremes(overview, FIGURE_LAST, "The last user waited",
                      "The waits in the order of the answers", title, title_bytes);
}

void headline_probe(const struct overview *overview, char *title, size_t title_bytes) {
    const struct overview_row *most = find_extremes(overview, FIGURE_BUSY_P50).most;
    const struct overview_row *next = NULL;
    char took[FIGURE_BYTES], within[FIGURE_BYTES], name[NAME_BYTES], other[NAME_BYTES];
    size_t n_others = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (!tells(row, FIGURE_BUSY_P50) || row == most)
            continue;
        n_others++;
        if (next == NULL ||
            of(row, FIGURE_BUSY_P50)->value > of(next, FIGURE_BUSY_P50)->value)
            next = row;
    }
    if (next != NULL && is_below(next, most, FIGURE_BUSY_P50))
        (void)snprintf(title, title_bytes,
                       "With %s the home page takes %s; with %s it is there within %s",
                       name_of(most, name),
                       told_of(overview, most, FIGURE_BUSY_P50, took),
                       n_others == 1 ? name_of(next, other) : "every other",
                       told_of(overview, next, FIGURE_BUSY_P50, within));
    else
        tell_extremes(overview, FIGURE_BUSY_P50, "While users waited, the home page took",
                      "What the home page took while users waited", title, title_bytes);
}

/* The last percentile that every row with an answer carries, the maximum apart; -1: there
 * is none. */
static int last_of_all(const struct overview *overview) {
    int last = PERCENTILE_MAX - 1;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        while (last >= 0 && row->merged.n_values > 0 &&
               !isfinite(row->percentiles[last].seconds))
            last--;
    }
    return last;
}

/* How many times as long as half of the users the slow ones waited. */
static struct estimate tail_of(const struct overview_row *row, int last) {
    const struct percentile *half = &row->percentiles[PERCENTILE_50],
                            *slow = &row->percentiles[last];
    return (struct estimate){slow->seconds / half->seconds,
                             {slow->interval_s.low / half->interval_s.high,
                              slow->interval_s.high / half->interval_s.low},
                             0};
}

void headline_percentiles(const struct overview *overview, char *title,
                          size_t title_bytes) {
    const struct overview_row *even = NULL, *uneven = NULL;
    char times[FIGURE_BYTES], other[FIGURE_BYTES], name[NAME_BYTES], second[NAME_BYTES];
    int last = last_of_all(overview);
    for (size_t i = 0; last > PERCENTILE_50 && i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        double own = tail_of(row, last).value;
        if (!isfinite(own) || row->n_failed > 0)
            continue;
        even = even == NULL || own < tail_of(even, last).value ? row : even;
        uneven = uneven == NULL || own > tail_of(uneven, last).value ? row : uneven;
    }
    if (even == uneven) { /* or it is known of nobody */
        tell_extremes(overview, FIGURE_P50, "Half of the users waited at least",
                      "How many users waited how long", title, title_bytes);
        return;
    }
    struct estimate least = tail_of(even, last), most = tail_of(uneven, last);
    (void)snprintf(title, title_bytes,
                   "With %s the slowest 1 in %.0f waited %s times as long as half of the "
                   "users did",
                   name_of(uneven, name), 1 / (1 - even->percentiles[last].quantile),
                   figure_rounded(most.value, times));
    if (least.interval.high < most.interval.low)
        text_append(title, title_bytes, ", with %s only %s times", name_of(even, second),
                    figure_rounded(least.value, other));
}

void headline_lanes(const struct overview *overview, char *title, size_t title_bytes) {
    size_t rows[TIMELINES_MAX_PANELS], n = timelines_choose(overview, rows);
    const struct overview_row *ends[2] = {NULL, NULL}; /* of CPUs kept busy */
    char name[NAME_BYTES], other[NAME_BYTES], least[FIGURE_BYTES], most[FIGURE_BYTES];
    (void)snprintf(title, title_bytes,
                   "Many bars at once are concurrency, many solid ones are parallelism");
    for (int is_most = 0; is_most <= 1; is_most++)
        for (size_t i = 0; i < n; i++) {
            const struct overview_row *row = &overview->rows[rows[i]],
                                      *end = ends[is_most];
            if (!tells(row, FIGURE_CPUS_BUSY))
                continue;
            bool is_beyond =
                end == NULL || (is_most ? is_below(end, row, FIGURE_CPUS_BUSY)
                                        : is_below(row, end, FIGURE_CPUS_BUSY));
            bool is_alike = end != NULL && !is_below(end, row, FIGURE_CPUS_BUSY) &&
                            !is_below(row, end, FIGURE_CPUS_BUSY);
            /* Of those not told apart, who lets users wait most alike: it works at most
             * requests at once. */
            if (is_beyond || (is_alike && of(row, FIGURE_SPREAD)->value <
                                              of(end, FIGURE_SPREAD)->value))
                ends[is_most] = row;
        }
    if (ends[0] != NULL && is_below(ends[0], ends[1], FIGURE_CPUS_BUSY))
        text_append(title, title_bytes, ": %s kept %s CPUs busy, %s %s",
                    name_of(ends[0], name),
                    figure_rounded(of(ends[0], FIGURE_CPUS_BUSY)->value, least),
                    name_of(ends[1], other),
                    figure_rounded(of(ends[1], FIGURE_CPUS_BUSY)->value, most));
}
