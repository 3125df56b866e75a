/* Differences of two runs, found by walking what their files hold; see differences.h. */
#include "compare/differences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/secrets.h"
#include "common/workload/work.h"

/* A value as people read it. A new reference. */
static json_t *text_of(const json_t *value) {
    if (value == NULL || json_is_null(value))
        return json_string("not given");
    if (json_is_string(value))
        return json_string(json_string_length(value) > 0 ? json_string_value(value)
                                                         : "none");
    if (json_is_boolean(value))
        return json_string(json_is_true(value) ? "yes" : "no");
    char *text =
        json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
    json_t *string = json_string(text);
    free(text);
    return string;
}

static double change_of(const json_t *a, const json_t *b) {
    if (!json_is_number(a) || !json_is_number(b) || json_number_value(a) == 0)
        return NAN;
    return json_number_value(b) / json_number_value(a) - 1;
}

static void add(json_t *list, const char *area, const char *cell, const char *what,
                const json_t *a, const json_t *b, double change) {
    (void)json_array_append_new(list, json_pack("{s:s, s:s?, s:s, s:o, s:o, s:o}", "area",
                                                area, "cell", cell, "what", what, "a",
                                                text_of(a), "b", text_of(b), "change",
                                                fields_number(change)));
}

/* Values that are printed alike are alike: 0 and 0.0, or a missing one and null. */
static bool are_alike(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    if (a == NULL || b == NULL)
        return (a == NULL || json_is_null(a)) && (b == NULL || json_is_null(b));
    return json_equal(a, b);
}

/* Every key of either object whose values differ, in the order of A, then of B. */
static void add_objects(json_t *list, const char *area, json_t *a, json_t *b) {
    /* Shown elsewhere, or beside the point. */
    static const char *const left_out[] = {"schema",
                                           "kind",
                                           "started_at",
                                           "argv",
                                           "machine",
                                           "calibration",
                                           "versions",
                                           "hosts",
                                           "cells",
                                           "users",
                                           "work",
                                           "-o",
                                           "--out",
                                           "--seed",
                                           "seed",
                                           "loaded_s",
                                           "director_peak_rss_bytes"};
    json_t *keys = json_object(), *value;
    const char *key;
    (void)json_object_update(keys, a);
    (void)json_object_update(keys, b);
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        (void)json_object_del(keys, left_out[i]);
    json_object_foreach(keys, key, value) {
        const json_t *in_a = json_object_get(a, key), *in_b = json_object_get(b, key);
        if (!are_alike(in_a, in_b))
            add(list, area, NULL, key, in_a, in_b, change_of(in_a, in_b));
    }
    json_decref(keys);
}

/*
 * The options of a run's command line as an object: a word that begins with a dash, and
 * the word behind it unless that does too. Secrets are hidden, because older runs kept
 * their words as they were typed. A new reference.
 */
static json_t *options_of(const json_t *info) {
    const json_t *words = json_object_get(info, "argv"), *word;
    json_t *options = json_object();
    size_t i;
    json_array_foreach(words, i, word) {
        const char *text = json_string_value(word);
        const char *next = json_string_value(json_array_get(words, i + 1));
        if (text == NULL || text[0] != '-')
            continue;
        char *name = secrets_hide(text), *value = name;
        (void)strsep(&value, "=");
        if (value == NULL)
            value = next == NULL || next[0] == '-' ? "given" : (char *)next;
        (void)json_object_set_new(options, name, secrets_json(value));
        free(name);
    }
    return options;
}

/* The parameters of a cell, and how often it was measured. A new reference. */
static json_t *facts_of(const struct series *series) {
    json_t *facts = json_copy(json_object_get(series->repeats[0]->json, "parameters"));
    char text[WORK_MAX_TEXT_BYTES];
    struct work work;
    if (work_parse_kept(series->parameters->work, 1, &work) == 0) /* in one spelling */
        (void)json_object_set_new(facts, "work", json_string(work_format(&work, text)));
    (void)json_object_set_new(facts, "repeats measured",
                              json_integer((json_int_t)series->n_repeats));
    return facts;
}

/* Whether all objects of an array have the same under the key. */
static bool agree_in(const json_t *objects, const char *key) {
    const json_t *first = json_object_get(json_array_get(objects, 0), key);
    size_t i = 1;
    while (i < json_array_size(objects) &&
           are_alike(first, json_object_get(json_array_get(objects, i), key)))
        i++;
    return i >= json_array_size(objects);
}

/* Each fact has one line where all cells agree in it, else one for each of them. */
static void add_cells(json_t *list, const struct comparison *comparison) {
    json_t *a = json_array(), *b = json_array(), *keys = json_object(), *value;
    const char *key;
    for (size_t i = 0; i < comparison->n_cells; i++) {
        (void)json_array_append_new(a, facts_of(comparison->cells[i].of[A].series));
        (void)json_array_append_new(b, facts_of(comparison->cells[i].of[B].series));
        (void)json_object_update(keys, json_array_get(a, i));
        (void)json_object_update(keys, json_array_get(b, i));
    }
    json_object_foreach(keys, key, value) {
        size_t n_told = agree_in(a, key) && agree_in(b, key) ? 1 : comparison->n_cells;
        for (size_t i = 0; i < n_told; i++) {
            const struct matched *cell = &comparison->cells[i];
            const json_t *in_a = json_object_get(json_array_get(a, i), key);
            const json_t *in_b = json_object_get(json_array_get(b, i), key);
            double change = change_of(in_a, in_b);
            if (strcmp(key, "work") == 0)
                change =
                    match_turns(cell->of[B].series) / match_turns(cell->of[A].series) - 1;
            if (!are_alike(in_a, in_b))
                add(list, "cells", n_told == 1 ? NULL : cell->parameters->label, key,
                    in_a, in_b, change);
        }
    }
    json_decref(keys);
    json_decref(a);
    json_decref(b);
}

json_t *differences_list(const struct comparison *comparison) {
    static const char *const areas[] = {"machine", "versions", "hosts"};
    json_t *a = comparison->sides[A].run->info, *b = comparison->sides[B].run->info;
    json_t *list = json_array(), *options_a = options_of(a), *options_b = options_of(b);
    for (size_t i = 0; i < sizeof areas / sizeof *areas; i++)
        add_objects(list, areas[i], json_object_get(a, areas[i]),
                    json_object_get(b, areas[i]));
    add_objects(list, "command line", options_a, options_b);
    add_objects(list, "run", a, b);
    add_cells(list, comparison);
    json_decref(options_a);
    json_decref(options_b);
    return list;
}
