/* Idle lanes, and samples of what is carried; see flights.h. */
#include "loadgen/drive/flights.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

static const uint64_t FIRST_REST_NS = 10 * NS_PER_MS, LONGEST_REST_NS = NS_PER_S;

int flights_reserve(struct flights *flights, const struct transport *transport,
                    void *carrier, unsigned n) {
    int error = transport->reserve(carrier, n);
    if (error != 0)
        return error;
    struct flight *all = realloc(flights->all, n * sizeof *all);
    if (all != NULL)
        flights->all = all;
    unsigned *idle = realloc(flights->idle, n * sizeof *idle);
    if (idle != NULL)
        flights->idle = idle;
    if (all == NULL || idle == NULL)
        return -ENOMEM;
    memset(all + flights->n, 0, (n - flights->n) * sizeof *all);
    for (unsigned lane = n; lane-- > flights->n;)
        idle[flights->n_idle++] = lane;
    flights->n = n;
    return 0;
}

bool flights_find(struct flights *flights, const struct transport *transport,
                  void *carrier, unsigned most, unsigned *lane) {
    unsigned n = flights->n;
    if (flights->n_idle == 0 &&
        (n >= most ||
         flights_reserve(flights, transport, carrier, 2 * n < most ? 2 * n : most) != 0))
        return false;
    *lane = flights->idle[--flights->n_idle];
    return true;
}

void flights_give_back(struct flights *flights, unsigned lane) {
    flights->idle[flights->n_idle++] = lane;
}

void flights_free(struct flights *flights) {
    free(flights->all);
    free(flights->idle);
}

uint64_t flight_rest_ns(struct flight *flight, const struct answer *answer,
                        uint64_t ended_ns, uint64_t end_ns) {
    if (answer->error == SAMPLE_ANSWERED || answer->first_byte_ns != 0) {
        flight->n_lost = 0;
        return 0;
    }
    uint64_t rest_ns = FIRST_REST_NS << (flight->n_lost < 7 ? flight->n_lost : 7);
    flight->n_lost++;
    if (rest_ns > LONGEST_REST_NS)
        rest_ns = LONGEST_REST_NS;
    if (end_ns != 0 && ended_ns + rest_ns > end_ns)
        rest_ns = end_ns > ended_ns ? end_ns - ended_ns : 0;
    return rest_ns;
}

/* 0 for a stamp that was not taken. */
static uint64_t since(uint64_t stamp_ns, uint64_t start_ns) {
    return stamp_ns > start_ns ? stamp_ns - start_ns : 0;
}

struct load_sample flight_answered(const struct flight *flight, unsigned lane,
                                   const struct answer *answer, uint64_t epoch_ns) {
    uint64_t started_ns = epoch_ns + flight->start_ns;
    return (struct load_sample){
        .planned_ns = flight->planned.at_ns,
        .start_ns = flight->start_ns,
        .connect_ns = since(answer->connected_ns, started_ns),
        .first_byte_ns = since(answer->first_byte_ns, started_ns),
        .service_ns = since(answer->ended_ns, started_ns),
        .body_bytes = answer->body_bytes,
        .user = lane,
        .target = (unsigned)flight->planned.target,
        .status = (short)answer->status,
        .error = (unsigned char)answer->error,
        .protocol = (unsigned char)answer->protocol,
    };
}

struct load_sample flight_cut_off(const struct flight *flight, unsigned lane,
                                  uint64_t elapsed_ns) {
    return (struct load_sample){
        .planned_ns = flight->planned.at_ns,
        .start_ns = flight->start_ns,
        .service_ns = since(elapsed_ns, flight->start_ns),
        .user = lane,
        .target = (unsigned)flight->planned.target,
        .fate = SAMPLE_CUT_OFF,
    };
}

struct load_sample flight_not_sent(const struct planned *planned) {
    return (struct load_sample){
        .planned_ns = planned->at_ns,
        .start_ns = planned->at_ns,
        .target = (unsigned)planned->target,
        .fate = SAMPLE_NOT_SENT,
    };
}
