/* A comparison as a document, and as JSON; see print.h. */
#include "compare/print.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "compare/charts.h"
#include "compare/differences.h"
#include "compare/words.h"

static void put_run(struct document *document, const struct side *side) {
    document_cell(document, "%c", side->letter);
    document_cell(document, "%s", side->run->folder_shown);
    document_cell(document, "%s",
                  fields_get_text(side->run->info, "started_at", "no date"));
}

/* "what: a | b, change"; of what is long, the words that differ. */
static void put_difference(struct document *document, const char *of, const char *what,
                           const char *a, const char *b, double change) {
    enum { LONG = 60 };
    char text[32] = "";
    size_t n_a = strlen(a), n_b = strlen(b), start = 0, end = 0;
    bool is_long = n_a + n_b > LONG;
    for (size_t i = 0; is_long && a[i] != '\0' && a[i] == b[i]; i++)
        start = a[i] == ' ' ? i + 1 : start;
    for (size_t i = 1; is_long && start + i < n_a && start + i < n_b; i++) {
        if (a[n_a - i] != b[n_b - i])
            break;
        end = a[n_a - i] == ' ' ? i : end;
    }
    if (isfinite(change) && change < 9)
        (void)snprintf(text, sizeof text, ", %+.1f %%", change * 100);
    else if (isfinite(change))
        (void)snprintf(text, sizeof text, ", x %.3g", change + 1);
    const char *before = start > 0 ? "... " : "", *after = end > 0 ? " ..." : "";
    document_item(document, "%s: %s: %s%.*s%s | %s%.*s%s%s", of, what, before,
                  (int)(n_a - start - end), a + start, after, before,
                  (int)(n_b - start - end), b + start, after, text);
}

/* "201.3 ms (198.2 .. 204.0)" of a gauge, or "not known". Returns text. */
static char *gauge_text(const struct gauge *gauge, const struct range *range,
                        char text[WORDS_BYTES]) {
    (void)snprintf(text, WORDS_BYTES, "not known");
    if (!isnan(range->median))
        (void)snprintf(text, WORDS_BYTES, "%.4g%s (%.4g .. %.4g)",
                       range->median / gauge->per_unit, gauge->unit,
                       range->low / gauge->per_unit, range->high / gauge->per_unit);
    return text;
}

static void put_differences(struct document *document, const struct comparison *c) {
    char a[WORDS_BYTES], b[WORDS_BYTES];
    json_t *differences = differences_list(c), *item;
    size_t i;
    json_array_foreach(differences, i, item) {
        put_difference(document,
                       fields_get_text(item, "cell", fields_get_text(item, "area", "")),
                       fields_get_text(item, "what", ""), fields_get_text(item, "a", ""),
                       fields_get_text(item, "b", ""), fields_get_number(item, "change"));
    }
    json_decref(differences);
    for (i = 0; i < N_GAUGES; i++) {
        const struct range *of_a = &c->sides[A].gauges[i], *of_b = &c->sides[B].gauges[i];
        put_difference(document, "measured", gauges[i].name,
                       gauge_text(&gauges[i], of_a, a), gauge_text(&gauges[i], of_b, b),
                       of_b->median / of_a->median - 1);
    }
}

static bool is_of(const struct matched *cell, const char *experiment) {
    return strcmp(cell->parameters->experiment, experiment) == 0;
}

/* The verdicts on one figure; of N_FIGURES those without a verdict beside each other. */
static void put_table(struct document *document, const struct comparison *comparison,
                      const char *experiment, enum figure_id judged) {
    char text[FIGURE_BYTES], ratio[WORDS_BYTES];
    bool is_shown[N_FIGURES];
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        is_shown[id] = judged == N_FIGURES
                           ? figures[id].compared_as != NULL && !figures[id].is_judged
                           : id == judged;
    document_heading(document, 3, "%s: %s", experiment,
                     judged == N_FIGURES ? "figures without a verdict"
                                         : figure_head(judged, text));
    document_table_begin(document);
    document_head(document, "cell");
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        if (!is_shown[id])
            continue;
        document_head(document, "%s%sA", judged == N_FIGURES ? figure_head(id, text) : "",
                      judged == N_FIGURES ? ": " : "");
        document_head(document, "%c", comparison->sides[B].letter);
        document_head(document, "ratio");
    }
    if (judged < N_FIGURES) {
        document_head(document, "interval");
        document_head(document, "verdict");
    }
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const struct matched *cell = &comparison->cells[i];
        if (!is_of(cell, experiment))
            continue;
        document_cell(document, "%s", cell->parameters->label);
        for (enum figure_id id = 0; id < N_FIGURES; id++) {
            if (!is_shown[id])
                continue;
            document_cell(document, "%s", figure_text(id, cell->ratios[id].a, text));
            document_cell(document, "%s", figure_text(id, cell->ratios[id].b, text));
            document_cell(document, "%s", words_ratio(cell->ratios[id].value, ratio));
        }
        if (judged < N_FIGURES) {
            document_cell(document, "%s", words_interval(&cell->ratios[judged], ratio));
            document_cell(document, "%s", change_name(cell->ratios[judged].change));
        }
    }
    document_table_end(document);
}

