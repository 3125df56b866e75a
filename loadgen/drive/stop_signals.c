/* Signals that are blocked and wait to be taken; see stop_signals.h. */
#include "loadgen/drive/stop_signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/signalfd.h>

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
