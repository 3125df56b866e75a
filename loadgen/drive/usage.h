/*
 * What a run cost its own generator, and what others took meanwhile: the
 * grounds on which validity.h judges whether the generator itself was the bottleneck.
 * Loop thread.
 */
#ifndef JUGGLE_LOADGEN_USAGE_H
#define JUGGLE_LOADGEN_USAGE_H

#include <stdint.h>

struct usage {
    uint64_t cpu_ns;                  /* of the calling thread */
    uint64_t waited_ns, n_waits;      /* of it: ready to run, until a CPU took it */
    uint64_t stolen_ticks, all_ticks; /* of all CPUs; 0: the kernel does not say */
};

/* Counters since some start; differences of two readings mean something. */
struct usage usage_read(void);

struct usage usage_between(const struct usage *before, const struct usage *after);

/* How long a wait for a CPU took, on average; 0 when there was none. */
double usage_mean_wait_s(const struct usage *usage);

#endif
