/*
 * libcurl's multi interface on libevent; see curl_loop.h. Three rules save most of the
 * system calls: a transfer is pushed on at once instead of through a timer of zero, a
 * connection stays watched while it is idle, and a timer is moved only when it would
 * ring too late.
 */
#include "common/net/curl_loop.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"

enum {
    SHARD_TRANSFERS = 50, /* measured: so many connections a multi handle are fastest */
    FILES_PER_SHARD = 2,  /* libcurl wakes a multi handle through a pair of sockets */
};

static const uint64_t NEVER = UINT64_MAX;

TAILQ_HEAD(transfer_list, curl_transfer);

struct curl_shard {
    struct curl_loop *loop;
    CURLM *multi;
    struct transfer_list attached;
    unsigned n_attached, n_in_flight;
    int n_running;     /* as libcurl says; fewer than in flight: some have ended */
    uint64_t acted_ns; /* when libcurl last moved transfers */
    bool is_draining;
    struct event *timer;
    uint64_t due_ns;   /* when libcurl wants to be called, by our clock */
    uint64_t rings_ns; /* when the timer will ring */
    struct curl_shard *next;
};

/* A socket from its first use until it is closed. */
struct watch {
    struct event *event; /* NULL: libcurl has no socket of this number */
    short wanted, armed; /* EV_READ | EV_WRITE; 0: idle; not watched */
    bool is_connection;  /* has been written to; what only reads is the resolver's */
};

struct curl_loop {
    struct event_base *base;
    curl_loop_finished *finished;
    struct curl_shard *shards; /* the one with room first, if any has */
    struct watch *watches;     /* by descriptor */
    unsigned n_watches;
};

/* Time */

/* Hands ended transfers out: those that are known on entry, later ones on a later pass,
 * or transfers that fail as soon as they are started again would keep us here. */
static void drain(struct curl_shard *shard) {
    int n_left;
    CURLMsg *message = curl_multi_info_read(shard->multi, &n_left);
    uint64_t ended_ns = shard->acted_ns; /* what is started below acts again */
    shard->is_draining = true;
    for (int n = n_left; message != NULL; n--) {
        CURL *easy = message->easy_handle; /* removing it invalidates the message */
        CURLcode result = message->data.result;
        struct curl_transfer *transfer;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        (void)curl_multi_remove_handle(shard->multi, easy);
        shard->n_in_flight--;
        transfer->fd = CURL_SOCKET_BAD;
        shard->loop->finished(transfer, result, ended_ns);
        message = n > 0 ? curl_multi_info_read(shard->multi, &n_left) : NULL;
    }
    shard->is_draining = false;
}

/* After every call that can end transfers or move libcurl's timer. */
static void settle(struct curl_shard *shard) {
    bool some_ended = shard->n_running < (int)shard->n_in_flight;
    uint64_t at_ns = some_ended ? 0 : shard->due_ns;
    if (at_ns >= shard->rings_ns)
        return;
    uint64_t now_ns = clock_now_ns();
    struct timeval wait = clock_timeval(at_ns > now_ns ? at_ns - now_ns : 0);
    (void)event_base_update_cache_time(shard->loop->base); /* timers count from it */
    if (evtimer_add(shard->timer, &wait) == 0)
        shard->rings_ns = at_ns;
}

/* Without memory to watch a socket libcurl ends all transfers, but each only when it is
 * looked at. */
static void act(struct curl_shard *shard, int fd, int what) {
    if (curl_multi_socket_action(shard->multi, fd, what, &shard->n_running) != CURLM_OK)
        (void)curl_multi_perform(shard->multi, &shard->n_running);
    shard->acted_ns = clock_now_ns();
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    struct curl_shard *shard = context;
    (void)fd, (void)what;
    shard->rings_ns = NEVER;
    if (shard->due_ns <= clock_now_ns()) {
        shard->due_ns = NEVER;
        act(shard, CURL_SOCKET_TIMEOUT, 0);
    }
    drain(shard);
    settle(shard);
}

