/* Starts a command, keeps what it prints, and ends all of it; see keeper.h. */
#include "common/children/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/machine.h"
#include "common/children/census.h"

/* Between two rounds of SIGKILL: one that forks may have been missed. */
static const uint64_t KILL_AGAIN_NS = 20 * NS_PER_MS;

static struct {
    pid_t command;
    int status; /* of the command; -1 before it has ended */
    int output; /* what all of them print; -1 at its end */
    bool is_ending, had_forked_away, had_to_kill;
    uint64_t due_ns;              /* for the next SIGKILL, while it is ending */
    uint64_t n_bytes;             /* that were printed */
    char last[KEEPER_LAST_BYTES]; /* a ring: of what is beyond the first bytes */
} keeper = {.status = -1, .output = -1};

/* A full disk takes no more: what was kept is enough. */
static void say(const char *bytes, size_t n_bytes) {
    (void)files_write(STDERR_FILENO, bytes, n_bytes);
}

/* Takes what is there. Returns false when there was nothing. */
static bool take_output(void) {
    static char bytes[KEEPER_LAST_BYTES];
    ssize_t n = read(keeper.output, bytes, sizeof bytes);
    if (n <= 0)
        return false;
    size_t n_first = 0, n_bytes = (size_t)n;
    if (keeper.n_bytes < KEEPER_FIRST_BYTES) {
        n_first = (size_t)(KEEPER_FIRST_BYTES - keeper.n_bytes);
        n_first = n_first < n_bytes ? n_first : n_bytes;
        say(bytes, n_first);
    }
    for (size_t i = n_first; i < n_bytes; i++)
        keeper.last[(keeper.n_bytes + i - KEEPER_FIRST_BYTES) % sizeof keeper.last] =
            bytes[i];
    keeper.n_bytes += n_bytes;
    return true;
}

static void write_last(void) {
    uint64_t n_behind =
        keeper.n_bytes > KEEPER_FIRST_BYTES ? keeper.n_bytes - KEEPER_FIRST_BYTES : 0;
    size_t at = (size_t)n_behind;
    if (n_behind > sizeof keeper.last) {
        char line[64];
        at = (size_t)(n_behind % sizeof keeper.last);
        int n = snprintf(line, sizeof line, "\n... %llu bytes are left out ...\n",
                         (unsigned long long)(n_behind - sizeof keeper.last));
        say(line, (size_t)n);
        say(keeper.last + at, sizeof keeper.last - at);
    }
    say(keeper.last, at);
}

static void send_signal(pid_t pid, void *signal_number) {
    (void)kill(pid, *(const int *)signal_number);
}

static void signal_all(int signal_number) {
    census_visit(getpid(), CENSUS_KEPT, send_signal, &signal_number);
}

/* In the child: what is started has the dispositions, the mask and the streams that a
 * shell would give it. */
static _Noreturn void become(const char *command, const char *port, int output) {
    sigset_t none;
    (void)sigemptyset(&none);
    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* should somebody kill the keeper */
    (void)signal(SIGPIPE, SIG_DFL);
    (void)signal(SIGXFSZ, SIG_DFL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setenv("PORT", port, 1);
    if (dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0)
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Reaps who has ended; false once nobody is left. */
static bool reap(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == keeper.command)
            keeper.status =
                WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return pid == 0;
}

static void end_all(uint64_t grace_ns) {
    uint64_t now_ns = clock_now_ns();
    if (!keeper.is_ending) {
        keeper.is_ending = true;
        keeper.had_forked_away = keeper.status >= 0;
        keeper.due_ns = now_ns + grace_ns;
        signal_all(SIGTERM);
    } else if (now_ns >= keeper.due_ns) {
        keeper.had_to_kill = true;
        keeper.due_ns = now_ns + KILL_AGAIN_NS;
        signal_all(SIGKILL);
    }
}

/* Until nobody is left. `signals`: SIGCHLD, and those that end. */
static void keep(int signals, uint64_t grace_ns) {
    struct signalfd_siginfo signal;
    while (reap()) {
        struct pollfd wanted[] = {{signals, POLLIN, 0}, {keeper.output, POLLIN, 0}};
        uint64_t now_ns = clock_now_ns();
        uint64_t left_ns = keeper.due_ns > now_ns ? keeper.due_ns - now_ns : 0;
        (void)poll(wanted, 2, keeper.is_ending ? (int)(left_ns / NS_PER_MS) + 1 : -1);
        if (wanted[1].revents != 0 && !take_output()) {
            (void)close(keeper.output);
            keeper.output = -1;
        }
        bool was_told = wanted[0].revents != 0 &&
                        read(signals, &signal, sizeof signal) == sizeof signal &&
                        signal.ssi_signo != SIGCHLD;
        if (was_told || keeper.is_ending)
            end_all(grace_ns);
    }
}

void keeper_remove_socket(char *path) {
    if (path[0] == '\0')
        return;
    (void)unlink(path);
    *strrchr(path, '/') = '\0';
    (void)rmdir(path);
}

int keeper_main(int argc, char **argv) {
    static const int heeded[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
    sigset_t set;
    int ends[2];
    if (argc != 6)
        return EXIT_USAGE;
    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof heeded / sizeof *heeded; i++)
        (void)sigaddset(&set, heeded[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, SFD_CLOEXEC);
    unsigned n_cpus = (unsigned)atoi(argv[3]);
    if (signals < 0 || pipe2(ends, O_CLOEXEC) != 0 ||
        prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || /* it was SIGKILL */
        (n_cpus > 0 && machine_keep_to_cpus(0, n_cpus) != 0))
        error_exit("the keeper cannot start: %s", strerror(errno));
    keeper.command = fork();
    if (keeper.command == 0)
        become(argv[5], argv[1], ends[1]);
    if (keeper.command < 0)
        error_exit("the keeper cannot fork: %s", strerror(errno));
    (void)close(ends[1]);
    keeper.output = ends[0];
    keep(signals, (uint64_t)atoi(argv[4]) * NS_PER_MS);
    if (keeper.output >= 0) {
        (void)fcntl(keeper.output, F_SETFL, O_NONBLOCK); /* others may hold it open */
        while (take_output()) {
        }
    }
    write_last();
    keeper_remove_socket(argv[2]);
    return keeper.had_to_kill       ? KEEPER_HAD_TO_KILL
           : keeper.had_forked_away ? KEEPER_FORKED_AWAY
           : keeper.is_ending       ? EXIT_OK
                                    : keeper.status;
}
