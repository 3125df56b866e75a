/* The bodies of requests. Each file is read once, however many targets it is sent to.
 * Main thread, before the run; then any thread may read what the texts hold. */
#pragma once

#include <stddef.h>

#include "common/base/error.h"

struct body {
    char *path; /* NULL: not of a file that may be asked for again */
    char *text; /* n_bytes of it, which may be any */
    size_t n_bytes;
};

/* Starts zeroed. */
struct bodies {
    struct body *all;
    size_t n;
};

/*
 * A text as it is, or what a file holds ("-": standard input, which nobody has read
 * yet). `body` shares it with the list. 0, or -errno with one line in `why`.
 */
int bodies_add(struct bodies *bodies, const char *text, struct body *body,
               char why[WHY_BYTES]);
int bodies_read(struct bodies *bodies, const char *path, struct body *body,
                char why[WHY_BYTES]);

void bodies_free(struct bodies *bodies);
