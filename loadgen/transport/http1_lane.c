/* Connect, send, receive, send again; see http1_lane.h. */
#include "loadgen/transport/http1_lane.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"

/* Connections */

static void on_event(evutil_socket_t fd, short what, void *context);

static void unwatch(struct http1_lane *lane) {
    if (lane->watched != 0)
        (void)event_del(&lane->event);
    lane->watched = 0;
}

/*
 * Edge-triggered, or each pass of the loop would look again at every socket that the last
 * one served. A reply and the close behind it may be a single edge: EV_CLOSED tells of
 * the close, which nobody else would before the next request went astray on it.
 */
static int watch(struct http1_lane *lane, short what) {
    if (lane->watched == what)
        return 0;
    unwatch(lane);
    short flags = (short)(what | EV_CLOSED | EV_PERSIST | EV_ET);
    if (event_assign(&lane->event, lane->http1->config.base, lane->fd, flags, on_event,
                     lane) != 0 ||
        event_add(&lane->event, NULL) != 0)
        return -ENOMEM;
    lane->watched = what;
    return 0;
}

void http1_lane_drop(struct http1_lane *lane) {
    unwatch(lane);
    if (lane->fd >= 0)
        (void)close(lane->fd);
    lane->fd = -1;
    lane->spare_family = 0;
    lane->is_connected = false;
}

