/*
 * The line on a terminal while load is sent: elapsed, rate, in flight, p50, p99, errors.
 * Load threads only count, in atomics; a thread of its own prints twice a second, so that
 * a terminal that blocks holds nobody up.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct live;

/* Begins to print on stderr. NULL when something for it is not to be had: no line. */
struct live *live_start(void);

/* Any thread; `live` may be NULL, and then nothing is counted. */
void live_sent(struct live *live);
void live_ended(struct live *live, uint64_t latency_ns, bool failed);

/* Removes the line. */
void live_stop(struct live *live);

/* Latencies in buckets of 1/16 of an octave: whatever a bucket holds is within 1/32 of
 * its middle, 3.2 %, from 16 ns to nine hours. */
enum {
    LIVE_PER_OCTAVE = 16,
    LIVE_N_OCTAVES = 41,
    LIVE_N_BUCKETS = LIVE_PER_OCTAVE * LIVE_N_OCTAVES
};

/* Below LIVE_N_BUCKETS; what is shorter or longer goes into the first or the last. */
unsigned live_bucket_of(uint64_t latency_ns);

/* The middle of a bucket. */
double live_bucket_ms(unsigned bucket);
