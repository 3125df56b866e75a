/* The parent's side of worker processes; see worker_process.h. */
#include "server/worker_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "server/gil.h"
#include "server/job.h"
#include "server/loop.h"
#include "server/spawner_child.h"

struct spawner {
    pid_t pid;
    int control; /* sockets for new workers go out here */
    struct loop *loop;
    struct event *writable;               /* added while some could not be sent */
    struct worker_process *unsent, *last; /* first come, first served */
};

struct worker_process {
    struct spawner *spawner;
    int socket;       /* our end */
    int child_socket; /* the worker's end until it is sent, then -1 */
    struct event *readable;
    struct job *job; /* NULL: idle */
    void (*idle)(struct worker_process *, bool is_dead);
    struct worker_process *next_unsent;
};

struct spawner *spawner_open(void) {
    int ends[2];
    struct spawner *spawner = calloc(1, sizeof *spawner);
    if (spawner == NULL)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(spawner);
        return NULL;
    }
    pid_t parent = getpid();
    spawner->pid = fork();
    if (spawner->pid == 0)
        spawner_child_main(ends[1], parent);
    (void)close(ends[1]);
    if (spawner->pid < 0) {
        (void)close(ends[0]);
        free(spawner);
        return NULL;
    }
    spawner->control = ends[0];
    (void)fcntl(spawner->control, F_SETFL, O_NONBLOCK);
    return spawner;
}

/* 0, or -EAGAIN when the spawner is behind. */
static int send_socket(int control, int socket) {
    char one = 1;
    struct iovec byte = {&one, 1};
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } extra = {0};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = extra.bytes,
                             .msg_controllen = sizeof extra.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &socket, sizeof socket);
    return sendmsg(control, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/*
 * Sends what it can. A worker whose socket cannot be sent for good (the spawner is gone)
 * loses its far end, and so its reader sees end of file.
 */
static void send_unsent(struct spawner *spawner) {
    while (spawner->unsent != NULL) {
        struct worker_process *worker = spawner->unsent;
        int error = send_socket(spawner->control, worker->child_socket);
        if (error == -EAGAIN || error == -ETOOMANYREFS) {
            (void)event_add(spawner->writable, NULL);
            return;
        }
        (void)close(worker->child_socket);
        worker->child_socket = -1;
        spawner->unsent = worker->next_unsent;
    }
}

static void on_writable(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    send_unsent(context);
}

int spawner_start(struct spawner *spawner, struct loop *loop) {
    spawner->loop = loop;
    spawner->writable =
        event_new(loop_base(loop), spawner->control, EV_WRITE, on_writable, spawner);
    return spawner->writable != NULL ? 0 : -ENOMEM;
}

void spawner_close(struct spawner *spawner) {
    if (spawner->writable != NULL)
        event_free(spawner->writable);
    (void)close(spawner->control);
    while (waitpid(spawner->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    free(spawner);
}

/* A record, or the end of the worker. */
static void on_readable(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct worker_process *worker = context;
    struct job *job = worker->job;
    struct job_record record;
    ssize_t n_read = recv(fd, &record, sizeof record, MSG_DONTWAIT);
    if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    void (*idle)(struct worker_process *, bool) = worker->idle;
    bool is_dead = n_read != (ssize_t)sizeof record;
    worker->job = NULL;
    if (job != NULL && !is_dead)
        job->record = record;
    else if (job != NULL)
        job_fail(job, 500, "the worker process ended before its job was done");
    gil_acquire();
    if (job != NULL)
        job_done(job);
    idle(worker, is_dead); /* may stop an idle worker: it is not ours to touch then */
    if (is_dead)
        worker_process_stop(worker);
    gil_release();
}

struct worker_process *worker_process_start(struct spawner *spawner,
                                            void (*idle)(struct worker_process *, bool)) {
    int ends[2];
    struct worker_process *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return NULL;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(worker);
        return NULL;
    }
    *worker = (struct worker_process){
        .spawner = spawner, .socket = ends[0], .child_socket = ends[1], .idle = idle};
    worker->readable = event_new(loop_base(spawner->loop), worker->socket,
                                 EV_READ | EV_PERSIST, on_readable, worker);
    if (worker->readable == NULL || event_add(worker->readable, NULL) != 0) {
        if (worker->readable != NULL)
            event_free(worker->readable);
        (void)close(ends[0]);
        (void)close(ends[1]);
        free(worker);
        errno = ENOMEM;
        return NULL;
    }
    if (spawner->unsent == NULL)
        spawner->unsent = worker;
    else
        spawner->last->next_unsent = worker;
    spawner->last = worker;
    if (spawner->unsent == worker)
        send_unsent(spawner);
    return worker;
}

bool worker_process_is_idle(const struct worker_process *worker) {
    return worker->job == NULL;
}

void worker_process_run(struct worker_process *worker, struct job *job) {
    worker->job = job;
    /* One small record into an empty buffer never blocks; a dead worker shows at read. */
    (void)!send(worker->socket, &job->work, sizeof job->work, MSG_NOSIGNAL);
}

static void forget_unsent(struct worker_process *worker) {
    struct worker_process **link = &worker->spawner->unsent, *before = NULL;
    while (*link != worker) {
        before = *link;
        link = &before->next_unsent;
    }
    *link = worker->next_unsent;
    if (worker->spawner->last == worker)
        worker->spawner->last = before;
    (void)close(worker->child_socket);
}

void worker_process_stop(struct worker_process *worker) {
    if (worker->child_socket >= 0)
        forget_unsent(worker);
    event_free(worker->readable);
    (void)close(worker->socket);
    free(worker);
}
