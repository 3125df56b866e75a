/*
 * The transport on libcurl: one easy handle a lane, made before the run and used again
 * for each request; see transport.h. libcurl sends a request again by itself where a kept
 * connection was closed just then, POSTs as well, so it is watched, counted, and kept
 * from that; where it does not, as when an HTTP/2 server says good-bye, the lane is
 * started again. What it leaves unread when its sending fails is read here.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/secrets.h"
#include "common/net/curl_loop.h"
#include "loadgen/transport/curl_requests.h"
#include "loadgen/transport/headers.h"
#include "loadgen/transport/http1_parse.h"
#include "loadgen/transport/transport.h"

struct carrier {
    struct transport_config config;
    struct curl_requests requests;
    struct transport_counts counts;
    struct lane **lanes;
    unsigned n_lanes;
    struct curl_loop *loop;
};

struct lane {
    struct curl_transfer transfer; /* first, so that the one leads to the other */
    struct carrier *carrier;
    unsigned index;
    const struct target *target; /* what the handle is set for */
    struct answer answer;        /* of the request in flight */
    uint64_t start_ns;
    long n_connects, n_redirects; /* of that request */
    bool was_sent;                /* at least once */
    bool is_second;               /* started again */
    bool is_stale;                /* libcurl would send it again, and must not */
    bool is_changed;              /* the handle is set for the target no more */
    bool head_ended;              /* that of the final reply */
    struct server_report report;
    uint64_t unread_ns; /* when something was found that libcurl had not read; 0: never */
    struct http1_parser unread;
    char error_text[CURL_ERROR_SIZE];
};

/* What libcurl tells of a request */

/* What the answer owes to a reply: of several, redirects that is, the last one counts. */
static void forget_reply(struct lane *lane) {
    lane->answer.first_byte_ns = 0;
    lane->answer.server_report = NULL;
    lane->head_ended = false;
    headers_clear_report(&lane->report);
}

/* "See other" is to be got, whatever was sent before (RFC 9110, 15.4.4); libcurl sees to
 * that where it knows the method. */
static void follow(struct lane *lane) {
    long status = 0;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    lane->is_changed = lane->is_changed || status == 303;
    if (status == 303)
        (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_CUSTOMREQUEST, NULL);
}

/* Called when the connection stands, TLS included, before the request is sent: for each
 * redirect anew, and for connections that were there already as well. */
static int on_connected(void *context, char *peer, char *local, int peer_port,
                        int local_port) {
    struct lane *lane = context;
    struct transport_counts *counts = &lane->carrier->counts;
    long n_connects = 0, n_redirects = 0; /* that the request has needed so far */
    (void)peer, (void)local, (void)peer_port, (void)local_port;
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_NUM_CONNECTS, &n_connects);
    (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_REDIRECT_COUNT, &n_redirects);
    if (n_connects > lane->n_connects) {
        lane->n_connects = n_connects;
        counts->n_connections++;
        if (lane->answer.connected_ns == 0)
            lane->answer.connected_ns = clock_now_ns();
    }
    forget_reply(lane);
    if (n_redirects > lane->n_redirects)
        follow(lane);
    bool is_again = lane->was_sent && n_redirects == lane->n_redirects;
    lane->was_sent = true;
    lane->n_redirects = n_redirects;
    lane->is_stale =
        is_again && (!lane->target->method->is_idempotent || lane->unread_ns != 0);
    if (lane->is_stale)
        return CURL_PREREQFUNC_ABORT;
    counts->n_retried += is_again;
    lane->unread_ns = 0;
    return CURL_PREREQFUNC_OK;
}

