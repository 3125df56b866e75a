/* The page's one table; see best.h. */
#include "report/best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/experiment.h"
#include "report/contest.h"

/* What the page's one table has, and of that the brief one as many as fit. */
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

static bool is_carried(const struct overview *overview, enum figure_id id) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (isfinite(overview->rows[i].estimates[id].value))
            return true;
    return false;
}

/* "0.33 s", "<0.12 KiB". */
static void write_best_cell(const struct overview *overview, enum figure_id id,
                            const struct overview_row *row, struct document *document) {
    const struct estimate *estimate = &row->estimates[id];
    struct shown_unit unit = overview_unit(overview, id);
    bool is_limit = figures[id].is_amount && estimate->interval.low <= 0 &&
                    isfinite(estimate->interval.high);
    double shown = is_limit ? estimate->interval.high : estimate->value;
    bool has_unit = isfinite(shown) && id != FIGURE_THROUGHPUT && unit.name[0] != '\0';
    char text[FIGURE_BYTES];
    document_cell(document, "%s%s%s%s", is_limit ? "<" : "",
                  figure_rounded(shown / unit.in_own_unit, text), has_unit ? " " : "",
                  has_unit ? unit.name : "");
}

/* In a row's first cell, who it is; strong is who is among the best. */
static void write_name(const struct overview_row *row, bool is_best,
                       struct document *document) {
    struct gloss name = experiment_gloss(row->series->parameters);
    bool is_typed = strcmp(name.words, name.typed) != 0 && name.typed[0] != '\0';
    document_cell(document, "%s%s%s%s%s%s", is_best ? DOCUMENT_STRONG_BEGIN : "",
                  name.words, is_best ? DOCUMENT_STRONG_END : "",
                  is_typed ? DOCUMENT_ASIDE_BEGIN "`" : "", is_typed ? name.typed : "",
                  is_typed ? "`" DOCUMENT_ASIDE_END : "");
}

/* Those of the contest by their mean wait, and behind them who is out of it. */
static size_t sort_rows(const struct contest *contest,
                        const struct overview_row *rows[2 * CONTEST_MAX_ROWS]) {
    size_t n = 0;
    for (; n < contest->ranked.n; n++) {
        const struct overview_row *row = contest->ranked.rows[n];
        size_t k = n;
        for (; k > 0 && rows[k - 1]->estimates[FIGURE_MEAN].value >
                            row->estimates[FIGURE_MEAN].value;
             k--)
            rows[k] = rows[k - 1];
        rows[k] = row;
    }
    for (size_t i = 0; i < contest->out.n; i++)
        rows[n++] = contest->out.rows[i];
    return n;
}

static void write_contest(const struct overview *overview, const struct contest *contest,
                          size_t most_columns, struct document *document) {
    const struct overview_row *rows[2 * CONTEST_MAX_ROWS];
    size_t n_rows = sort_rows(contest, rows), n = 0;
    struct group best = contest_rank(contest, 0);
    bool has_best = contest_ranks(contest) > 1;
    const struct best_column *columns[N_BEST_COLUMNS];
    for (size_t i = 0; i < N_BEST_COLUMNS; i++)
        if (n < most_columns && is_carried(overview, best_columns[i].id))
            columns[n++] = &best_columns[i];
    document_table_begin(document);
    document_head(document, "strategy");
    for (size_t i = 0; i < n; i++)
        document_head(document, "%s", columns[i]->head);
    for (size_t i = 0; i < n_rows; i++) {
        bool is_best = false;
        for (size_t k = 0; has_best && k < best.n; k++)
            is_best |= best.rows[k] == rows[i];
        write_name(rows[i], is_best, document);
        for (size_t k = 0; k < n; k++)
            write_best_cell(overview, columns[k]->id, rows[i], document);
    }
    document_table_end(document);
}

/* Where most is asked for: the last that has a winner to tell. */
static const struct contest *last_contest(const struct contest *contests, size_t n) {
    const struct contest *last = n > 0 ? &contests[n - 1] : NULL;
    for (size_t i = 0; i < n; i++)
        if (contests[i].ranked.n > 1)
            last = &contests[i];
    return last;
}

void best_write(const struct overview *overview, bool is_brief,
                struct document *document) {
    size_t n = 0;
    struct contest *contests = contests_make(overview, &n);
    const struct contest *last = contests != NULL ? last_contest(contests, n) : NULL;
    if (last != NULL) {
        bool has_both = last->where[0] != '\0' && last->work[0] != '\0';
        if (last->where[0] != '\0' || last->work[0] != '\0')
            document_paragraph(document, "With %s%s%s:", last->where,
                               has_both ? ", " : "", last->work);
        write_contest(overview, last, is_brief ? 4 : N_BEST_COLUMNS, document);
        if (!is_brief)
            document_say(document, DOCUMENT_SOFT,
                         "Sorted by the mean wait%s. The mean wait, the last user's, and "
                         "what they cost: lower is better. CPUs busy is how many CPUs "
                         "computed on average.%s",
                         contest_ranks(last) > 1
                             ? "; bold are the best, and those not known to be worse"
                             : "",
                         is_carried(overview, FIGURE_BUSY_P50)
                             ? " The home page is a page without work, asked for all the "
                               "time meanwhile."
                             : "");
    }
    free(contests);
}
