/* Signals on the loop of a drive; see stop_signals.h. */
#include "loadgen/stop_signals.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include <event2/event.h>

#include "loadgen/meeting.h"

static void on_signal(evutil_socket_t number, short what, void *context) {
    const struct stop_signals *signals = context;
    (void)what;
    signals->stop(signals->context, (int)number);
}

static void on_called_off(evutil_socket_t fd, short what, void *context) {
    const struct stop_signals *signals = context;
    (void)fd, (void)what;
    signals->stop(signals->context, 0);
}

int stop_signals_heed(struct stop_signals *signals, struct event_base *base,
                      const struct meeting *meeting) {
    if (meeting != NULL) {
        signals->events[0] =
            event_new(base, meeting->signals, EV_READ, on_called_off, signals);
    } else {
        signals->events[0] = evsignal_new(base, SIGINT, on_signal, signals);
        signals->events[1] = evsignal_new(base, SIGTERM, on_signal, signals);
        (void)signal(SIGTERM, SIG_IGN); /* what libevent restores when the run is over */
    }
    if (signals->events[0] == NULL || (meeting == NULL && signals->events[1] == NULL))
        return -ENOMEM;
    for (size_t i = 0; i < 2; i++)
        if (signals->events[i] != NULL && event_add(signals->events[i], NULL) != 0)
            return -ENOMEM;
    return 0;
}

void stop_signals_forget(struct stop_signals *signals) {
    for (size_t i = 0; i < 2; i++)
        if (signals->events[i] != NULL)
            event_free(signals->events[i]);
}
