/*
 * Tells when a loop did not get round to look: a timer that should ring every 10 ms, and
 * the answers that it reads in between, are moments at which it was seen at work. From
 * 30 ms between two of them on there is a gap. A stopped process, a quota of CPU time, a
 * CPU that others have and a loop that is too busy all look alike to who waits for it;
 * how much CPU time the thread used meanwhile tells the last from the others. Loop
 * thread.
 */
#ifndef JUGGLE_LOADGEN_HEARTBEAT_H
#define JUGGLE_LOADGEN_HEARTBEAT_H

#include <stdint.h>

#include "loadgen/samples/gaps.h"

struct event;
struct event_base;

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

#endif
