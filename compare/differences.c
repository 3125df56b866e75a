/* Differences of two runs, found by walking what their files hold; see differences.h. */
#include "compare/differences.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secrets.h"
#include "common/workload/work.h"

/* A value as people read it; NULL for what is not there. The caller frees it. */
static char *text_of(const json_t *value) {
    if (value == NULL || json_is_null(value))
        return strdup("not given");
    if (json_is_string(value))
        return strdup(json_string_value(value)[0] != '\0' ? json_string_value(value)
                                                          : "none");
    if (json_is_boolean(value))
        return strdup(json_is_true(value) ? "yes" : "no");
    return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
}

static double change_of(const json_t *a, const json_t *b) {
    if (!json_is_number(a) || !json_is_number(b) || json_number_value(a) == 0)
        return NAN;
    return json_number_value(b) / json_number_value(a) - 1;
}

static int add(struct differences *list, struct difference item, const json_t *a,
               const json_t *b) {
    struct difference *longer = realloc(list->items, (list->n + 1) * sizeof *list->items);
    if (longer == NULL)
        return -ENOMEM;
    list->items = longer;
    item.cell = item.cell != NULL ? strdup(item.cell) : NULL;
    item.what = strdup(item.what);
    item.a = text_of(a);
    item.b = text_of(b);
    list->items[list->n++] = item;
    return item.what != NULL && item.a != NULL && item.b != NULL ? 0 : -ENOMEM;
}

/* Values that are printed alike are alike: 0 and 0.0, or a missing one and null. */
static bool are_alike(const json_t *a, const json_t *b) {
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    if (a == NULL || b == NULL)
        return (a == NULL || json_is_null(a)) && (b == NULL || json_is_null(b));
    return json_equal(a, b);
}

static bool is_among(const char *key, const char *const *keys) {
    while (keys != NULL && *keys != NULL && strcmp(*keys, key) != 0)
        keys++;
    return keys != NULL && *keys != NULL;
}

/* Every key of either object whose values differ, in the order of A, then of B. */
static int add_objects(struct differences *list, const char *area, const json_t *a,
                       const json_t *b, const char *const *left_out) {
    const json_t *objects[] = {a, b};
    const char *key;
    json_t *value;
    int error = 0;
    for (int i = 0; i < 2; i++)
        json_object_foreach((json_t *)objects[i], key, value) {
            const json_t *in_a = json_object_get(a, key), *in_b = json_object_get(b, key);
            if (error != 0 || is_among(key, left_out) || are_alike(in_a, in_b) ||
                (i == 1 && in_a != NULL))
                continue;
            bool is_amount = strcmp(key, "seed") != 0;
            struct difference item = {.area = area,
                                      .what = (char *)key,
                                      .change = is_amount ? change_of(in_a, in_b) : NAN};
            error = add(list, item, in_a, in_b);
        }
    return error;
}

/* The words; older runs kept theirs as they were typed. A new reference. */
static json_t *without_secrets(const json_t *argv) {
    json_t *words = json_array();
    for (size_t i = 0; i < json_array_size(argv); i++) {
        const char *word = json_string_value(json_array_get(argv, i));
        (void)json_array_append_new(words,
                                    word != NULL ? secrets_json(word) : json_null());
    }
    return words;
}

/*
 * The options of a command line as an object: a word that begins with a dash, and the
 * word behind it unless that does too. A new reference.
 */
static json_t *options_of(const json_t *argv) {
    json_t *options = json_object(), *words = without_secrets(argv);
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        const char *next = json_string_value(json_array_get(words, i + 1));
        if (word == NULL || word[0] != '-')
            continue;
        const char *equals = strchr(word, '=');
        if (equals != NULL) {
            char name[64];
            (void)snprintf(name, sizeof name, "%.*s", (int)(equals - word), word);
            (void)json_object_set_new(options, name, json_string(equals + 1));
        } else if (next != NULL && next[0] != '-') {
            (void)json_object_set_new(options, word, json_string(next));
        } else {
            (void)json_object_set_new(options, word, json_string("given"));
        }
    }
    json_decref(words);
    return options;
}

