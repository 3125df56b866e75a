/* Headers of the user's; see headers.h. */
#include "loadgen/transport/headers.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "loadgen/transport/span.h"

static bool is_named(const char *line, const char *name) {
    size_t length = strlen(name);
    return strncasecmp(line, name, length) == 0 &&
           (line[length] == ':' || line[length] == ';');
}

/* What stands behind the colon. */
static struct span value_of(const char *line) {
    const char *colon = strchr(line, ':');
    return colon != NULL ? span_trim((struct span){colon + 1, strlen(colon + 1)})
                         : (struct span){line, 0};
}

static bool lists(const char *line, const char *word) {
    struct span value = value_of(line);
    for (struct span item; span_next(&value, &item);)
        if (span_equals(item, word))
            return true;
    return false;
}

int headers_add(struct headers *headers, const char *line) {
    size_t n_name = strcspn(line, ":;");
    bool is_form = n_name > 0 && (line[n_name] == ':' ||
                                  (line[n_name] == ';' && line[n_name + 1] == '\0'));
    /* A line end would change the request's shape. */
    if (!is_form || strpbrk(line, "\r\n") != NULL)
        return -EINVAL;
    if (headers->n == HEADERS_MOST)
        return -ERANGE;
    headers->lines[headers->n++] = line;
    return 0;
}

/* The first of that name whose list has `word`, or any of that name; NULL: none. */
static const char *find(const struct headers *headers, const char *name,
                        const char *word) {
    for (unsigned i = 0; i < headers->n; i++)
        if (is_named(headers->lines[i], name) &&
            (word == NULL || lists(headers->lines[i], word)))
            return headers->lines[i];
    return NULL;
}

bool headers_have(const struct headers *headers, const char *name) {
    return find(headers, name, NULL) != NULL;
}

bool headers_ask_to_close(const struct headers *headers) {
    return find(headers, "Connection", "close") != NULL;
}

bool headers_ask_for_chunks(const struct headers *headers) {
    return find(headers, "Transfer-Encoding", "chunked") != NULL;
}

bool headers_suit(const char *line, bool has_body) {
    return has_body || !is_named(line, "Transfer-Encoding");
}

const char *headers_refusal(const struct headers *headers, bool http2) {
    if (headers_have(headers, "Content-Length"))
        return "-H 'Content-Length' is refused, since the length is that of the body "
               "that "
               "is sent; leave it out";
    for (unsigned i = 0; i < headers->n; i++) {
        struct span value = value_of(headers->lines[i]);
        if (!is_named(headers->lines[i], "Transfer-Encoding") || value.n_bytes == 0)
            continue;
        if (!span_equals(value, "chunked"))
            return "-H 'Transfer-Encoding' knows 'chunked' alone, which sends bodies in "
                   "chunks; leave out the rest";
        if (http2)
            return "HTTP/2 has no 'Transfer-Encoding: chunked'; leave it out";
    }
    return NULL;
}
