/*
 * Seeded random numbers: the same seed gives the same run on every machine.
 * The generator is xoshiro256**, seeded by splitmix64 (Blackman, Vigna 2018). Each
 * struct random belongs to one thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);

uint64_t random_next(struct random *random);

/* Uniform in [0, 1). */
double random_uniform(struct random *random);

/* Uniform in 0 .. bound - 1, without bias; bound > 0. */
uint64_t random_below(struct random *random, uint64_t bound);

/* Exponential with the given mean. */
double random_exponential(struct random *random, double mean);

/* Fisher-Yates over n_items indices, in place. */
void random_shuffle(struct random *random, size_t *items, size_t n_items);

/* A seed from the kernel, for a run that was given none. */
uint64_t random_fresh_seed(void);
