/* Seeded random numbers; see random.h. */
#include "common/stats/random.h"

#include <math.h>
#include <sys/random.h>

#include "common/base/clock.h"

static uint64_t rotate_left(uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
}

void random_seed(struct random *random, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        random->state[i] = mixed ^ (mixed >> 31);
    }
}

uint64_t random_next(struct random *random) {
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double random_uniform(struct random *random) {
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

uint64_t random_below(struct random *random, uint64_t bound) {
    uint64_t reject_below = -bound % bound; /* 2^64 mod bound */
    uint64_t value;
    do {
        value = random_next(random);
    } while (value < reject_below);
    return value % bound;
}

double random_exponential(struct random *random, double mean) {
    return -mean * log1p(-random_uniform(random));
}

void random_shuffle(struct random *random, size_t *items, size_t n_items) {
    for (size_t i = n_items; i > 1; i--) {
        size_t j = (size_t)random_below(random, i);
        size_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

uint64_t random_fresh_seed(void) {
    uint64_t seed;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = clock_now_ns();
    return seed >> 16; /* 48 bits: exact in every JSON reader, and short to type */
}
