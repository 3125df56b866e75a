/*
 * Who worked when: requests of one cell laid out in lanes, one per worker, so that no two
 * bars of a lane overlap. A worker that holds several jobs at once, as an event loop
 * does, gets several lanes. Main thread.
 */
#pragma once

#include <stdio.h>

#include "common/stats/sample_table.h"
#include "report/overview.h"

/* One request in its place. */
struct bar {
    const struct sample *sample;
    size_t lane;  /* from 1, top to bottom: processes, and threads in them, by start */
    size_t group; /* from 1: which process, in the order they first took a job */
};

struct lanes {
    struct bar *bars; /* by lane, then by start */
    size_t n_bars;    /* requests whose worker is known */
    size_t n_lanes, n_groups;
};

/* Of samples that outlive the lanes. 0 or -ENOMEM. Release with lanes_free. */
int lanes_make(const struct sample *samples, size_t n_samples, struct lanes *lanes);
void lanes_free(struct lanes *lanes);

/* The blocks of the chart's data file, from 1 on; results/README.md lists them. */
void lanes_write_data(const struct overview *overview, const struct chart *chart,
                      FILE *out);
