/* Signals that wait to be taken, and runs that heed them; see stop_signals.h. */
#include "loadgen/drive/stop_signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <event2/event.h>

#include "loadgen/drive/meeting.h"

static const struct {
    int number;
    const char *name;
} known[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

enum { N_KNOWN = sizeof known / sizeof *known };

static bool is_hangup_ignored(void) {
    struct sigaction now;
    return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* Blocked signals wait even where they are ignored, so those must be left out. */
static void fill(sigset_t *signals) {
    (void)sigemptyset(signals);
    for (int i = 0; i < N_KNOWN; i++)
        (void)sigaddset(signals, known[i].number);
    if (is_hangup_ignored())
        (void)sigdelset(signals, SIGHUP);
}

const char *stop_signals_name(int number) {
    for (int i = 0; i < N_KNOWN; i++)
        if (known[i].number == number)
            return known[i].name;
    return NULL;
}

void stop_signals_block(void) {
    sigset_t signals;
    fill(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

int stop_signals_open(void) {
    sigset_t signals;
    fill(&signals);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd >= 0 ? fd : -errno;
}

int stop_signals_take(void) {
    static const struct timespec no_time = {0, 0};
    sigset_t signals;
    fill(&signals);
    int number = sigtimedwait(&signals, NULL, &no_time);
    return number > 0 ? number : 0;
}

static void on_signal(evutil_socket_t fd, short what, void *context) {
    const struct stop_signals *signals = context;
    (void)fd, (void)what;
    signals->stop(signals->context, signals->is_alone ? stop_signals_take() : 0);
}

int stop_signals_heed(struct stop_signals *signals, struct event_base *base,
                      const struct meeting *meeting) {
    signals->is_alone = meeting == NULL;
    signals->fd = signals->is_alone ? stop_signals_open() : meeting->signals;
    if (signals->fd < 0)
        return signals->fd;
    signals->event = event_new(base, signals->fd, EV_READ, on_signal, signals);
    if (signals->event != NULL)
        return event_add(signals->event, NULL) == 0 ? 0 : -ENOMEM;
    if (signals->is_alone)
        (void)close(signals->fd);
    return -ENOMEM;
}

bool stop_signals_wait(const struct stop_signals *signals) {
    struct pollfd poll_fd = {.fd = signals->fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

void stop_signals_forget(struct stop_signals *signals) {
    if (signals->event == NULL)
        return;
    event_free(signals->event);
    if (signals->is_alone)
        (void)close(signals->fd);
}
