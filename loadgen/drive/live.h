/*
 * The line on a terminal while load is sent: elapsed, rate, in flight, p50, p99, errors.
 * Load threads only count, in atomics; a thread of its own prints twice a second, so that
 * a terminal that blocks holds nobody up. Latencies go into buckets (live_buckets), and
 * are shown with three digits, so they are within 4 %; the statistics are exact.
 */
#ifndef JUGGLE_LOADGEN_LIVE_H
#define JUGGLE_LOADGEN_LIVE_H

#include <stdbool.h>
#include <stdint.h>

struct live;

/* Begins to print on stderr. NULL when memory or a thread is not to be had: no line. */
struct live *live_start(void);

/* Any thread; `live` may be NULL, and then nothing is counted. */
void live_sent(struct live *live);
void live_ended(struct live *live, uint64_t latency_ns, bool failed);

/* Removes the line. */
void live_stop(struct live *live);

#endif
