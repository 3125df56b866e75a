/* A comparison as Markdown; see print.h. */
#include "compare/print.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/base/fields.h"
#include "compare/charts.h"
#include "report/document.h"
#include "report/terminal.h"

/* The cells of a table, row by row, until it is printed. */
struct grid {
    char **cells;
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(struct grid *grid,
                                                      const char *format, ...) {
    char **longer = realloc(grid->cells, (grid->n + 1) * sizeof *longer);
    va_list arguments;
    if (longer == NULL)
        return;
    grid->cells = longer;
    va_start(arguments, format);
    if (vasprintf(&grid->cells[grid->n], format, arguments) >= 0)
        grid->n++;
    va_end(arguments);
}

static void print_grid(struct grid *grid, const char *const *heads, size_t n_columns,
                       FILE *out) {
    document_markdown.table(out, heads, n_columns, (const char *const *)grid->cells,
                            grid->n / n_columns);
    for (size_t i = 0; i < grid->n; i++)
        free(grid->cells[i]);
    free(grid->cells);
    *grid = (struct grid){0};
}

static void print_list(char *const *items, size_t n_items, FILE *out) {
    for (size_t i = 0; i < n_items; i++)
        document_markdown.item(out, i == 0, i + 1 == n_items, items[i]);
}

static void print_runs(const struct pair *pairs, size_t n_pairs, FILE *out) {
    static const char *const heads[] = {"run", "folder", "started at"};
    struct grid grid = {0};
    for (size_t i = 0; i <= n_pairs; i++) {
        const struct run *run =
            i == 0 ? pairs[0].comparison->a : pairs[i - 1].comparison->b;
        put(&grid, "%c", i == 0 ? 'A' : pairs[i - 1].comparison->letter);
        put(&grid, "`%s`", run->folder_shown);
        put(&grid, "%s", fields_get_text(run->info, "started_at", "no date"));
    }
    print_grid(&grid, heads, 3, out);
}

static void print_differences(const struct pair *pair, FILE *out) {
    char letter[2] = {pair->comparison->letter, '\0'};
    const char *const heads[] = {"of", "what", "A", letter, "change"};
    struct grid grid = {0};
    char text[PAIR_TEXT_BYTES];
    for (size_t i = 0; i < pair->differences.n; i++) {
        const struct difference *item = &pair->differences.items[i];
        put(&grid, "%s", item->cell != NULL ? item->cell : item->area);
        put(&grid, "`%s`", item->what);
        put(&grid, "%s", item->a);
        put(&grid, "%s", item->b);
        put(&grid, "%s", pair_change(item->change, text));
    }
    for (size_t i = 0; i < PAIR_N_GAUGES; i++) {
        struct pair_gauge gauge = pair_gauge(pair, i);
        put(&grid, "measured");
        put(&grid, "%s", gauge.name);
        put(&grid, "%s", pair_gauge_text(&gauge, &gauge.a, text));
        put(&grid, "%s", pair_gauge_text(&gauge, &gauge.b, text));
        put(&grid, "%s", pair_change(gauge.b.median / gauge.a.median - 1, text));
    }
    print_grid(&grid, heads, 5, out);
}

/* "1.100 (1.080..1.121)" */
static void put_ratio(struct grid *grid, const struct ratio *ratio) {
    char value[PAIR_TEXT_BYTES], interval[PAIR_TEXT_BYTES];
    if (isnan(ratio->level))
        put(grid, "%s", pair_ratio(ratio->value, value));
    else
        put(grid, "%s (%s)", pair_ratio(ratio->value, value),
            pair_interval(ratio, interval));
}

static void put_cell(struct grid *grid, const struct matched *cell) {
    char text[FIGURE_BYTES];
    put(grid, "%s", cell->a->parameters->label);
    put(grid, "%s", figure_seconds(cell->seconds.a, text));
    put(grid, "%s", figure_seconds(cell->seconds.b, text));
    put_ratio(grid, &cell->seconds);
    put(grid, "%s", change_name(cell->seconds.change));
    put(grid, "%s", figure_t(cell->slowdown.a, text));
    put(grid, "%s", figure_t(cell->slowdown.b, text));
    put_ratio(grid, &cell->slowdown);
    put(grid, "%s", change_name(cell->slowdown.change));
    put(grid, "%s", figure_number(cell->busy.a, text));
    put(grid, "%s", figure_number(cell->busy.b, text));
    put_ratio(grid, &cell->busy);
    put(grid, "%s", figure_ms(cell->cpu.a, text));
    put(grid, "%s", figure_ms(cell->cpu.b, text));
    put_ratio(grid, &cell->cpu);
}

static void print_tables(const struct pair *pair, FILE *out) {
    char b_s[8], b_slowdown[16], b_busy[24], b_cpu[24];
    const char *const heads[] = {"cell",
                                 "A, s",
                                 b_s,
                                 "ratio",
                                 "verdict",
                                 "A, slowdown",
                                 b_slowdown,
                                 "ratio",
                                 "verdict",
                                 "A, CPUs busy",
                                 b_busy,
                                 "ratio",
                                 "A, CPU ms a request",
                                 b_cpu,
                                 "ratio"};
    enum { N_HEADS = sizeof heads / sizeof *heads };
    const struct comparison *comparison = pair->comparison;
    (void)snprintf(b_s, sizeof b_s, "%c, s", pair->comparison->letter);
    (void)snprintf(b_slowdown, sizeof b_slowdown, "%c, slowdown",
                   pair->comparison->letter);
    (void)snprintf(b_busy, sizeof b_busy, "%c, CPUs busy", pair->comparison->letter);
    (void)snprintf(b_cpu, sizeof b_cpu, "%c, CPU ms a request", pair->comparison->letter);
    for (size_t i = print_next_experiment(comparison, 0); i < comparison->n_cells;
         i = print_next_experiment(comparison, i + 1)) {
        struct grid grid = {0};
        document_markdown.heading(out, 3, comparison->cells[i].a->parameters->experiment);
        for (size_t k = i; k < comparison->n_cells; k = print_next_cell(comparison, k))
            put_cell(&grid, &comparison->cells[k]);
        print_grid(&grid, heads, N_HEADS, out);
    }
}

static void print_charts(const struct pair *pairs, size_t n_pairs, FILE *out) {
    char title[512], path[128];
    document_markdown.heading(out, 2, "Charts");
    for (const struct overlay *overlay = overlays; overlay->name != NULL; overlay++) {
        overlay->describe(pairs, n_pairs, title, sizeof title);
        (void)snprintf(path, sizeof path, "charts/%s.svg", overlay->name);
        document_markdown.heading(out, 3, title);
        document_markdown.paragraph(out, overlay->reading);
        document_markdown.image(out, path, title);
    }
}

void print_markdown(const struct pair *pairs, size_t n_pairs, bool charts_drawn,
                    FILE *out) {
    document_markdown.heading(out, 1, "juggle: runs compared");
    print_runs(pairs, n_pairs, out);
    for (size_t i = 0; i < n_pairs; i++) {
        char title[] = "B against A";
        title[0] = pairs[i].comparison->letter;
        document_markdown.heading(out, 2, title);
        print_differences(&pairs[i], out);
        print_tables(&pairs[i], out);
        print_list(pairs[i].notes, pairs[i].n_notes, out);
    }
    if (charts_drawn)
        print_charts(pairs, n_pairs, out);
}
