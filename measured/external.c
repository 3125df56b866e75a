/* Servers that are no strategies, as data; see external.h. */
#include "measured/external.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/foreign.h"
#include "common/base/options.h"
#include "common/base/secrets.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char letters[] = LETTERS, name_letters[] = LETTERS "._-";
static const char hidden[] = "***"; /* what secrets become */

static bool read_headers(const json_t *value, void *target) {
    const char **headers = target;
    size_t n = json_array_size(value), i;
    json_t *line;
    headers[0] = NULL;
    if (!json_is_array(value) || n > EXTERNAL_MAX_HEADERS)
        return false;
    json_array_foreach(value, i, line) {
        headers[i] = json_string_value(line);
        headers[i + 1] = NULL;
        if (headers[i] == NULL)
            return false;
    }
    return true;
}

static json_t *pack_headers(const void *source) {
    const char *const *headers = source;
    json_t *list = json_array();
    for (; *headers != NULL; headers++)
        (void)json_array_append_new(list, secrets_json(*headers));
    return list;
}

static const struct field_type field_headers = {"a list of at most 16 texts",
                                                read_headers, pack_headers};

#define FIELD(member, type)                                                              \
    { #member, &field_##type, offsetof(struct external, member), true }
static const struct field fields[] = {
    FIELD(name, text),
    FIELD(command, text),
    FIELD(url, text),
    FIELD(path, text),
    FIELD(idle_path, text),
    FIELD(ready_path, text),
    FIELD(ready_limit_s, natural),
    FIELD(method, text),
    FIELD(body, text),
    FIELD(headers, headers),
    FIELD(pid, unsigned),
    FIELD(as, text),
    FIELD(peer, text),
    FIELD(turns_per_ms, natural),
    {0},
};

static const char *const *text_of(const struct external *external,
                                  const struct field *field) {
    return field->type == &field_text
               ? (const char *const *)((const char *)external + field->offset)
               : NULL;
}

json_t *external_pack(const struct external *external) {
    json_t *object = fields_pack(fields, external);
    for (const struct field *field = fields; field->key != NULL; field++) {
        const char *const *text = text_of(external, field);
        if (text != NULL && *text != NULL)
            (void)json_object_set_new(object, field->key, secrets_json(*text));
    }
    return object;
}

int external_read(const json_t *object, const char *where, const struct external *usual,
                  struct external *external, char why[WHY_BYTES]) {
    static const struct external nothing = {0};
    const char *key;
    json_t *value;
    usual = usual != NULL ? usual : &nothing;
    json_object_foreach((json_t *)object, key, value) {
        const struct field *field = fields;
        while (field->key != NULL && strcmp(field->key, key) != 0)
            field++;
        if (field->key == NULL)
            return error_say(why, -EINVAL,
                             "%s%s: there is no such field; %sresults/README.md "
                             "has all of them",
                             where, key,
                             options_suggest(key, "", &fields->key, sizeof *fields));
    }
    if (fields_read(object, fields, external, where, why) != 0)
        return -EINVAL;
    for (const struct field *field = fields; field->key != NULL; field++) {
        const char **text = (const char **)text_of(external, field);
        if (text != NULL && *text == NULL)
            *text = *text_of(usual, field);
        if (text != NULL && *text != NULL && strstr(*text, hidden) != NULL)
            return error_say(why, -EINVAL,
                             "%s%s: it held a secret, which is not kept; run it anew",
                             where, field->key);
    }
    for (size_t i = 0; external->headers[i] != NULL; i++)
        if (strstr(external->headers[i], hidden) != NULL)
            return error_say(why, -EINVAL,
                             "%sheaders: '%s' held a secret, which is not kept; run it "
                             "anew",
                             where, external->headers[i]);
    if (json_object_get(object, "headers") == NULL)
        memcpy(external->headers, usual->headers, sizeof external->headers);
    if (!(external->ready_limit_s > 0))
        external->ready_limit_s = usual->ready_limit_s;
    return 0;
}

const char *external_next_name(const char *text, char name[EXTERNAL_NAME_BYTES]) {
    const char *start = text;
    for (; (text = strchr(text, '{')) != NULL; text++) {
        size_t n = 0;
        if (text > start && text[-1] == '$')
            continue;
        while (isalnum((unsigned char)text[1 + n]) || text[1 + n] == '_')
            n++;
        if (n == 0 || n >= EXTERNAL_NAME_BYTES || text[1 + n] != '}')
            continue;
        memcpy(name, text + 1, n);
        name[n] = '\0';
        break;
    }
    return text;
}

bool external_has_name(const char *text, const char *name) {
    char own[EXTERNAL_NAME_BYTES];
    for (; text != NULL && (text = external_next_name(text, own)) != NULL; text++)
        if (strcmp(own, name) == 0)
            return true;
    return false;
}

bool external_takes_work(const struct external *external) {
    return external_has_name(external->path, "turns") ||
           external_has_name(external->path, "wait_ms");
}

int external_check(const struct external *external, char why[WHY_BYTES]) {
    const char *name = external->name, *url = external->url, *wrong = NULL;
    const char *paths[] = {external->path, external->idle_path, external->ready_path};
    if (name == NULL || name[0] == '\0' || strlen(name) >= EXTERNAL_NAME_BYTES ||
        strspn(name, letters) == 0 || name[strspn(name, name_letters)] != '\0')
        return error_say(why, -EINVAL,
                         "a contestant's name is of letters, digits, '.', '_' and '-', "
                         "begins with one of the first two, and has at most %d of them; "
                         "'%s' is none",
                         EXTERNAL_NAME_BYTES - 1, name != NULL ? name : "");
    for (const struct field *field = fields; field->key != NULL; field++) {
        const char *const *text = text_of(external, field);
        if (text != NULL && *text != NULL && !foreign_is_plain(*text))
            wrong = "its texts have no control characters and no backtick";
    }
    for (size_t i = 0; external->headers[i] != NULL; i++)
        if (strchr(external->headers[i], ':') == NULL ||
            !foreign_is_plain(external->headers[i]))
            wrong = "a header is 'Name: value', without control characters";
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i] != NULL &&
            (paths[i][0] != '/' || strlen(paths[i]) > EXTERNAL_MOST_PATH))
            wrong = "its paths begin with '/', and have at most 2000 bytes";
    if ((external->command != NULL) == (url != NULL))
        wrong = "it takes a command, or the url of a server that already runs";
    else if (url == NULL && !external_has_name(external->command, "port") &&
             !external_has_name(external->command, "socket"))
        wrong = "its command does not say {port}; write it where the number of the port "
                "goes, or {socket} where the path of a unix socket goes";
    else if (url != NULL && strncmp(url, "http://", 7) != 0 &&
             strncmp(url, "https://", 8) != 0)
        wrong = "its url begins with neither http:// nor https://";
    else if (url == NULL && external->pid != 0)
        wrong = "a pid is for a server that already runs, by its url";
    return wrong == NULL ? 0
                         : error_say(why, -EINVAL, "contestant '%s': %s", name, wrong);
}
