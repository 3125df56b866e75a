/* The best sizes, in words; see sizes.h. */
#include "report/contest/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"

/* Answers within the first matter to nobody; who is further than the second from the most
 * is not advised, though chance may explain it. */
static const double TOO_LITTLE = 1.03, NEAR = 1.05;
/* Memory that is within this of the least, or a MiB, is as good. */
static const double AS_CHEAP = 1.05, MIB = 1 << 20;

static const struct estimate *answers(const struct overview_row *row) {
    return &row->estimates[FIGURE_THROUGHPUT];
}

static double memory(const struct overview_row *row) {
    return row->estimates[FIGURE_PEAK_PSS].value;
}

/* By the percentiles that the samples carry: slow ones have too few answers for p99, and
 * who is too slow by half of them is so by the slowest. */
static void sort_in(struct sizes *sizes, const struct overview_row *row) {
    bool is_broken = false;
    for (enum figure_id id = FIGURE_P50; id <= FIGURE_P99; id++)
        is_broken |= row->estimates[id].interval.low > sizes->p99_us;
    group_add(is_broken ? &sizes->broken
              : row->estimates[FIGURE_P99].interval.high <= sizes->p99_us
                  ? &sizes->kept
                  : &sizes->unknown,
              row);
}

/* The product of the sizes: of as many processes and threads in all. */
static double size_of(const struct overview_row *row) {
    const struct cell_parameters *cell = row->series->parameters;
    return fmax(1, cell->workers) * fmax(1, cell->threads) * fmax(1, cell->processes);
}

static const struct overview_row *cheapest(const struct group *group) {
    const struct overview_row *best = NULL;
    double least = INFINITY;
    for (size_t i = 0; i < group->n; i++)
        least = fmin(least, memory(group->rows[i]));
    for (size_t i = 0; i < group->n; i++) {
        const struct overview_row *row = group->rows[i];
        bool is_cheap = !(memory(row) > AS_CHEAP * least + MIB);
        if (is_cheap && (best == NULL || size_of(row) < size_of(best)))
            best = row;
    }
    return best;
}

/* Who may be advised, in order; and who is not told from the first. */
static void rank(struct sizes *sizes) {
    const struct group *all = sizes->kept.n > 0      ? &sizes->kept
                              : sizes->unknown.n > 0 ? &sizes->unknown
                                                     : &sizes->broken;
    bool by_wait = all == &sizes->broken;
    sizes->slow = FIGURE_P99;
    for (size_t i = 0; by_wait && i < all->n; i++)
        while (sizes->slow > FIGURE_P50 &&
               !isfinite(all->rows[i]->estimates[sizes->slow].value))
            sizes->slow--;
    for (size_t i = 0; i < all->n; i++)
        group_insert(&sizes->ranked, all->rows[i],
                     by_wait ? sizes->slow : FIGURE_THROUGHPUT);
    for (size_t i = 0; !by_wait && i < all->n / 2; i++) { /* the most first */
        const struct overview_row *row = sizes->ranked.rows[i];
        sizes->ranked.rows[i] = sizes->ranked.rows[all->n - 1 - i];
        sizes->ranked.rows[all->n - 1 - i] = row;
    }
    const struct overview_row *first = sizes->ranked.rows[0];
    for (size_t i = 0; i < sizes->ranked.n; i++) {
        const struct overview_row *row = sizes->ranked.rows[i];
        double less = answers(first)->value / answers(row)->value;
        bool is_apart = row_is_below(row, first, FIGURE_THROUGHPUT);
        if (row == first ||
            (!by_wait && (less <= TOO_LITTLE || (less <= NEAR && !is_apart))))
            group_add(&sizes->equals, row);
        else if (!by_wait && !is_apart)
            group_add(&sizes->unsure, row);
    }
    sizes->best = cheapest(&sizes->equals);
    sizes->is_tie = !by_wait && sizes->ranked.n > 1 &&
                    sizes->equals.n + sizes->unsure.n == sizes->ranked.n;
}

bool sizes_make(const struct overview *overview, const struct contest *contest,
                struct sizes *sizes) {
    const struct cell_parameters *cells[CONTEST_MAX_ROWS];
    *sizes = (struct sizes){.contest = contest, .all = contest->ranked};
    sizes->p99_us = fields_get_number(overview->run->info, "p99_us");
    if (contest->ranked.n == 0)
        return false;
    for (size_t i = 0; i < contest->ranked.n; i++) {
        if (isfinite(sizes->p99_us))
            sort_in(sizes, contest->ranked.rows[i]);
        else
            group_add(&sizes->kept, contest->ranked.rows[i]);
    }
    rank(sizes);
    size_t at = 0;
    sizes->is_alone = true;
    for (size_t i = 0; i < contest->out.n; i++)
        group_add(&sizes->all, contest->out.rows[i]);
    for (size_t i = 0; i < sizes->all.n; i++) {
        cells[i] = sizes->all.rows[i]->series->parameters;
        at = sizes->all.rows[i] == sizes->best ? i : at;
        sizes->is_alone &= strcmp(cells[i]->contestant, cells[0]->contestant) == 0;
    }
    grid_make(cells, sizes->all.n, at, &sizes->grid);
    sizes->point = grid_of_cell(&sizes->grid, at);
    return isfinite(sizes->p99_us) ||
           (sizes->is_alone && sizes->grid.n_axes > 0 && sizes->grid.n_points >= 3 &&
            cells[at]->rounds != 1);
}

char *sizes_name(const struct sizes *sizes, const struct overview_row *row, char *text,
                 size_t text_bytes) {
    size_t i = 0;
    while (i < sizes->all.n && sizes->all.rows[i] != row)
        i++;
    const struct grid_point *point = grid_of_cell(&sizes->grid, i);
    if (sizes->is_alone && point != NULL && sizes->grid.n_axes > 0)
        return grid_words(&sizes->grid, point, text, text_bytes);
    return contest_who(row->series->parameters, text, text_bytes);
}
