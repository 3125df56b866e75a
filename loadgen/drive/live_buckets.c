/* Buckets on a logarithmic scale; see live_buckets.h. */
#include "loadgen/drive/live_buckets.h"

#include <math.h>

#include "common/clock.h"

enum { BITS_PER_OCTAVE = 4 }; /* of LIVE_PER_OCTAVE */

/* The octave from the leading bit, its sixteenths from the four bits behind. */
unsigned live_bucket_of(uint64_t latency_ns) {
    if (latency_ns < LIVE_PER_OCTAVE)
        return 0;
    unsigned octave = 63 - (unsigned)__builtin_clzll(latency_ns) - BITS_PER_OCTAVE;
    unsigned part = (unsigned)(latency_ns >> octave) & (LIVE_PER_OCTAVE - 1);
    unsigned bucket = octave * LIVE_PER_OCTAVE + part;
    return bucket < LIVE_N_BUCKETS ? bucket : LIVE_N_BUCKETS - 1;
}

double live_bucket_ms(unsigned bucket) {
    double part = (bucket % LIVE_PER_OCTAVE + 0.5) / LIVE_PER_OCTAVE;
    int octave = (int)(bucket / LIVE_PER_OCTAVE) + BITS_PER_OCTAVE;
    return ldexp(1 + part, octave) / (double)NS_PER_MS;
}
