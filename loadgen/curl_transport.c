/*
 * The transport on libcurl: one easy handle a lane, made before the run and used again
 * for each request; see transport.h.
 *
 * A request that meets a kept connection which was closed just then is sent again, as
 * over http1: a GET, of which nothing was answered. libcurl does so by itself where it
 * can, and for POSTs as well, so it is watched, counted, and kept from that; where it
 * does not, as when an HTTP/2 server says good-bye, this does.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "common/clock.h"
#include "common/curl_loop.h"
#include "loadgen/curl_error.h"
#include "loadgen/curl_names.h"
#include "loadgen/curl_requests.h"
#include "loadgen/server_headers.h"
#include "loadgen/transport.h"

enum {
    BUFFER_BYTES = 16 * 1024,
    SMALL_BUFFER_BYTES = 2 * 1024,
};

static const struct timeval at_once = {0, 0};
static const long YEAR_S = 365L * 24 * 3600, MOST_REDIRECTS = 20;

struct lane {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    struct curl_transport_state *transport;
    TAILQ_ENTRY(lane) link; /* among those that could not be started */
    unsigned index;
    const struct target *target; /* what the handle is set for */
    struct answer answer;        /* of the request in flight */
    uint64_t start_ns;
    long n_connects, n_redirects; /* of that request */
    bool was_sent;                /* at least once */
    bool is_second;               /* started again by us */
    bool is_stale;                /* libcurl would send a POST again, and must not */
    bool is_unstarted;            /* as above; the loop has yet to tell */
    bool head_ended;              /* that of the final reply */
    struct server_report report;
    char error_text[CURL_ERROR_SIZE];
};

TAILQ_HEAD(lane_list, lane);

struct curl_transport_state {
    struct transport_config config;
    struct curl_requests requests;
    struct curl_slist *names;
    struct lane **lanes;
    unsigned n_lanes;
    struct curl_loop *loop;
    struct transport_counts counts;
    struct lane_list unstarted;
    struct event *tell_unstarted;
};

static unsigned protocol_of(long http_version) {
    return http_version == CURL_HTTP_VERSION_1_0   ? 10
           : http_version == CURL_HTTP_VERSION_1_1 ? 11
           : http_version >= CURL_HTTP_VERSION_2_0 ? 20
                                                   : 0;
}

/* What the answer owes to a reply: of several, redirects that is, the last one counts. */
static void forget_reply(struct lane *lane) {
    lane->answer.first_byte_ns = 0;
    lane->answer.server_report = NULL;
    lane->head_ended = false;
    server_headers_clear(&lane->report);
}

/* Whether libcurl is to send now, or again. */
static bool may_send(struct lane *lane) {
    long n_redirects = 0;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_REDIRECT_COUNT, &n_redirects);
    bool is_again = lane->was_sent && n_redirects == lane->n_redirects;
    lane->was_sent = true;
    lane->n_redirects = n_redirects;
    lane->is_stale = is_again && lane->target->body != NULL;
    if (is_again && !lane->is_stale)
        lane->transport->counts.n_retried++;
    return !lane->is_stale;
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
        lane->transport->counts.n_connections++;
        if (lane->answer.connected_ns == 0)
            lane->answer.connected_ns = clock_now_ns();
    }
    forget_reply(lane);
    return may_send(lane) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
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
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_HEADER_IN ||
        (type == CURLINFO_DATA_IN && config->show_body))
        (void)fwrite(bytes, 1, n, config->show_headers);
    return 0;
}

static void aim(struct lane *lane, const struct target *target) {
    lane->target = target;
    curl_requests_aim(&lane->transport->requests, lane->transfer.easy, target);
}

static long timeout_ms(uint64_t timeout_ns) {
    return (long)((timeout_ns + NS_PER_MS - 1) / NS_PER_MS);
}

/* A redirect leads to no other protocol, whatever the library knows. */
static void limit_redirects(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    (void)curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
                           (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_up_easy(struct lane *lane) {
    const struct transport_config *config = &lane->transport->config;
    CURL *easy = lane->transfer.easy;
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (config->proxy != NULL)
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, config->proxy);
    (void)curl_easy_setopt(easy, CURLOPT_RESOLVE, lane->transport->names);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, config->follows ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_MAXREDIRS, MOST_REDIRECTS);
    limit_redirects(easy);
    (void)curl_easy_setopt(
        easy, CURLOPT_BUFFERSIZE,
        (long)(config->small_buffers ? SMALL_BUFFER_BYTES : BUFFER_BYTES));
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms(config->timeout_ns));
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error_text);
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

/* Starts and ends */

static void tell(struct lane *lane, enum sample_error error, uint64_t now_ns) {
    struct transport_config *config = &lane->transport->config;
    lane->answer.error = error;
    lane->answer.ended_ns = now_ns;
    config->done(config->context, lane->index, &lane->answer);
}

