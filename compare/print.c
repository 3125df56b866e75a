/* A comparison as a document; see print.h. */
#include "compare/print.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "compare/charts.h"

static void put_runs(struct document *document, const struct pair *pairs,
                     size_t n_pairs) {
    document_table_begin(document);
    document_head(document, "run");
    document_head(document, "folder");
    document_head(document, "started at");
    for (size_t i = 0; i <= n_pairs; i++) {
        const struct run *run =
            i == 0 ? pairs[0].comparison->a : pairs[i - 1].comparison->b;
        document_cell(document, "%c", i == 0 ? 'A' : pairs[i - 1].comparison->letter);
        document_cell(document, "%s", run->folder_shown);
        document_cell(document, "%s",
                      fields_get_text(run->info, "started_at", "no date"));
    }
    document_table_end(document);
}

/* How long the words are that both texts begin with, blanks behind them included. */
static size_t common_start(const char *a, const char *b) {
    size_t start = 0;
    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        start = a[i] == ' ' ? i + 1 : start;
    return start;
}

/* The same of their ends, neither reaching into the first `start` bytes. */
static size_t common_end(const char *a, const char *b, size_t start) {
    size_t n_a = strlen(a), n_b = strlen(b), end = 0;
    for (size_t i = 1; start + i < n_a && start + i < n_b && a[n_a - i] == b[n_b - i];
         i++)
        end = a[n_a - i] == ' ' ? i : end;
    return end;
}

/* "what: a | b, change"; of what is long, the words that differ. */
static void put_difference(struct document *document, const char *of, const char *what,
                           const char *a, const char *b, double change) {
    enum { LONG = 60 };
    char text[PAIR_TEXT_BYTES];
    size_t n_a = strlen(a), n_b = strlen(b);
    size_t start = n_a + n_b > LONG ? common_start(a, b) : 0;
    size_t end = n_a + n_b > LONG ? common_end(a, b, start) : 0;
    const char *before = start > 0 ? "... " : "", *after = end > 0 ? " ..." : "";
    document_item(document, "%s: %s: %s%.*s%s | %s%.*s%s%s%s", of, what, before,
                  (int)(n_a - start - end), a + start, after, before,
                  (int)(n_b - start - end), b + start, after,
                  isfinite(change) ? ", " : "", pair_change(change, text));
}

static void put_differences(struct document *document, const struct pair *pair) {
    char a[PAIR_TEXT_BYTES], b[PAIR_TEXT_BYTES];
    const struct comparison *c = pair->comparison;
    for (size_t i = 0; i < pair->differences.n; i++) {
        const struct difference *item = &pair->differences.items[i];
        put_difference(document, item->cell != NULL ? item->cell : item->area, item->what,
                       item->a, item->b, item->change);
    }
    for (size_t i = 0; i < N_GAUGES; i++)
        put_difference(document, "measured", gauges[i].name,
                       pair_gauge_text(i, &c->of_a[i], a),
                       pair_gauge_text(i, &c->of_b[i], b),
                       c->of_b[i].median / c->of_a[i].median - 1);
}

static void put_ratio(struct document *document, enum figure_id id,
                      const struct ratio *ratio) {
    char text[FIGURE_BYTES], value[PAIR_TEXT_BYTES];
    document_cell(document, "%s", figure_text(id, ratio->a, text));
    document_cell(document, "%s", figure_text(id, ratio->b, text));
    document_cell(document, "%s", pair_ratio(ratio->value, value));
}

static bool is_of(const struct matched *cell, const char *experiment) {
    return strcmp(cell->a->parameters->experiment, experiment) == 0;
}

/* The verdicts on one figure. */
static void put_judged(struct document *document, const struct comparison *comparison,
                       const char *experiment, enum figure_id id) {
    char text[PAIR_TEXT_BYTES], head[FIGURE_BYTES];
    document_heading(document, 3, "%s: %s", experiment, figure_head(id, head));
    document_table_begin(document);
    document_head(document, "cell");
    document_head(document, "A");
    document_head(document, "%c", comparison->letter);
    document_head(document, "ratio");
    document_head(document, "interval");
    document_head(document, "verdict");
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const struct matched *cell = &comparison->cells[i];
        const struct ratio *ratio = &cell->ratios[id];
        if (!is_of(cell, experiment))
            continue;
        document_cell(document, "%s", cell->a->parameters->label);
        put_ratio(document, id, ratio);
        document_cell(document, "%s", pair_interval(ratio, text));
        document_cell(document, "%s", change_name(ratio->change));
    }
    document_table_end(document);
}

static bool is_only_shown(enum figure_id id) {
    return figures[id].compared_as != NULL && !figures[id].is_judged;
}

/* The figures without verdicts beside each other. */
static void put_others(struct document *document, const struct comparison *comparison,
                       const char *experiment) {
    char text[FIGURE_BYTES];
    document_heading(document, 3, "%s: figures without a verdict", experiment);
    document_table_begin(document);
    document_head(document, "cell");
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        if (!is_only_shown(id))
            continue;
        document_head(document, "%s: A", figure_head(id, text));
        document_head(document, "%c", comparison->letter);
        document_head(document, "ratio");
    }
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const struct matched *cell = &comparison->cells[i];
        if (!is_of(cell, experiment))
            continue;
        document_cell(document, "%s", cell->a->parameters->label);
        for (enum figure_id id = 0; id < N_FIGURES; id++)
            if (is_only_shown(id))
                put_ratio(document, id, &cell->ratios[id]);
    }
    document_table_end(document);
}

/* Whether an earlier cell is of the same experiment. */
static bool was_put(const struct comparison *comparison, size_t index) {
    size_t i = 0;
    while (
        !is_of(&comparison->cells[i], comparison->cells[index].a->parameters->experiment))
        i++;
    return i < index;
}

static void put_pair(struct document *document, const struct pair *pair) {
    const struct comparison *comparison = pair->comparison;
    document_heading(document, 2, "%c against A", comparison->letter);
    put_differences(document, pair);
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const char *experiment = comparison->cells[i].a->parameters->experiment;
        if (was_put(comparison, i))
            continue;
        for (enum figure_id id = 0; id < N_FIGURES; id++)
            if (figures[id].is_judged)
                put_judged(document, comparison, experiment, id);
        put_others(document, comparison, experiment);
    }
    document_heading(document, 3, "notes");
    for (size_t i = 0; i < pair->n_notes; i++)
        document_item(document, "%s", pair->notes[i]);
}

static void put_charts(struct document *document, const struct pair *pairs,
                       size_t n_pairs) {
    char title[512], path[128];
    document_heading(document, 2, "Charts");
    for (const struct overlay *overlay = overlays; overlay->name != NULL; overlay++) {
        overlay->describe(pairs, n_pairs, title, sizeof title);
        (void)snprintf(path, sizeof path, "charts/%s.svg", overlay->name);
        document_heading(document, 3, "%s", title);
        document_paragraph(document, "%s", overlay->reading);
        document_image(document, path, title);
    }
}

int print_document(const struct pair *pairs, size_t n_pairs, bool charts_drawn,
                   const struct document_format *format, FILE *out) {
    struct document *document = document_on(out, format);
    if (document == NULL)
        return -ENOMEM;
    document_heading(document, 1, "juggle: runs compared");
    put_runs(document, pairs, n_pairs);
    for (size_t i = 0; i < n_pairs; i++)
        put_pair(document, &pairs[i]);
    if (charts_drawn)
        put_charts(document, pairs, n_pairs);
    return document_commit(document);
}
