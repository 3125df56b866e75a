/* URLs and URL files; see urls.h. URLs are taken apart by libcurl's parser. */
#include "loadgen/targets/urls.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "common/base/files.h"

#ifndef CURLU_GET_EMPTY /* older libraries tell of an empty query without being asked */
#define CURLU_GET_EMPTY 0
#endif

#define BLANKS " \t"
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

enum { MAX_LINE_BYTES = 64 * 1024, MAX_DEFINITIONS = 256 };

/* To add one, add a row, and its name to the form. */
static const struct method methods[] = {
    {"GET", true, false, false},     {"HEAD", true, false, true},
    {"POST", false, true, false},    {"PUT", true, true, false},
    {"PATCH", false, true, false},   {"DELETE", true, false, false},
    {"OPTIONS", true, false, false},
};

const struct method *method_find(const char *name, size_t name_bytes) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strlen(methods[i].name) == name_bytes &&
            memcmp(methods[i].name, name, name_bytes) == 0)
            return &methods[i];
    return NULL;
}

/* NULL: there is none. The caller frees it: libcurl's memory is malloc's. */
static char *part(CURLU *parsed, CURLUPart which, unsigned flags) {
    char *text = NULL;
    (void)curl_url_get(parsed, which, &text, flags);
    return text;
}

/* The whole URL and, in it, path and query; NULL without memory. */
static void take_url(struct target *target, CURLU *parsed) {
    char *query = part(parsed, CURLUPART_QUERY, CURLU_GET_EMPTY);
    char *url = target->url = part(parsed, CURLUPART_URL, 0);
    /* "/?" is not "/", and libcurl sends what it was given, but leaves the empty query
     * out where it writes a URL itself. */
    bool is_empty = query != NULL && query[0] == '\0';
    if (url != NULL && is_empty && url[strlen(url) - 1] != '?') {
        if (asprintf(&target->url, "%s?", url) < 0)
            target->url = NULL;
        free(url);
    }
    if (target->url != NULL)
        target->path = strchr(strstr(target->url, "://") + 3, '/');
    free(query);
}

/* 0, or -EINVAL and no more of the target than could be read. */
static int parse_url(struct target *target, const char *text, char why[WHY_BYTES]) {
    CURLU *parsed = target->parsed = curl_url();
    if (parsed == NULL)
        return -ENOMEM;
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, text, CURLU_GUESS_SCHEME);
    char *scheme = part(parsed, CURLUPART_SCHEME, 0);
    char *user = part(parsed, CURLUPART_USER, 0);
    bool is_http = scheme != NULL && strcmp(scheme, "http") == 0;
    bool is_known = is_http || (scheme != NULL && strcmp(scheme, "https") == 0);
    target->is_plain = is_http && user == NULL;
    free(scheme);
    free(user);
    if (code == CURLUE_OK && is_known) {
        /* A fragment is for readers of a page and never sent. */
        (void)curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
        take_url(target, parsed);
        target->host = part(parsed, CURLUPART_HOST, 0);
        target->zone = part(parsed, CURLUPART_ZONEID, 0);
        target->port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    }
    if (target->url != NULL && target->path != NULL && target->host != NULL &&
        target->port != NULL)
        return 0;
    return error_say(why, -EINVAL,
                     "'%.200s' is not a URL to load (%s); it wants one such as "
                     "http://127.0.0.1:8080/path or http://[::1]:8080/path",
                     text,
                     code != CURLUE_OK ? curl_url_strerror(code) : "not http or https");
}