static int add_command_lines(struct differences *list, const json_t *a, const json_t *b) {
    static const char *const left_out[] = {"-o", "--out", "--seed", NULL};
    json_t *of_a = options_of(json_object_get(a, "argv"));
    json_t *of_b = options_of(json_object_get(b, "argv"));
    int error = add_objects(list, "command line", of_a, of_b, left_out);
    json_decref(of_a);
    json_decref(of_b);
    return error;
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

/* The facts of all cells that both have, in their order. */
struct facts {
    json_t *a, *b; /* arrays, one object per cell */
};

static const json_t *fact(const json_t *list, size_t cell, const char *key) {
    return json_object_get(json_array_get(list, cell), key);
}

/* Whether all cells have the same two values under that key. */
static bool are_all_alike(const struct facts *facts, const char *key) {
    for (size_t i = 1; i < json_array_size(facts->a); i++)
        if (!are_alike(fact(facts->a, i, key), fact(facts->a, 0, key)) ||
            !are_alike(fact(facts->b, i, key), fact(facts->b, 0, key)))
            return false;
    return true;
}

/* One fact: a line for all cells where they agree in it, else one for each. */
static int add_fact(struct differences *list, const struct comparison *comparison,
                    const struct facts *facts, const char *key) {
    bool all_alike = are_all_alike(facts, key);
    int error = 0;
    for (size_t i = 0; i < comparison->n_cells && error == 0; i++) {
        const struct matched *cell = &comparison->cells[i];
        const json_t *a = fact(facts->a, i, key), *b = fact(facts->b, i, key);
        if (are_alike(a, b) || (all_alike && i > 0))
            continue;
        struct difference item = {.area = "cells", .what = (char *)key};
        item.cell = all_alike ? NULL : (char *)cell->a->parameters->label;
        item.change = strcmp(key, "work") == 0
                          ? adjust_turns(cell->b) / adjust_turns(cell->a) - 1
                          : change_of(a, b);
        error = add(list, item, a, b);
    }
    return error;
}

static int add_cells(struct differences *list, const struct comparison *comparison) {
    struct facts facts = {json_array(), json_array()};
    json_t *keys = json_object(), *value;
    const char *key;
    int error = 0;
    for (size_t i = 0; i < comparison->n_cells; i++) {
        (void)json_array_append_new(facts.a, facts_of(comparison->cells[i].a));
        (void)json_array_append_new(facts.b, facts_of(comparison->cells[i].b));
        (void)json_object_update(keys, json_array_get(facts.a, i));
        (void)json_object_update(keys, json_array_get(facts.b, i));
    }
    json_object_foreach(keys, key, value) {
        if (error == 0)
            error = add_fact(list, comparison, &facts, key);
    }
    json_decref(keys);
    json_decref(facts.a);
    json_decref(facts.b);
    return error;
}

int differences_list(const struct comparison *comparison,
                     struct differences *differences) {
    /* Shown elsewhere, or beside the point. */
    static const char *const left_out[] = {
        "schema",   "kind",  "started_at", "argv", "machine", "calibration",
        "versions", "cells", "users",      "work", NULL};
    const json_t *a = comparison->a->info, *b = comparison->b->info;
    *differences = (struct differences){0};
    int error = add_objects(differences, "machine", json_object_get(a, "machine"),
                            json_object_get(b, "machine"), NULL);
    if (error == 0)
        error = add_objects(differences, "versions", json_object_get(a, "versions"),
                            json_object_get(b, "versions"), NULL);
    if (error == 0)
        error = add_command_lines(differences, a, b);
    if (error == 0)
        error = add_objects(differences, "run", a, b, left_out);
    return error == 0 ? add_cells(differences, comparison) : error;
}

void differences_free(struct differences *differences) {
    for (size_t i = 0; i < differences->n; i++) {
        free(differences->items[i].cell);
        free(differences->items[i].what);
        free(differences->items[i].a);
        free(differences->items[i].b);
    }
    free(differences->items);
    *differences = (struct differences){0};
}
