/* Accepting connections, and ending slow ones; see connections.h. */
#include "server/front/connections.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/tcp.h> /* the C library's struct tcp_info ends before the bytes received */
#include <netinet/in.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/units.h"
#include "server/core/loop.h"

/* So many looks take a tenth of a millisecond, for which requests wait. */
enum { LOOKS_PER_TICK = 128, MAX_FRESH = 64 };

static const struct timeval ACCEPT_PAUSE = {0, 200000};
static const struct timeval NEXT_TICK = {0, 10000};
/* Without an error; the next one is reported again. */
static const uint64_t EPISODE_NS = 10 * NS_PER_S;

struct connection {
    struct evhttp_connection *http; /* NULL: no connection has this descriptor */
    bool is_busy;                   /* its request is here and its reply has not left */
    bool was_busy;                  /* ever */
    uint64_t began_ns;              /* a request was first seen coming in; 0: it is not */
    uint64_t bytes_then;            /* received before, or what counts as that */
};

struct connections {
    struct evhttp *evhttp;
    struct evconnlistener *listener; /* NULL once its socket is closed */
    struct evhttp_bound_socket *bound;
    struct event *accept_again, *tick, *fresh_here;
    bool is_paused;
    uint64_t last_error_ns;
    uint64_t limit_ns;
    struct timeval round_pause;
    struct connection *by_fd;
    unsigned n_slots, next_look;
    struct bufferevent *fresh[MAX_FRESH]; /* not yet in by_fd; a reference each */
    unsigned n_fresh;
};

/*
 * evhttp takes over the listener and with it the context of its error callback, which is
 * then the evhttp, from which nothing leads to us.
 */
static struct connections *accepting;

/* Connections by descriptor */

/* NULL when memory is out. */
static struct connection *slot_of(struct connections *connections,
                                  struct evhttp_connection *http) {
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(http));
    if (fd < 0)
        return NULL;
    if ((unsigned)fd >= connections->n_slots) {
        unsigned n_slots = 2 * (unsigned)fd + 64;
        struct connection *more =
            realloc(connections->by_fd, n_slots * sizeof(*connections->by_fd));
        if (more == NULL)
            return NULL;
        memset(more + connections->n_slots, 0,
               (n_slots - connections->n_slots) * sizeof *more);
        connections->by_fd = more;
        connections->n_slots = n_slots;
    }
    struct connection *slot = &connections->by_fd[fd];
    if (slot->http != http)
        *slot = (struct connection){.http = http};
    return slot;
}

static void on_closed(struct evhttp_connection *http, void *context) {
    connections_gone(context, http);
}

static void register_fresh(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct connections *connections = context;
    while (connections->n_fresh > 0) {
        struct bufferevent *stream = connections->fresh[--connections->n_fresh];
        void *http = NULL;
        bufferevent_getcb(stream, NULL, NULL, NULL, &http);
        if (http != NULL) { /* otherwise it is closed already */
            (void)slot_of(connections, http);
            evhttp_connection_set_closecb(http, on_closed, connections);
        }
        (void)bufferevent_decref(stream);
    }
}

/*
 * libevent 2.1 tells nobody of a server's connection until its first request is whole.
 * But it asks us for the stream of each, and makes the connection the context of the
 * stream's callbacks. We look there before the loop polls again, because a reference that
 * was kept for longer would outlive the descriptor.
 */
static struct bufferevent *on_new_stream(struct event_base *base, void *context) {
    struct connections *connections = context;
    struct bufferevent *stream = bufferevent_socket_new(base, -1, 0);
    if (stream == NULL)
        return NULL;
    if (connections->n_fresh == 0)
        event_active(connections->fresh_here, EV_TIMEOUT, 0);
    if (connections->n_fresh == MAX_FRESH)
        register_fresh(-1, 0, connections);
    bufferevent_incref(stream);
    connections->fresh[connections->n_fresh++] = stream;
    return stream;
}

void connections_busy(struct connections *connections, struct evhttp_connection *http) {
    struct connection *slot = slot_of(connections, http);
    if (slot != NULL)
        *slot = (struct connection){.http = http, .is_busy = true, .was_busy = true};
}

void connections_idle(struct connections *connections, struct evhttp_connection *http) {
    struct connection *slot = slot_of(connections, http);
    if (slot != NULL)
        slot->is_busy = false;
    evhttp_connection_set_closecb(http, on_closed, connections);
}

/* Accepting */

static void on_accept_again(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct connections *connections = context;
    if (connections->is_paused && connections->listener != NULL)
        (void)evconnlistener_enable(connections->listener);
    connections->is_paused = false;
}

void connections_gone(struct connections *connections, struct evhttp_connection *http) {
    struct connection *slot = slot_of(connections, http);
    if (slot != NULL)
        *slot = (struct connection){0};
    on_accept_again(-1, 0, connections); /* its descriptor is free by the next poll */
}

