/*
 * Values counted in bins whose edges are round numbers, and bars to show them on a
 * terminal. Main thread.
 */
#ifndef JUGGLE_REPORT_HISTOGRAM_H
#define JUGGLE_REPORT_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

#endif
