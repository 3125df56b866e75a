/*
 * libcurl's socket interface on libevent; see curl_shard.h. Three rules save most of the
 * system calls: a transfer is pushed on at once instead of through a timer of zero, a
 * connection stays watched while it is idle, and a timer is moved only when it would
 * ring too late.
 */
#include "loadgen/curl_shard.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

static const uint64_t NEVER = UINT64_MAX;

/* A socket of libcurl's, from its first use until it is closed. */
struct watch {
    int fd;
    short wanted, armed; /* EV_READ | EV_WRITE; 0: idle; not watched */
    struct event *event;
};

struct curl_shard {
    struct event_base *base;
    CURLM *multi;
    curl_shard_done *done;
    struct watch *watches;
    unsigned n_watches, watches_room;
    unsigned n_in_flight;
    int n_running;     /* as libcurl says; fewer than in flight: some have ended */
    uint64_t acted_ns; /* when libcurl last moved transfers */
    bool is_draining;
    struct event *timer;
    uint64_t due_ns;   /* when libcurl wants to be called, by our clock */
    uint64_t rings_ns; /* when the timer will ring */
};

static void arm_timer(struct curl_shard *shard, uint64_t at_ns) {
    if (at_ns >= shard->rings_ns)
        return;
    uint64_t now_ns = clock_now_ns();
    struct timeval wait = clock_timeval(at_ns > now_ns ? at_ns - now_ns : 0);
    (void)event_base_update_cache_time(shard->base);
    if (evtimer_add(shard->timer, &wait) == 0)
        shard->rings_ns = at_ns;
}

/* Hands ended transfers out: those that are known now, later ones on a later pass. */
static void drain(struct curl_shard *shard) {
    int n_left;
    CURLMsg *message = curl_multi_info_read(shard->multi, &n_left);
    uint64_t ended_ns = shard->acted_ns; /* what is started below acts again */
    shard->is_draining = true;
    for (int n = n_left; message != NULL; n--) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        (void)curl_multi_remove_handle(shard->multi, easy);
        shard->n_in_flight--;
        shard->done(easy, code, ended_ns);
        message = n > 0 ? curl_multi_info_read(shard->multi, &n_left) : NULL;
    }
    shard->is_draining = false;
}

/* After every call that can end transfers or move libcurl's timer. */
static void settle(struct curl_shard *shard) {
    bool some_ended = shard->n_running < (int)shard->n_in_flight;
    arm_timer(shard, some_ended ? 0 : shard->due_ns);
}

static void act(struct curl_shard *shard, int fd, int what) {
    (void)curl_multi_socket_action(shard->multi, fd, what, &shard->n_running);
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

static struct watch *find_watch(struct curl_shard *shard, int fd) {
    for (unsigned i = 0; i < shard->n_watches; i++)
        if (shard->watches[i].fd == fd)
            return &shard->watches[i];
    return NULL;
}

static void disarm(struct watch *watch) {
    if (watch->armed != 0)
        (void)event_del(watch->event);
    watch->armed = 0;
}

static void on_socket(evutil_socket_t fd, short what, void *context) {
    struct curl_shard *shard = context;
    struct watch *watch = find_watch(shard, fd);
    if (watch->wanted == 0) {
        disarm(
            watch); /* an idle connection was closed; libcurl sees it at its next use */
        return;
    }
    act(shard, fd,
        (what & EV_READ ? CURL_CSELECT_IN : 0) |
            (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
    drain(shard);
    settle(shard);
}

static struct watch *add_watch(struct curl_shard *shard, int fd) {
    if (shard->n_watches == shard->watches_room) {
        unsigned room = 2 * shard->watches_room + 4;
        struct watch *grown = realloc(shard->watches, room * sizeof *grown);
        if (grown == NULL)
            return NULL;
        shard->watches = grown;
        shard->watches_room = room;
    }
    struct event *event = event_new(shard->base, fd, EV_READ, on_socket, shard);
    if (event == NULL)
        return NULL;
    shard->watches[shard->n_watches] = (struct watch){.fd = fd, .event = event};
    return &shard->watches[shard->n_watches++];
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what, void *context,
                            void *per_socket) {
    struct curl_shard *shard = context;
    (void)easy, (void)per_socket;
    struct watch *watch = find_watch(shard, fd);
    if (watch == NULL && what != CURL_POLL_REMOVE)
        watch = add_watch(shard, fd);
    if (watch == NULL)
        return what == CURL_POLL_REMOVE ? 0 : -1;
    watch->wanted = 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        watch->wanted |= EV_READ;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        watch->wanted |= EV_WRITE;
    bool may_stay = watch->wanted == 0 && watch->armed == EV_READ;
    if (watch->wanted == watch->armed || may_stay)
        return 0;
    disarm(watch);
    if (watch->wanted == 0)
        return 0;
    short flags = (short)(watch->wanted | EV_PERSIST);
    if (event_assign(watch->event, shard->base, fd, flags, on_socket, shard) != 0 ||
        event_add(watch->event, NULL) != 0)
        return -1;
    watch->armed = watch->wanted;
    return 0;
}

static int on_close(void *context, curl_socket_t fd) {
    struct curl_shard *shard = context;
    struct watch *watch = find_watch(shard, fd);
    if (watch != NULL) {
        disarm(watch);
        event_free(watch->event);
        *watch = shard->watches[--shard->n_watches];
    }
    return close(fd);
}

struct curl_shard *curl_shard_new(struct event_base *base, unsigned max_connections,
                                  curl_shard_done *done) {
    struct curl_shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        return NULL;
    *shard = (struct curl_shard){
        .base = base, .done = done, .due_ns = NEVER, .rings_ns = NEVER};
    shard->multi = curl_multi_init();
    shard->timer = evtimer_new(base, on_timer, shard);
    if (shard->multi == NULL || shard->timer == NULL) {
        curl_shard_free(shard);
        return NULL;
    }
    CURLM *multi = shard->multi;
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
    (void)curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, shard);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
    (void)curl_multi_setopt(multi, CURLMOPT_TIMERDATA, shard);
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    /* The first limits idle connections, the second all: both, for several hosts. */
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)max_connections);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)max_connections);
    return shard;
}

void curl_shard_free(struct curl_shard *shard) {
    if (shard == NULL)
        return;
    assert(shard->n_in_flight == 0);
    if (shard->multi != NULL)
        (void)curl_multi_cleanup(shard->multi); /* closes connections: on_close */
    for (unsigned i = 0; i < shard->n_watches; i++)
        event_free(shard->watches[i].event);
    if (shard->timer != NULL)
        event_free(shard->timer);
    free(shard->watches);
    free(shard);
}

void curl_shard_adopt(struct curl_shard *shard, CURL *easy) {
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    (void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, shard);
}

void curl_shard_start(struct curl_shard *shard, CURL *easy) {
    CURLMcode code = curl_multi_add_handle(shard->multi, easy);
    assert(code == CURLM_OK); /* the rest are wrong calls, or no memory */
    (void)code;
    shard->n_in_flight++;
    act(shard, CURL_SOCKET_TIMEOUT, 0);
    if (!shard->is_draining) /* else the drain's caller does */
        settle(shard);
}

void curl_shard_cancel(struct curl_shard *shard, CURL *easy) {
    (void)curl_multi_remove_handle(shard->multi, easy);
    shard->n_in_flight--;
}
