/*
 * Latencies in buckets of 1/16 of an octave, for the line on a terminal: whatever a
 * bucket holds is within 1/32 of its middle, 3.2 %, from 16 ns to nine hours. Any thread.
 */
#ifndef JUGGLE_LOADGEN_LIVE_BUCKETS_H
#define JUGGLE_LOADGEN_LIVE_BUCKETS_H

#include <stdint.h>

enum {
    LIVE_PER_OCTAVE = 16,
    LIVE_N_OCTAVES = 41,
    LIVE_N_BUCKETS = LIVE_PER_OCTAVE * LIVE_N_OCTAVES
};

/* Below LIVE_N_BUCKETS; what is shorter or longer goes into the first or the last. */
unsigned live_bucket_of(uint64_t latency_ns);

/* The middle of a bucket. */
double live_bucket_ms(unsigned bucket);

#endif
