/* The page's one table; see best.h. */
#include "report/best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/contest/sizes.h"

/* What the page's one table has behind what it is sorted by, and of that the brief one as
 * many as fit. */
static const struct best_column {
    enum figure_id id;
    const char *head;
} best_columns[] = {
    {FIGURE_MEAN, "mean wait"},
    {FIGURE_LAST, "last user's wait"},
    {FIGURE_CPUS_BUSY, "CPUs busy"},
    {FIGURE_BUSY_P50, "home page meanwhile"},
    {FIGURE_SLOWDOWN, "slowdown: wait / job alone"},
    {FIGURE_CPU_PER_REQUEST, "CPU time a request"},
    {FIGURE_MEMORY_PER_USER, "memory a request"},
    {FIGURE_THROUGHPUT, "answers a second"},
};

enum { N_BEST_COLUMNS = sizeof best_columns / sizeof *best_columns };

/* Who it is, strong who is among the best, and the figures, each with its unit; behind
 * the first how many times `best` it is (0: no such column; NAN: none of this row). */
static void write_row(const struct overview *overview, const struct overview_row *row,
                      bool is_best, const enum figure_id *ids, size_t n, double best,
                      struct document *document) {
    char name[CONTEST_WHERE_BYTES], meaning[CONTEST_WHERE_BYTES];
    bool is_told =
        contest_meaning(row->series->parameters, meaning, sizeof meaning)[0] != '\0';
    document_cell(document, "%s%s%s%s%s%s", is_best ? DOCUMENT_STRONG_BEGIN : "",
                  contest_who(row->series->parameters, name, sizeof name),
                  is_best ? DOCUMENT_STRONG_END : "", is_told ? DOCUMENT_ASIDE_BEGIN : "",
                  meaning, is_told ? DOCUMENT_ASIDE_END : "");
    for (size_t i = 0; i < n; i++) {
        char text[FIGURE_BYTES];
        document_cell(document, "%s", overview_told(overview, row, ids[i], text));
        if (i == 0 && best != 0)
            document_cell(
                document, "%s",
                text[0] == '-'
                    ? text
                    : figure_rounded(row->estimates[ids[0]].value / best, text));
    }
}

/* Who stands where: as the answer ranks them. */
struct order {
    enum figure_id by;
    const char *by_name;
    struct group rows, best; /* best: none where there is no clear winner */
};

static void make_order(const struct overview *overview, const struct contest *contest,
                       struct order *order) {
    struct sizes sizes;
    *order = (struct order){contest->by,
                            contest->by == FIGURE_SLOWDOWN ? "slowdown" : "mean wait",
                            contest->ranked,
                            {.n = 0}};
    if (contest->n_ranks > 1)
        order->best = contest_rank(contest, 0);
    if (!sizes_make(overview, contest, &sizes))
        return;
    *order =
        (struct order){FIGURE_THROUGHPUT, "answers a second", sizes.ranked, {.n = 0}};
    if (!sizes.is_tie && sizes.ranked.n > 1)
        order->best = sizes.equals;
    for (size_t i = 0; i < contest->ranked.n; i++) /* which may not be advised */
        if (!group_has(&order->rows, contest->ranked.rows[i])) {
            order->by_name = "answers a second, those that are too slow last";
            group_add(&order->rows, contest->ranked.rows[i]);
        }
}

/* The best first; who is out of the contest comes last. */
static void write_contest(const struct overview *overview, const struct contest *contest,
                          const struct order *order, size_t most_columns,
                          struct document *document) {
    const struct group *rows = &order->rows;
    enum figure_id ids[N_BEST_COLUMNS];
    bool has_ratio = most_columns == N_BEST_COLUMNS && rows->n > 1;
    size_t n = 0;
    document_table_begin(document);
    document_head(document, "%s", overview_who(overview));
    for (size_t i = 0; i < 2 * N_BEST_COLUMNS && n < most_columns; i++) {
        const struct best_column *column = &best_columns[i % N_BEST_COLUMNS];
        bool is_sorted_by = column->id == order->by; /* which comes first */
        if (is_sorted_by != (i < N_BEST_COLUMNS) ||
            !overview_carries(overview, column->id))
            continue;
        document_head(document, "%s", column->head);
        if (n == 0 && has_ratio)
            document_head(document, "× best");
        ids[n++] = column->id;
    }
    double best = has_ratio ? rows->rows[0]->estimates[order->by].value : 0;
    for (size_t i = 0; i < rows->n; i++)
        write_row(overview, rows->rows[i], group_has(&order->best, rows->rows[i]), ids, n,
                  best, document);
    for (size_t i = 0; i < contest->out.n; i++)
        write_row(overview, contest->out.rows[i], false, ids, n, has_ratio ? NAN : 0,
                  document);
    document_table_end(document);
}

void best_write(const struct overview *overview, bool is_brief,
                struct document *document) {
    size_t n = 0;
    struct contest *contests = contests_make(overview, &n);
    if (n > 0) {
        const struct contest *last = contest_telling(contests, n);
        bool has_where = last->where[0] != '\0', has_work = last->work[0] != '\0';
        struct order order;
        make_order(overview, last, &order);
        if (has_where || has_work)
            document_paragraph(document, "With %s%s%s:", last->where,
                               has_where && has_work ? ", " : "", last->work);
        write_contest(overview, last, &order, is_brief ? 4 : N_BEST_COLUMNS, document);
        if (!is_brief)
            document_say(document, DOCUMENT_SOFT,
                         "Sorted by the %s%s. %sOf waits and of what they cost lower is "
                         "better. CPUs busy is how many CPUs computed on average.%s",
                         order.by_name,
                         order.best.n > 0
                             ? "; bold are the best, and those not known to be worse"
                             : "",
                         overview_ranks_by(overview) == FIGURE_SLOWDOWN
                             ? "It counts in what a job took under that strategy, which "
                               "is longer where the machine is busy; seconds are as "
                               "they were. "
                             : "",
                         overview_carries(overview, FIGURE_BUSY_P50)
                             ? " The home page is a page without work, asked for all the "
                               "time meanwhile."
                             : "");
    }
    free(contests);
}
