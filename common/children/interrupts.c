/* Signals that end waits; see interrupts.h. */
#include "common/children/interrupts.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/base/clock.h"

static uint64_t same_as_first_ns;
static void (*on_another)(int signal_number);
static int wake_fd = -1; /* an eventfd: readable once one came, so that polls end */
static atomic_int number;
static _Atomic uint64_t came_at_ns; /* 0: none came */

static void note(int signal_number) {
    int error = errno;
    uint64_t none = 0, now_ns = clock_now_ns();
    if (atomic_compare_exchange_strong(&came_at_ns, &none, now_ns)) {
        atomic_store(&number, signal_number);
        (void)eventfd_write(wake_fd, 1);
    } else if (now_ns >= none + same_as_first_ns) { /* none: the first, maybe of now */
        on_another(signal_number);
    }
    errno = error;
}

static void end_by_it(int signal_number) {
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number); /* delivered when its handler has returned */
}

void interrupts_signals(sigset_t *signals) {
    struct sigaction hangup;
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        (void)sigaddset(signals, SIGHUP);
}

int interrupts_heed_as(uint64_t same_ns, void (*again)(int signal_number)) {
    struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
    sigset_t signals;
    if (wake_fd < 0)
        wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return -errno;
    same_as_first_ns = same_ns;
    on_another = again;
    interrupts_signals(&signals);
    (void)sigemptyset(&action.sa_mask);
    for (int i = 1; i < NSIG; i++)
        if (sigismember(&signals, i) == 1)
            (void)sigaction(i, &action, NULL);
    return -pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int interrupts_heed(void) {
    return interrupts_heed_as(250 * NS_PER_MS, end_by_it);
}

int interrupts_fd(void) {
    return wake_fd;
}

int interrupts_came(void) {
    return atomic_load(&number);
}

void interrupts_forget(void) {
    eventfd_t count;
    atomic_store(&number, 0);
    if (wake_fd >= 0)
        (void)eventfd_read(wake_fd, &count);
    atomic_store(&came_at_ns, 0);
}

int interrupts_poll(struct pollfd *wanted, unsigned n_wanted, uint64_t deadline_ns) {
    struct pollfd all[INTERRUPTS_MOST_WAITED + 1] = {{wake_fd, POLLIN, 0}};
    assert(n_wanted <= INTERRUPTS_MOST_WAITED);
    for (unsigned i = 0; i < n_wanted; i++)
        all[i + 1] = wanted[i];
    while (interrupts_came() == 0) {
        uint64_t now_ns = clock_now_ns();
        struct timespec left =
            clock_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
        int n_ready = ppoll(all, n_wanted + 1, &left, NULL);
        if (n_ready < 0 && errno != EINTR)
            return -errno;
        for (unsigned i = 0; n_ready > 0 && i < n_wanted; i++)
            wanted[i].revents = all[i + 1].revents;
        if (n_ready == 0)
            return -ETIMEDOUT;
        if (n_ready > 0 && all[0].revents == 0)
            return 0;
    }
    return -EINTR;
}

void interrupts_pause(uint64_t duration_ns) {
    (void)interrupts_poll(NULL, 0, clock_now_ns() + duration_ns);
}
