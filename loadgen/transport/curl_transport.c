/*
 * The transport on libcurl: one easy handle a lane, made before the run and used again
 * for each request; see transport.h and curl_lane.h.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/net/curl_loop.h"
#include "loadgen/transport/curl_lane.h"
#include "loadgen/transport/curl_requests.h"
#include "loadgen/transport/transport.h"

struct curl_transport_state {
    struct curl_shared shared; /* first, so that the one leads to the other */
    struct curl_lane **lanes;
    unsigned n_lanes;
    struct curl_loop *loop;
};

static void on_finished(struct curl_transfer *transfer, CURLcode code,
                        uint64_t ended_ns) {
    struct curl_lane *lane = (struct curl_lane *)transfer;
    const struct transport_config *config = &lane->shared->config;
    bool goes_on = !curl_lane_end(lane, code, ended_ns);
    if (goes_on && curl_loop_start(transfer) == 0)
        return;
    if (goes_on)
        lane->answer.error = SAMPLE_NO_MEMORY;
    lane->answer.ended_ns = ended_ns;
    config->done(config->context, lane->index, &lane->answer);
}

static void transport_close(void *state) {
    struct curl_transport_state *transport = state;
    for (unsigned i = 0; i < transport->n_lanes; i++) {
        curl_loop_detach(&transport->lanes[i]->transfer);
        free(transport->lanes[i]);
    }
    if (transport->loop != NULL)
        curl_loop_close(transport->loop);
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
    transport->loop = curl_loop_open(config->base, on_finished);
    if (transport->loop == NULL ||
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

static int start(void *state, unsigned index, const struct target *target,
                 uint64_t start_ns) {
    struct curl_transport_state *transport = state;
    struct curl_lane *lane = transport->lanes[index];
    curl_lane_begin(lane, target, start_ns);
    return curl_loop_start(&lane->transfer);
}

static void cancel(void *state, unsigned index) {
    struct curl_transport_state *transport = state;
    curl_loop_cancel(&transport->lanes[index]->transfer);
}

static struct transport_counts counts(const void *state) {
    return ((const struct curl_transport_state *)state)->shared.counts;
}

const struct transport curl_transport = {
    "curl", curl_loop_files_needed, transport_open, reserve, start, cancel,
    counts, transport_close,
};