/* libcurl's rule: -1 deletes the timer; 0 is soon, but not from inside this callback. */
static int on_timer_wanted(CURLM *multi, long timeout_ms, void *context) {
    struct curl_shard *shard = context;
    (void)multi;
    shard->due_ns =
        timeout_ms < 0 ? NEVER : clock_now_ns() + (uint64_t)timeout_ms * NS_PER_MS;
    return 0;
}

/* Sockets */

static struct watch *find_watch(const struct curl_loop *loop, curl_socket_t fd) {
    bool is_there = (unsigned)fd < loop->n_watches && loop->watches[fd].event != NULL;
    return is_there ? &loop->watches[fd] : NULL;
}

static void on_socket(evutil_socket_t fd, short what, void *context);

static struct watch *add_watch(struct curl_shard *shard, curl_socket_t fd) {
    struct curl_loop *loop = shard->loop;
    if ((unsigned)fd >= loop->n_watches) {
        unsigned n = 2 * (unsigned)fd + 1;
        struct watch *grown = realloc(loop->watches, n * sizeof *grown);
        if (grown == NULL)
            return NULL;
        memset(grown + loop->n_watches, 0, (n - loop->n_watches) * sizeof *grown);
        loop->watches = grown;
        loop->n_watches = n;
    }
    loop->watches[fd].event = event_new(loop->base, fd, EV_READ, on_socket, shard);
    return find_watch(loop, fd);
}

static void drop_watch(struct watch *watch) {
    event_free(watch->event); /* which disarms it */
    *watch = (struct watch){0};
}

/* Watches for that, and for nothing if it is 0. 0 or -1. */
static int arm(struct watch *watch, short what) {
    struct event *event = watch->event;
    if (what == watch->armed)
        return 0;
    if (watch->armed != 0)
        (void)event_del(event);
    watch->armed = 0;
    if (what == 0)
        return 0;
    if (event_assign(event, event_get_base(event), event_get_fd(event),
                     (short)(what | EV_PERSIST), event_get_callback(event),
                     event_get_callback_arg(event)) != 0 ||
        event_add(event, NULL) != 0)
        return -1;
    watch->armed = what;
    return 0;
}

/* A connection stays watched while libcurl has no use for it, which saves two system
 * calls a request: it is idle, and will be used again. */
static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context,
                            void *per_socket) {
    struct curl_shard *shard = context;
    struct watch *watch = find_watch(shard->loop, fd);
    (void)per_socket;
    if (what == CURL_POLL_REMOVE && watch == NULL)
        return 0;
    if (what != CURL_POLL_REMOVE) {
        struct curl_transfer *transfer;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        transfer->fd = fd;
    }
    if (watch == NULL)
        watch = add_watch(shard, fd);
    if (watch == NULL)
        return -1;
    watch->wanted = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
                            (what & CURL_POLL_OUT ? EV_WRITE : 0)); /* IN | OUT: INOUT */
    watch->is_connection |= (what & CURL_POLL_OUT) != 0;
    if (watch->wanted == 0 && !watch->is_connection)
        drop_watch(watch); /* closed next, without a word */
    else if (watch->wanted != 0 || watch->armed != EV_READ) /* which may stay */
        return arm(watch, watch->wanted);
    return 0;
}

/* An idle connection that has something was closed, which libcurl sees at its next use,
 * so it is watched no longer. */
static void on_socket(evutil_socket_t fd, short what, void *context) {
    struct curl_shard *shard = context;
    struct watch *watch = find_watch(shard->loop, fd);
    if (watch->wanted == 0) {
        (void)arm(watch, 0);
        return;
    }
    act(shard, fd,
        (what & EV_READ ? CURL_CSELECT_IN : 0) |
            (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
    drain(shard);
    settle(shard);
}

static int on_close(void *context, curl_socket_t fd) {
    struct curl_shard *shard = context;
    struct watch *watch = find_watch(shard->loop, fd);
    for (struct curl_transfer *transfer = TAILQ_FIRST(&shard->attached); transfer != NULL;
         transfer = TAILQ_NEXT(transfer, link))
        if (transfer->fd == fd && transfer->closing != NULL)
            transfer->closing(transfer, fd);
    if (watch != NULL)
        drop_watch(watch);
    return close(fd);
}

/* Shards */

static void shard_free(struct curl_shard *shard) {
    assert(shard->n_attached == 0 && shard->n_in_flight == 0);
    if (shard->multi != NULL)
        (void)curl_multi_cleanup(shard->multi); /* closes connections: on_close */
    if (shard->timer != NULL)
        event_free(shard->timer);
    free(shard);
}

static struct curl_shard *shard_new(struct curl_loop *loop) {
    struct curl_shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        return NULL;
    CURLM *multi = curl_multi_init();
    *shard = (struct curl_shard){.loop = loop,
                                 .multi = multi,
                                 .due_ns = NEVER,
                                 .rings_ns = NEVER,
                                 .timer = evtimer_new(loop->base, on_timer, shard)};
    TAILQ_INIT(&shard->attached);
    if (multi == NULL || shard->timer == NULL) {
        shard_free(shard);
        return NULL;
    }
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, shard);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, shard);
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    shard->next = loop->shards;
    loop->shards = shard;
    return shard;
}

