/* A meeting by mutex and condition, so that who was expected can be excused; see
 * meeting.h. */
#include "loadgen/meeting.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"

static void fill_signals(sigset_t *signals) {
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
}

int meeting_begin(struct meeting *meeting, unsigned n_expected) {
    sigset_t signals;
    fill_signals(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    *meeting = (struct meeting){.n_expected = n_expected,
                                .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .opened = PTHREAD_COND_INITIALIZER};
    meeting->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (meeting->signals >= 0)
        return 0;
    int error = -errno;
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    return error;
}

void meeting_excuse(struct meeting *meeting, unsigned n_missing) {
    (void)pthread_mutex_lock(&meeting->mutex);
    meeting->n_expected -= n_missing;
    meeting->error = -EAGAIN;
    (void)pthread_mutex_unlock(&meeting->mutex);
}

int meeting_attend(struct meeting *meeting, int error, uint64_t *epoch_ns) {
    (void)pthread_mutex_lock(&meeting->mutex);
    if (error != 0)
        meeting->error = error;
    if (++meeting->n_arrived == meeting->n_expected) {
        meeting->epoch_ns = clock_now_ns();
        meeting->is_open = true;
        (void)pthread_cond_broadcast(&meeting->opened);
    }
    while (!meeting->is_open)
        (void)pthread_cond_wait(&meeting->opened, &meeting->mutex);
    *epoch_ns = meeting->epoch_ns;
    error = meeting->error;
    (void)pthread_mutex_unlock(&meeting->mutex);
    return error;
}

int meeting_end(struct meeting *meeting) {
    static const struct timespec no_time = {0, 0};
    sigset_t signals;
    fill_signals(&signals);
    int first = sigtimedwait(&signals, NULL, &no_time);
    while (first > 0 && sigtimedwait(&signals, NULL, &no_time) > 0) {
    }
    (void)signal(SIGTERM, SIG_IGN); /* last: it discards one that waits to be taken */
    (void)pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    (void)close(meeting->signals);
    return first > 0 ? first : 0;
}
