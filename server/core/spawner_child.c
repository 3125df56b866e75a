/*
 * The spawner and its workers, and both ends of how a spawner is started and given
 * sockets. Both are single-threaded and hold no descriptors but their own sockets. They
 * ignore the signals of a terminal, because they end with the server: by end of file or,
 * if the server is killed, by the parent-death signal.
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
#include "server/core/fetch.h"
#include "server/core/gil.h"
#include "server/core/job.h"
#include "server/core/steps.h"

extern char **environ;

enum { START_LIMIT_MS = 30000 };

static void settle_in(pid_t parent) {
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        (void)signal(ignored[i], SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before the kernel was told */
        _exit(1);
}

static _Noreturn void work_until_closed(int socket) {
    struct work work;
    struct job_record record;
    while (recv(socket, &work, sizeof work, 0) == (ssize_t)sizeof work) {
        record = JOB_RECORD_NEW;
        steps_run(&work, &record);
        if (send(socket, &record, sizeof record, MSG_NOSIGNAL) < 0)
            break;
    }
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

/* A message of one byte that may carry a descriptor. */
struct parcel {
    char byte;
    struct iovec part;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra;
    struct msghdr message;
};

static void parcel_make(struct parcel *parcel) {
    *parcel = (struct parcel){.part = {&parcel->byte, 1}};
    parcel->message = (struct msghdr){.msg_iov = &parcel->part,
                                      .msg_iovlen = 1,
                                      .msg_control = parcel->extra.bytes,
                                      .msg_controllen = sizeof parcel->extra.bytes};
}

int spawner_send_socket(int control, int socket) {
    struct parcel parcel;
    parcel_make(&parcel);
    struct cmsghdr *header = CMSG_FIRSTHDR(&parcel.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &socket, sizeof socket);
    return sendmsg(control, &parcel.message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Forks a worker for the next socket that arrives. False at the end of the control
 * socket. */
static bool spawn_one(void) {
    struct parcel parcel;
    parcel_make(&parcel);
    ssize_t n_read = recvmsg(SPAWNER_CONTROL_FD, &parcel.message, MSG_CMSG_CLOEXEC);
    if (n_read <= 0)
        return n_read < 0 && errno == EINTR;
    struct cmsghdr *header = CMSG_FIRSTHDR(&parcel.message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS)
        return true;
    int socket;
    memcpy(&socket, CMSG_DATA(header), sizeof socket);
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

/* The spawner learns its settings from its arguments. */
enum { PARENT = 1, GIL, TIMEOUT, UPSTREAM, N_ARGUMENTS };

/* With `control` as its socket. 0 or -errno. */
static int exec_around(int control, pid_t *pid) {
    const struct fetch_setting *fetch = fetch_configured();
    const char *upstream = fetch->upstream_url != NULL ? fetch->upstream_url : "";
    char parent[16], timeout[24];
    (void)snprintf(parent, sizeof parent, "%d", (int)getpid());
    (void)snprintf(timeout, sizeof timeout, "%" PRIu64, fetch->upstream_timeout_ns);
    /* The program, then what spawner_main finds from 0 on. */
    const char *arguments[N_ARGUMENTS + 2] = {
        program_invocation_name, SPAWNER_COMMAND,
        [PARENT + 1] = parent,   [GIL + 1] = gil_is_enabled() ? "gil" : "free",
        [TIMEOUT + 1] = timeout, [UPSTREAM + 1] = upstream};
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
    while ((n = poll(&wanted, 1, START_LIMIT_MS)) < 0 && errno == EINTR) {
    }
    if (n == 0)
        return -ETIMEDOUT;
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
    socklen_t length = sizeof type;
    if (argc != N_ARGUMENTS ||
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
    (void)!send(SPAWNER_CONTROL_FD, "", 1, MSG_NOSIGNAL); /* ready */
    while (spawn_one()) {
    }
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
    _exit(0);
}
