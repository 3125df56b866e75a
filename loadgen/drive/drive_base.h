/* The event loop under a drive: how it is made for what is planned, how it waits, when
 * it did not look, and what it cost. Loop thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/samples/sample.h"
#include "loadgen/schedule/schedule.h"

struct event;
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

/* For one of `n_threads` loops that run at once: several wake early only where there are
 * two CPUs for each, because together they would keep the server from its own. */
struct drive_pace drive_pace_new(unsigned n_threads);

/* When a timer is to ring for a start at `at_ns`, by any one clock: a quarter of what
 * there is to wait before it, at most 150 us, and when that has come, at that time. */
uint64_t drive_pace_rings(struct drive_pace *pace, uint64_t now_ns, uint64_t at_ns);

/* Runs until event_base_loopbreak. */
void drive_base_run(struct event_base *base, const struct drive_pace *pace);

/* Tells when a loop did not get round to look: a timer that should ring every 10 ms, and
 * the answers that it reads in between, are moments at which it was seen at work; 30 ms
 * between two of them are a gap. */
struct heartbeat {
    struct event *event;
    struct gaps *gaps;
    uint64_t epoch_ns, seen_ns; /* monotonic */
    uint64_t cpu_ns;            /* of the thread, at the last beat */
};

/* 0 or -ENOMEM; in either case heartbeat_end before the base goes. */
int heartbeat_prepare(struct heartbeat *heartbeat, struct event_base *base,
                      struct gaps *gaps);

/* From the epoch on. */
void heartbeat_begin(struct heartbeat *heartbeat, uint64_t epoch_ns);

/* The loop is at work `now_ns`, a monotonic moment. */
void heartbeat_note_gap(struct heartbeat *heartbeat, uint64_t now_ns);
static inline void heartbeat_see(struct heartbeat *heartbeat, uint64_t now_ns) {
    enum { LEAST_GAP_NS = 30 * 1000 * 1000 };
    if (now_ns > heartbeat->seen_ns + LEAST_GAP_NS)
        heartbeat_note_gap(heartbeat, now_ns);
    else if (now_ns > heartbeat->seen_ns)
        heartbeat->seen_ns = now_ns;
}

void heartbeat_end(struct heartbeat *heartbeat);

/* What a thread used, and what others took: whether it was the bottleneck itself. */
struct usage {
    uint64_t cpu_ns;                  /* of the calling thread */
    uint64_t waited_ns, n_waits;      /* of it: ready to run, until a CPU took it */
    uint64_t stolen_ticks, all_ticks; /* of all CPUs; 0: the kernel does not say */
};

/* Since `before`, or of zeroes: since some start. */
struct usage usage_since(const struct usage *before);

/* How long a wait for a CPU took, on average; 0 when there was none. */
double usage_mean_wait_s(const struct usage *usage);
