/* Finds and hides secrets; see secrets.h. To make more headers secret, add to `words`. */
#include "common/base/secrets.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

static const char *const words[] = {"authorization", "cookie", "key", "token", "secret"};
static const char hidden[] = "***";

/* A text that is being copied without its secrets. */
struct hiding {
    const char *text, *at; /* `at` is what comes next */
    char *to, *end;        /* of the copy, with room for a 0 at `end` */
    bool is_message;
};

static void copy(struct hiding *hiding, const char *until) {
    while (hiding->at < until && hiding->to < hiding->end)
        *hiding->to++ = *hiding->at++;
    hiding->at = until;
}

static void hide_until(struct hiding *hiding, const char *until) {
    for (const char *c = hidden; *c != '\0' && hiding->to < hiding->end; c++)
        *hiding->to++ = *c;
    hiding->at = until;
}

/* URLs */

/* A password with a slash ends no authority for who typed it: it goes up to the last '@'
 * of the word, or where the word was cut off. NULL: there is none. */
static const char *end_of_odd_password(const char *authority, size_t n, bool is_cut) {
    const char *colon = memchr(authority, ':', n);
    if (colon == NULL)
        return NULL;
    char next = colon[1 + strspn(colon + 1, "0123456789")];
    if (next == '\0' || strchr("/?#':;,.)" BLANKS, next) != NULL)
        return NULL; /* a port: "80/..", "80" or "" */
    size_t n_word = strcspn(authority, BLANKS);
    const char *at = memrchr(authority, '@', n_word);
    return at != NULL ? at : is_cut ? authority + n_word : NULL;
}

/*
 * Finds the password in "user:password@host". `is_sure`: a scheme stands before it, so
 * what does not look like a port is a password that somebody forgot to encode.
 */
static bool find_password(const char *authority, bool is_sure, bool is_cut,
                          const char **from, const char **to) {
    if (*authority == '[')
        return false;
    size_t n = strcspn(authority, "/?#" BLANKS);
    *to = memrchr(authority, '@', n);
    if (*to == NULL && is_sure)
        *to = end_of_odd_password(authority, n, is_cut);
    *from = *to != NULL ? memchr(authority, ':', (size_t)(*to - authority)) : NULL;
    if (*from != NULL)
        ++*from;
    return *from != NULL && *from < *to;
}

/* A user may stand after "://" and at the beginning of a word. */
static bool hide_password(struct hiding *hiding) {
    const char *at = hiding->at, *from, *to;
    bool has_scheme = strncmp(at, "://", 3) == 0;
    bool begins_word = at == hiding->text || strchr(BLANKS "'=", at[-1]) != NULL;
    if (has_scheme)
        at += 3;
    if ((!has_scheme && !begins_word) ||
        !find_password(at, has_scheme, hiding->is_message, &from, &to))
        return false;
    copy(hiding, from);
    hide_until(hiding, to);
    return true;
}

/* Headers */

static bool is_secret(const char *name, size_t n) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t k = 0, length = strlen(words[i]); k + length <= n; k++)
            if (strncasecmp(name + k, words[i], length) == 0)
                return true;
    return false;
}

/* What has been opened by a quote and not closed by another; NULL: nothing. */
static const char *find_quoted(const char *text, const char *until) {
    const char *quoted = NULL;
    for (const char *c = text; c < until; c++)
        if (*c == '\'')
            quoted = quoted == NULL ? c + 1 : NULL;
    return quoted;
}

/* A header's colon is the first one of the text, or of what a message quotes. Paths have
 * colons as well, but the name of a header has no slash. */
static bool hide_value(struct hiding *hiding) {
    const char *colon = hiding->at;
    if (*colon != ':')
        return false;
    const char *name =
        hiding->is_message ? find_quoted(hiding->text, colon) : hiding->text;
    if (name == NULL)
        return false;
    size_t n = (size_t)(colon - name);
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    size_t n_value = hiding->is_message ? strlen(value) : strcspn(value, "\r\n");
    const char *quote = hiding->is_message ? memrchr(value, '\'', n_value) : NULL;
    const char *end = quote != NULL ? quote : value + n_value;
    if (end == value || memchr(name, '/', n) != NULL || memchr(name, ':', n) != NULL ||
        !is_secret(name, n))
        return false;
    copy(hiding, value);
    hide_until(hiding, end);
    return true;
}

static void hide(struct hiding *hiding) {
    while (*hiding->at != '\0')
        if (!hide_password(hiding) && !hide_value(hiding))
            copy(hiding, hiding->at + 1);
    *hiding->to = '\0';
}

char *secrets_hide(const char *text) {
    size_t room = 2 * strlen(text) + sizeof hidden; /* "key:x" becomes three longer */
    char *shown = malloc(room + 1);
    if (shown == NULL)
        return NULL;
    hide(&(struct hiding){text, text, shown, shown + room, false});
    return shown;
}

json_t *secrets_json(const char *text) {
    char *shown = secrets_hide(text);
    json_t *json = shown != NULL ? json_string(shown) : NULL;
    free(shown);
    return json != NULL ? json : json_null();
}

void secrets_hide_message(const char *line, char *shown, size_t shown_bytes) {
    hide(&(struct hiding){line, line, shown, shown + shown_bytes - 1, true});
}

void secrets_write_head(const char *bytes, size_t n_bytes, FILE *out) {
    const char *end = bytes + n_bytes;
    while (bytes < end) {
        const char *next = memchr(bytes, '\n', (size_t)(end - bytes));
        next = next != NULL ? next + 1 : end;
        char *line = strndup(bytes, (size_t)(next - bytes));
        char *shown = line != NULL ? secrets_hide(line) : NULL;
        (void)fputs(shown != NULL ? shown : hidden, out);
        bool is_last = *bytes == '\n' || *bytes == '\r';
        free(line);
        free(shown);
        bytes = next;
        if (!is_last)
            continue;
        (void)fwrite(bytes, 1, (size_t)(end - bytes), out);
        return;
    }
}
