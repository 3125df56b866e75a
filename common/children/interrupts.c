/* Signals that end waits; see interrupts.h. */
#include "common/children/interrupts.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/base/clock.h"

static const uint64_t SAME_NS = 250 * NS_PER_MS;

static int wake_fd = -1; /* an eventfd: readable once one came, so that polls end */
static atomic_int number;
static _Atomic uint64_t came_at_ns; /* 0: none came */

static void note(int signal_number) {
    int error = errno;
    uint64_t none = 0, now_ns = clock_now_ns();
    if (atomic_compare_exchange_strong(&came_at_ns, &none, now_ns)) {
        atomic_store(&number, signal_number);
        (void)eventfd_write(wake_fd, 1);
    } else if (now_ns - none > SAME_NS) {
        (void)signal(signal_number, SIG_DFL);
        (void)raise(signal_number); /* delivered when this handler has returned */
    }
    errno = error;
}

void interrupts_signals(sigset_t *signals) {
    struct sigaction hangup;
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGINT);
    (void)sigaddset(signals, SIGTERM);
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        (void)sigaddset(signals, SIGHUP);
}

void interrupts_handle(const sigset_t *signals, void (*handler)(int signal_number)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    (void)sigemptyset(&action.sa_mask);
    for (int i = 1; i < NSIG; i++)
        if (sigismember(signals, i) == 1)
            (void)sigaction(i, &action, NULL);
}

int interrupts_heed(void) {
    if (wake_fd < 0)
        wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_fd < 0)
        return -errno;
    sigset_t signals;
    interrupts_signals(&signals);
    interrupts_handle(&signals, note);
    return 0;
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
