/*
 * How many requests may fail before a run is given up, in all of its threads together.
 * Any thread counts; each drive heeds it on its own loop.
 */
#ifndef JUGGLE_LOADGEN_FAILURE_LIMIT_H
#define JUGGLE_LOADGEN_FAILURE_LIMIT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

struct failure_limit {
    uint64_t most; /* above 0; set before the rest begins */
    atomic_uint_fast64_t n_failed;
    int fd; /* readable, and never read, once there were so many */
};

/* 0 or -errno; and end it either way. */
int failure_limit_begin(struct failure_limit *limit);
void failure_limit_end(struct failure_limit *limit);

/* An event that becomes active when there were so many; NULL without memory. */
struct event *failure_limit_heed(const struct failure_limit *limit,
                                 struct event_base *base, event_callback_fn reached,
                                 void *context);

/* One more request has failed. */
void failure_limit_count(struct failure_limit *limit);

/* Of a run that is over. */
bool failure_limit_is_reached(const struct failure_limit *limit);

#endif
