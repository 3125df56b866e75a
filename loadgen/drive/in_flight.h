/* Requests in flight, lane by lane: which lanes are idle, and the sample that is kept of
 * each request, of those that were cut off or never sent as well. Loop thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/samples/samples.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/transport/transport.h"

/* What a lane carries, or carried last. */
struct in_flight_request {
    bool is_up;
    unsigned n_lost; /* of the last requests in a row: not a byte of an answer came */
    struct load_sample sample; /* as it was sent */
};

/* Starts zeroed, but for the first group. */
struct in_flight {
    const struct transport *transport;
    void *carrier; /* what the transport opened */
    struct samples *samples;
    unsigned most; /* lanes */
    uint64_t warmup_ns;

    struct in_flight_request *all; /* by lane; closed loop: a user's lane is his number */
    unsigned n;
    unsigned *idle; /* a stack, so that warm connections come first; for open loops */
    unsigned n_idle;
    uint64_t n_cut_off, n_not_sent;
    struct load_sample unsent; /* stands for arrivals that are not kept yet */
    uint64_t n_unsent;
    int error; /* -ENOMEM once a sample could not be kept; the run must end */
};

/* To so many lanes, all new ones idle, the lowest on top. 0, or -errno: as it was. */
int in_flight_reserve(struct in_flight *in_flight, unsigned n);

/* An idle lane, or a new one where there may be more of them. */
bool in_flight_find_lane(struct in_flight *in_flight, unsigned *lane);

/* How long the user of a closed loop rests after this answer, beside thinking: not at all
 * when anything came, else 10 ms, which doubles up to a second while nothing does. Not
 * beyond the run's end (0: it has none). */
uint64_t in_flight_rest_ns(struct in_flight_request *request, const struct answer *answer,
                           uint64_t ended_ns, uint64_t end_ns);

/* Keeps the sample of the lane's request, and returns it. `epoch_ns` is on the clock of
 * the answer. */
struct load_sample in_flight_answered(struct in_flight *in_flight, unsigned lane,
                                      const struct answer *answer, uint64_t epoch_ns);

/* The lane's request was in flight when the run was over. */
void in_flight_cut_off(struct in_flight *in_flight, unsigned lane, uint64_t elapsed_ns);

/* So many arrivals from this one on got no lane. Those of a millisecond are one sample,
 * so an overload of any size takes no more than so many bytes a second. */
void in_flight_not_sent(struct in_flight *in_flight, const struct planned *planned,
                        uint64_t n);

/* Arrivals before `until_ns` that an open loop did not get round to: drawn one by one up
 * to a million, and reckoned by the rate beyond, because the run is over. */
void in_flight_overdue(struct in_flight *in_flight, struct schedule *schedule,
                       uint64_t until_ns);

/* Keeps what was not kept yet, and releases all but the samples. */
void in_flight_end(struct in_flight *in_flight);
