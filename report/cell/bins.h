/*
 * Values counted in bins whose edges are round numbers, a cell's requests in blocks of
 * time, and bars to show both on a terminal. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/stats/sample_table.h"

enum { MAX_BINS = 24 };

struct histogram {
    double edges[MAX_BINS + 1]; /* ascending; a bin holds its lower edge */
    size_t counts[MAX_BINS];
    size_t n_bins; /* 0 without values */
    bool is_logarithmic;
};

/* Bins for sorted values: equally wide, or by ratio where they span a factor of 20. */
void histogram_make(const double *sorted, size_t n_values, struct histogram *histogram);

/* The least of 1, 2, 5 times a power of ten that is not below `value` (above 0). */
double histogram_round_up(double value);

/*
 * Ends a line with two spaces and a bar of `share` (0 .. 1) of `width` columns, to an
 * eighth of one; what is above 0 shows, and 0 is nothing at all.
 */
void histogram_print_bar(double share, int width, FILE *out);

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
