/*
 * The spawner and its workers. Both are single-threaded and hold nothing but their own
 * sockets. They ignore what a terminal sends, since they end with the server: by end of
 * file, or, should the server be killed, by the parent-death signal.
 */
#include "server/spawner_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/fetch.h"
#include "server/job.h"
#include "server/steps.h"

static void settle_in(pid_t parent) {
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it died before we asked to be told */
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

static void say_no_fork(int socket, int error) {
    uint64_t now_ns = clock_now_ns();
    struct job_record record = {.status = 503, .from_ns = now_ns, .to_ns = now_ns};
    (void)snprintf(record.error, sizeof record.error, "cannot fork a worker: %s",
                   strerror(error));
    (void)!send(socket, &record, sizeof record, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The descriptor that came with the message; -1 when none did. */
static int received_socket(struct msghdr *message) {
    int socket = -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS)
        memcpy(&socket, CMSG_DATA(header), sizeof socket);
    return socket;
}

/* False at the end of the control socket. */
static bool spawn_one(int control, int children) {
    char one;
    struct iovec byte = {&one, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra;
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = extra.bytes,
                             .msg_controllen = sizeof extra.bytes};
    ssize_t n_read = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
    if (n_read <= 0)
        return n_read < 0 && errno == EINTR;
    int socket = received_socket(&message);
    if (socket < 0)
        return true;
    pid_t spawner = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        settle_in(spawner);
        (void)close(control);
        (void)close(children);
        work_until_closed(socket);
    }
    if (pid < 0)
        say_no_fork(socket, errno);
    (void)close(socket);
    return true;
}

_Noreturn void spawner_child_main(int control, pid_t parent) {
    settle_in(parent);
    /* Whatever else was open then, listening sockets and other spawners' ends included,
     * would otherwise stay open as long as we live. */
    if (control > 3)
        (void)syscall(SYS_close_range, 3U, (unsigned)control - 1, 0U);
    (void)syscall(SYS_close_range, (unsigned)control + 1, ~0U, 0U);
    sigset_t child_ended;
    (void)sigemptyset(&child_ended);
    (void)sigaddset(&child_ended, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &child_ended, NULL);
    int children = signalfd(-1, &child_ended, SFD_CLOEXEC | SFD_NONBLOCK);
    struct pollfd wanted[] = {{control, POLLIN, 0}, {children, POLLIN, 0}};
    while (true) {
        (void)poll(wanted, 2, -1);
        struct signalfd_siginfo information;
        if (wanted[1].revents != 0) {
            (void)!read(children, &information, sizeof information);
            while (waitpid(-1, NULL, WNOHANG) > 0) {
            }
        }
        if (wanted[0].revents != 0 && !spawn_one(control, children))
            break;
    }
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
    }
    _exit(0);
}
