/*
 * The transport on libcurl: one easy handle a lane, made before the run and used again
 * for each request; see transport.h and curl_lane.h.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/net/curl_loop.h"
#include "loadgen/transport/curl_lane.h"
#include "loadgen/transport/curl_requests.h"
#include "loadgen/transport/transport.h"

TAILQ_HEAD(lane_list, curl_lane);

static const struct timeval at_once = {0, 0};

struct curl_transport_state {
    struct curl_shared shared; /* first, so that the one leads to the other */
    struct curl_lane **lanes;
    unsigned n_lanes;
    struct curl_loop *loop;
    struct lane_list unstarted; /* for want of memory; the loop has yet to tell */
    struct event *tell_unstarted;
};

static void tell(struct curl_lane *lane, uint64_t now_ns) {
    const struct transport_config *config = &lane->shared->config;
    lane->answer.ended_ns = now_ns;
    config->done(config->context, lane->index, &lane->answer);
}

static void start_transfer(struct curl_lane *lane) {
    struct curl_transport_state *transport = (struct curl_transport_state *)lane->shared;
    if (curl_loop_start(&lane->transfer) == 0)
        return;
    lane->is_unstarted = true;
    if (TAILQ_EMPTY(&transport->unstarted))
        (void)evtimer_add(transport->tell_unstarted, &at_once);
    TAILQ_INSERT_TAIL(&transport->unstarted, lane, link);
}

static void forget_unstarted(struct curl_transport_state *transport,
                             struct curl_lane *lane) {
    TAILQ_REMOVE(&transport->unstarted, lane, link);
    lane->is_unstarted = false;
}

/* Those that are known on entry; later ones a pass later, or this might never end. */
static void on_tell_unstarted(evutil_socket_t fd, short what, void *context) {
    struct curl_transport_state *transport = context;
    (void)fd, (void)what;
    uint64_t now_ns = clock_now_ns();
    const struct curl_lane *last = TAILQ_LAST(&transport->unstarted, lane_list);
    for (bool goes_on = last != NULL; goes_on;) {
        struct curl_lane *lane = TAILQ_FIRST(&transport->unstarted);
        goes_on = lane != last;
        forget_unstarted(transport, lane);
        lane->answer.error = SAMPLE_NO_MEMORY;
        tell(lane, now_ns);
    }
    if (!TAILQ_EMPTY(&transport->unstarted))
        (void)evtimer_add(transport->tell_unstarted, &at_once);
}

static void on_finished(struct curl_transfer *transfer, CURLcode code,
                        uint64_t ended_ns) {
    struct curl_lane *lane = (struct curl_lane *)transfer;
    if (curl_lane_end(lane, code, ended_ns))
        tell(lane, ended_ns);
    else
        start_transfer(lane);
}

static void transport_close(void *state) {
    struct curl_transport_state *transport = state;
    for (unsigned i = 0; i < transport->n_lanes; i++) {
        curl_loop_detach(&transport->lanes[i]->transfer);
        free(transport->lanes[i]);
    }
    if (transport->loop != NULL)
        curl_loop_close(transport->loop);
    if (transport->tell_unstarted != NULL)
        event_free(transport->tell_unstarted);
    curl_requests_free(&transport->shared.requests);
    free(transport->lanes);
    free(transport);
}

/* Once for all threads; runs over http1 do without. */
static void set_up_libcurl(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void *transport_open(const struct transport_config *config) {
    struct curl_transport_state *transport = calloc(1, sizeof *transport);
    if (transport == NULL)
        return NULL;
    static pthread_once_t is_set_up = PTHREAD_ONCE_INIT;
    (void)pthread_once(&is_set_up, set_up_libcurl);
    transport->shared.config = *config;
    TAILQ_INIT(&transport->unstarted);
    transport->tell_unstarted = evtimer_new(config->base, on_tell_unstarted, transport);
    transport->loop = curl_loop_open(config->base, on_finished);
    if (transport->loop == NULL || transport->tell_unstarted == NULL ||
        curl_requests_make(&transport->shared.requests, &transport->shared.config) != 0) {
        transport_close(transport);
        return NULL;
    }
    return transport;
}

static int add_lane(struct curl_transport_state *transport) {
    struct curl_lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL || curl_loop_attach(transport->loop, &lane->transfer) != 0) {
        free(lane);
        return -ENOMEM;
    }
    lane->shared = &transport->shared;
    lane->index = transport->n_lanes;
    transport->lanes[transport->n_lanes++] = lane;
    return curl_lane_set_up(lane);
}

static int reserve(void *state, unsigned n_lanes) {
    struct curl_transport_state *transport = state;
    struct curl_lane **lanes =
        realloc(transport->lanes, n_lanes * sizeof(struct curl_lane *));
    if (lanes == NULL)
        return -ENOMEM;
    transport->lanes = lanes;
    int error = 0;
    while (error == 0 && transport->n_lanes < n_lanes)
        error = add_lane(transport);
    return error;
}

static void start(void *state, unsigned index, const struct target *target,
                  uint64_t start_ns) {
    struct curl_transport_state *transport = state;
    struct curl_lane *lane = transport->lanes[index];
    curl_lane_begin(lane, target, start_ns);
    start_transfer(lane);
}

static void cancel(void *state, unsigned index) {
    struct curl_transport_state *transport = state;
    struct curl_lane *lane = transport->lanes[index];
    if (lane->is_unstarted)
        forget_unstarted(transport, lane);
    else
        curl_loop_cancel(&lane->transfer);
}

static struct transport_counts counts(const void *state) {
    return ((const struct curl_transport_state *)state)->shared.counts;
}

const struct transport curl_transport = {
    "curl", curl_loop_files_needed, transport_open, reserve, start, cancel,
    counts, transport_close,
};
