/* libcurl's multi interface on libevent, in shards; see curl_loop.h. */
#include "common/curl_loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <event2/event.h>

enum { SHARD_TRANSFERS = 50 };

struct curl_shard {
    struct curl_loop *loop;
    CURLM *multi;
    struct event *timer;
    unsigned n_attached;
    struct curl_shard *next;
};

struct curl_loop {
    struct event_base *base;
    void (*finished)(struct curl_transfer *, CURLcode);
    struct curl_shard *shards; /* the one with room first, if any has */
};

/* Messages are copied out before the handle is removed: removing invalidates them. */
static void take_finished(struct curl_shard *shard) {
    CURLMsg *message;
    int n_left;
    while ((message = curl_multi_info_read(shard->multi, &n_left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL *easy = message->easy_handle;
        CURLcode result = message->data.result;
        struct curl_transfer *transfer;
        (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        (void)curl_multi_remove_handle(shard->multi, easy);
        shard->loop->finished(transfer, result);
    }
}

static void act(struct curl_shard *shard, curl_socket_t socket, int action) {
    int n_running;
    (void)curl_multi_socket_action(shard->multi, socket, action, &n_running);
    take_finished(shard);
}

static void on_socket_event(evutil_socket_t socket, short what, void *context) {
    int action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                 ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    act(context, socket, action);
}

static void on_timer(evutil_socket_t socket, short what, void *context) {
    (void)socket, (void)what;
    act(context, CURL_SOCKET_TIMEOUT, 0);
}

/* What libcurl wants to hear of a socket; its event hangs on the socket's own pointer. */
static int on_socket_wish(CURL *easy, curl_socket_t socket, int wish, void *context,
                          void *socket_context) {
    (void)easy;
    struct curl_shard *shard = context;
    struct event *event = socket_context;
    if (event != NULL)
        event_free(event);
    if (wish == CURL_POLL_REMOVE) {
        (void)curl_multi_assign(shard->multi, socket, NULL);
        return 0;
    }
    short what = EV_PERSIST;
    if (wish != CURL_POLL_OUT)
        what |= EV_READ;
    if (wish != CURL_POLL_IN)
        what |= EV_WRITE;
    event = event_new(shard->loop->base, socket, what, on_socket_event, shard);
    if (event == NULL || event_add(event, NULL) != 0)
        return -1;
    (void)curl_multi_assign(shard->multi, socket, event);
    return 0;
}

/* 0 means soon, but not from inside this call: a timer of 0 runs on the next pass. */
static int on_timer_wish(CURLM *multi, long timeout_ms, void *context) {
    (void)multi;
    struct curl_shard *shard = context;
    if (timeout_ms < 0)
        return event_del(shard->timer);
    struct timeval delay = {timeout_ms / 1000, (timeout_ms % 1000) * 1000};
    if (timeout_ms > 0) /* relative to the loop's cached time, which may be old */
        (void)event_base_update_cache_time(shard->loop->base);
    return event_add(shard->timer, &delay);
}

static struct curl_shard *shard_new(struct curl_loop *loop) {
    struct curl_shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        return NULL;
    shard->loop = loop;
    shard->multi = curl_multi_init();
    shard->timer = evtimer_new(loop->base, on_timer, shard);
    if (shard->multi == NULL || shard->timer == NULL) {
        if (shard->timer != NULL)
            event_free(shard->timer);
        (void)curl_multi_cleanup(shard->multi);
        free(shard);
        return NULL;
    }
    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_SOCKETDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_TIMERDATA, shard);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    shard->next = loop->shards;
    loop->shards = shard;
    return shard;
}

/* As many connections as transfers, so that connections never exceed users. */
static void count_attached(struct curl_shard *shard, int change) {
    shard->n_attached += (unsigned)change;
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAXCONNECTS, (long)shard->n_attached);
    (void)curl_multi_setopt(shard->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                            (long)shard->n_attached);
}

struct curl_loop *curl_loop_open(struct event_base *base,
                                 void (*finished)(struct curl_transfer *, CURLcode)) {
    struct curl_loop *loop = calloc(1, sizeof *loop);
    if (loop != NULL)
        *loop = (struct curl_loop){.base = base, .finished = finished};
    return loop;
}

static struct curl_shard *shard_with_room(struct curl_loop *loop) {
    for (struct curl_shard **link = &loop->shards; *link != NULL; link = &(*link)->next) {
        struct curl_shard *shard = *link;
        if (shard->n_attached >= SHARD_TRANSFERS)
            continue;
        *link = shard->next; /* to the front: the next search is short */
        shard->next = loop->shards;
        loop->shards = shard;
        return shard;
    }
    return shard_new(loop);
}

int curl_loop_attach(struct curl_loop *loop, struct curl_transfer *transfer) {
    struct curl_shard *first = loop->shards;
    struct curl_shard *shard = first != NULL && first->n_attached < SHARD_TRANSFERS
                                   ? first
                                   : shard_with_room(loop);
    CURL *easy = curl_easy_init();
    if (shard == NULL || easy == NULL) {
        curl_easy_cleanup(easy);
        return -ENOMEM;
    }
    *transfer = (struct curl_transfer){.easy = easy, .shard = shard};
    count_attached(shard, 1);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY,
                           ""); /* http_proxy would reroute loopback */
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    return 0;
}

int curl_loop_start(struct curl_transfer *transfer) {
    return curl_multi_add_handle(transfer->shard->multi, transfer->easy) == CURLM_OK
               ? 0
               : -ENOMEM;
}

void curl_loop_cancel(struct curl_transfer *transfer) {
    (void)curl_multi_remove_handle(transfer->shard->multi, transfer->easy);
}

void curl_loop_detach(struct curl_transfer *transfer) {
    curl_easy_cleanup(transfer->easy);
    count_attached(transfer->shard, -1);
    *transfer = (struct curl_transfer){0};
}

void curl_loop_close(struct curl_loop *loop) {
    while (loop->shards != NULL) {
        struct curl_shard *shard = loop->shards;
        assert(shard->n_attached == 0);
        loop->shards = shard->next;
        (void)curl_multi_cleanup(shard->multi);
        event_free(shard->timer);
        free(shard);
    }
    free(loop);
}
