/*
 * SIGINT, SIGTERM and SIGHUP stop what goes on: the first is noted and ends waits, so
 * that what was done can be kept. A second one ends the process at once, as it would have
 * without us; what arrives within a moment of the first is the same one (timeout(1) sends
 * each twice). By handlers and not by a mask: exec resets handlers, so no child can
 * inherit them. Main thread, unless said otherwise.
 */
#pragma once

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/* The three, but for a SIGHUP that is ignored, as nohup(1) has it. */
void interrupts_signals(sigset_t *signals);

/* Installs the handlers; who started us may have blocked the signals. 0 or -errno. */
int interrupts_heed(void);

/* The same, but what comes `same_ns` or more after the first calls `again`, within its
 * handler, in any thread. */
int interrupts_heed_as(uint64_t same_ns, void (*again)(int signal_number));

/* Readable once one came. */
int interrupts_fd(void);

/* The signal that came, 0: none. Its number + 128 is the exit status to leave with. Any
 * thread. */
int interrupts_came(void);

/* Forgets the signal that came: the next one counts as a first one again. */
void interrupts_forget(void);

/* As many descriptors can be waited for at once. */
enum { INTERRUPTS_MOST_WAITED = 3 };

/*
 * poll(2) until the deadline on the monotonic clock. 0 when one of `wanted` is ready,
 * -ETIMEDOUT, -EINTR when an interrupt came, before or meanwhile, or another -errno.
 */
int interrupts_poll(struct pollfd *wanted, unsigned n_wanted, uint64_t deadline_ns);

/* Sleeps; cut short by an interrupt. */
void interrupts_pause(uint64_t duration_ns);
