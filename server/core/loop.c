/*
 * The event loop and its mailbox: a locked list and one eventfd, written only when the
 * list was empty, so a burst of finished jobs costs one wake-up.
 *
 * Timers that end jobs have the same priority as the event that begins them, and after a
 * few callbacks of that priority the loop polls. If a hundred sleeps that end together
 * were answered in one go, requests would wait in their sockets for milliseconds which
 * nobody counts, because the time in the queue begins when a request is read.
 */
#include "server/core/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "server/core/gil.h"
#include "server/core/job.h"

enum { CALLBACKS_PER_POLL = 4 };

struct loop {
    struct event_base *base;
    pthread_mutex_t mutex; /* guards `finished` */
    struct job_queue finished;
    int wake_fd;
    struct event *wake;
};

static void on_wake(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct loop *loop = context;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0)
        return; /* nothing was posted */
    (void)pthread_mutex_lock(&loop->mutex);
    struct job_queue finished = loop->finished;
    loop->finished = (struct job_queue){0};
    (void)pthread_mutex_unlock(&loop->mutex);
    gil_acquire();
    struct job *job;
    while ((job = job_queue_pop(&finished)) != NULL)
        job_done(job);
    gil_release();
}

static struct event_base *new_base(void) {
    struct event_config *config = event_config_new();
    if (config == NULL)
        return NULL;
    /* libevent's usual clock ticks with the kernel: sleeps would end early or late. */
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    /* Fewer system calls; safe, since no descriptor of the loop is duplicated, but for
     * the moment in which a command is a copy of this process that has yet to exec. */
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    (void)event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_PER_POLL,
                                                 LOOP_PRIORITY_HANDLE);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    if (base != NULL)
        (void)event_base_priority_init(base, N_LOOP_PRIORITIES);
    return base;
}

struct loop *loop_open(void) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    (void)pthread_mutex_init(&loop->mutex, NULL);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    loop->base = new_base();
    if (loop->wake_fd >= 0 && loop->base != NULL)
        loop->wake =
            event_new(loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    if (loop->wake != NULL && event_add(loop->wake, NULL) == 0)
        return loop;
    loop_close(loop);
    errno = ENOMEM;
    return NULL;
}

void loop_close(struct loop *loop) {
    loop_free_event(loop->wake);
    if (loop->base != NULL)
        event_base_free(loop->base);
    if (loop->wake_fd >= 0)
        (void)close(loop->wake_fd);
    (void)pthread_mutex_destroy(&loop->mutex);
    free(loop);
}

void loop_post(struct loop *loop, struct job *job) {
    (void)pthread_mutex_lock(&loop->mutex);
    int was_empty = loop->finished.head == NULL;
    job_queue_push(&loop->finished, job);
    (void)pthread_mutex_unlock(&loop->mutex);
    if (was_empty) {
        uint64_t one = 1;
        (void)!write(loop->wake_fd, &one, sizeof one); /* can only fail when full */
    }
}

struct event_base *loop_base(struct loop *loop) {
    return loop->base;
}

void loop_free_event(struct event *event) {
    if (event != NULL)
        event_free(event);
}
