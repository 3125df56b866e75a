/*
 * The event loop under a drive: how it is made for what is planned, and how it waits.
 * Loop thread.
 */
#ifndef JUGGLE_LOADGEN_DRIVE_BASE_H
#define JUGGLE_LOADGEN_DRIVE_BASE_H

#include <stdint.h>

#include "loadgen/schedule.h"

struct event_base;

/* NULL when memory ran out. */
struct event_base *drive_base_new(const struct schedule_plan *plan);

/*
 * Runs until event_base_loopbreak. The two counts are read between passes: requests in
 * flight, and requests that ended so far.
 */
void drive_base_run(struct event_base *base, const unsigned *n_in_flight,
                    const uint64_t *n_ended);

#endif
