/* The parent of several server processes; see prefork.h. */
#include "server/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.h"

enum { MAX_RESTARTS = 100 }; /* in all; beyond that something is wrong for good */

struct family {
    unsigned n_processes, n_alive, n_ready, n_restarts;
    pid_t *pids; /* 0: not there */
    int (*serve)(void *, unsigned, int);
    void *context;
    int ready[2];
    sigset_t signals, old_signals;
    bool is_stopping;
    int status;
};

static int start_child(struct family *family, unsigned index) {
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        (void)sigprocmask(SIG_SETMASK, &family->old_signals, NULL);
        (void)close(family->ready[0]);
        _exit(family->serve(family->context, index, family->ready[1]));
    }
    family->pids[index] = pid;
    family->n_alive++;
    return 0;
}

static void stop_all(struct family *family) {
    family->is_stopping = true;
    for (unsigned i = 0; i < family->n_processes; i++)
        if (family->pids[i] > 0)
            (void)kill(family->pids[i], SIGTERM);
}

static void replace(struct family *family, unsigned index, int status) {
    bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (family->is_stopping) {
        family->status = ended_well ? family->status : EXIT_FAILURE;
        return;
    }
    bool was_serving = family->n_ready >= family->n_processes;
    if (was_serving && family->n_restarts++ < MAX_RESTARTS) {
        error_print("serve: process %u of %u ended; starting it again", index + 1,
                    family->n_processes);
        if (start_child(family, index) == 0)
            return;
    }
    /* What it printed says why; the others have no reason to go on without it. */
    family->status =
        WIFEXITED(status) && !ended_well ? WEXITSTATUS(status) : EXIT_FAILURE;
    stop_all(family);
}

static void reap(struct family *family) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (unsigned i = 0; i < family->n_processes; i++)
            if (family->pids[i] == pid) {
                family->pids[i] = 0;
                family->n_alive--;
                replace(family, i, status);
            }
}

static void count_ready(struct family *family, void (*all_ready)(void *)) {
    char bytes[64];
    ssize_t n_read = read(family->ready[0], bytes, sizeof bytes);
    if (n_read <= 0)
        return;
    bool was_complete = family->n_ready >= family->n_processes;
    family->n_ready += (unsigned)n_read;
    if (!was_complete && family->n_ready >= family->n_processes)
        all_ready(family->context);
}

static void take_signal(struct family *family, int signals) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) == (ssize_t)sizeof information)
        if (information.ssi_signo != SIGCHLD)
            stop_all(family);
    reap(family);
}

static void watch(struct family *family, int signals, void (*all_ready)(void *)) {
    struct pollfd wanted[] = {{family->ready[0], POLLIN, 0}, {signals, POLLIN, 0}};
    while (family->n_alive > 0) {
        if (poll(wanted, 2, -1) < 0 && errno != EINTR)
            stop_all(family);
        if (wanted[0].revents != 0)
            count_ready(family, all_ready);
        if (wanted[1].revents != 0)
            take_signal(family, signals);
    }
}

int prefork_run(unsigned n_processes,
                int (*serve)(void *context, unsigned index, int ready_fd),
                void (*all_ready)(void *context), void *context) {
    struct family family = {
        .n_processes = n_processes, .serve = serve, .context = context};
    family.pids = calloc(n_processes, sizeof *family.pids);
    if (family.pids == NULL || pipe2(family.ready, O_CLOEXEC | O_NONBLOCK) != 0)
        error_exit("serve: cannot prepare %u processes: %s", n_processes,
                   strerror(errno));
    (void)sigemptyset(&family.signals);
    (void)sigaddset(&family.signals, SIGCHLD);
    (void)sigaddset(&family.signals, SIGTERM);
    (void)sigaddset(&family.signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &family.signals, &family.old_signals);
    int signals = signalfd(-1, &family.signals, SFD_CLOEXEC | SFD_NONBLOCK);
    for (unsigned i = 0; i < n_processes; i++) {
        int error = start_child(&family, i);
        if (error != 0) {
            error_print("serve: cannot fork server %u: %s", i + 1, strerror(-error));
            family.status = EXIT_FAILURE;
            stop_all(&family);
            break;
        }
    }
    watch(&family, signals, all_ready);
    (void)close(signals);
    (void)close(family.ready[0]);
    (void)close(family.ready[1]);
    free(family.pids);
    (void)sigprocmask(SIG_SETMASK, &family.old_signals, NULL);
    return family.status;
}
