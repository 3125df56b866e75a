/* A meeting by mutex and condition, so that who was expected can be excused; see
 * meeting.h. */
#include "loadgen/drive/meeting.h"

#include <errno.h>
#include <unistd.h>

#include "common/clock.h"
#include "loadgen/drive/stop_signals.h"

int meeting_begin(struct meeting *meeting, unsigned n_expected) {
    *meeting = (struct meeting){.signals = stop_signals_open(),
                                .n_expected = n_expected,
                                .mutex = PTHREAD_MUTEX_INITIALIZER,
                                .opened = PTHREAD_COND_INITIALIZER};
    return meeting->signals >= 0 ? 0 : meeting->signals;
}

void meeting_excuse(struct meeting *meeting, unsigned n_missing) {
    (void)pthread_mutex_lock(&meeting->mutex);
    meeting->n_expected -= n_missing;
    meeting->error = -EAGAIN;
    (void)pthread_mutex_unlock(&meeting->mutex);
}

int meeting_attend(struct meeting *meeting, int error, uint64_t *epoch_ns) {
    (void)pthread_mutex_lock(&meeting->mutex);
    if (meeting->error == 0)
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
    (void)close(meeting->signals);
    return stop_signals_take();
}
