/* Sizes as maps and curves; see grids.h. */
#include "report/charts/grids.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"
#include "common/document/theme.h"
#include "report/charts/data.h"
#include "report/contest/sizes.h"

/* What is drawn: two axes of a grid, or one, through its best point. */
struct drawn_grid {
    struct contest *contests;
    struct sizes sizes;
    size_t x, y;    /* axes: the one of more values lies */
    bool has_two;   /* else y is none */
    double highest; /* answers a second */
};

/* Whether there is anything to draw. Release with `release` in any case. */
static bool make(const struct overview *overview, struct drawn_grid *drawn) {
    size_t n = 0;
    *drawn = (struct drawn_grid){.contests = contests_make(overview, &n)};
    if (n == 0 ||
        !sizes_make(overview, contest_telling(drawn->contests, n), &drawn->sizes))
        return false;
    const struct grid *grid = &drawn->sizes.grid;
    if (grid->n_axes == 0 || grid->n_points < 3)
        return false;
    for (size_t k = 1; k < grid->n_axes; k++)
        if (grid->axes[k].n_values >= grid->axes[drawn->x].n_values)
            drawn->x = k;
    drawn->y = drawn->x == 0;
    for (size_t k = 0; k < grid->n_axes; k++)
        if (k != drawn->x && grid->axes[k].n_values > grid->axes[drawn->y].n_values)
            drawn->y = k;
    drawn->has_two = grid->n_axes > 1;
    for (size_t i = 0; i < drawn->sizes.ranked.n; i++)
        drawn->highest =
            fmax(drawn->highest,
                 drawn->sizes.ranked.rows[i]->estimates[FIGURE_THROUGHPUT].value);
    return drawn->has_two || isfinite(grid->axes[0].numbers[0]);
}

static void release(struct drawn_grid *drawn) {
    free(drawn->contests);
}

unsigned grids_n_axes(const struct overview *overview) {
    struct drawn_grid drawn;
    bool is_drawn = make(overview, &drawn);
    release(&drawn);
    return is_drawn ? 1 + drawn.has_two : 0;
}

/* The row at these places of the axes that are drawn, the others being the best's; NULL:
 * it was not measured. */
static const struct overview_row *row_at(const struct drawn_grid *drawn, unsigned x,
                                         unsigned y) {
    struct grid_point point = *drawn->sizes.point;
    point.at[drawn->x] = x;
    if (drawn->has_two)
        point.at[drawn->y] = y;
    const struct grid_point *found = grid_at(&drawn->sizes.grid, point.at);
    return found != NULL ? drawn->sizes.all.rows[found->cell] : NULL;
}

void grids_headline(const struct overview *overview, char *title, size_t title_bytes) {
    struct drawn_grid drawn;
    char name[CONTEST_WHERE_BYTES], most[FIGURE_BYTES];
    (void)snprintf(title, title_bytes, "Answers a second by the sizes of pools");
    if (make(overview, &drawn)) {
        const struct sizes *sizes = &drawn.sizes;
        bool is_kept = isfinite(sizes->p99_us) && sizes->kept.n > 0;
        char of[64] = "", limit[UNITS_BYTES];
        (void)units_format_seconds(sizes->p99_us / 1e6, limit);
        if (sizes->ranked.n > 1)
            (void)snprintf(of, sizeof of, ", %s of %zu sizes%s",
                           sizes->best == sizes->ranked.rows[0] ? "the most"
                                                                : "near the most",
                           sizes->ranked.n, is_kept ? " that keep p99" : "");
        (void)snprintf(
            title, title_bytes, "%s answered %s requests a second%s%s%s",
            sizes_name(sizes, sizes->best, name, sizeof name),
            figure_rounded(sizes->best->estimates[FIGURE_THROUGHPUT].value, most),
            isfinite(sizes->p99_us) && !is_kept ? "; none is known to keep p99"
            : sizes->ranked.n > 1               ? of
                                                : " and alone keeps p99",
            isfinite(sizes->p99_us) ? " within " : "",
            isfinite(sizes->p99_us) ? limit : "");
    }
    release(&drawn);
}

