/* Sockets of lanes; see http1_connect.h. */
#include "loadgen/transport/http1_connect.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/clock.h"
#include "loadgen/transport/http1_lane.h"

/*
 * Edge-triggered, or each pass of the loop would look again at every socket that the last
 * one served. A reply and the close behind it may be a single edge: EV_CLOSED tells of
 * the close, which nobody else would before the next request went astray on it.
 */
int http1_connect_watch(struct http1_lane *lane, short what) {
    if (lane->watched == what)
        return 0;
    if (lane->watched != 0)
        (void)event_del(&lane->event);
    lane->watched = 0;
    short flags = (short)(what | EV_CLOSED | EV_PERSIST | EV_ET);
    if (event_assign(&lane->event, lane->shared->config.base, lane->fd, flags,
                     http1_lane_on_event, lane) != 0 ||
        event_add(&lane->event, NULL) != 0)
        return -ENOMEM;
    lane->watched = what;
    return 0;
}

int http1_connect_watch_anew(struct http1_lane *lane, short what) {
    if (lane->watched != 0)
        (void)event_del(&lane->event);
    lane->watched = 0;
    return http1_connect_watch(lane, what);
}

void http1_connect_drop(struct http1_lane *lane) {
    if (lane->watched != 0)
        (void)event_del(&lane->event);
    if (lane->fd >= 0)
        (void)close(lane->fd);
    lane->fd = -1;
    lane->spare_family = 0;
    lane->watched = 0;
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

void http1_connect_prepare(struct http1_lane *lane) {
    int family = lane->shared->preferred[lane->host]->ai_family;
    lane->spare_family = make_socket(lane, family) == 0 ? family : 0;
}

int http1_connect_next(struct http1_lane *lane) {
    const struct host *host = &lane->shared->config.hosts->all[lane->host];
    const struct addrinfo *address = lane->n_addresses_tried == 0
                                         ? lane->shared->preferred[lane->host]
                                         : host_next_address(host, lane->address);
    lane->address = address;
    lane->n_addresses_tried++;
    if (lane->spare_family != address->ai_family) {
        http1_connect_drop(lane);
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

bool http1_connect_has_more(const struct http1_lane *lane) {
    const struct host *host = &lane->shared->config.hosts->all[lane->host];
    return !lane->is_connected && lane->n_addresses_tried < host->n_addresses;
}

void http1_connect_note(struct http1_lane *lane, uint64_t now_ns) {
    lane->is_connected = true;
    lane->connected_ns = now_ns;
    lane->shared->preferred[lane->host] = lane->address;
    lane->shared->counts.n_connections++;
}

int http1_connect_finish(struct http1_lane *lane) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(lane->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        error = errno;
    if (error == 0)
        http1_connect_note(lane, clock_now_ns());
    return -error;
}

void http1_connect_early_give_up(struct http1_lane *lane, int error) {
    http1_connect_drop(lane);
    lane->is_preconnecting = false;
    lane->shared->n_preconnecting--;
    lane->shared->counts.n_unconnected++;
    lane->shared->counts.unconnected_error = error;
}

static void try_addresses(struct http1_lane *lane) {
    int error;
    do {
        error = http1_connect_next(lane);
        if (error == 0)
            error = http1_connect_watch(lane, EV_WRITE);
    } while (error != 0 && http1_connect_has_more(lane));
    if (error != 0)
        http1_connect_early_give_up(lane, error);
}

void http1_connect_early(struct http1_lane *lane) {
    lane->is_preconnecting = true;
    lane->shared->n_preconnecting++;
    try_addresses(lane);
}

void http1_connect_early_ready(struct http1_lane *lane) {
    int error = http1_connect_finish(lane);
    if (error == 0)
        error = http1_connect_watch(lane, EV_READ);
    if (error != 0 && http1_connect_has_more(lane)) {
        try_addresses(lane);
    } else if (error != 0) {
        http1_connect_early_give_up(lane, error);
    } else {
        lane->is_preconnecting = false;
        lane->shared->n_preconnecting--;
    }
}