/* The first limits idle connections, the second all: both, for several hosts. */
static void count_attached(struct curl_shard *shard, int change) {
    shard->n_attached += (unsigned)change;
    long most = (long)shard->n_attached;
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, most);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
}

/* One with room, which comes to the front: the next search is short. */
static struct curl_shard *find_shard(struct curl_loop *loop) {
    for (struct curl_shard **link = &loop->shards; *link != NULL; link = &(*link)->next) {
        struct curl_shard *shard = *link;
        if (shard->n_attached >= SHARD_TRANSFERS)
            continue;
        *link = shard->next;
        shard->next = loop->shards;
        loop->shards = shard;
        return shard;
    }
    return shard_new(loop);
}

struct curl_loop *curl_loop_open(struct event_base *base, curl_loop_finished *finished) {
    struct curl_loop *loop = calloc(1, sizeof *loop);
    if (loop != NULL)
        *loop = (struct curl_loop){.base = base, .finished = finished};
    return loop;
}

uint64_t curl_loop_files_needed(uint64_t n_transfers) {
    uint64_t n_shards = (n_transfers + SHARD_TRANSFERS - 1) / SHARD_TRANSFERS;
    return n_transfers + n_shards * FILES_PER_SHARD;
}

int curl_loop_attach(struct curl_loop *loop, struct curl_transfer *transfer) {
    struct curl_shard *shard = find_shard(loop);
    CURL *easy = curl_easy_init();
    if (shard == NULL || easy == NULL) {
        curl_easy_cleanup(easy);
        return -ENOMEM;
    }
    *transfer =
        (struct curl_transfer){.easy = easy, .shard = shard, .fd = CURL_SOCKET_BAD};
    TAILQ_INSERT_TAIL(&shard->attached, transfer, link);
    count_attached(shard, 1);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, shard);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
    (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    return 0;
}

int curl_loop_start(struct curl_transfer *transfer) {
    struct curl_shard *shard = transfer->shard;
    if (curl_multi_add_handle(shard->multi, transfer->easy) != CURLM_OK)
        return -ENOMEM;
    shard->n_in_flight++;
    act(shard, CURL_SOCKET_TIMEOUT, 0);
    if (!shard->is_draining) /* else the drain's caller does */
        settle(shard);
    return 0;
}

void curl_loop_cancel(struct curl_transfer *transfer) {
    (void)curl_multi_remove_handle(transfer->shard->multi, transfer->easy);
    transfer->shard->n_in_flight--;
    transfer->fd = CURL_SOCKET_BAD;
}

void curl_loop_detach(struct curl_transfer *transfer) {
    curl_easy_cleanup(transfer->easy);
    count_attached(transfer->shard, -1);
    TAILQ_REMOVE(&transfer->shard->attached, transfer, link);
    *transfer = (struct curl_transfer){0};
}

void curl_loop_close(struct curl_loop *loop) {
    while (loop->shards != NULL) {
        struct curl_shard *shard = loop->shards;
        loop->shards = shard->next;
        shard_free(shard);
    }
    for (unsigned fd = 0; fd < loop->n_watches; fd++)
        if (loop->watches[fd].event != NULL)
            event_free(loop->watches[fd].event);
    free(loop->watches);
    free(loop);
}