/* What is written below the answers a second of a cell. */
static const char *note_of(const struct drawn_grid *drawn, const struct overview_row *row,
                           char text[64]) {
    char time[FIGURE_BYTES];
    double p99_us = row->estimates[FIGURE_P99].value;
    text[0] = '\0';
    if (group_has(&drawn->sizes.contest->out, row))
        return row->n_failed > 0 ? "failures" : "invalid";
    if (!isfinite(p99_us) && group_has(&drawn->sizes.broken, row))
        return "too slow";
    if (isfinite(p99_us))
        (void)snprintf(text, 64, "p99 %.40s", figure_time(p99_us, time));
    return text;
}

enum mark { PLAIN, BEST, EQUAL, NOT_MEASURED, OUT };

static enum mark mark_of(const struct drawn_grid *drawn, const struct overview_row *row) {
    const struct sizes *sizes = &drawn->sizes;
    bool has_objective = isfinite(sizes->p99_us) && sizes->kept.n + sizes->unknown.n > 0;
    if (row == NULL)
        return NOT_MEASURED;
    if (row == sizes->best)
        return BEST;
    if (group_has(&sizes->contest->out, row) ||
        (has_objective && group_has(&sizes->broken, row)))
        return OUT;
    return group_has(&sizes->equals, row) || group_has(&sizes->unsure, row) ? EQUAL
                                                                            : PLAIN;
}

static void put_values(const struct grid_axis *axis, FILE *out) {
    data_block(out, "value");
    for (size_t i = 0; i < axis->n_values; i++) {
        data_text(out, axis->values[i]);
        (void)fputc('\n', out);
    }
}

void grids_write_map(const struct overview *overview, const struct chart *chart,
                     FILE *out) {
    (void)chart; /* there is one map */
    struct drawn_grid drawn;
    char text[FIGURE_BYTES], note[64];
    if (!make(overview, &drawn) || !drawn.has_two) {
        release(&drawn);
        return;
    }
    const struct grid_axis *x = &drawn.sizes.grid.axes[drawn.x],
                           *y = &drawn.sizes.grid.axes[drawn.y];
    data_block(out, "hue, label"); /* a colour is a number here, whoever serves */
    (void)fprintf(out, "%d\t", THEME_TONES + 1);
    data_text(out, drawn.sizes.best->series->parameters->contestant_label);
    (void)fputc('\n', out);
    data_block(out, "x_title, y_title");
    (void)fprintf(out, "%s\t%s\n", x->name, y->name);
    put_values(x, out);
    put_values(y, out);
    data_block(out, "x, y, share of the most answers, answers, note, mark");
    for (unsigned i = 0; i < x->n_values; i++)
        for (unsigned k = 0; k < y->n_values; k++) {
            const struct overview_row *row = row_at(&drawn, i, k);
            double answers = row != NULL ? row->estimates[FIGURE_THROUGHPUT].value : NAN;
            (void)fprintf(out, "%u\t%u\t%.3g\t%s\t%s\t%d\n", i + 1, k + 1,
                          isfinite(answers) ? fmin(1, answers / drawn.highest) : 0,
                          figure_rounded(answers, text),
                          row == NULL ? "not measured" : note_of(&drawn, row, note),
                          mark_of(&drawn, row));
        }
    release(&drawn);
}

