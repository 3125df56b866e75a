/* A cell's requests over time: blocks of equal length, round in seconds. Main thread. */
#ifndef JUGGLE_REPORT_TIMELINE_H
#define JUGGLE_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/stats/sample_table.h"

enum { MAX_BLOCKS = 24 };

/* What ended from `from_us` on, before the next block; the last one ends with the load.
 */
struct block {
    double from_us, to_us;
    size_t n_answered, n_failed;
    double p50_us, max_us; /* of the answered; NAN where they do not carry it */
};

struct timeline {
    struct block blocks[MAX_BLOCKS];
    size_t n_blocks; /* 0 without requests, or when memory is out */
};

/* What it is made of, as requests go by: all 0 but `open_loop` at first. */
struct timeline_maker {
    bool open_loop;
    double first_us, end_us; /* the first that was planned, the last that ended */
    struct ended *ended;
    size_t n, room;
};

/* For cell_visit. 0 or -ENOMEM. */
int timeline_take(void *maker, const struct sample *sample);

/* Lets go of what the maker has. */
void timeline_make(struct timeline_maker *maker, struct timeline *timeline);

#endif
