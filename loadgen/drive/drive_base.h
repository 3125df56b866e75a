/*
 * The event loop under a drive: how it is made for what is planned, and how it waits.
 * Loop thread.
 */
#ifndef JUGGLE_LOADGEN_DRIVE_BASE_H
#define JUGGLE_LOADGEN_DRIVE_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/schedule/schedule.h"

struct event_base;

/* NULL when memory ran out. */
struct event_base *drive_base_new(const struct schedule_plan *plan);

/* What says whether the loop may sleep; read between its passes. */
struct drive_pace {
    bool wakes_early; /* for planned starts: there is a CPU for it */
    unsigned n_in_flight;
    uint64_t n_ended;         /* requests, so far */
    bool is_near;             /* the next start is so near that a sleep could miss it */
    uint64_t due_ns, near_ns; /* the next start, and when it is near */
};

/*
 * For one of `n_threads` loops that run at once. One alone wakes early; of several each
 * does only where there are two CPUs for each, as together they would keep the server
 * from its own.
 */
struct drive_pace drive_pace_new(unsigned n_threads);

/*
 * When a timer is to ring for a start at `at_ns`: a little before, and then, when that is
 * near, at that time; by any one clock. The time that the loop stays awake for it is a
 * quarter of what there is to wait, and at most 150 us; none where it does not wake
 * early.
 */
uint64_t drive_pace_rings(struct drive_pace *pace, uint64_t now_ns, uint64_t at_ns);

/* Runs until event_base_loopbreak. */
void drive_base_run(struct event_base *base, const struct drive_pace *pace);

#endif
