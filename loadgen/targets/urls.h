/*
 * What to ask for: one URL, or a file of them as siege reads it. A line is
 * "URL", "URL METHOD", "URL METHOD data" or "URL METHOD <file"; '#' begins a comment;
 * "NAME=value" names a value that later lines use as $(NAME) or ${NAME}. Main thread,
 * before the run.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/error.h"

#define METHODS_FORM "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"

/* What the methods that requests may have mean for a request and its reply (RFC 9110, 9.2
 * and 9.3). Any thread. */
struct method {
    const char *name;
    /* May be sent again when nobody knows what became of it: it was to have its effect
     * once, and twice is the same. */
    bool is_idempotent;
    bool expects_body; /* its length is said even where there is none */
    bool is_head;      /* takes no body, and its replies have none, whatever they say */
};

/* The one of that name, as upper case as it is; NULL: there is none. */
const struct method *method_find(const char *name, size_t name_bytes);

struct Curl_URL; /* libcurl's CURLU */

struct target {
    struct Curl_URL *parsed; /* NULL: a proxy's */
    char *url;               /* whole, with its scheme */
    const char *path;        /* in it, with its query */
    char *host;              /* [..] around an IPv6 address */
    char *zone; /* of one that is valid on one link: "eth0" or its number; NULL: none */
    char *port;
    const struct method *method;
    const char *body; /* NULL: none; the urls' */
    size_t body_bytes;
    bool is_plain; /* http without a user name in the URL: no library is needed */
};

struct body {
    char *path; /* NULL: not of a file that may be asked for again */
    char *text; /* n_bytes of it, which may be any */
    size_t n_bytes;
};

struct urls {
    struct target *targets;
    size_t n_targets;
    struct body *bodies; /* of the targets; each file is read once */
    size_t n_bodies;
    const struct method *usual_method; /* of lines that name none; NULL: as it is usual */
    struct body usual_body;            /* of these lines; text NULL: none */
    size_t n_usual;                    /* how many lines there are of them */
};

/* Sets what lines do that name no method: a method (NULL: GET, or POST with a body), and
 * a file of the body (NULL: none). Before the first line; returns as urls_add. */
int urls_set_usual(struct urls *urls, const struct method *method, const char *body_path,
                   char why[WHY_BYTES]);

/* The host, zone and port alone of a proxy: [scheme://][user@]host[:port]. 0, or -EINVAL
 * with one line in `why`; release it either way. */
int target_of_proxy(struct target *target, const char *proxy, char why[WHY_BYTES]);
void target_release(struct target *target);

/* Whether both are of one host, zone and port. */
bool target_has_host_of(const struct target *target, const struct target *other);

/* Both return 0, or -errno with one line in `why` that says what is wrong and where.
 * Release with urls_free either way; `urls` starts zeroed. */
int urls_add(struct urls *urls, const char *line, char why[WHY_BYTES]);
int urls_read_file(struct urls *urls, const char *path, char why[WHY_BYTES]);

void urls_free(struct urls *urls);
