/* URLs and URL files; see urls.h. URLs are taken apart by libcurl's parser. */
#include "loadgen/targets/urls.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/files.h"
#include "loadgen/targets/variables.h"

#ifndef CURLU_GET_EMPTY /* older libraries tell of an empty query without being asked */
#define CURLU_GET_EMPTY 0
#endif

enum { MAX_LINE_BYTES = 64 * 1024 };

static char *part(CURLU *parsed, CURLUPart which, unsigned flags) {
    char *text, *copy = NULL;
    if (curl_url_get(parsed, which, &text, flags) == CURLUE_OK) {
        copy = strdup(text);
        curl_free(text);
    }
    return copy;
}

/* "/path?query" */
static char *path_and_query(CURLU *parsed) {
    char *path = part(parsed, CURLUPART_PATH, 0);
    char *query = part(parsed, CURLUPART_QUERY, CURLU_GET_EMPTY);
    char *whole = NULL;
    if (path != NULL && asprintf(&whole, query != NULL ? "%s?%s" : "%s", path, query) < 0)
        whole = NULL;
    free(path);
    free(query);
    return whole;
}

/*
 * Whole, as the path was taken from it. "/?" is not "/", and libcurl sends what it was
 * given, but leaves the empty query out where it writes a URL itself.
 */
static char *whole_url(CURLU *parsed, const char *path) {
    char *url = part(parsed, CURLUPART_URL, 0), *longer = NULL;
    if (url == NULL || path == NULL || path[strlen(path) - 1] != '?' ||
        url[strlen(url) - 1] == '?')
        return url;
    if (asprintf(&longer, "%s?", url) < 0)
        longer = NULL;
    free(url);
    return longer;
}

/* Fills url, path, host and port. Returns 0, -EINVAL or -ENOMEM. */
static int parse_url(struct target *target, const char *text, char *why,
                     size_t why_bytes) {
    CURLU *parsed = curl_url();
    if (parsed == NULL)
        return -ENOMEM;
    CURLUcode code = curl_url_set(parsed, CURLUPART_URL, text, CURLU_GUESS_SCHEME);
    char *scheme = part(parsed, CURLUPART_SCHEME, 0);
    bool known =
        scheme != NULL && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    char *user = part(parsed, CURLUPART_USER, 0);
    target->is_plain = known && strcmp(scheme, "http") == 0 && user == NULL;
    free(scheme);
    free(user);
    if (code == CURLUE_OK && known) {
        /* A fragment is for readers of a page and never sent. */
        (void)curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
        target->path = path_and_query(parsed);
        target->url = whole_url(parsed, target->path);
        target->host = part(parsed, CURLUPART_HOST, 0);
        target->zone = part(parsed, CURLUPART_ZONEID, 0);
        target->port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    }
    curl_url_cleanup(parsed);
    if (target->url != NULL && target->path != NULL && target->host != NULL &&
        target->port != NULL)
        return 0;
    (void)snprintf(why, why_bytes,
                   "'%.200s' is not a URL to load (%s); it wants one such as "
                   "http://127.0.0.1:8080/path",
                   text,
                   code != CURLUE_OK ? curl_url_strerror(code) : "not http or https");
    return -EINVAL;
}

static int read_body(struct target *target, const char *path, char *why,
                     size_t why_bytes) {
    FILE *file = files_open(path);
    FILE *copy = open_memstream(&target->body, &target->body_bytes);
    int error = file == NULL || copy == NULL ? errno : 0;
    char block[4096];
    for (size_t n = 1; error == 0 && n > 0;) {
        n = fread(block, 1, sizeof block, file);
        if (ferror(file) || fwrite(block, 1, n, copy) != n)
            error = errno;
    }
    if (file != NULL)
        (void)fclose(file);
    if (copy != NULL && fclose(copy) != 0 && error == 0)
        error = errno;
    if (error != 0)
        (void)snprintf(why, why_bytes, "cannot read the POST data in '%.200s': %s", path,
                       files_why(error));
    return -error;
}

