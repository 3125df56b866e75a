/*
 * Whether a cell's figures can be believed: what its load generator said of itself,
 * whether requests failed, and whether the machine stayed the same. Main thread.
 */
#ifndef JUGGLE_MEASURED_VALIDITY_H
#define JUGGLE_MEASURED_VALIDITY_H

#include "measured/run.h"

enum validity_verdict { VALIDITY_VALID, VALIDITY_SUSPECT, VALIDITY_INVALID };

struct validity {
    enum validity_verdict verdict;
    char why[240]; /* "stolen_cpu 0.04; T or E moved by 7 %"; "" when valid */
};

/* "VALID", "SUSPECT", "INVALID". */
const char *validity_verdict_name(enum validity_verdict verdict);

/*
 * Of one repeat. The worst of: the verdict of its load (`juggle load` says why), SUSPECT
 * when T or E moved by more than CELL_MAX_DRIFT, SUSPECT when a request failed, INVALID
 * when all did. What could not be checked is no better than SUSPECT: a load that says
 * nothing or was cut short, a T or E of which nobody knows whether it moved. The prober's
 * own is left out: a server that lets it wait is what it is there to show.
 */
struct validity validity_of_cell(const struct cell *cell);

/* Of the repeats that figures rest on: the worst of theirs, and in how many of them. */
struct validity validity_of_series(const struct series *series);

#endif
