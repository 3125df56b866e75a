/* The methods that requests may have, and what each means for a request and its reply
 * (RFC 9110, 9.2 and 9.3). Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define METHODS_FORM "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS"

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