static int make_socket(struct http1_lane *lane, int family) {
    int on = 1;
    lane->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (lane->fd < 0)
        return -errno;
    (void)setsockopt(lane->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return 0;
}

void http1_lane_prepare(struct http1_lane *lane) {
    int family = lane->http1->preferred[lane->host]->ai_family;
    lane->spare_family = make_socket(lane, family) == 0 ? family : 0;
}

/* Begins to connect to the address that answered last, or else to the one behind that
 * tried before. 0 when it is on its way, or stands already; or -errno. */
static int connect_next(struct http1_lane *lane) {
    const struct host *host = &lane->http1->config.hosts->all[lane->host];
    const struct addrinfo *before = lane->address, *address = host->addresses;
    if (lane->n_addresses_tried == 0)
        address = lane->http1->preferred[lane->host];
    else if (before->ai_next != NULL)
        address = before->ai_next; /* else around the end to the first */
    lane->address = address;
    lane->n_addresses_tried++;
    if (lane->spare_family != address->ai_family) {
        http1_lane_drop(lane);
        int error = make_socket(lane, address->ai_family);
        if (error != 0)
            return error;
    }
    lane->spare_family = 0;
    if (connect(lane->fd, address->ai_addr, address->ai_addrlen) != 0 &&
        errno != EINPROGRESS)
        return -errno;
    return 0;
}

/* Whether there are addresses that were not tried, and no connection. */
static bool has_more(const struct http1_lane *lane) {
    const struct host *host = &lane->http1->config.hosts->all[lane->host];
    return !lane->is_connected && lane->n_addresses_tried < host->n_addresses;
}

static void note_connection(struct http1_lane *lane, uint64_t now_ns) {
    lane->is_connected = true;
    lane->connected_ns = now_ns;
    lane->http1->preferred[lane->host] = lane->address;
    lane->http1->counts.n_connections++;
}

/* Requests */

/* Sends what is left of the request. 0, also when the rest must wait, or -errno. */
static int send_rest(struct http1_lane *lane) {
    const struct http1_request *request = lane->request;
    while (lane->n_sent < request->n_bytes) {
        bool is_text = lane->n_sent < request->n_text_bytes;
        const char *rest = is_text ? request->text + lane->n_sent
                                   : request->body + lane->n_sent - request->n_text_bytes;
        size_t n_rest =
            (is_text ? request->n_text_bytes : request->n_bytes) - lane->n_sent;
        ssize_t n = send(lane->fd, rest, n_rest, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return watch(lane, EV_READ | EV_WRITE);
        bool was_up = lane->is_connected || lane->n_sent > 0;
        if (n < 0 && was_up && (errno == EPIPE || errno == ECONNRESET)) {
            /* The peer takes no more of the request, but may have answered before: what
             * it sent is read and judged first, in an event that this asks for. */
            lane->lost = -errno;
            unwatch(lane);
            return watch(lane, EV_READ);
        }
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            lane->n_sent += (size_t)n;
    }
    return watch(lane, EV_READ);
}

/* Connects and sends, trying the host's addresses in turn. 0 or -errno of the last. */
static int reconnect(struct http1_lane *lane) {
    int error;
    do {
        lane->n_sent = 0;
        lane->lost = 0;
        error = connect_next(lane);
        if (error != 0)
            continue;
        uint64_t now_ns = clock_now_ns();
        error = lane->request->n_bytes > 0 ? send_rest(lane) : watch(lane, EV_WRITE);
        if (lane->n_sent > 0)
            note_connection(lane, now_ns);
    } while (error != 0 && has_more(lane));
    return error;
}

/* After `error` (0: closed in order): 0 when the request is on its way again. */
static int retry(struct http1_lane *lane, int error) {
    bool is_stale = lane->is_reused && lane->first_byte_ns == 0;
    if (!is_stale || !lane->request->is_idempotent || lane->is_retried)
        return error != 0 ? error : -ENODATA;
    lane->is_retried = true;
    lane->n_addresses_tried = 0;
    lane->http1->counts.n_retried++;
    return reconnect(lane);
}

/* A connection ended under a request: closed in order (0), or with -errno. */
static void on_lost(struct http1_lane *lane, int error) {
    struct http1_parser *parser = &lane->parser;
    enum sample_error kind = SAMPLE_ANSWERED;
    if (error == 0)
        http1_parse_close(parser);
    if (parser->stage != HTTP1_DONE) {
        error = retry(lane, error);
        if (error == 0)
            return;
        lane->lost = error;
        kind = error == -ENODATA ? SAMPLE_CLOSED : sample_error_of(-error);
    }
    http1_lane_drop(lane);
    lane->http1->ended(lane, kind, clock_now_ns());
}

/* Reads until the reply is whole or nothing is left. False when the lane has another
 * request since, or another connection. */
static bool on_readable(struct http1_lane *lane, bool was_closed) {
    struct http1 *http1 = lane->http1;
    struct http1_parser *parser = &lane->parser;
    while (true) {
        ssize_t n_read = recv(lane->fd, http1->buffer, HTTP1_READ_BYTES, 0);
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
        size_t n_used = http1_parse(parser, http1->buffer, (size_t)n_read);
        if (parser->stage < HTTP1_DONE)
            continue;
        /* What came behind the reply answers nothing, and would be taken for the next. */
        bool is_alone = n_used == (size_t)n_read && !was_closed;
        if (parser->stage != HTTP1_DONE || !is_alone || !parser->head.keeps_alive ||
            !http1->config.keep_alive || lane->n_sent < lane->request->n_bytes)
            http1_lane_drop(lane);
        http1->ended(lane, parser->bad, now_ns);
        return false;
    }
}

/* The socket can be written to: the connection stands, or did not come about. False as
 * of on_readable. */
static bool on_writable(struct http1_lane *lane) {
    int error = 0;
    socklen_t length = sizeof error;
    if (!lane->is_connected &&
        getsockopt(lane->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error == 0 && !lane->is_connected)
        note_connection(lane, clock_now_ns());
    error = error == 0 ? send_rest(lane) : -error;
    if (error == 0 && lane->request->n_bytes == 0) {
        lane->http1->ended(lane, SAMPLE_ANSWERED, lane->connected_ns);
        return false;
    }
    if (error == 0)
        return true;
    if (has_more(lane))
        error = reconnect(lane);
    if (error != 0)
        on_lost(lane, error);
    return false;
}

static void on_event(evutil_socket_t fd, short what, void *context) {
    struct http1_lane *lane = context;
    bool was_connected = lane->is_connected;
    (void)fd;
    if (!lane->is_up) { /* closed while idle, or something that nobody asked for */
        http1_lane_drop(lane);
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
                     uint64_t start_ns) {
    if (request->host != lane->host && lane->is_connected)
        http1_lane_drop(lane);
    lane->host = request->host;
    lane->request = request;
    lane->start_ns = start_ns;
    lane->connected_ns = lane->first_byte_ns = 0;
    lane->n_sent = 0;
    lane->lost = 0;
    lane->n_addresses_tried = 0;
    lane->is_up = true;
    lane->is_retried = false;
    lane->is_reused = lane->is_connected;
    http1_parse_begin(&lane->parser, request->is_head,
                      lane->http1->config.show_headers != NULL ? &lane->http1->viewer
                                                               : NULL,
                      &lane->http1->known[request->is_head]);
    if (!lane->is_reused)
        return reconnect(lane);
    int error = send_rest(lane);
    return error != 0 ? retry(lane, error) : 0;
}
