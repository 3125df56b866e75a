/*
 * Whether a cell's figures can mean what they say: what its load generator said of
 * itself, and whether requests failed. How busy the machine was is a figure and
 * makes no cell invalid. Main thread.
 */
#pragma once

#include "measured/cell.h"

enum validity_level { VALIDITY_VALID, VALIDITY_SUSPECT, VALIDITY_INVALID };

struct validity {
    enum validity_level level;
    /* "the load generator was short of CPU (97 %): latencies are too high; use ..."; ""
     * when valid. */
    char why[640];
};

/* "VALID", "SUSPECT", "INVALID". */
const char *validity_level_name(enum validity_level verdict);

/*
 * Of one repeat. The worst of: the verdict of its load and of each of its checks
 * (`juggle load` says why; what is about the machine is shown elsewhere; a word that is
 * no verdict is SUSPECT), SUSPECT when a request failed, INVALID when all did. What could
 * not be checked is no better than SUSPECT: a load that says nothing, or was cut short.
 * The prober's own is left out: a server that lets it wait is what it is there to show.
 */
struct validity validity_of_cell(const struct cell *cell);
