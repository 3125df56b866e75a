/*
 * The signals that end a server; see quit.h. libevent handles a signal between two
 * callbacks, but a job that blocks the loop is one callback, and the second signal must
 * end the process inside it. Hence a handler of our own.
 */
#include "server/front/quit.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/children/interrupts.h"

static const uint64_t INSIST_NS = NS_PER_S;

static _Atomic uint64_t asked_ns; /* 0: not */
static int wake_fd = -1;
static struct event *wake;
static void (*when_asked)(void *);

/* Any thread. When we exit, the kernel ends workers and spawners. */
static void on_signal(int signal_number) {
    (void)signal_number;
    int error = errno;
    uint64_t before_ns = 0, now_ns = clock_now_ns(), one = 1;
    if (atomic_compare_exchange_strong(&asked_ns, &before_ns, now_ns))
        (void)!write(wake_fd, &one, sizeof one);
    else if (now_ns >=
             before_ns + INSIST_NS) /* before_ns is later where two came at once */
        _exit(EXIT_FAILURE);
    errno = error;
}

static void on_wake(evutil_socket_t fd, short what, void *context) {
    (void)what;
    uint64_t count;
    if (read(fd, &count, sizeof count) > 0)
        when_asked(context);
}

int quit_watch(struct event_base *base, void (*asked)(void *), void *context) {
    sigset_t signals;
    when_asked = asked;
    wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return -errno;
    wake = event_new(base, wake_fd, EV_READ | EV_PERSIST, on_wake, context);
    if (wake == NULL || event_add(wake, NULL) != 0)
        return -ENOMEM;
    interrupts_signals(&signals);
    interrupts_handle(&signals, on_signal);
    /* The program that started us may have blocked them. */
    (void)sigprocmask(SIG_UNBLOCK, &signals, NULL);
    return 0;
}

void quit_unwatch(void) {
    sigset_t signals;
    interrupts_signals(&signals);
    /* For the whole process, since this is the only thread by now. */
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    event_free(wake);
    (void)close(wake_fd);
    wake_fd = -1;
}
