/* A comparison as JSON; results/README.md explains its fields, see print.h. */
#include "compare/print.h"

#include <string.h>

#include "common/base/fields.h"

enum { SCHEMA = 1 };

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

static json_t *pack_difference(const struct difference *item) {
    return json_pack("{s:s, s:s?, s:s, s:s, s:s, s:o}", "area", item->area, "cell",
                     item->cell, "what", item->what, "a", item->a, "b", item->b, "change",
                     fields_number(item->change));
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

static json_t *pack_names(const struct series *const *series, size_t n_series) {
    json_t *names = json_array();
    for (size_t i = 0; i < n_series; i++)
        (void)json_array_append_new(names, json_string(series[i]->parameters->name));
    return names;
}

static json_t *pack_pair(const struct pair *pair) {
    const struct comparison *c = pair->comparison;
    json_t *cells = json_array(), *differences = json_array(), *notes = json_array();
    char letter[2] = {pair->comparison->letter, '\0'};
    for (size_t i = 0; i < c->n_cells; i++)
        (void)json_array_append_new(cells, pack_cell(&c->cells[i]));
    for (size_t i = 0; i < pair->differences.n; i++)
        (void)json_array_append_new(differences,
                                    pack_difference(&pair->differences.items[i]));
    for (size_t i = 0; i < pair->n_notes; i++)
        (void)json_array_append_new(notes, json_string(pair->notes[i]));
    return json_pack(
        "{s:s, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "letter", letter,
        "b", pack_run(c->b), "differences", differences, "measured", pack_gauges(c),
        "is_same_program", c->change.is_same_program, "log_speed_change",
        fields_number(c->change.speed), "log_cores_change",
        fields_number(c->change.cores), "log_work_change", fields_number(c->change.work),
        "only_in_a", pack_names((const struct series *const *)c->only_a, c->n_only_a),
        "only_in_b", pack_names((const struct series *const *)c->only_b, c->n_only_b),
        "cells", cells, "notes", notes);
}

json_t *print_json(const struct pair *pairs, size_t n_pairs) {
    json_t *list = json_array();
    for (size_t i = 0; i < n_pairs; i++)
        (void)json_array_append_new(list, pack_pair(&pairs[i]));
    return json_pack("{s:i, s:s, s:f, s:f, s:o, s:o}", "schema", SCHEMA, "kind",
                     "juggle compare", "family_wise_error", RATIO_FAMILY_ERROR,
                     "same_within", RATIO_SAME, "a", pack_run(pairs[0].comparison->a),
                     "pairs", list);
}
