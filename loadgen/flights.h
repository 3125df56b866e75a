/*
 * What the lanes of a drive carry, which are idle, and the sample that comes of each
 * request. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_FLIGHTS_H
#define JUGGLE_LOADGEN_FLIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/samples.h"
#include "loadgen/schedule.h"
#include "loadgen/transport.h"

struct flight {
    bool is_up;
    struct planned planned;
    uint64_t start_ns; /* since the epoch */
};

/* Starts zeroed. */
struct flights {
    struct flight *all; /* by lane; closed loop: a user's lane is his number */
    unsigned n;
    unsigned *idle; /* a stack, so that warm connections come first; for open loops */
    unsigned n_idle;
};

/*
 * To so many lanes, all new ones idle, the lowest on top; `carrier` is what the transport
 * opened. 0, or -ENOMEM: as before.
 */
int flights_reserve(struct flights *flights, const struct transport *transport,
                    void *carrier, unsigned n);

/* An idle lane, a new one where there may be more of them and memory is there; or false.
 */
bool flights_find(struct flights *flights, const struct transport *transport,
                  void *carrier, unsigned most, unsigned *lane);
void flights_give_back(struct flights *flights, unsigned lane);

void flights_free(struct flights *flights);

/* The stamps of an answer are monotonic, and `epoch_ns` is the epoch on that clock. */
struct load_sample flight_answered(const struct flight *flight, unsigned lane,
                                   const struct answer *answer, uint64_t epoch_ns);

/* It was in flight when the run was over. */
struct load_sample flight_cut_off(const struct flight *flight, unsigned lane,
                                  uint64_t elapsed_ns);

/* It never got a lane. */
struct load_sample flight_not_sent(const struct planned *planned);

#endif
