/*
 * The parent of several server processes; see prefork.h. It adopts what a server that
 * died leaves, its spawners and their workers, so that somebody reaps them.
 */
#include "server/front/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/interrupts.h"

/* A server that lived so long had settled. While they die younger, the pause before the
 * next start grows. */
static const uint64_t SETTLED_NS = NS_PER_S;
static const int LEAST_PAUSE_MS = 25, MOST_PAUSE_MS = 400;

struct member {
    pid_t pid; /* 0: not there */
    uint64_t started_ns;
};

struct family {
    unsigned n_processes, n_alive, n_ready;
    struct member *members;
    uint64_t start_at_ns; /* when missing ones are started; 0: none is missing */
    int pause_ms;
    bool was_told;
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
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(EXIT_FAILURE);
        (void)sigprocmask(SIG_SETMASK, &family->old_signals, NULL);
        (void)close(family->ready[0]);
        _exit(family->serve(family->context, index, family->ready[1]));
    }
    family->members[index] = (struct member){pid, clock_now_ns()};
    family->n_alive++;
    return 0;
}

static void stop_all(struct family *family) {
    family->is_stopping = true;
    family->start_at_ns = 0;
    for (unsigned i = 0; i < family->n_processes; i++)
        if (family->members[i].pid > 0)
            (void)kill(family->members[i].pid, SIGTERM);
}

/* A server that ends before all can serve has printed why, and the others are stopped.
 * Afterwards it is started again, as often as it takes. */
static void lose(struct family *family, unsigned index, int status) {
    bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    struct member *member = &family->members[index];
    uint64_t now_ns = clock_now_ns();
    member->pid = 0;
    family->n_alive--;
    if (family->is_stopping) {
        /* One that was still starting ends by the signal itself, and served nobody. */
        ended_well |= WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
        if (!ended_well && family->status == 0) /* else why they are stopped says more */
            family->status = EXIT_FAILURE;
        return;
    }
    if (family->n_ready < family->n_processes) {
        family->status =
            WIFEXITED(status) && !ended_well ? WEXITSTATUS(status) : EXIT_FAILURE;
        stop_all(family);
        return;
    }
    if (now_ns - member->started_ns >= SETTLED_NS) {
        family->pause_ms = 0;
        family->was_told = false;
    }
    if (!family->was_told)
        error_print("serve: process %u of %u %s%s; starting it again", index + 1,
                    family->n_processes,
                    WIFSIGNALED(status) ? "was ended by SIG" : "ended",
                    WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "");
    family->was_told = true;
    if (family->start_at_ns == 0)
        family->start_at_ns = now_ns + (uint64_t)family->pause_ms * NS_PER_MS;
}

/* Starts the processes that are missing, when it is time; the first one alone until it
 * can serve, so that what hinders all of them is said once. */
static void start_missing(struct family *family) {
    unsigned n_wanted = family->n_ready > 0 ? family->n_processes : 1;
    if (family->start_at_ns == 0 || clock_now_ns() < family->start_at_ns)
        return;
    family->start_at_ns = 0;
    family->pause_ms = family->pause_ms == 0 ? LEAST_PAUSE_MS : 2 * family->pause_ms;
    if (family->pause_ms > MOST_PAUSE_MS)
        family->pause_ms = MOST_PAUSE_MS;
    for (unsigned i = 0; i < n_wanted; i++) {
        int error = family->members[i].pid == 0 ? start_child(family, i) : 0;
        if (error != 0 && family->n_ready < family->n_processes) {
            error_print("serve: cannot fork server %u: %s", i + 1, strerror(-error));
            family->status = EXIT_FAILURE;
            stop_all(family);
            return;
        }
        if (error != 0)
            family->start_at_ns = clock_now_ns() + (uint64_t)family->pause_ms * NS_PER_MS;
    }
}

static void count_ready(struct family *family, void (*all_ready)(void *)) {
    char bytes[64];
    ssize_t n_read = read(family->ready[0], bytes, sizeof bytes);
    if (n_read <= 0)
        return;
    bool was_complete = family->n_ready >= family->n_processes;
    if (family->n_ready == 0 && !family->is_stopping)
        family->start_at_ns = clock_now_ns(); /* the others */
    family->n_ready += (unsigned)n_read;
    if (!was_complete && family->n_ready >= family->n_processes)
        all_ready(family->context);
}

static void take_signal(struct family *family, int signals) {
    struct signalfd_siginfo information;
    while (read(signals, &information, sizeof information) == (ssize_t)sizeof information)
        if (information.ssi_signo != SIGCHLD)
            stop_all(family);
    int status;
    pid_t pid;
    /* Orphans that a server left are among them, and none of the members. */
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (unsigned i = 0; i < family->n_processes; i++)
            if (family->members[i].pid == pid)
                lose(family, i, status);
}

static void watch(struct family *family, int signals, void (*all_ready)(void *)) {
    struct pollfd wanted[] = {{family->ready[0], POLLIN, 0}, {signals, POLLIN, 0}};
    while (family->n_alive > 0 || family->start_at_ns > 0) {
        uint64_t now_ns = clock_now_ns(), start_ns = family->start_at_ns;
        int wait_ms = start_ns == 0        ? -1
                      : start_ns <= now_ns ? 0
                                           : (int)((start_ns - now_ns) / NS_PER_MS) + 1;
        if (poll(wanted, 2, wait_ms) < 0 && errno != EINTR)
            stop_all(family);
        if (wanted[0].revents != 0)
            count_ready(family, all_ready);
        if (wanted[1].revents != 0)
            take_signal(family, signals);
        start_missing(family);
    }
}

int prefork_run(unsigned n_processes,
                int (*serve)(void *context, unsigned index, int ready_fd),
                void (*all_ready)(void *context), void *context) {
    struct family family = {
        .n_processes = n_processes, .serve = serve, .context = context};
    family.members = calloc(n_processes, sizeof *family.members);
    interrupts_signals(&family.signals);
    (void)sigaddset(&family.signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &family.signals, &family.old_signals);
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    int signals = signalfd(-1, &family.signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (family.members == NULL || signals < 0 ||
        pipe2(family.ready, O_CLOEXEC | O_NONBLOCK) != 0)
        error_exit("serve: cannot prepare %u processes: %s", n_processes,
                   strerror(errno));
    family.start_at_ns = clock_now_ns();
    watch(&family, signals, all_ready);
    (void)close(signals);
    (void)close(family.ready[0]);
    (void)close(family.ready[1]);
    free(family.members);
    (void)sigprocmask(SIG_SETMASK, &family.old_signals, NULL);
    return family.status;
}