int target_of_proxy(struct target *target, const char *proxy, char why[WHY_BYTES]) {
    CURLU *parsed = curl_url();
    *target = (struct target){0};
    if (parsed != NULL &&
        curl_url_set(parsed, CURLUPART_URL, proxy,
                     CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK) {
        bool is_tls = strncasecmp(proxy, "https:", 6) == 0;
        target->host = part(parsed, CURLUPART_HOST, 0);
        target->zone = part(parsed, CURLUPART_ZONEID, 0);
        target->port = part(parsed, CURLUPART_PORT, 0);
        if (target->port == NULL)
            target->port = strdup(is_tls ? "443" : "1080");
    }
    curl_url_cleanup(parsed);
    if (target->host != NULL && target->port != NULL)
        return 0;
    return error_say(why, -EINVAL,
                     "'%.200s' is not a proxy; --proxy wants one such as "
                     "http://127.0.0.1:3128",
                     proxy);
}

/* Bodies */

/* Takes what the body points to over, also where memory is out. */
static int keep_body(struct urls *urls, struct body body, char why[WHY_BYTES]) {
    struct body *grown = realloc(urls->bodies, (urls->n_bodies + 1) * sizeof *grown);
    if (grown != NULL)
        urls->bodies = grown;
    if (grown == NULL || body.text == NULL) {
        free(body.path);
        free(body.text);
        return error_say(why, -ENOMEM, "out of memory");
    }
    urls->bodies[urls->n_bodies++] = body;
    return 0;
}

/* Whatever the size: pipes do not say theirs. 0 or -errno. */
static int read_all(FILE *file, struct body *body) {
    char piece[64 * 1024];
    bool has_room = true;
    FILE *out = open_memstream(&body->text, &body->n_bytes);
    if (out == NULL)
        return -errno;
    for (size_t n; has_room && (n = fread(piece, 1, sizeof piece, file)) > 0;)
        has_room = fwrite(piece, 1, n, out) == n;
    int error = !has_room ? -ENOMEM : ferror(file) ? -errno : 0;
    return fclose(out) == 0 ? error : -ENOMEM;
}

/* What a file holds ("-": standard input), which is read once, however many targets it is
 * sent to. `body` shares it with the urls. 0, or -errno with one line in `why`. */
static int read_body(struct urls *urls, const char *path, struct body *body,
                     char why[WHY_BYTES]) {
    for (size_t i = 0; i < urls->n_bodies; i++)
        if (urls->bodies[i].path != NULL && strcmp(urls->bodies[i].path, path) == 0) {
            *body = urls->bodies[i];
            return 0;
        }
    *body = (struct body){.path = files_is_standard(path) ? NULL : strdup(path)};
    FILE *file = files_open(path);
    int error = file == NULL ? -errno : read_all(file, body);
    if (file != NULL)
        (void)fclose(file);
    if (error == 0)
        return keep_body(urls, *body, why);
    free(body->path);
    free(body->text);
    return error_say(why, error, "cannot read the body in '%.200s': %s", path,
                     files_why(-error));
}

/* Lines */

/* What stands behind the URL: nothing, a comment, "METHOD", "METHOD data" or "METHOD
 * <file". */
static int parse_method(struct urls *urls, struct target *target, const char *text,
                        char why[WHY_BYTES]) {
    struct body body = {0};
    text += strspn(text, BLANKS);
    size_t n = strcspn(text, BLANKS);
    bool is_usual = *text == '\0' || *text == '#';
    const struct method *method = method_find(text, n);
    if (is_usual)
        method = urls->usual_method != NULL      ? urls->usual_method
                 : urls->usual_body.text != NULL ? method_find("POST", 4)
                                                 : method_find("GET", 3);
    const char *data = text + n + strspn(text + n, BLANKS);
    int error = 0;
    if (method == NULL)
        return error_say(
            why, -EINVAL,
            "'%.100s' behind the URL is not understood; it wants " METHODS_FORM
            ", and behind that nothing, data or <file",
            text);
    if (is_usual)
        body = urls->usual_body;
    else if (*data == '<')
        error = read_body(urls, data + 1 + strspn(data + 1, BLANKS), &body, why);
    else if (*data != '\0') {
        body = (struct body){.text = strdup(data), .n_bytes = strlen(data)};
        error = keep_body(urls, body, why);
    }
    if (error == 0 && body.text != NULL && method->is_head)
        error = error_say(why, -EINVAL,
                          "a HEAD has no body; leave it out, or name another method");
    urls->n_usual += is_usual;
    target->method = method;
    target->body = body.text == NULL && method->expects_body ? "" : body.text;
    target->body_bytes = body.n_bytes;
    return error;
}

int urls_set_usual(struct urls *urls, const struct method *method, const char *body_path,
                   char why[WHY_BYTES]) {
    urls->usual_method = method;
    return body_path != NULL ? read_body(urls, body_path, &urls->usual_body, why) : 0;
}

static bool is_same_text(const char *text, const char *other) {
    return text == NULL || other == NULL ? text == other : strcmp(text, other) == 0;
}

bool target_has_host_of(const struct target *target, const struct target *other) {
    return is_same_text(target->host, other->host) &&
           is_same_text(target->port, other->port) &&
           is_same_text(target->zone, other->zone);
}

void target_release(struct target *target) {
    curl_url_cleanup(target->parsed);
    free(target->url);
    free(target->host);
    free(target->zone);
    free(target->port);
}

int urls_add(struct urls *urls, const char *line, char why[WHY_BYTES]) {
    struct target target = {0};
    (void)error_say(why, 0, "out of memory");
    size_t length = strcspn(line, BLANKS);
    char *url = strndup(line, length);
    int error = url != NULL ? parse_url(&target, url, why) : -ENOMEM;
    free(url);
    if (error == 0)
        error = parse_method(urls, &target, line + length, why);
    struct target *grown =
        error == 0 ? realloc(urls->targets, (urls->n_targets + 1) * sizeof target) : NULL;
    if (grown == NULL) {
        target_release(&target);
        return error != 0 ? error : -ENOMEM;
    }
    urls->targets = grown;
    urls->targets[urls->n_targets++] = target;
    return 0;
}

/* Files */

/* A file that is being read, and what its lines "NAME=value" have defined. */
struct url_file {
    struct urls *urls;
    char *definitions[MAX_DEFINITIONS]; /* such lines, whole */
    size_t n_definitions;
    char line[MAX_LINE_BYTES]; /* with the values of names */
};

/* What the latest definition of a name says; NULL when there is none. */
static const char *value_of(const struct url_file *file, const char *name,
                            size_t length) {
    for (size_t i = file->n_definitions; i-- > 0;)
        if (strncmp(file->definitions[i], name, length) == 0 &&
            file->definitions[i][length] == '=')
            return file->definitions[i] + length + 1;
    return NULL;
}

/* Copies a text into the file's line, with $(NAME) and ${NAME} replaced; unknown names
 * stay as they stand. False when the line has no room. */
static bool expand(struct url_file *file, const char *text) {
    size_t used = 0;
    while (*text != '\0') {
        const char *from = text, *name = text + 2;
        size_t length = 1, n_name = 0, taken = 1;
        if (strncmp(text, "$(", 2) == 0 || strncmp(text, "${", 2) == 0)
            n_name = strspn(name, NAME_CHARACTERS);
        if (n_name > 0 && name[n_name] == (text[1] == '(' ? ')' : '}')) {
            const char *value = value_of(file, name, n_name);
            taken = n_name + 3;
            from = value != NULL ? value : from;
            length = value != NULL ? strlen(value) : taken;
        }
        if (used + length >= sizeof file->line)
            return false;
        memcpy(file->line + used, from, length);
        used += length;
        text += taken;
    }
    file->line[used] = '\0';
    return true;
}

/* 0, or -errno and what is wrong with the line, but not where. */
static int read_line(struct url_file *file, char *line, char why[WHY_BYTES]) {
    line += strspn(line, BLANKS);
    for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]); n--)
        line[n - 1] = '\0';
    if (line[0] == '#' || line[0] == '\0')
        return 0;
    if (!expand(file, line))
        return error_say(why, -E2BIG, "the line is too long");
    size_t n_name = strspn(file->line, NAME_CHARACTERS);
    if (n_name == 0 || file->line[n_name] != '=')
        return urls_add(file->urls, file->line, why);
    if (file->n_definitions == MAX_DEFINITIONS)
        return error_say(why, -E2BIG, "more than %d variables", MAX_DEFINITIONS);
    char *copy = file->definitions[file->n_definitions] = strdup(file->line);
    file->n_definitions += copy != NULL;
    return copy != NULL ? 0 : error_say(why, -ENOMEM, "out of memory");
}

