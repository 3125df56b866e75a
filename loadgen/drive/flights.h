/*
 * What the lanes of a drive carry, which are idle, and the sample that comes of each
 * request. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_FLIGHTS_H
#define JUGGLE_LOADGEN_FLIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/samples/samples.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/transport/transport.h"

struct flight {
    bool is_up;
    struct planned planned;
    uint64_t start_ns; /* since the epoch */
    unsigned n_lost;   /* of the last requests in a row: not a byte of an answer came */
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
 * opened. 0, or -errno: then it is as before.
 */
int flights_reserve(struct flights *flights, const struct transport *transport,
                    void *carrier, unsigned n);

/* An idle lane, a new one where there may be more of them and memory is there; or false.
 */
bool flights_find(struct flights *flights, const struct transport *transport,
                  void *carrier, unsigned most, unsigned *lane);
void flights_give_back(struct flights *flights, unsigned lane);

void flights_free(struct flights *flights);

/*
 * How long the user of a closed loop rests after this answer, beside thinking: not at all
 * when anything came, else 10 ms, which doubles up to a second while nothing does; and
 * not beyond the run's end (0: it has none). Else users of a server that is not there
 * would ask, and fail, as fast as the CPU can.
 */
uint64_t flight_rest_ns(struct flight *flight, const struct answer *answer,
                        uint64_t ended_ns, uint64_t end_ns);

/* The stamps of an answer are monotonic, and `epoch_ns` is the epoch on that clock. */
struct load_sample flight_answered(const struct flight *flight, unsigned lane,
                                   const struct answer *answer, uint64_t epoch_ns);

/* It was in flight when the run was over. */
struct load_sample flight_cut_off(const struct flight *flight, unsigned lane,
                                  uint64_t elapsed_ns);

/* It never got a lane. */
struct load_sample flight_not_sent(const struct planned *planned);

#endif
