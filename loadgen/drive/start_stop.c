/*
 * A barrier by mutex and condition, so that threads which were expected can be excused;
 * see start_stop.h.
 */
#include "loadgen/drive/start_stop.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "loadgen/drive/stop_signals.h"

int start_stop_begin(struct start_stop *start_stop, unsigned n_threads,
                     uint64_t most_failures) {
    *start_stop = (struct start_stop){.mutex = PTHREAD_MUTEX_INITIALIZER,
                                      .opened = PTHREAD_COND_INITIALIZER,
                                      .n_expected = n_threads,
                                      .signals_fd = stop_signals_open(),
                                      .most_failures = most_failures,
                                      .failures_fd = -1};
    if (start_stop->signals_fd < 0)
        return start_stop->signals_fd;
    if (most_failures == 0)
        return 0;
    start_stop->failures_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = -errno;
    if (start_stop->failures_fd >= 0)
        return 0;
    (void)close(start_stop->signals_fd);
    return error;
}

void start_stop_excuse(struct start_stop *start_stop, unsigned n_missing) {
    (void)pthread_mutex_lock(&start_stop->mutex);
    start_stop->n_expected -= n_missing;
    start_stop->error = -EAGAIN;
    (void)pthread_mutex_unlock(&start_stop->mutex);
}

int start_stop_arrive(struct start_stop *start_stop, int error, uint64_t *epoch_ns) {
    (void)pthread_mutex_lock(&start_stop->mutex);
    if (start_stop->error == 0)
        start_stop->error = error;
    if (++start_stop->n_arrived == start_stop->n_expected) {
        start_stop->epoch_ns = clock_now_ns();
        start_stop->is_open = true;
        (void)pthread_cond_broadcast(&start_stop->opened);
    }
    while (!start_stop->is_open)
        (void)pthread_cond_wait(&start_stop->opened, &start_stop->mutex);
    *epoch_ns = start_stop->epoch_ns;
    error = start_stop->error;
    (void)pthread_mutex_unlock(&start_stop->mutex);
    return error;
}

bool start_stop_has_signal(const struct start_stop *start_stop) {
    struct pollfd poll_fd = {.fd = start_stop->signals_fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

void start_stop_count_failure(struct start_stop *start_stop) {
    if (start_stop->most_failures > 0 &&
        atomic_fetch_add(&start_stop->n_failures, 1) + 1 == start_stop->most_failures)
        (void)eventfd_write(start_stop->failures_fd, 1);
}

int start_stop_end(struct start_stop *start_stop, bool *was_given_up) {
    (void)close(start_stop->signals_fd);
    if (start_stop->failures_fd >= 0)
        (void)close(start_stop->failures_fd);
    *was_given_up = start_stop->most_failures > 0 &&
                    atomic_load(&start_stop->n_failures) >= start_stop->most_failures;
    return atomic_load(&start_stop->is_signalled) ? stop_signals_take() : 0;
}