static void on_closing(struct curl_transfer *transfer, curl_socket_t fd) {
    struct lane *lane = (struct lane *)transfer;
    bool is_plain = strncasecmp(lane->target->url, "http:", 5) == 0;
    if (!is_plain || lane->carrier->config.http2 || !lane->was_sent ||
        lane->answer.first_byte_ns != 0)
        return;
    char bytes[4096];
    ssize_t n;
    http1_parse_begin(&lane->unread, lane->target->method->is_head, NULL, NULL);
    while (lane->unread.stage < HTTP1_DONE &&
           (n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        (void)http1_parse(&lane->unread, bytes, (size_t)n);
        if (lane->unread_ns == 0)
            lane->unread_ns = clock_now_ns();
    }
}

static size_t on_header(char *line, size_t size, size_t n, void *context) {
    struct lane *lane = context;
    if (lane->answer.first_byte_ns == 0)
        lane->answer.first_byte_ns = clock_now_ns();
    if (size * n > 5 && memcmp(line, "HTTP/", 5) == 0)
        lane->head_ended = false; /* trailers come here as well, and leave it as it is */
    else if (size * n <= 2)
        lane->head_ended = true;
    if (headers_read_report(line, size * n, &lane->report))
        lane->answer.server_report = &lane->report;
    return size * n;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *context) {
    struct lane *lane = context;
    long status = 0;
    if (lane->answer.body_bytes == 0)
        (void)curl_easy_getinfo(lane->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    refusal_note((int)status, bytes, size * n);
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

/* Requests */

static void forget_tries(struct lane *lane) {
    lane->n_connects = lane->n_redirects = 0;
    lane->was_sent = lane->is_stale = false;
    lane->unread_ns = 0;
    lane->error_text[0] = '\0';
    forget_reply(lane);
}

/* On a connection of its own, and in what is left of the request's time. */
static void set_second(struct lane *lane, bool is_second, uint64_t now_ns) {
    uint64_t timeout_ns = lane->carrier->config.timeout_ns;
    uint64_t end_ns = lane->start_ns + timeout_ns;
    if (is_second && timeout_ns != 0)
        timeout_ns = end_ns > now_ns ? end_ns - now_ns : 1;
    lane->is_second = is_second;
    (void)curl_easy_setopt(lane->transfer.easy, CURLOPT_FRESH_CONNECT, (long)is_second);
    curl_requests_limit(lane->transfer.easy, timeout_ns);
}

static int start(void *state, unsigned index, size_t which, uint64_t start_ns) {
    struct carrier *carrier = state;
    struct lane *lane = carrier->lanes[index];
    const struct target *target = &carrier->config.urls->targets[which];
    lane->answer = (struct answer){.error = SAMPLE_ANSWERED};
    lane->start_ns = start_ns;
    bool is_aimed = lane->target == target && !lane->is_changed;
    lane->target = target;
    lane->is_changed = !is_aimed && curl_requests_aim(&carrier->requests,
                                                      lane->transfer.easy, target) != 0;
    if (lane->is_changed)
        return -ENOMEM;
    if (lane->is_second)
        set_second(lane, false, start_ns);
    forget_tries(lane);
    return curl_loop_start(&lane->transfer);
}

static void cancel(void *state, unsigned index) {
    struct carrier *carrier = state;
    curl_loop_cancel(&carrier->lanes[index]->transfer);
}

/* What libcurl has read; or what it did not, or as much of that as came. */
static void fill_answer(struct lane *lane) {
    CURL *easy = lane->transfer.easy;
    struct answer *answer = &lane->answer;
    const struct http1_parser *unread = &lane->unread;
    long status = 0, version = 0;
    if (lane->unread_ns != 0) {
        answer->first_byte_ns = lane->unread_ns;
        answer->body_bytes = unread->body_bytes;
        answer->status = unread->head.status >= 200 ? unread->head.status : 0;
        answer->protocol = unread->head.protocol;
        if (unread->stage >= HTTP1_DONE)
            answer->error = unread->bad;
        return;
    }
    (void)curl_easy_getinfo(easy,
                            answer->error == SAMPLE_PROXY_REFUSED
                                ? CURLINFO_HTTP_CONNECTCODE
                                : CURLINFO_RESPONSE_CODE,
                            &status);
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    answer->status = (int)status;
    answer->protocol = version == CURL_HTTP_VERSION_1_0   ? 10
                       : version == CURL_HTTP_VERSION_1_1 ? 11
                       : version >= CURL_HTTP_VERSION_2_0 ? 20
                                                          : 0;
}

static void on_finished(struct curl_transfer *transfer, CURLcode code,
                        uint64_t ended_ns) {
    struct lane *lane = (struct lane *)transfer;
    struct carrier *carrier = lane->carrier;
    enum sample_error error = curl_requests_error(transfer->easy, code, lane->error_text);
    if (lane->is_stale || (code == CURLE_OK && !lane->head_ended))
        error = SAMPLE_CLOSED; /* libcurl takes half a head for a reply */
    lane->answer.error = error;
    lane->answer.ended_ns = ended_ns;
    bool was_lost = error == SAMPLE_CLOSED || error == SAMPLE_RESET;
    bool was_stale = lane->n_connects == 0 && lane->was_sent;
    bool goes_again = was_lost && !lane->is_second && !lane->is_changed &&
                      lane->target->method->is_idempotent &&
                      lane->answer.first_byte_ns == 0 && lane->unread_ns == 0 &&
                      (was_stale || curl_requests_is_goodbye(code, lane->error_text));
    if (goes_again) {
        carrier->counts.n_retried++;
        set_second(lane, true, ended_ns);
        forget_tries(lane);
        if (curl_loop_start(transfer) == 0)
            return;
        lane->answer.error = SAMPLE_NO_MEMORY;
    } else {
        fill_answer(lane);
    }
    carrier->config.done(carrier->config.context, lane->index, &lane->answer);
}

/* Opening and closing */

static int add_lane(struct carrier *carrier) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL || curl_loop_attach(carrier->loop, &lane->transfer) != 0) {
        free(lane);
        return -ENOMEM;
    }
    CURL *easy = lane->transfer.easy;
    lane->transfer.closing = on_closing;
    lane->carrier = carrier;
    lane->index = carrier->n_lanes;
    carrier->lanes[carrier->n_lanes++] = lane;
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, lane->error_text);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, lane);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, lane);
    if (carrier->config.show_headers != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
        (void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_shown);
        (void)curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &carrier->config);
    }
    return curl_requests_prepare(&carrier->requests, easy);
}

