/* JSON files read by tables; see fields.h. */
#include "measured/fields.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/files.h"

static bool read_number(const json_t *value, void *target) {
    *(double *)target = json_number_value(value);
    return json_is_number(value);
}

static bool read_positive(const json_t *value, void *target) {
    return read_number(value, target) && *(double *)target > 0;
}

static bool read_natural(const json_t *value, void *target) {
    return read_number(value, target) && *(double *)target >= 0;
}

static bool read_integer(const json_t *value, void *target) {
    json_int_t number = json_integer_value(value);
    *(int *)target = (int)number;
    return json_is_integer(value) && number >= INT_MIN && number <= INT_MAX;
}

static bool read_unsigned(const json_t *value, void *target) {
    json_int_t number = json_integer_value(value);
    *(unsigned *)target = (unsigned)number;
    return json_is_integer(value) && number >= 0 && number <= UINT_MAX;
}

static bool read_boolean(const json_t *value, void *target) {
    *(bool *)target = json_is_true(value);
    return json_is_boolean(value);
}

static bool read_text(const json_t *value, void *target) {
    *(const char **)target = json_string_value(value);
    return json_is_string(value);
}

static void lack_number(void *target) {
    *(double *)target = NAN;
}

static void lack_integer(void *target) {
    *(int *)target = 0;
}

static void lack_unsigned(void *target) {
    *(unsigned *)target = 0;
}

static void lack_boolean(void *target) {
    *(bool *)target = false;
}

static void lack_text(void *target) {
    *(const char **)target = NULL;
}

const struct field_type field_number = {"a number", read_number, lack_number};
const struct field_type field_positive = {"a number above 0", read_positive, lack_number};
const struct field_type field_natural = {"a number, 0 or more", read_natural,
                                         lack_number};
const struct field_type field_integer = {"a whole number", read_integer, lack_integer};
const struct field_type field_unsigned = {"a whole number, 0 or more", read_unsigned,
                                          lack_unsigned};
const struct field_type field_boolean = {"true or false", read_boolean, lack_boolean};
const struct field_type field_text = {"a text", read_text, lack_text};

int fields_read(const json_t *object, const struct field *fields, void *target,
                const char *where, char *why, size_t why_bytes) {
    if (!json_is_object(object)) {
        int length = (int)strlen(where) - 1; /* without the dot at its end */
        (void)snprintf(why, why_bytes, "%.*s: an object is expected",
                       length > 0 ? length : 0, where);
        return -EINVAL;
    }
    for (const struct field *field = fields; field->key != NULL; field++) {
        const json_t *value = json_object_get(object, field->key);
        char *place = (char *)target + field->offset;
        bool lacks = value == NULL || json_is_null(value);
        if (lacks && field->may_lack) {
            field->type->lack(place);
            continue;
        }
        if (!lacks && field->type->read(value, place))
            continue;
        (void)snprintf(why, why_bytes, "%s%s: %s is expected%s", where, field->key,
                       field->type->expects, value == NULL ? ", it is missing" : "");
        return -EINVAL;
    }
    return 0;
}

bool fields_is_known(const json_t *json, const char *path, const char *kind,
                     int newest_schema, char *why, size_t why_bytes) {
    const char *found = json_string_value(json_object_get(json, "kind"));
    if (found == NULL || strcmp(found, kind) != 0) {
        (void)snprintf(why, why_bytes, "%s: kind: \"%s\" is expected, it is %s", path,
                       kind, found != NULL ? found : "missing");
        return false;
    }
    const json_t *schema = json_object_get(json, "schema");
    if (!json_is_integer(schema) || json_integer_value(schema) < 1) {
        (void)snprintf(why, why_bytes, "%s: schema: a whole number from 1 is expected",
                       path);
        return false;
    }
    if (json_integer_value(schema) > newest_schema) {
        (void)snprintf(why, why_bytes,
                       "%s: schema: %lld is newer than this juggle reads (%d); "
                       "use the juggle that wrote it, or a newer one",
                       path, (long long)json_integer_value(schema), newest_schema);
        return false;
    }
    return true;
}

json_t *fields_load_any(const char *path, char *why, size_t why_bytes) {
    json_error_t error = {.line = 0};
    errno = 0;
    FILE *stream = files_open_text(path);
    json_t *json = stream != NULL ? json_loadf(stream, 0, &error) : NULL;
    int why_not = errno;
    if (stream != NULL)
        (void)fclose(stream);
    if (json != NULL)
        return json;
    if (error.line > 0)
        (void)snprintf(why, why_bytes, "%s: line %d: %s", path, error.line, error.text);
    else
        (void)snprintf(why, why_bytes, "%s: %s", path,
                       why_not != 0 ? files_why(why_not) : error.text);
    return NULL;
}

json_t *fields_load(const char *path, const char *kind, int newest_schema, char *why,
                    size_t why_bytes) {
    json_t *json = fields_load_any(path, why, why_bytes);
    if (json == NULL || fields_is_known(json, path, kind, newest_schema, why, why_bytes))
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
