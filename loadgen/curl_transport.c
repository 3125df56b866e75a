/*
 * The transport on libcurl: one easy handle a lane, made before the run and used again
 * for each request; see transport.h.
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/curl_loop.h"
#include "common/secrets.h"
#include "loadgen/curl_error.h"
#include "loadgen/curl_names.h"
#include "loadgen/curl_requests.h"
#include "loadgen/server_headers.h"
#include "loadgen/transport.h"

enum {
    BUFFER_BYTES = 16 * 1024,
    SMALL_BUFFER_BYTES = 2 * 1024,
};

static const long YEAR_S = 365L * 24 * 3600, MOST_REDIRECTS = 20;

struct lane {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    struct curl_transport_state *transport;
    unsigned index;
    const struct target *target; /* what the handle is set for */
    struct answer answer;        /* of the request in flight */
    long n_connects;             /* of that request */
    bool head_ended;             /* that of the final reply */
    struct server_report report;
};

struct curl_transport_state {
    struct transport_config config;
    struct curl_requests requests;
    struct curl_slist *names;
    struct lane **lanes;
    unsigned n_lanes;
    struct curl_loop *loop;
    uint64_t n_connections;
};

static unsigned protocol_of(long http_version) {
    return http_version == CURL_HTTP_VERSION_1_0   ? 10
           : http_version == CURL_HTTP_VERSION_1_1 ? 11
           : http_version >= CURL_HTTP_VERSION_2_0 ? 20
                                                   : 0;
}

static void on_finished(struct curl_transfer *transfer, CURLcode code,
                        uint64_t ended_ns) {
    struct lane *lane = (struct lane *)transfer;
    CURL *easy = transfer->easy;
    long status = 0, version = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    lane->answer.ended_ns = ended_ns;
    lane->answer.error = curl_error_kind(easy, code);
    if (code == CURLE_OK && !lane->head_ended) /* libcurl takes half a head for a reply */
        lane->answer.error = SAMPLE_CLOSED;
    lane->answer.status = (int)status;
    lane->answer.protocol = protocol_of(version);
    struct transport_config *config = &lane->transport->config;
    config->done(config->context, lane->index, &lane->answer);
}

/* What the answer owes to a reply: of several, redirects that is, the last one counts. */
static void forget_reply(struct lane *lane) {
    lane->answer.first_byte_ns = 0;
    lane->answer.server_report = NULL;
    lane->head_ended = false;
    server_headers_clear(&lane->report);
}

/*
 * Called when the connection stands, TLS included, before the request is sent: for each
 * redirect anew, and for connections that were there already as well.
 */
static int on_connected(void *context, char *peer, char *local, int peer_port,
                        int local_port) {
    struct lane *lane = context;
    long n_connects = 0; /* that the request has needed so far */
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_NUM_CONNECTS, &n_connects);
    if (n_connects > lane->n_connects) {
        lane->n_connects = n_connects;
        lane->transport->n_connections++;
        if (lane->answer.connected_ns == 0)
            lane->answer.connected_ns = clock_now_ns();
    }
    forget_reply(lane);
    return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *line, size_t size, size_t n, void *context) {
    struct lane *lane = context;
    if (lane->answer.first_byte_ns == 0)
        lane->answer.first_byte_ns = clock_now_ns();
    if (size * n > 5 && memcmp(line, "HTTP/", 5) == 0)
        lane->head_ended = false; /* trailers come here as well, and leave it as it is */
    else if (size * n <= 2)
        lane->head_ended = true;
    if (server_headers_read(line, size * n, &lane->report))
        lane->answer.server_report = &lane->report;
    return size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
    struct lane *lane = context;
    (void)bytes;
    lane->answer.body_bytes += size * n;
    return size * n;
}

static int on_shown(CURL *easy, curl_infotype type, char *bytes, size_t n,
                    void *context) {
    const struct transport_config *config = context;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN)
        secrets_write_head(bytes, n, config->show_headers);
    else if (type == CURLINFO_DATA_IN && config->show_body)
        (void)fwrite(bytes, 1, n, config->show_headers);
    return 0;
}

static void aim(struct lane *lane, const struct target *target) {
    lane->target = target;
    curl_requests_aim(&lane->transport->requests, lane->transfer.easy, target);
}

static void set_up_easy(struct lane *lane) {
    const struct transport_config *config = &lane->transport->config;
    CURL *easy = lane->transfer.easy;
    long timeout_ms = (long)((config->timeout_ns + NS_PER_MS - 1) / NS_PER_MS);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (config->proxy != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy);
    (void)curl_easy_setopt(easy, CURLOPT_RESOLVE, lane->transport->names);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, config->follows ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, MOST_REDIRECTS);
    (void)curl_easy_setopt(
        easy, CURLOPT_BUFFERSIZE,
        (long)(config->small_buffers ? SMALL_BUFFER_BYTES : BUFFER_BYTES));
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
    (void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, YEAR_S); /* while it lives */
    (void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, config->keep_alive ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, config->insecure ? 0L : 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, config->insecure ? 0L : 2L);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    if (config->show_headers == NULL)
        return;
    (void)curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_shown);
    (void)curl_easy_setopt(easy, CURLOPT_DEBUGDATA, config);
}

static void transport_close(void *state) {
    struct curl_transport_state *transport = state;
    for (unsigned i = 0; i < transport->n_lanes; i++) {
        curl_loop_detach(&transport->lanes[i]->transfer);
        free(transport->lanes[i]);
    }
    if (transport->loop != NULL)
        curl_loop_close(transport->loop);
    curl_requests_free(&transport->requests);
    curl_slist_free_all(transport->names);
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
    transport->config = *config;
    transport->loop = curl_loop_open(config->base, on_finished);
    if (transport->loop == NULL ||
        curl_requests_make(&transport->requests, &transport->config) != 0 ||
        curl_names_make(&transport->names, config->hosts) != 0) {
        transport_close(transport);
        return NULL;
    }
    return transport;
}

static int add_lane(struct curl_transport_state *transport) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL || curl_loop_attach(transport->loop, &lane->transfer) != 0) {
        free(lane);
        return -ENOMEM;
    }
    lane->transport = transport;
    lane->index = transport->n_lanes;
    transport->lanes[transport->n_lanes++] = lane;
    set_up_easy(lane);
    aim(lane, &transport->config.urls->targets[0]);
    return 0;
}

static int reserve(void *state, unsigned n_lanes) {
    struct curl_transport_state *transport = state;
    struct lane **lanes = realloc(transport->lanes, n_lanes * sizeof(struct lane *));
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
    struct lane *lane = transport->lanes[index];
    (void)start_ns;
    lane->answer = (struct answer){.error = SAMPLE_ANSWERED};
    lane->n_connects = 0;
    forget_reply(lane);
    if (lane->target != target)
        aim(lane, target);
    int error = curl_loop_start(&lane->transfer);
    assert(error == 0); /* else a wrong call, or no memory at all */
    (void)error;
}

static void cancel(void *state, unsigned index) {
    struct curl_transport_state *transport = state;
    struct lane *lane = transport->lanes[index];
    curl_loop_cancel(&lane->transfer);
}

/* libcurl repeats a request of its own accord as well, but does not say so. */
static struct transport_counts counts(const void *state) {
    const struct curl_transport_state *transport = state;
    return (struct transport_counts){.n_connections = transport->n_connections};
}

const struct transport curl_transport = {
    "curl", curl_loop_files_needed, transport_open, reserve, start, cancel,
    counts, transport_close,
};