/* On a connection of its own, and in what is left of the request's time. */
static void set_second(struct lane *lane, bool is_second, uint64_t now_ns) {
    uint64_t timeout_ns = lane->transport->config.timeout_ns;
    uint64_t end_ns = lane->start_ns + timeout_ns;
    if (is_second && timeout_ns != 0)
        timeout_ns = end_ns > now_ns ? end_ns - now_ns : 1;
    lane->is_second = is_second;
    (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_FRESH_CONNECT, (long)is_second);
    (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_TIMEOUT_MS,
                           timeout_ms(timeout_ns));
}

static void begin(struct lane *lane) {
    struct curl_transport_state *transport = lane->transport;
    lane->n_connects = lane->n_redirects = 0;
    lane->was_sent = lane->is_stale = false;
    lane->error_text[0] = '\0';
    forget_reply(lane);
    if (curl_loop_start(&lane->transfer) == 0)
        return;
    lane->is_unstarted = true;
    if (TAILQ_EMPTY(&transport->unstarted))
        (void)evtimer_add(transport->tell_unstarted, &at_once);
    TAILQ_INSERT_TAIL(&transport->unstarted, lane, link);
}

static void forget_unstarted(struct lane *lane) {
    TAILQ_REMOVE(&lane->transport->unstarted, lane, link);
    lane->is_unstarted = false;
}

/* Those that are known on entry; later ones a pass later, or this might never end. */
static void on_tell_unstarted(evutil_socket_t fd, short what, void *context) {
    struct curl_transport_state *transport = context;
    (void)fd, (void)what;
    uint64_t now_ns = clock_now_ns();
    const struct lane *last = TAILQ_LAST(&transport->unstarted, lane_list);
    for (bool goes_on = last != NULL; goes_on;) {
        struct lane *lane = TAILQ_FIRST(&transport->unstarted);
        goes_on = lane != last;
        forget_unstarted(lane);
        tell(lane, SAMPLE_NO_MEMORY, now_ns);
    }
    if (!TAILQ_EMPTY(&transport->unstarted))
        (void)evtimer_add(transport->tell_unstarted, &at_once);
}

static bool is_to_be_sent_again(const struct lane *lane, CURLcode code,
                                enum sample_error error) {
    bool was_lost = error == SAMPLE_CLOSED || error == SAMPLE_RESET;
    bool was_stale = lane->n_connects == 0 && lane->was_sent;
    return was_lost && (was_stale || curl_error_is_goodbye(code, lane->error_text)) &&
           !lane->is_second && lane->answer.first_byte_ns == 0 &&
           lane->target->body == NULL;
}

static void on_finished(struct curl_transfer *transfer, CURLcode code,
                        uint64_t ended_ns) {
    struct lane *lane = (struct lane *)transfer;
    CURL *easy = transfer->easy;
    long status = 0, version = 0;
    enum sample_error error = curl_error_kind(easy, code, lane->error_text);
    if (lane->is_stale || (code == CURLE_OK && !lane->head_ended))
        error = SAMPLE_CLOSED; /* libcurl takes half a head for a reply */
    if (is_to_be_sent_again(lane, code, error)) {
        lane->transport->counts.n_retried++;
        set_second(lane, true, ended_ns);
        begin(lane);
        return;
    }
    (void)curl_easy_getinfo(easy,
                            error == SAMPLE_PROXY_REFUSED ? CURLINFO_HTTP_CONNECTCODE
                                                          : CURLINFO_RESPONSE_CODE,
                            &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    lane->answer.status = (int)status;
    lane->answer.protocol = protocol_of(version);
    tell(lane, error, ended_ns);
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
    TAILQ_INIT(&transport->unstarted);
    transport->tell_unstarted = evtimer_new(config->base, on_tell_unstarted, transport);
    transport->loop = curl_loop_open(config->base, on_finished);
    if (transport->loop == NULL || transport->tell_unstarted == NULL ||
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
    lane->answer = (struct answer){.error = SAMPLE_ANSWERED};
    lane->start_ns = start_ns;
    if (lane->target != target)
        aim(lane, target);
    if (lane->is_second)
        set_second(lane, false, start_ns);
    begin(lane);
}

static void cancel(void *state, unsigned index) {
    struct curl_transport_state *transport = state;
    struct lane *lane = transport->lanes[index];
    if (lane->is_unstarted)
        forget_unstarted(lane);
    else
        curl_loop_cancel(&lane->transfer);
}

static struct transport_counts counts(const void *state) {
    return ((const struct curl_transport_state *)state)->counts;
}

const struct transport curl_transport = {
    "curl", curl_loop_files_needed, transport_open, reserve, start, cancel,
    counts, transport_close,
};
