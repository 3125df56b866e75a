/* A struct made of rows; see parameters.h. */
#include "measured/parameters.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/units.h"

static const double MOST_NUMBER = 1e9; /* a slip of the hand lies beyond */

#define TYPE_COUNT &field_unsigned
#define TYPE_NUMBER &field_natural
#define TYPE_FLAG &field_boolean
#define TYPE_TEXT &field_text
#define ROW(member, TYPE, option, argument, format, initial, meaning)                    \
    {#member,                                                                            \
     option,                                                                             \
     argument,                                                                           \
     format,                                                                             \
     meaning,                                                                            \
     TYPE_##TYPE,                                                                        \
     offsetof(struct cell_parameters, member)},
#define FIELD(member, TYPE, option, argument, format, initial, meaning)                  \
    {#member, TYPE_##TYPE, offsetof(struct cell_parameters, member), true},
#define OWN(member, type, may_lack)                                                      \
    {#member, &field_##type, offsetof(struct cell_parameters, member), may_lack},

const struct parameter parameter_rows[] = {SERVE_PARAMETERS(ROW)
                                               LOAD_PARAMETERS(ROW){.key = NULL}};

static const struct field fields[] = {
    OWN(experiment, text, false) OWN(name, text, false) OWN(label, text, false)
        OWN(contestant, text, true) OWN(contestant_label, text, true)
            OWN(strategy, text, false) OWN(server, text, true) OWN(set, text, true)
                OWN(as, text, true) OWN(probe_every_us, number, false)
                    SERVE_PARAMETERS(FIELD) LOAD_PARAMETERS(FIELD){0}};

#define INITIAL(member, TYPE, option, argument, format, initial, meaning)                \
    .member = (initial),

bool parameters_are_external(const struct cell_parameters *cell) {
    return cell->server != NULL && cell->server[0] != '\0';
}

unsigned parameters_pool_size(const struct cell_parameters *cell) {
    return cell->threads > 0 ? cell->threads : cell->workers;
}

struct cell_parameters parameters_initial(void) {
    return (struct cell_parameters){.experiment = "",
                                    .name = "",
                                    .label = "",
                                    .contestant = "",
                                    .contestant_label = "",
                                    .strategy = "",
                                    .server = "",
                                    .set = "",
                                    .as = "",
                                    SERVE_PARAMETERS(INITIAL) LOAD_PARAMETERS(INITIAL)};
}

const struct parameter *parameter_find(const char *name) {
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++)
        if (strcmp(row->key, name) == 0 || strcmp(row->option, name) == 0)
            return row;
    return NULL;
}

int parameter_set(struct cell_parameters *cell, const struct parameter *parameter,
                  const char *text, char why[WHY_BYTES]) {
    void *target = (char *)cell + parameter->offset;
    const char *expected = "a text";
    bool is_right = text[0] != '\0';
    if (parameter->type == &field_unsigned) {
        uint64_t count;
        expected = "a whole number from 1 to 1000000";
        is_right = units_parse_count(text, &count) == 0 && count > 0 && count <= 1000000;
        *(unsigned *)target = is_right ? (unsigned)count : 0;
    } else if (parameter->type == &field_natural) {
        bool is_rate = strcmp(parameter->option, "rate") == 0;
        bool is_ms = strcmp(parameter->argument, "MS") == 0;
        uint64_t ns;
        expected = is_rate ? "a rate above 0, such as 100 or 500/m"
                   : is_ms ? "milliseconds such as 50, or a time such as 50ms or 2s"
                           : "seconds such as 0.5, or a time such as 500ms or 2m";
        if (is_rate)
            is_right = units_parse_rate(text, target) == 0 && *(double *)target > 0;
        else if (units_parse_duration(text, &ns) == 0)
            *(double *)target = (double)ns / (double)(is_ms ? NS_PER_MS : NS_PER_S);
        else
            is_right = units_parse_number(text, target) == 0;
        is_right = is_right && *(double *)target <= MOST_NUMBER;
    } else if (parameter->type == &field_boolean) {
        expected = "yes or no";
        *(bool *)target = strcmp(text, "yes") == 0;
        is_right = *(bool *)target || strcmp(text, "no") == 0;
    } else {
        *(const char **)target = text;
    }
    return is_right ? 0
                    : error_say(why, -EINVAL, "--%s wants %s, not '%s'",
                                parameter->option, expected, text);
}

const char *parameter_text(const struct cell_parameters *cell,
                           const struct parameter *parameter,
                           char text[PARAMETER_BYTES]) {
    const void *source = (const char *)cell + parameter->offset;
    text[0] = '\0';
    if (parameter->type == &field_text)
        (void)snprintf(text, PARAMETER_BYTES, "%s", *(const char *const *)source);
    else if (parameter->type == &field_boolean)
        (void)snprintf(text, PARAMETER_BYTES, "%s", *(const bool *)source ? "yes" : "");
    else if (parameter->type == &field_unsigned && *(const unsigned *)source > 0)
        (void)snprintf(text, PARAMETER_BYTES, "%u", *(const unsigned *)source);
    else if (parameter->type == &field_natural && *(const double *)source > 0)
        (void)snprintf(text, PARAMETER_BYTES, "%.9g", *(const double *)source);
    return text;
}

double parameter_number(const struct cell_parameters *cell,
                        const struct parameter *parameter) {
    char text[PARAMETER_BYTES], *end;
    if (parameter->type == &field_boolean)
        return *(const bool *)((const char *)cell + parameter->offset);
    double number = strtod(parameter_text(cell, parameter, text), &end);
    return end != text && *end == '\0' ? number : NAN;
}

/* Counts that people say as "1 user", "2 users". */
static const struct {
    const char *key, *one, *several;
} counted[] = {{"users", "user", "users"},
               {"rate_per_s", "request a second", "requests a second"},
               {"cpus", "CPU", "CPUs"},
               {"workers", "worker", "workers"},
               {"threads", "thread", "threads"},
               {"processes", "process", "processes"},
               {NULL, NULL, NULL}};

char *parameter_phrase(const struct parameter *parameter, const char *value, char *text,
                       size_t text_bytes) {
    (void)snprintf(text, text_bytes, "%s %s", parameter->option, value);
    for (size_t i = 0; counted[i].key != NULL; i++)
        if (strcmp(parameter->key, counted[i].key) == 0)
            (void)snprintf(text, text_bytes, "%s %s", value,
                           strcmp(value, "1") == 0 ? counted[i].one : counted[i].several);
    return text;
}

const struct parameter *parameter_of_phrase(const char *phrase, size_t *value_at,
                                            size_t *value_bytes) {
    size_t first = strcspn(phrase, " ");
    const char *second = phrase + first + (phrase[first] == ' ');
    for (size_t i = 0; counted[i].key != NULL; i++)
        if (strcmp(second, counted[i].one) == 0 ||
            strcmp(second, counted[i].several) == 0) {
            *value_at = 0;
            *value_bytes = first;
            return parameter_find(counted[i].key);
        }
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++)
        if (strlen(row->option) == first && strncmp(row->option, phrase, first) == 0) {
            *value_at = (size_t)(second - phrase);
            *value_bytes = strlen(second);
            return row;
        }
    return NULL;
}

