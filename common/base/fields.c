/* JSON files read by tables; see fields.h. */
#include "common/base/fields.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/files.h"
#include "common/base/foreign.h"

static bool read_number(const json_t *value, void *target) {
    *(double *)target = json_is_number(value) ? json_number_value(value) : NAN;
    return json_is_number(value);
}

static bool read_positive(const json_t *value, void *target) {
    return read_number(value, target) && *(double *)target > 0;
}

static bool read_natural(const json_t *value, void *target) {
    return read_number(value, target) && *(double *)target >= 0;
}

static bool read_boolean(const json_t *value, void *target) {
    *(bool *)target = json_is_true(value);
    return json_is_boolean(value);
}

static bool read_text(const json_t *value, void *target) {
    *(const char **)target = json_string_value(value);
    return json_is_string(value);
}

static json_t *pack_number(const void *source) {
    return fields_number(*(const double *)source);
}

/* Whole numbers from `least` to `most`. */
#define WHOLE(name, type, least, most)                                                   \
    static bool read_##name(const json_t *value, void *target) {                         \
        json_int_t number = json_integer_value(value);                                   \
        *(type *)target = (type)number;                                                  \
        return json_is_integer(value) && number >= (least) && number <= (most);          \
    }                                                                                    \
    static json_t *pack_##name(const void *source) {                                     \
        return json_integer((json_int_t) * (const type *)source);                        \
    }
WHOLE(integer, int, INT_MIN, INT_MAX)
WHOLE(unsigned, unsigned, 0, UINT_MAX)
WHOLE(count, uint64_t, 0, INT64_MAX)

static json_t *pack_boolean(const void *source) {
    return json_boolean(*(const bool *)source);
}

static json_t *pack_text(const void *source) {
    const char *text = *(const char *const *)source;
    return text != NULL ? json_string(text) : json_null();
}

#define TYPE(type, expects, form)                                                        \
    const struct field_type field_##type = {expects, read_##type, pack_##form}
TYPE(number, "a number", number);
TYPE(positive, "a number above 0", number);
TYPE(natural, "a number, 0 or more", number);
TYPE(integer, "a whole number", integer);
TYPE(unsigned, "a whole number, 0 or more", unsigned);
TYPE(count, "a whole number, 0 or more", count);
TYPE(boolean, "true or false", boolean);
TYPE(text, "a text", text);

int fields_read(const json_t *object, const struct field *fields, void *target,
                const char *where, char why[WHY_BYTES]) {
    if (!json_is_object(object)) {
        int length = (int)strlen(where) - 1; /* without the dot at its end */
        return error_say(why, -EINVAL, "%.*s: an object is expected",
                         length > 0 ? length : 0, where);
    }
    for (const struct field *field = fields; field->key != NULL; field++) {
        const json_t *value = json_object_get(object, field->key);
        bool lacks = value == NULL || json_is_null(value);
        if (!field->type->read(value, (char *)target + field->offset) &&
            !(lacks && field->may_lack))
            return error_say(why, -EINVAL, "%s%s: %s is expected%s", where, field->key,
                             field->type->expects,
                             value == NULL ? ", it is missing" : "");
    }
    return 0;
}

json_t *fields_pack(const struct field *fields, const void *source) {
    json_t *object = json_object();
    for (const struct field *field = fields; field->key != NULL; field++)
        (void)json_object_set_new(
            object, field->key, field->type->pack((const char *)source + field->offset));
    return object;
}

int fields_check_kind(const json_t *json, const char *path, const char *kind,
                      int newest_schema, char why[WHY_BYTES]) {
    const char *found = json_string_value(json_object_get(json, "kind"));
    if (found == NULL || strcmp(found, kind) != 0)
        return error_say(why, -EINVAL, "%s: kind: \"%s\" is expected, it is %s", path,
                         kind, found != NULL ? found : "missing");
    const json_t *schema = json_object_get(json, "schema");
    if (!json_is_integer(schema) || json_integer_value(schema) < 1)
        return error_say(why, -EINVAL, "%s: schema: a whole number from 1 is expected",
                         path);
    if (json_integer_value(schema) > newest_schema)
        return error_say(why, -EINVAL,
                         "%s: schema: %lld is newer than this juggle reads (%d); "
                         "use the juggle that wrote it, or a newer one",
                         path, (long long)json_integer_value(schema), newest_schema);
    return 0;
}

/* Whoever wrote it: from here on every text in it can be shown. */
static void make_plain(json_t *json) {
    const char *key, *text = json_string_value(json);
    size_t i;
    json_t *value;
    bool has_plain_keys = true;
    json_array_foreach(json, i, value) {
        make_plain(value);
    }
    json_object_foreach(json, key, value) {
        has_plain_keys &= foreign_is_plain(key);
        make_plain(value);
    }
    if (!has_plain_keys) { /* the same in the same order under those that can be shown */
        json_t *plain = json_object();
        json_object_foreach(json, key, value) {
            char *shown = foreign_copy(key);
            if (shown != NULL)
                (void)json_object_set(plain, shown, value);
            free(shown);
        }
        (void)json_object_clear(json);
        (void)json_object_update(json, plain);
        json_decref(plain);
    }
    if (text == NULL || foreign_is_plain(text))
        return;
    char *shown = foreign_copy(text);
    (void)json_string_set(json, shown != NULL ? shown : "?");
    free(shown);
}

/* Takes the stream over, NULL with errno where there is none. */
static json_t *load(FILE *stream, const char *path, char why[WHY_BYTES]) {
    json_error_t error;
    if (stream == NULL) {
        (void)error_say(why, 0, "%s: %s", path,
                        errno == EINVAL ? "no regular file" : files_why(errno));
        return NULL;
    }
    json_t *json = json_loadf(stream, 0, &error);
    bool is_read = ferror(stream) == 0;
    (void)fclose(stream);
    if (json != NULL) {
        make_plain(json);
        return json;
    }
    char text[2 * sizeof error.text];
    (void)foreign_show(error.text, text, sizeof text);
    if (is_read)
        (void)error_say(why, 0, "%s: line %d: %s; it is no JSON, or has lost its end",
                        path, error.line, text);
    else
        (void)error_say(why, 0, "%s: it cannot be read", path);
    return NULL;
}

json_t *fields_load_any(const char *path, char why[WHY_BYTES]) {
    return load(files_open_text(path), path, why);
}

json_t *fields_load(const char *path, const char *kind, int newest_schema,
                    char why[WHY_BYTES]) {
    bool is_standard = files_is_standard(path);
    int fd = is_standard ? -EINVAL : files_open_regular(path);
    errno = fd < 0 ? -fd : 0;
    json_t *json = is_standard ? fields_load_any(path, why)
                               : load(fd >= 0 ? fdopen(fd, "r") : NULL, path, why);
    if (json == NULL || fields_check_kind(json, path, kind, newest_schema, why) == 0)
        return json;
    json_decref(json);
    return NULL;
}

json_t *fields_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

double fields_get_number(const json_t *object, const char *key) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *fields_get_text(const json_t *object, const char *key,
                            const char *otherwise) {
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : otherwise;
}
