/*
 * A step that loads a table once and reuses it: the prime factors of ?n=123456. The table
 * takes 32 MiB and some 50 ms of CPU, as a small model would. `open` makes it, so threads
 * share one, and each worker process has its own; with -DBEFORE_FORK worker processes
 * share one that was made before they were forked.
 *
 *   cc -O2 -shared -fPIC -Iinclude -o factors.so examples/factors.c
 *   juggle serve --step factors=./factors.so --work factors
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "juggle_step.h"

enum { N_ROWS = 8 * 1024 * 1024, LONGEST_REPLY = 256 };

#ifdef BEFORE_FORK
enum { FLAGS = JUGGLE_STEP_OPENS_BEFORE_FORK };
#else
enum { FLAGS = 0 };
#endif

/* Row n is the least prime factor of n. */
static int make_table(void **state, char error[JUGGLE_STEP_ERROR_BYTES]) {
    uint32_t *least = calloc(N_ROWS, sizeof *least);
    if (least == NULL) {
        (void)strcpy(error, "no memory for the table");
        return 1;
    }
    for (uint32_t n = 2; n < N_ROWS; n++) {
        if (least[n] != 0)
            continue;
        least[n] = n;
        for (uint64_t k = (uint64_t)n * n; k < N_ROWS; k += n)
            if (least[k] == 0)
                least[k] = n;
    }
    *state = least;
    return 0;
}

static int call(void *state, const struct juggle_step_request *request,
                struct juggle_step_reply *reply) {
    const uint32_t *least = state;
    const char *asked = strstr(request->query, "n=");
    unsigned long n = asked != NULL ? strtoul(asked + 2, NULL, 10) : 123456;
    char *text = malloc(LONGEST_REPLY);
    size_t used = 0;
    if (text == NULL || n < 2 || n >= N_ROWS) {
        (void)snprintf(reply->error, sizeof reply->error, "n wants a number from 2 to %d",
                       N_ROWS - 1);
        free(text);
        return 400;
    }
    for (; n > 1; n /= least[n])
        used += (size_t)snprintf(text + used, LONGEST_REPLY - used, "%s%u",
                                 used > 0 ? " " : "", least[n]);
    reply->bytes = text;
    reply->n_bytes = used;
    (void)strcpy(reply->content_type, "text/plain");
    return 0;
}

const struct juggle_step juggle_step = {.abi = JUGGLE_STEP_ABI,
                                        .flags = FLAGS,
                                        .open = make_table,
                                        .call = call,
                                        .close = free};