bool parameter_is_place(const struct parameter *parameter) {
    return parameter->format != NULL || strcmp(parameter->key, "work") == 0 ||
           strcmp(parameter->key, "cpus") == 0;
}

json_t *parameters_pack(const struct cell_parameters *cell) {
    return fields_pack(fields, cell);
}

/* Older files lack what there was not yet, which then was as it comes. */
int parameters_read(const json_t *object, struct cell_parameters *cell,
                    char why[WHY_BYTES]) {
    int error = fields_read(object, fields, cell, "parameters.", why);
    for (const struct field *field = fields; error == 0 && field->key != NULL; field++) {
        void *target = (char *)cell + field->offset;
        if (field->type == &field_text && *(const char **)target == NULL)
            *(const char **)target = "";
        if (field->type == &field_natural && isnan(*(double *)target))
            *(double *)target = 0;
    }
    if (error != 0)
        return error;
    if (cell->contestant[0] == '\0')
        cell->contestant = cell->name;
    if (cell->contestant_label[0] == '\0')
        cell->contestant_label = cell->label;
    return 0;
}

static bool is_same(const struct field *field, const void *left, const void *right) {
    json_t *a = field->type->pack((const char *)left + field->offset);
    json_t *b = field->type->pack((const char *)right + field->offset);
    bool is_same = json_equal(a, b) != 0;
    json_decref(a);
    json_decref(b);
    return is_same;
}

const char *parameters_differ(const struct cell_parameters *left,
                              const struct cell_parameters *right) {
    const struct field *field = fields;
    while (field->key != NULL && is_same(field, left, right))
        field++;
    return field->key;
}
