/*
 * When a generator thread did not look: it was stopped, had no CPU, or was at work on
 * something else for so long that answers may have waited for it. What a request waited
 * meanwhile is the generator's, not the server's. Gaps are noted thread by thread in the
 * order of time. Loop thread, then main thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "loadgen/samples/sample.h"

enum { GAPS_MAX_THREADS = 64 };

struct gap {
    uint64_t from_ns, to_ns; /* since the epoch: last seen at work, and seen again */
    uint64_t cpu_ns;         /* of that, at most, on the CPU: busy and not stopped */
};

/* Starts zeroed. */
struct gaps {
    struct gap *all;
    size_t n, n_room;
    /* Where the gaps of each thread begin, and its users; one thread has them all. */
    struct {
        size_t first_gap;
        unsigned first_user;
    } threads[GAPS_MAX_THREADS];
    unsigned n_threads; /* 0: one */
};

/* Without memory the last gap grows over what is between: it is rather too much than
 * too little. */
void gaps_add(struct gaps *gaps, struct gap gap);

/* Those of the next thread, whose users are numbered from `first_user` on. */
void gaps_add_thread(struct gaps *gaps, const struct gaps *own, unsigned first_user);

/*
 * By how much the time of a request from `from_ns` to its end may be too long: the gaps
 * in it, except those all through which it waited for a connection, or for the first byte
 * of an answer, that came well after them. `from_ns`: its planned or its actual start.
 */
uint64_t gaps_in_request(const struct gaps *gaps, const struct load_sample *sample,
                         uint64_t from_ns);

void gaps_free(struct gaps *gaps);
