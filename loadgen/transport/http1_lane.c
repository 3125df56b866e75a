/* Send, receive, send again; see http1_lane.h. */
#include "loadgen/transport/http1_lane.h"

#include <errno.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "common/clock.h"
#include "loadgen/transport/http1_connect.h"

/*
 * The peer takes no more of the request, but may have answered before: what it sent is
 * read and judged first, in an event that this asks for. 0 or -errno.
 */
static int stop_sending(struct http1_lane *lane, int error) {
    lane->lost = error;
    return http1_connect_watch_anew(lane, EV_READ);
}

/* Sends what is left of the request. 0, also when the rest must wait, or -errno. */
static int send_rest(struct http1_lane *lane) {
    const struct http1_request *request = lane->request;
    while (lane->n_sent < request->n_bytes) {
        ssize_t n = send(lane->fd, request->text + lane->n_sent,
                         request->n_bytes - lane->n_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return http1_connect_watch(lane, EV_READ | EV_WRITE);
        bool was_up = lane->is_connected || lane->n_sent > 0;
        if (n < 0 && was_up && (errno == EPIPE || errno == ECONNRESET))
            return stop_sending(lane, -errno);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            lane->n_sent += (size_t)n;
    }
    return http1_connect_watch(lane, EV_READ);
}

/* Connects and sends, trying the host's addresses in turn. 0 or -errno of the last. */
static int reconnect(struct http1_lane *lane) {
    int error;
    do {
        lane->n_sent = 0;
        lane->lost = 0;
        error = http1_connect_next(lane);
        if (error != 0)
            continue;
        uint64_t now_ns = clock_now_ns();
        error = send_rest(lane);
        if (lane->n_sent > 0)
            http1_connect_note(lane, now_ns);
    } while (error != 0 && http1_connect_has_more(lane));
    return error;
}

/* After `error` (0: closed in order): 0 when the request is on its way again. */
static int retry(struct http1_lane *lane, int error) {
    bool is_stale = lane->is_reused && lane->first_byte_ns == 0;
    if (!is_stale || !lane->request->is_idempotent || lane->is_retried)
        return error != 0 ? error : -ENODATA;
    lane->is_retried = true;
    lane->n_addresses_tried = 0;
    lane->shared->counts.n_retried++;
    return reconnect(lane);
}

static void end(struct http1_lane *lane, enum sample_error error) {
    http1_connect_drop(lane);
    lane->shared->ended(lane, error, clock_now_ns());
}

/* A connection ended under a request: closed in order (0), or with -errno. */
static void on_lost(struct http1_lane *lane, int error) {
    struct http1_parser *parser = &lane->parser;
    if (error == 0)
        http1_parse_close(parser);
    if (parser->stage == HTTP1_DONE) {
        end(lane, SAMPLE_ANSWERED);
        return;
    }
    error = retry(lane, error);
    if (error != 0)
        end(lane, error == -ENODATA ? SAMPLE_CLOSED : sample_error_of(-error));
}

/* A reply is whole, or bad; alone: neither bytes nor a close came behind it. */
static void on_reply(struct http1_lane *lane, bool is_alone, uint64_t now_ns) {
    const struct http1_parser *parser = &lane->parser;
    bool is_whole = parser->stage == HTTP1_DONE;
    /* What came behind the reply answers nothing, and would be taken for the next one. */
    bool stays = is_whole && is_alone && parser->head.keeps_alive &&
                 lane->shared->config.keep_alive &&
                 lane->n_sent == lane->request->n_bytes;
    if (!stays)
        http1_connect_drop(lane);
    lane->shared->ended(lane, is_whole ? SAMPLE_ANSWERED : parser->bad, now_ns);
}

/*
 * Reads until the reply is whole or nothing is left. False when the lane has another
 * request since, or another connection.
 */
static bool on_readable(struct http1_lane *lane, bool was_closed) {
    struct http1_shared *shared = lane->shared;
    while (true) {
        ssize_t n_read = recv(lane->fd, shared->buffer, HTTP1_READ_BYTES, 0);
        if (n_read < 0 && errno == EINTR)
            continue;
        if (n_read < 0 && errno == EAGAIN)
            return true;
        if (n_read <= 0) {
            on_lost(lane, lane->lost != 0 ? lane->lost : n_read < 0 ? -errno : 0);
            return false;
        }
        uint64_t now_ns = clock_now_ns();
        if (lane->first_byte_ns == 0)
            lane->first_byte_ns = now_ns;
        size_t n_used = http1_parse(&lane->parser, shared->buffer, (size_t)n_read);
        if (lane->parser.stage >= HTTP1_DONE) {
            on_reply(lane, n_used == (size_t)n_read && !was_closed, now_ns);
            return false;
        }
    }
}

/*
 * The socket can be written to: the connection stands, or did not come about. False as of
 * on_readable.
 */
static bool on_writable(struct http1_lane *lane) {
    int error = lane->is_connected ? 0 : http1_connect_finish(lane);
    if (error == 0)
        error = send_rest(lane);
    if (error == 0)
        return true;
    if (http1_connect_has_more(lane))
        error = reconnect(lane);
    if (error != 0)
        on_lost(lane, error);
    return false;
}

void http1_lane_on_event(evutil_socket_t fd, short what, void *context) {
    struct http1_lane *lane = context;
    bool was_connected = lane->is_connected;
    (void)fd;
    if (lane->is_preconnecting) {
        http1_connect_early_ready(lane);
        return;
    }
    if (!lane->is_up) { /* closed while idle, or something that nobody asked for */
        http1_connect_drop(lane);
        return;
    }
    if (!was_connected && !on_writable(lane))
        return;
    /* A server may answer, and close, before it has read all of a long request. */
    if (lane->is_connected && (what & (EV_READ | EV_CLOSED)) != 0 &&
        !on_readable(lane, (what & EV_CLOSED) != 0))
        return;
    if (was_connected && (what & EV_WRITE) != 0 && lane->n_sent < lane->request->n_bytes)
        (void)on_writable(lane);
}

int http1_lane_begin(struct http1_lane *lane, const struct http1_request *request,
                     size_t host, uint64_t start_ns) {
    if (host != lane->host && lane->is_connected)
        http1_connect_drop(lane);
    lane->host = host;
    lane->request = request;
    lane->start_ns = start_ns;
    lane->connected_ns = lane->first_byte_ns = 0;
    lane->n_sent = 0;
    lane->lost = 0;
    lane->n_addresses_tried = 0;
    lane->is_up = true;
    lane->is_retried = false;
    lane->is_reused = lane->fd >= 0 && lane->is_connected;
    http1_parse_begin(&lane->parser, false, lane->shared->viewer, &lane->shared->known);
    if (!lane->is_reused)
        return reconnect(lane);
    int error = send_rest(lane);
    return error != 0 ? retry(lane, error) : 0;
}
