/* A comparison as a document, and as JSON; see print.h. */
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
    json_t *item;
    size_t i;
    json_array_foreach(pair->differences, i, item) {
        put_difference(document,
                       fields_get_text(item, "cell", fields_get_text(item, "area", "")),
                       fields_get_text(item, "what", ""), fields_get_text(item, "a", ""),
                       fields_get_text(item, "b", ""), fields_get_number(item, "change"));
    }
    for (i = 0; i < N_GAUGES; i++)
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

static void put_pair(struct document *document, const struct pair *pair) {
    const struct comparison *comparison = pair->comparison;
    document_heading(document, 2, "%c against A", comparison->letter);
    put_differences(document, pair);
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const char *experiment = comparison->cells[i].a->parameters->experiment;
        size_t first = 0;
        while (!is_of(&comparison->cells[first], experiment))
            first++;
        if (first < i)
            continue;
        for (enum figure_id id = 0; id < N_FIGURES; id++)
            if (figures[id].is_judged)
                put_judged(document, comparison, experiment, id);
        put_others(document, comparison, experiment);
    }
    document_heading(document, 3, "notes");
    for (size_t i = 0; i < json_array_size(pair->notes); i++)
        document_item(document, "%s", json_string_value(json_array_get(pair->notes, i)));
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
        charts_put(document, pairs, n_pairs);
    return document_commit(document);
}

/* JSON */

static json_t *pack_run(const struct run *run) {
    json_t *left_out = json_array();
    for (size_t i = 0; i < run->n_left_out; i++)
        (void)json_array_append_new(left_out, json_string(run->left_out[i]));
    return json_pack("{s:s, s:s, s:o}", "folder", run->folder_shown, "started_at",
                     fields_get_text(run->info, "started_at", ""), "left_out", left_out);
}

/* Under the key that the figure is compared as; a and b carry the figure's unit. */
static void add_ratio(json_t *cell, enum figure_id id, const struct ratio *ratio) {
    const char *key = figures[id].key;
    bool is_in_us = strcmp(key + strlen(key) - 3, "_us") == 0;
    json_t *object = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", is_in_us ? "a_us" : "a",
        fields_number(ratio->a), is_in_us ? "b_us" : "b", fields_number(ratio->b),
        "ratio", fields_number(ratio->value), "low", fields_number(ratio->interval.low),
        "high", fields_number(ratio->interval.high), "level", fields_number(ratio->level),
        "p", fields_number(ratio->p), "degrees_of_freedom", fields_number(ratio->degrees),
        "n_repeats_a", (int)ratio->n_a, "n_repeats_b", (int)ratio->n_b);
    if (figures[id].is_judged) {
        (void)json_object_set_new(object, "log_allowance",
                                  fields_number(ratio->log_allowance));
        (void)json_object_set_new(object, "verdict",
                                  json_string(change_name(ratio->change)));
    }
    (void)json_object_set_new(cell, figures[id].compared_as, object);
}

static json_t *pack_validity(const struct validity *validity) {
    return json_pack("{s:s, s:s}", "verdict", validity_level_name(validity->level), "why",
                     validity->why);
}

static json_t *pack_cell(const struct matched *cell) {
    const struct cell_parameters *parameters = cell->a->parameters;
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:i, s:i, s:o, s:o, s:s}", "experiment",
                  parameters->experiment, "name", parameters->name, "label",
                  parameters->label, "is_adjusted", cell->is_adjusted, "log_speed_change",
                  fields_number(cell->speed_change), "n_failed_a", (int)cell->n_failed_a,
                  "n_failed_b", (int)cell->n_failed_b, "validity_a",
                  pack_validity(&cell->validity_a), "validity_b",
                  pack_validity(&cell->validity_b), "why", cell->why);
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].compared_as != NULL)
            add_ratio(object, id, &cell->ratios[id]);
    return object;
}

static json_t *pack_range(const struct range *range) {
    return json_pack("{s:o, s:o, s:o}", "median", fields_number(range->median), "low",
                     fields_number(range->low), "high", fields_number(range->high));
}

static json_t *pack_gauges(const struct comparison *c) {
    json_t *object = json_object();
    for (size_t i = 0; i < N_GAUGES; i++)
        (void)json_object_set_new(
            object, gauges[i].key,
            json_pack("{s:o, s:o, s:o}", "a", pack_range(&c->of_a[i]), "b",
                      pack_range(&c->of_b[i]), "change",
                      fields_number(c->of_b[i].median / c->of_a[i].median - 1)));
    return object;
}

static json_t *pack_names(const struct series **series, size_t n_series) {
    json_t *names = json_array();
    for (size_t i = 0; i < n_series; i++)
        (void)json_array_append_new(names, json_string(series[i]->parameters->name));
    return names;
}

static json_t *pack_pair(const struct pair *pair) {
    const struct comparison *c = pair->comparison;
    json_t *cells = json_array();
    for (size_t i = 0; i < c->n_cells; i++)
        (void)json_array_append_new(cells, pack_cell(&c->cells[i]));
    return json_pack(
        "{s:s#, s:o, s:O, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:O}", "letter",
        &c->letter, 1, "b", pack_run(c->b), "differences", pair->differences, "measured",
        pack_gauges(c), "is_same_program", c->change.is_same_program, "log_speed_change",
        fields_number(c->change.speed), "log_cores_change",
        fields_number(c->change.cores), "log_work_change", fields_number(c->change.work),
        "only_in_a", pack_names(c->only_a, c->n_only_a), "only_in_b",
        pack_names(c->only_b, c->n_only_b), "cells", cells, "notes", pair->notes);
}

json_t *print_json(const struct pair *pairs, size_t n_pairs) {
    json_t *list = json_array();
    for (size_t i = 0; i < n_pairs; i++)
        (void)json_array_append_new(list, pack_pair(&pairs[i]));
    return json_pack("{s:i, s:s, s:f, s:f, s:o, s:o}", "schema", 1, "kind",
                     "juggle compare", "family_wise_error", RATIO_FAMILY_ERROR,
                     "same_within", RATIO_SAME, "a", pack_run(pairs[0].comparison->a),
                     "pairs", list);
}
