/* How often each HTTP status was answered, one by one. Any thread. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

enum { STATUSES_MOST = 32 /* that are told apart */, STATUSES_OTHER = INT_MAX };

struct statuses {
    struct {
        int status;
        uint64_t n;
    } items[STATUSES_MOST + 1]; /* ascending; STATUSES_OTHER: all that found no place */
    size_t n_items;
};

void statuses_count(struct statuses *statuses, int status);

/* From the first status to the last, both included. */
uint64_t statuses_between(const struct statuses *statuses, int first, int last);

/* "200: 980, 429: 15, other: 5" and a line end, in lines of at most 80 columns that are
 * indented as siege's figures are; nothing when there are none. */
void statuses_print(const struct statuses *statuses, const char *label, FILE *out);

/* {"200": 980, "429": 15, "other": 5}; a new reference. */
json_t *statuses_json(const struct statuses *statuses);