static int reserve(void *state, unsigned n_lanes) {
    struct carrier *carrier = state;
    struct lane **lanes = realloc(carrier->lanes, n_lanes * sizeof(struct lane *));
    if (lanes == NULL)
        return -ENOMEM;
    carrier->lanes = lanes;
    int error = 0;
    while (error == 0 && carrier->n_lanes < n_lanes)
        error = add_lane(carrier);
    return error;
}

static struct transport_counts counts(const void *state) {
    return ((const struct carrier *)state)->counts;
}

static void close_all(void *state) {
    struct carrier *carrier = state;
    for (unsigned i = 0; i < carrier->n_lanes; i++) {
        curl_loop_detach(&carrier->lanes[i]->transfer);
        free(carrier->lanes[i]);
    }
    if (carrier->loop != NULL)
        curl_loop_close(carrier->loop);
    curl_requests_free(&carrier->requests);
    free(carrier->lanes);
    free(carrier);
}

/* Once for all threads; runs over http1 do without. */
static void set_up_libcurl(void) {
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static void *open_all(const struct transport_config *config) {
    struct carrier *carrier = calloc(1, sizeof *carrier);
    if (carrier == NULL)
        return NULL;
    static pthread_once_t is_set_up = PTHREAD_ONCE_INIT;
    (void)pthread_once(&is_set_up, set_up_libcurl);
    carrier->config = *config;
    carrier->loop = curl_loop_open(config->base, on_finished);
    if (curl_requests_make(&carrier->requests, &carrier->config) == 0 &&
        carrier->loop != NULL)
        return carrier;
    close_all(carrier);
    return NULL;
}

const struct transport curl_transport = {
    "curl", curl_loop_files_needed, open_all, reserve, start, cancel, counts, close_all,
};