/* One line along x: its points; where `is_end`, only who it is and where it ends. */
static void put_curve(const struct drawn_grid *drawn, unsigned y, bool is_end,
                      FILE *out) {
    const struct grid *grid = &drawn->sizes.grid;
    double last_x = NAN, last_y = NAN;
    size_t n_put = 0;
    bool is_hole = false;
    char phrase[80];
    for (unsigned i = 0; i < grid->axes[drawn->x].n_values; i++) {
        const struct overview_row *row = row_at(drawn, i, y);
        if (row == NULL || row->validity.level == VALIDITY_INVALID) {
            is_hole = n_put > 0;
            continue;
        }
        const struct estimate *own = &row->estimates[FIGURE_THROUGHPUT];
        last_x = grid->axes[drawn->x].numbers[i];
        last_y = own->value;
        n_put++;
        if (!is_end)
            (void)fprintf(out, "%s%.6g\t%.6g\t%.6g\t%.6g\t%d\n", is_hole ? "\n" : "",
                          last_x, last_y, own->interval.low, own->interval.high,
                          row->n_failed > 0);
        is_hole = false;
    }
    if (!is_end && n_put == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\n");
    if (is_end && drawn->has_two)
        (void)grid_phrase(&grid->axes[drawn->y], y, phrase, sizeof phrase);
    else
        (void)snprintf(phrase, sizeof phrase, "%.79s",
                       drawn->sizes.best->series->parameters->contestant_label);
    if (is_end) {
        (void)fprintf(out, "%u\t", data_nth_hue(y));
        data_text(out, phrase);
        (void)fprintf(out, "\t%.6g\t%.6g\n", last_x, last_y);
    }
}

void grids_write_curves(const struct overview *overview, FILE *out) {
    struct drawn_grid drawn;
    if (!make(overview, &drawn)) {
        release(&drawn);
        return;
    }
    const struct grid *grid = &drawn.sizes.grid;
    const struct grid_axis *x = &grid->axes[drawn.x];
    size_t n = drawn.has_two ? grid->axes[drawn.y].n_values : 1;
    data_block(out, "hue, label, last_x, last_y");
    for (unsigned i = 0; i < n; i++)
        put_curve(&drawn, i, true, out);
    double first = x->numbers[0], last = x->numbers[x->n_values - 1];
    bool is_log = first > 0 && last >= 8 * first;
    double pad = is_log ? pow(last / first, 0.02) : fmax(0.02 * (last - first), 0.05);
    data_block(out, "x_title, y_title, x_is_log, y_is_log, x_low, x_high, y_low, y_high, "
                    "n_thin_lines");
    (void)fprintf(out, "%s\tanswers a second\t%d\t0\t%.6g\t%.6g\t0\t%.6g\t0\n", x->name,
                  is_log, is_log ? first / pad : first - pad,
                  is_log ? last * pad : last + pad, 1.15 * fmax(drawn.highest, 1e-6));
    data_block(out, "x_tick");
    for (size_t i = 0; i < x->n_values; i++)
        (void)fprintf(out, "%.6g\n", x->numbers[i]);
    data_block(out, "kind, text");
    (void)fprintf(out, "0\tnone\n");
    for (unsigned i = 0; i < n; i++) {
        data_block(out, "x, y, y_low, y_high, failed_share");
        put_curve(&drawn, i, false, out);
    }
    release(&drawn);
}

void grids_write_table(const struct overview *overview, struct document *document) {
    struct drawn_grid drawn;
    char text[FIGURE_BYTES];
    if (!make(overview, &drawn) || !drawn.has_two) {
        release(&drawn);
        return;
    }
    const struct grid_axis *x = &drawn.sizes.grid.axes[drawn.x],
                           *y = &drawn.sizes.grid.axes[drawn.y];
    document_paragraph(
        document, "Answers a second, by %s (down) and %s (across):", y->name, x->name);
    document_table_begin(document);
    document_head(document, "%s", y->name);
    for (size_t i = 0; i < x->n_values; i++)
        document_head(document, "%s", x->values[i]);
    for (unsigned k = 0; k < y->n_values; k++) {
        document_cell(document, "%s", y->values[k]);
        for (unsigned i = 0; i < x->n_values; i++) {
            const struct overview_row *row = row_at(&drawn, i, k);
            bool is_out = row == NULL || group_has(&drawn.sizes.contest->out, row);
            (void)figure_rounded(is_out ? NAN : row->estimates[FIGURE_THROUGHPUT].value,
                                 text);
            document_cell(document, "%s%s%s",
                          row == drawn.sizes.best ? DOCUMENT_STRONG_BEGIN : "", text,
                          row == drawn.sizes.best ? DOCUMENT_STRONG_END : "");
        }
    }
    document_table_end(document);
    release(&drawn);
}