/* What stands behind the URL: nothing, a comment, "POST data" or "POST <file". */
static int parse_method(struct target *target, const char *text, char *why,
                        size_t why_bytes) {
    text += strspn(text, " \t");
    if (*text == '\0' || *text == '#')
        return 0;
    if (strncmp(text, "POST", 4) != 0 ||
        (text[4] != '\0' && strchr(" \t", text[4]) == NULL)) {
        (void)snprintf(why, why_bytes,
                       "'%.100s' behind the URL is not understood; it wants POST and "
                       "data, or POST and <file",
                       text);
        return -EINVAL;
    }
    text += 4;
    text += strspn(text, " \t");
    if (*text == '<') {
        text++;
        return read_body(target, text + strspn(text, " \t"), why, why_bytes);
    }
    target->body = strdup(text);
    target->body_bytes = strlen(text);
    return target->body != NULL ? 0 : -ENOMEM;
}

const char *target_method(const struct target *target) {
    return target->body != NULL ? "POST" : "GET";
}

static void target_release(struct target *target) {
    free(target->url);
    free(target->path);
    free(target->host);
    free(target->zone);
    free(target->port);
    free(target->body);
}

int urls_add(struct urls *urls, const char *line, char *why, size_t why_bytes) {
    struct target target = {0};
    (void)snprintf(why, why_bytes, "out of memory");
    size_t length = strcspn(line, " \t");
    char *url = strndup(line, length);
    int error = url != NULL ? parse_url(&target, url, why, why_bytes) : -ENOMEM;
    free(url);
    if (error == 0)
        error = parse_method(&target, line + length, why, why_bytes);
    if (error == 0) {
        size_t bytes = (urls->n_targets + 1) * sizeof target;
        struct target *grown = realloc(urls->targets, bytes);
        error = grown != NULL ? 0 : -ENOMEM;
        if (grown != NULL) {
            urls->targets = grown;
            urls->targets[urls->n_targets++] = target;
            return 0;
        }
    }
    target_release(&target);
    return error;
}

static int read_line(struct urls *urls, struct variables *variables, char *line,
                     char *why, size_t why_bytes) {
    char *expanded = malloc(MAX_LINE_BYTES);
    if (expanded == NULL)
        return -ENOMEM;
    line += strspn(line, " \t");
    for (size_t n = strlen(line); n > 0 && isspace((unsigned char)line[n - 1]); n--)
        line[n - 1] = '\0';
    int error = 0;
    if (line[0] != '#' && line[0] != '\0') {
        (void)snprintf(why, why_bytes, "the line is too long");
        error = variables_expand(variables, line, expanded, MAX_LINE_BYTES);
        if (error == 0)
            error = variables_are_defined_by(expanded)
                        ? variables_define(variables, expanded, why, why_bytes)
                        : urls_add(urls, expanded, why, why_bytes);
    }
    free(expanded);
    return error;
}

int urls_read_file(struct urls *urls, const char *path, char *why, size_t why_bytes) {
    struct variables variables = {0};
    char *line = NULL, reason[400] = "out of memory";
    size_t line_bytes = 0, number = 0;
    int error = 0;
    FILE *file = files_open_text(path);
    if (file == NULL)
        error = -errno;
    while (error == 0 && getline(&line, &line_bytes, file) > 0) {
        number++;
        error = read_line(urls, &variables, line, reason, sizeof reason);
    }
    if (file == NULL || ferror(file))
        (void)snprintf(why, why_bytes, "cannot read the URL file '%.200s': %s", path,
                       files_why(errno));
    else if (error != 0)
        (void)snprintf(why, why_bytes, "%.200s, line %zu: %s", path, number, reason);
    else if (urls->n_targets == 0)
        (void)snprintf(why, why_bytes, "%.200s holds no URL; write one on each line",
                       path);
    if (error == 0 && (ferror(file) || urls->n_targets == 0))
        error = -EINVAL;
    if (file != NULL)
        (void)fclose(file);
    free(line);
    variables_free(&variables);
    return error;
}

void urls_free(struct urls *urls) {
    for (size_t i = 0; i < urls->n_targets; i++)
        target_release(&urls->targets[i]);
    free(urls->targets);
    *urls = (struct urls){0};
}