static void put_comparison(struct document *document,
                           const struct comparison *comparison) {
    char text[WORDS_BYTES];
    document_heading(document, 2, "%s", words_verdicts(comparison, 1, text));
    put_differences(document, comparison);
    for (size_t i = 0; i < comparison->n_cells; i++) {
        const char *experiment = comparison->cells[i].parameters->experiment;
        size_t first = 0;
        while (!is_of(&comparison->cells[first], experiment))
            first++;
        for (enum figure_id id = 0; id <= N_FIGURES && first == i; id++)
            if (id == N_FIGURES || figures[id].is_judged)
                put_table(document, comparison, experiment, id);
    }
    json_t *notes = words_notes(comparison), *note;
    size_t i;
    document_heading(document, 3, "notes");
    json_array_foreach(notes, i, note) {
        document_item(document, "%s", json_string_value(note));
    }
    json_decref(notes);
}

int print_document(const struct comparisons *all, bool is_drawn,
                   const struct document_format *format, FILE *out) {
    static const char *const heads[] = {"run", "folder", "started at"};
    struct document *document = document_on(out, format);
    if (document == NULL)
        return -ENOMEM;
    document_heading(document, 1, "juggle: runs compared");
    document_table_begin(document);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        document_head(document, "%s", heads[i]);
    put_run(document, &all->items[0].sides[A]);
    for (size_t i = 0; i < all->n; i++)
        put_run(document, &all->items[i].sides[B]);
    document_table_end(document);
    for (size_t i = 0; i < all->n; i++)
        put_comparison(document, &all->items[i]);
    if (is_drawn)
        charts_put(document, all);
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

static json_t *pack_validity(const struct half *half) {
    return json_pack("{s:s, s:s}", "verdict", validity_level_name(half->validity.level),
                     "why", half->validity.why);
}

static json_t *pack_cell(const struct matched *cell) {
    const struct half *a = &cell->of[A], *b = &cell->of[B];
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:i, s:i, s:o, s:o, s:s}", "experiment",
                  cell->parameters->experiment, "name", cell->parameters->name, "label",
                  cell->parameters->label, "is_adjusted", isfinite(cell->speed_change),
                  "log_speed_change", fields_number(cell->speed_change), "n_failed_a",
                  (int)a->n_failed, "n_failed_b", (int)b->n_failed, "validity_a",
                  pack_validity(a), "validity_b", pack_validity(b), "why", cell->why);
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].compared_as != NULL)
            add_ratio(object, id, &cell->ratios[id]);
    return object;
}

static json_t *pack_range(const struct range *range) {
    return json_pack("{s:o, s:o, s:o}", "median", fields_number(range->median), "low",
                     fields_number(range->low), "high", fields_number(range->high));
}

static json_t *pack_only(const struct side *side) {
    json_t *names = json_array();
    for (size_t i = 0; i < side->n_only; i++)
        (void)json_array_append_new(names, json_string(side->only[i]->parameters->name));
    return names;
}

static json_t *pack_comparison(const struct comparison *c) {
    const struct side *a = &c->sides[A], *b = &c->sides[B];
    json_t *cells = json_array(), *measured = json_object();
    for (size_t i = 0; i < c->n_cells; i++)
        (void)json_array_append_new(cells, pack_cell(&c->cells[i]));
    for (size_t i = 0; i < N_GAUGES; i++)
        (void)json_object_set_new(
            measured, gauges[i].key,
            json_pack("{s:o, s:o, s:o}", "a", pack_range(&a->gauges[i]), "b",
                      pack_range(&b->gauges[i]), "change",
                      fields_number(b->gauges[i].median / a->gauges[i].median - 1)));
    return json_pack("{s:s#, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
                     "letter", &b->letter, 1, "b", pack_run(b->run), "differences",
                     differences_list(c), "measured", measured, "is_same_program",
                     c->change.is_same_program, "log_speed_change",
                     fields_number(c->change.speed), "log_cores_change",
                     fields_number(c->change.cores), "log_work_change",
                     fields_number(c->change.work), "only_in_a", pack_only(a),
                     "only_in_b", pack_only(b), "cells", cells, "notes", words_notes(c));
}

json_t *print_json(const struct comparisons *all) {
    json_t *list = json_array();
    for (size_t i = 0; i < all->n; i++)
        (void)json_array_append_new(list, pack_comparison(&all->items[i]));
    return json_pack("{s:i, s:s, s:f, s:f, s:o, s:o}", "schema", 1, "kind",
                     "juggle compare", "family_wise_error", RATIO_FAMILY_ERROR,
                     "same_within", RATIO_SAME, "a", pack_run(all->items[0].sides[A].run),
                     "pairs", list);
}
