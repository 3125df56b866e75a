/*
 * The spawner and its workers, and both ends of how a spawner is started and given
 * sockets. They ignore the signals of a terminal, because they end with the server: by
 * end of file or, if the server is killed, by the parent-death signal.
 */
#include "server/core/spawner_child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/error.h"
#include "common/workload/work.h"
#include "server/core/command.h"
#include "server/core/declared.h"
#include "server/core/exchange.h"
#include "server/core/fetch.h"
#include "server/core/gil.h"
#include "server/core/job.h"
#include "server/core/steps.h"

extern char **environ;

static void settle_in(pid_t parent) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the kernel was told */
        _exit(1);
}

static _Noreturn void work_until_closed(int socket) {
    struct job job;
    char why[WHY_BYTES];
    command_watch(socket);
    (void)declared_open(false, why); /* jobs that have it say why not */
    while (exchange_take_order(socket, &job)) {
        steps_run(&job);
        if (exchange_end(socket, &job) != 0)
            break;
    }
    declared_close();
    fetch_forget_thread();
    _exit(0);
}

void spawner_refuse(int socket, int error) {
    char unread;
    /* A work that may wait in it must be read: closing would reset the peer otherwise,
     * and the reset would overtake the error. */
    (void)shutdown(socket, SHUT_RD);
    while (recv(socket, &unread, sizeof unread, MSG_DONTWAIT) > 0) {
    }
    (void)!send(socket, &error, sizeof error, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(socket);
}

int spawner_send_socket(int control, int socket) {
    char byte = 0;
    return exchange_send(control, &(struct iovec){&byte, 1}, 1, socket);
}

/* Forks a worker for the next socket that arrives. False at the end of the control
 * socket. */
static bool spawn_one(void) {
    char byte;
    int socket;
    ssize_t n_read =
        exchange_receive(SPAWNER_CONTROL_FD, &(struct iovec){&byte, 1}, 1, 0, &socket);
    if (n_read <= 0)
        return n_read == -EINTR;
    if (socket < 0)
        return true;
    pid_t spawner = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        (void)signal(SIGCHLD, SIG_DFL);
        settle_in(spawner);
        (void)close(SPAWNER_CONTROL_FD);
        work_until_closed(socket);
    }
    if (pid < 0)
        spawner_refuse(socket, errno);
    else
        (void)close(socket);
    return true;
}

/* The spawner learns its settings from its arguments; declared steps stand behind them.
 */
enum { PARENT = 1, GIL, TIMEOUT, UPSTREAM, COMMAND_LIMIT, N_ARGUMENTS };

/* With `control` as its socket. 0 or -errno. */
static int exec_around(int control, pid_t *pid) {
    const struct fetch_setting *fetch = fetch_configured();
    const char *upstream = fetch->upstream_url != NULL ? fetch->upstream_url : "";
    char parent[16], timeout[24], limit[24], *steps[WORK_MAX_DECLARED] = {0};
    (void)snprintf(parent, sizeof parent, "%d", (int)getpid());
    (void)snprintf(timeout, sizeof timeout, "%" PRIu64, fetch->upstream_timeout_ns);
    (void)snprintf(limit, sizeof limit, "%" PRIu64, declared_command_limit_ns());
    /* The program, then what spawner_main finds from 0 on. */
    const char *arguments[N_ARGUMENTS + WORK_MAX_DECLARED + 2] = {
        program_invocation_name,     SPAWNER_COMMAND,
        [PARENT + 1] = parent,       [GIL + 1] = gil_is_enabled() ? "gil" : "free",
        [TIMEOUT + 1] = timeout,     [UPSTREAM + 1] = upstream,
        [COMMAND_LIMIT + 1] = limit,
    };
    for (unsigned i = 0; work_declared_name(i) != NULL; i++)
        if (asprintf(&steps[i], "%s=%s", work_declared_name(i), work_declared_how(i)) >=
            0)
            arguments[N_ARGUMENTS + 1 + i] = steps[i];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    (void)sigemptyset(&none);
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return -error;
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    error = posix_spawn_file_actions_adddup2(&actions, control, SPAWNER_CONTROL_FD);
    if (error == 0)
        error = posix_spawn(pid, "/proc/self/exe", &actions, &attributes,
                            (char *const *)arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    for (unsigned i = 0; i < WORK_MAX_DECLARED; i++)
        free(steps[i]);
    return -error;
}

int spawner_exec(pid_t *pid, int *control) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return -errno;
    int error = exec_around(ends[1], pid);
    (void)close(ends[1]);
    if (error != 0) {
        (void)close(ends[0]);
        return error;
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *control = ends[0];
    return 0;
}

int spawner_await(int control) {
    struct pollfd wanted = {control, POLLIN, 0};
    char ready;
    int n;
    /* Without a limit: a declared step may take its time to open. */
    while ((n = poll(&wanted, 1, -1)) < 0 && errno == EINTR) {
    }
    return n > 0 && recv(control, &ready, 1, 0) == 1 ? 0 : -ECHILD;
}

/*
 * The kernel adds the CPU time of workers to ours only when we wait for them. Installed
 * without SA_RESTART, so that the wait for the last of them ends as well.
 */
static void reap_workers(int number) {
    int kept = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
    errno = kept;
}

int spawner_main(int argc, char **argv) {
    int type = 0;
    char why[WHY_BYTES];
    socklen_t length = sizeof type;
    struct declarations steps = {0};
    if (argc < N_ARGUMENTS || argc > N_ARGUMENTS + WORK_MAX_DECLARED ||
        getsockopt(SPAWNER_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &length) != 0)
        error_exit("%s: only 'juggle serve' starts this; see 'juggle --help'",
                   SPAWNER_COMMAND);
    settle_in((pid_t)atoi(argv[PARENT]));
    (void)sigaction(SIGCHLD, &(struct sigaction){.sa_handler = reap_workers}, NULL);
    (void)prctl(PR_SET_NAME, program_invocation_short_name); /* it is "exe" by now */
    (void)syscall(SYS_close_range, SPAWNER_CONTROL_FD + 1U, ~0U, 0U);
    fetch_configure(&(struct fetch_setting){
        .upstream_url = argv[UPSTREAM][0] != '\0' ? argv[UPSTREAM] : NULL,
        .upstream_timeout_ns = strtoull(argv[TIMEOUT], NULL, 10),
    });
    if (strcmp(argv[GIL], "gil") == 0)
        gil_enable();
    while (N_ARGUMENTS + (int)steps.n < argc) {
        steps.texts[steps.n] = argv[N_ARGUMENTS + steps.n];
        steps.n++;
    }
    if (work_declare(&steps, why) != 0 ||
        declared_load(strtoull(argv[COMMAND_LIMIT], NULL, 10), why) != 0)
        error_exit("serve: --step: %s", why);
    (void)declared_open(true, why); /* jobs that have it say why not */
    (void)!send(SPAWNER_CONTROL_FD, "", 1, MSG_NOSIGNAL); /* ready */
    while (spawn_one()) {
    }
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
    declared_close();
    _exit(0);
}
