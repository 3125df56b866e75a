/* Idle lanes, and samples of what they carry; see in_flight.h. */
#include "loadgen/drive/in_flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"

enum { MOST_DRAWN = 1000 * 1000 };

static const uint64_t FIRST_REST_NS = 10 * NS_PER_MS, LONGEST_REST_NS = NS_PER_S,
                      ALIKE_NS = NS_PER_MS;

int in_flight_reserve(struct in_flight *in_flight, unsigned n) {
    int error = in_flight->transport->reserve(in_flight->carrier, n);
    if (error != 0)
        return error;
    struct in_flight_request *all = realloc(in_flight->all, n * sizeof *all);
    if (all != NULL)
        in_flight->all = all;
    unsigned *idle = realloc(in_flight->idle, n * sizeof *idle);
    if (idle != NULL)
        in_flight->idle = idle;
    if (all == NULL || idle == NULL)
        return -ENOMEM;
    memset(all + in_flight->n, 0, (n - in_flight->n) * sizeof *all);
    for (unsigned lane = n; lane-- > in_flight->n;)
        idle[in_flight->n_idle++] = lane;
    in_flight->n = n;
    return 0;
}

bool in_flight_find_lane(struct in_flight *in_flight, unsigned *lane) {
    unsigned n = in_flight->n, most = in_flight->most;
    if (in_flight->n_idle == 0 &&
        (n >= most || in_flight_reserve(in_flight, 2 * n < most ? 2 * n : most) != 0))
        return false;
    *lane = in_flight->idle[--in_flight->n_idle];
    return true;
}

uint64_t in_flight_rest_ns(struct in_flight_request *request, const struct answer *answer,
                           uint64_t ended_ns, uint64_t end_ns) {
    if (answer->error == SAMPLE_ANSWERED || answer->first_byte_ns != 0) {
        request->n_lost = 0;
        return 0;
    }
    uint64_t rest_ns = FIRST_REST_NS << (request->n_lost < 7 ? request->n_lost : 7);
    request->n_lost++;
    if (rest_ns > LONGEST_REST_NS)
        rest_ns = LONGEST_REST_NS;
    if (end_ns != 0 && ended_ns + rest_ns > end_ns)
        rest_ns = end_ns > ended_ns ? end_ns - ended_ns : 0;
    return rest_ns;
}

static void keep(struct in_flight *in_flight, const struct load_sample *sample,
                 const struct server_report *report) {
    if (samples_add(in_flight->samples, sample, report) != 0)
        in_flight->error = -ENOMEM;
}

/* 0 for a stamp that was not taken. */
static uint64_t since(uint64_t stamp_ns, uint64_t start_ns) {
    return stamp_ns > start_ns ? stamp_ns - start_ns : 0;
}

struct load_sample in_flight_answered(struct in_flight *in_flight, unsigned lane,
                                      const struct answer *answer, uint64_t epoch_ns) {
    struct load_sample sample = in_flight->all[lane].sample;
    uint64_t started_ns = epoch_ns + sample.start_ns;
    sample.connect_ns = since(answer->connected_ns, started_ns);
    sample.first_byte_ns = since(answer->first_byte_ns, started_ns);
    sample.service_ns = since(answer->ended_ns, started_ns);
    sample.body_bytes = answer->body_bytes;
    sample.status = (short)answer->status;
    sample.error = (unsigned char)answer->error;
    sample.protocol = (unsigned char)answer->protocol;
    keep(in_flight, &sample, answer->server_report);
    return sample;
}

void in_flight_cut_off(struct in_flight *in_flight, unsigned lane, uint64_t elapsed_ns) {
    struct load_sample sample = in_flight->all[lane].sample;
    sample.service_ns = since(elapsed_ns, sample.start_ns);
    sample.fate = SAMPLE_CUT_OFF;
    in_flight->n_cut_off++;
    keep(in_flight, &sample, NULL);
}

static void keep_unsent(struct in_flight *in_flight) {
    if (in_flight->n_unsent == 0)
        return;
    in_flight->unsent.body_bytes = in_flight->n_unsent - 1;
    keep(in_flight, &in_flight->unsent, NULL);
    in_flight->n_unsent = 0;
}

void in_flight_not_sent(struct in_flight *in_flight, const struct planned *planned,
                        uint64_t n) {
    struct load_sample sample = {.planned_ns = planned->at_ns,
                                 .start_ns = planned->at_ns,
                                 .target = (unsigned)planned->target,
                                 .fate = SAMPLE_NOT_SENT};
    uint64_t warmup_ns = in_flight->warmup_ns;
    bool is_alike = in_flight->n_unsent > 0 &&
                    sample.planned_ns - in_flight->unsent.planned_ns < ALIKE_NS &&
                    sample_is_warmup(&sample, warmup_ns) ==
                        sample_is_warmup(&in_flight->unsent, warmup_ns);
    if (!is_alike) {
        keep_unsent(in_flight);
        in_flight->unsent = sample;
    }
    in_flight->n_unsent += n;
    in_flight->n_not_sent += n;
}

void in_flight_overdue(struct in_flight *in_flight, struct schedule *schedule,
                       uint64_t until_ns) {
    struct planned planned;
    for (unsigned n = 0;
         in_flight->error == 0 && n < MOST_DRAWN &&
         schedule_peek(schedule, &planned.at_ns) && planned.at_ns < until_ns;
         n++) {
        planned = schedule_take(schedule);
        in_flight_not_sent(in_flight, &planned, 1);
    }
    /* What is left, a sample for those of the warm-up and one for the others. */
    bool has_warmup = in_flight->warmup_ns < until_ns;
    const uint64_t ends_ns[] = {has_warmup ? in_flight->warmup_ns : until_ns, until_ns};
    for (int i = 0; i < 2 && in_flight->error == 0; i++) {
        planned = (struct planned){0};
        if (schedule_peek(schedule, &planned.at_ns) && planned.at_ns < ends_ns[i])
            in_flight_not_sent(in_flight, &planned, schedule_skip(schedule, ends_ns[i]));
    }
}

void in_flight_end(struct in_flight *in_flight) {
    if (in_flight->error == 0)
        keep_unsent(in_flight);
    free(in_flight->all);
    free(in_flight->idle);
}