int urls_read_file(struct urls *urls, const char *path, char why[WHY_BYTES]) {
    char *line = NULL;
    size_t line_bytes = 0, n_lines = 0;
    struct url_file file = {.urls = urls};
    FILE *stream = files_open_text(path);
    int error = 0;
    while (stream != NULL && error == 0 && getline(&line, &line_bytes, stream) > 0) {
        n_lines++;
        error = read_line(&file, line, why);
    }
    if (error != 0)
        (void)error_say(why, 0, "%.200s, line %zu: %s", path, n_lines, why);
    else if (stream == NULL || !feof(stream)) /* memory may be out as well */
        error = error_say(why, -EINVAL, "cannot read the URL file '%.200s': %s", path,
                          files_why(errno));
    else if (urls->n_targets == 0)
        error = error_say(why, -EINVAL, "'%.200s' holds no URL; write one on each line",
                          path);
    if (stream != NULL)
        (void)fclose(stream);
    while (file.n_definitions > 0)
        free(file.definitions[--file.n_definitions]);
    free(line);
    return error;
}

void urls_free(struct urls *urls) {
    for (size_t i = 0; i < urls->n_targets; i++)
        target_release(&urls->targets[i]);
    free(urls->targets);
    for (size_t i = 0; i < urls->n_bodies; i++) {
        free(urls->bodies[i].path);
        free(urls->bodies[i].text);
    }
    free(urls->bodies);
    *urls = (struct urls){0};
}
