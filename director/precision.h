/*
 * How well the cells of a run are known by now: what decides whether another repeat is
 * worth its time. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_PRECISION_H
#define JUGGLE_DIRECTOR_PRECISION_H

#include <stddef.h>

struct precision {
    /* Of all cells the least known: half the 95 % interval of its mean latency in T, as a
     * share of that mean; INFINITY while a cell has less than two repeats. */
    double worst;
    char label[64];   /* that cell's */
    unsigned n_clean; /* repeats that no drift spoilt, of the cell that has fewest */
    size_t n_unmet;   /* cells that are not within what was wanted */
};

/* Reads what the folder holds, as its report will. 0 or -errno. */
int precision_read(const char *folder, double wanted, struct precision *precision);

#endif