/* Out of descriptors or memory: accepting again at once would fail again. */
static void on_accept_error(struct evconnlistener *listener, void *evhttp) {
    int error = EVUTIL_SOCKET_ERROR();
    struct connections *connections = accepting;
    (void)evhttp;
    uint64_t now_ns = clock_now_ns();
    if (connections->last_error_ns == 0 ||
        now_ns - connections->last_error_ns > EPISODE_NS)
        error_print(
            "serve: cannot accept a connection: %s; open connections go on, and new ones "
            "wait until one closes; see 'ulimit -n'",
            strerror(error));
    connections->last_error_ns = now_ns;
    connections->is_paused = true;
    (void)evconnlistener_disable(listener);
    (void)event_add(connections->accept_again, &ACCEPT_PAUSE);
}

void connections_stop_listening(struct connections *connections) {
    register_fresh(-1, 0, connections);
    evhttp_del_accept_socket(connections->evhttp, connections->bound); /* frees it */
    connections->listener = NULL;
}

/* Requests that trickle in */

/*
 * The reply is written to the socket past evhttp, which does no harm while evhttp has no
 * reply under way on this connection. Then evhttp reads end of file and closes it.
 */
static void end_late(const struct connections *connections, int fd) {
    char limit[32], reply[512];
    int n_reply = snprintf(
        reply, sizeof reply,
        "HTTP/1.1 408 Request Timeout\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Connection: close\r\n\r\n"
        "the request was not complete after %s (--header-timeout) and a second more for "
        "each %d bytes beyond %d\n",
        units_format_duration(connections->limit_ns, limit),
        CONNECTIONS_LEAST_BYTES_PER_S, CONNECTIONS_MAX_HEAD_BYTES);
    (void)!send(fd, reply, (size_t)n_reply, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)shutdown(fd, SHUT_RDWR);
}

static void look_at(struct connections *connections, int fd, struct connection *slot,
                    uint64_t now_ns) {
    struct tcp_info tcp = {0};
    socklen_t length = sizeof tcp;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &tcp, &length) != 0)
        return;
    bool is_coming = slot->was_busy ? tcp.tcpi_last_data_recv < tcp.tcpi_last_data_sent
                                    : tcp.tcpi_bytes_received > 0;
    if (!is_coming) {
        slot->began_ns = 0;
        return;
    }
    if (slot->began_ns == 0) {
        slot->began_ns = now_ns;
        slot->bytes_then = slot->was_busy ? tcp.tcpi_bytes_received : 0;
        return;
    }
    uint64_t n_bytes = tcp.tcpi_bytes_received - slot->bytes_then;
    uint64_t n_beyond =
        n_bytes > CONNECTIONS_MAX_HEAD_BYTES ? n_bytes - CONNECTIONS_MAX_HEAD_BYTES : 0;
    if (now_ns - slot->began_ns >=
        connections->limit_ns + n_beyond * NS_PER_S / CONNECTIONS_LEAST_BYTES_PER_S)
        end_late(connections, fd);
}

static void on_tick(evutil_socket_t unused, short what, void *context) {
    (void)unused, (void)what;
    struct connections *connections = context;
    uint64_t now_ns = clock_now_ns();
    unsigned fd = connections->next_look;
    for (unsigned n_looks = 0; fd < connections->n_slots && n_looks < LOOKS_PER_TICK;
         fd++) {
        struct connection *slot = &connections->by_fd[fd];
        if (slot->http == NULL || slot->is_busy)
            continue;
        look_at(connections, (int)fd, slot, now_ns);
        n_looks++;
    }
    bool is_round_over = fd >= connections->n_slots;
    connections->next_look = is_round_over ? 0 : fd;
    (void)event_add(connections->tick,
                    is_round_over ? &connections->round_pause : &NEXT_TICK);
}

/* Opening and closing */

struct connections *connections_open(struct event_base *base, struct evhttp *http,
                                     int listen_fd, uint64_t header_timeout_ns) {
    struct connections *connections = calloc(1, sizeof *connections);
    if (connections == NULL)
        return NULL;
    assert(accepting == NULL);
    accepting = connections;
    connections->evhttp = http;
    connections->limit_ns = header_timeout_ns;
    /* Every eighth of the limit, so a request is ended that much too late at most. */
    connections->round_pause = clock_timeval(header_timeout_ns / 8);
    connections->accept_again = evtimer_new(base, on_accept_again, connections);
    connections->tick = evtimer_new(base, on_tick, connections);
    connections->fresh_here = evtimer_new(base, register_fresh, connections);
    connections->listener = evconnlistener_new(
        base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, listen_fd);
    if (connections->accept_again != NULL && connections->tick != NULL &&
        connections->fresh_here != NULL && connections->listener != NULL)
        connections->bound = evhttp_bind_listener(http, connections->listener);
    if (connections->bound == NULL) {
        connections_close(connections);
        return NULL;
    }
    /* Behind what reads: a request that is here by now is not looked at. */
    (void)event_priority_set(connections->tick, LOOP_PRIORITY_HANDLE);
    if (header_timeout_ns > 0)
        (void)event_add(connections->tick, &connections->round_pause);
    evconnlistener_set_error_cb(connections->listener, on_accept_error);
    evhttp_set_bevcb(http, on_new_stream, connections);
    evhttp_set_max_headers_size(http, CONNECTIONS_MAX_HEAD_BYTES);
    return connections;
}

void connections_close(struct connections *connections) {
    loop_free_event(connections->fresh_here);
    loop_free_event(connections->accept_again);
    loop_free_event(connections->tick);
    free(connections->by_fd);
    free(connections);
    accepting = NULL;
}
