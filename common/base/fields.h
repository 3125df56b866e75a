/*
 * JSON files read and written by tables: a struct lists its keys as rows, and reading,
 * the checks, the errors and writing come from that table. To read one more field, add a
 * row. A row that may lack also accepts null; the target then gets NAN, 0, false or NULL.
 * Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "common/base/error.h"

struct field_type {
    const char *expects; /* for the error: "a number" */
    /* False for what is not of the type; the target then is as if the row had none. */
    bool (*read)(const json_t *value, void *target);
    json_t *(*pack)(const void *source); /* a new reference */
};

extern const struct field_type field_number;   /* double */
extern const struct field_type field_positive; /* double > 0 */
extern const struct field_type field_natural;  /* double >= 0 */
extern const struct field_type field_integer;  /* int */
extern const struct field_type field_unsigned; /* unsigned */
extern const struct field_type field_count;    /* uint64_t, below 2^63 */
extern const struct field_type field_boolean;  /* bool */
extern const struct field_type field_text;     /* const char *, lives in the JSON */

struct field {
    const char *key; /* NULL ends the table */
    const struct field_type *type;
    size_t offset; /* of the target in the struct */
    bool may_lack;
};

/*
 * Fills `target` from an object. 0, or -EINVAL with "KEY: what is wrong" in `why`, KEY
 * preceded by `where` ("requests[3].").
 */
int fields_read(const json_t *object, const struct field *fields, void *target,
                const char *where, char why[WHY_BYTES]);

/* The object that such a table reads; a new reference. */
json_t *fields_pack(const struct field *fields, const void *source);

/*
 * Loads any JSON file that the user named, a pipe as well. Every text in it, keys
 * included, becomes one that can be shown (common/base/foreign.h). A new reference, or
 * NULL with a line that names file and line.
 */
json_t *fields_load_any(const char *path, char why[WHY_BYTES]);

/* 0 when such a file is of that kind and of a schema we know; else -EINVAL and a line in
 * `why`. */
int fields_check_kind(const json_t *json, const char *path, const char *kind,
                      int newest_schema, char why[WHY_BYTES]);

/*
 * Loads a file of ours, a regular one or "-": an object of that kind and of a schema we
 * know, its texts as above. A new reference, or NULL with one line in `why` that names
 * the file and the line or field.
 */
json_t *fields_load(const char *path, const char *kind, int newest_schema,
                    char why[WHY_BYTES]);

/* A number, or null where JSON has none (NAN, infinity); a new reference. */
json_t *fields_number(double value);

/* The number under `key`, NAN when there is none. */
double fields_get_number(const json_t *object, const char *key);

/* The text under `key`, `otherwise` when there is none. */
const char *fields_get_text(const json_t *object, const char *key, const char *otherwise);
