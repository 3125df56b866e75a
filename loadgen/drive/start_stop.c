/* A barrier by mutex and condition, so that threads which were expected can be excused,
 * and signals that are blocked and wait to be taken; see start_stop.h. */
#include "loadgen/drive/start_stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/children/interrupts.h"

const char *stop_signals_name(int number) {
    return number == SIGINT    ? "SIGINT"
           : number == SIGTERM ? "SIGTERM"
           : number == SIGHUP  ? "SIGHUP"
                               : NULL;
}

/* They wait even where they are ignored, so an ignored SIGHUP is not among them. */
void stop_signals_block(void) {
    sigset_t signals;
    interrupts_signals(&signals);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

int start_stop_begin(struct start_stop *start_stop, unsigned n_threads,
                     uint64_t most_failures) {
    sigset_t signals;
    interrupts_signals(&signals);
    *start_stop = (struct start_stop){
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .opened = PTHREAD_COND_INITIALIZER,
        .n_expected = n_threads,
        .signals_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
        .most_failures = most_failures};
    if (start_stop->signals_fd < 0)
        return -errno;
    start_stop->failures_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (start_stop->failures_fd >= 0)
        return 0;
    int error = -errno;
    (void)close(start_stop->signals_fd);
    return error;
}

void start_stop_excuse(struct start_stop *start_stop, unsigned n_missing) {
    (void)pthread_mutex_lock(&start_stop->mutex);
    start_stop->n_expected -= n_missing;
    start_stop->error = -EAGAIN;
    (void)pthread_mutex_unlock(&start_stop->mutex);
}

/* In steps of a second at most, as the clock of the day may be set meanwhile. */
static void await_time(struct start_stop *start_stop) {
    struct pollfd poll_fd = {.fd = start_stop->signals_fd, .events = POLLIN};
    uint64_t now_ns;
    while (!start_stop->is_signalled &&
           (now_ns = clock_read_ns(CLOCK_REALTIME)) < start_stop->start_at_ns) {
        uint64_t left_ns = start_stop->start_at_ns - now_ns;
        struct timespec wait = clock_timespec(left_ns < NS_PER_S ? left_ns : NS_PER_S);
        start_stop->is_signalled = ppoll(&poll_fd, 1, &wait, NULL) > 0;
    }
}

int start_stop_arrive(struct start_stop *start_stop, int error, uint64_t *epoch_ns) {
    (void)pthread_mutex_lock(&start_stop->mutex);
    if (start_stop->error == 0)
        start_stop->error = error;
    if (++start_stop->n_arrived == start_stop->n_expected) {
        if (start_stop->error == 0)
            await_time(start_stop);
        start_stop->began_ns = clock_read_ns(CLOCK_REALTIME);
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
    static const struct timespec no_time = {0, 0};
    sigset_t signals;
    interrupts_signals(&signals);
    (void)close(start_stop->signals_fd);
    (void)close(start_stop->failures_fd);
    *was_given_up = start_stop->most_failures > 0 &&
                    atomic_load(&start_stop->n_failures) >= start_stop->most_failures;
    int number = atomic_load(&start_stop->is_signalled)
                     ? sigtimedwait(&signals, NULL, &no_time)
                     : 0;
    return number > 0 ? number : 0;
}
