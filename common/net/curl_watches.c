/* Sockets that are watched for libcurl; see curl_watches.h. */
#include "common/net/curl_watches.h"

#include <stdlib.h>
#include <string.h>

/* A socket from its first use until it is closed. */
struct curl_watch {
    struct event *event; /* NULL: libcurl has no socket of this number */
    short wanted, armed; /* EV_READ | EV_WRITE; 0: idle; not watched */
    bool is_connection;  /* has been written to; what only reads is the resolver's */
};

static struct curl_watch *find(const struct curl_watches *watches, curl_socket_t fd) {
    bool is_there = (unsigned)fd < watches->n && watches->all[fd].event != NULL;
    return is_there ? &watches->all[fd] : NULL;
}

static struct curl_watch *add(struct curl_watches *watches, curl_socket_t fd,
                              event_callback_fn ready, void *context) {
    if ((unsigned)fd >= watches->n) {
        unsigned n = 2 * (unsigned)fd + 1;
        struct curl_watch *grown = realloc(watches->all, n * sizeof *grown);
        if (grown == NULL)
            return NULL;
        memset(grown + watches->n, 0, (n - watches->n) * sizeof *grown);
        watches->all = grown;
        watches->n = n;
    }
    watches->all[fd].event = event_new(watches->base, fd, EV_READ, ready, context);
    return find(watches, fd);
}

static void disarm(struct curl_watch *watch) {
    if (watch->armed != 0)
        (void)event_del(watch->event);
    watch->armed = 0;
}

static void drop(struct curl_watch *watch) {
    disarm(watch);
    event_free(watch->event);
    *watch = (struct curl_watch){0};
}

/* Watches for what is wanted, and for nothing if that is so. 0 or -1. */
static int arm(struct curl_watch *watch) {
    if (watch->wanted == watch->armed)
        return 0;
    disarm(watch);
    if (watch->wanted == 0)
        return 0;
    struct event *event = watch->event;
    if (event_assign(event, event_get_base(event), event_get_fd(event),
                     (short)(watch->wanted | EV_PERSIST), event_get_callback(event),
                     event_get_callback_arg(event)) != 0 ||
        event_add(event, NULL) != 0)
        return -1;
    watch->armed = watch->wanted;
    return 0;
}

int curl_watches_want(struct curl_watches *watches, curl_socket_t fd, int what,
                      event_callback_fn ready, void *context) {
    struct curl_watch *watch = find(watches, fd);
    if (watch == NULL && what == CURL_POLL_REMOVE)
        return 0;
    if (watch == NULL)
        watch = add(watches, fd, ready, context);
    if (watch == NULL)
        return -1;
    watch->wanted = (short)((what & CURL_POLL_IN ? EV_READ : 0) |
                            (what & CURL_POLL_OUT ? EV_WRITE : 0)); /* IN | OUT: INOUT */
    watch->is_connection |= (what & CURL_POLL_OUT) != 0;
    if (watch->wanted == 0 && !watch->is_connection)
        drop(watch); /* closed next, without a word */
    else if (watch->wanted != 0 || watch->armed != EV_READ) /* which may stay */
        return arm(watch);
    return 0;
}

bool curl_watches_is_wanted(struct curl_watches *watches, curl_socket_t fd) {
    struct curl_watch *watch = find(watches, fd);
    if (watch->wanted == 0)
        disarm(watch);
    return watch->wanted != 0;
}

void curl_watches_forget(struct curl_watches *watches, curl_socket_t fd) {
    struct curl_watch *watch = find(watches, fd);
    if (watch != NULL)
        drop(watch);
}

void curl_watches_free(struct curl_watches *watches) {
    for (unsigned fd = 0; fd < watches->n; fd++)
        if (watches->all[fd].event != NULL)
            event_free(watches->all[fd].event);
    free(watches->all);
}
