/* A cell's requests over time: blocks of equal length, round in seconds. Main thread. */
#ifndef JUGGLE_REPORT_TIMELINE_H
#define JUGGLE_REPORT_TIMELINE_H

#include "measured/cell.h"

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

void timeline_make(const struct cell *cell, struct timeline *timeline);

#endif
