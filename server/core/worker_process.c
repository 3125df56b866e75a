/* The parent's side of worker processes; see worker_process.h. */
#include "server/core/worker_process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "server/core/gil.h"
#include "server/core/job.h"
#include "server/core/loop.h"
#include "server/core/spawner.h"

struct worker_process {
    struct spawner *spawner;
    struct spawner_order order;
    int socket; /* our end */
    struct event *readable;
    struct job *job; /* NULL: idle */
    void (*idle)(struct worker_process *, bool is_dead);
};

/* A record, the error of a fork that failed, or the end of the worker. */
static void on_readable(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct worker_process *worker = context;
    struct job *job = worker->job;
    union {
        struct job_record record;
        int error;
    } message;
    ssize_t n_read = recv(fd, &message, sizeof message, MSG_DONTWAIT);
    if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    void (*idle)(struct worker_process *, bool) = worker->idle;
    bool is_dead = n_read != (ssize_t)sizeof message.record;
    worker->job = NULL;
    if (job != NULL && !is_dead)
        job->record = message.record;
    else if (job != NULL && n_read == (ssize_t)sizeof message.error)
        job_fail(job, 503, "cannot make a worker process: %s", strerror(message.error));
    else if (job != NULL)
        job_fail(job, 502, "the worker process ended before its job was done");
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
        .spawner = spawner, .socket = ends[0], .order.socket = ends[1], .idle = idle};
    worker->readable = event_new(loop_base(spawner_loop(spawner)), worker->socket,
                                 EV_READ | EV_PERSIST, on_readable, worker);
    int error = -ENOMEM;
    if (worker->readable != NULL && event_add(worker->readable, NULL) == 0)
        error = spawner_place(spawner, &worker->order);
    if (error == 0)
        return worker;
    if (worker->readable != NULL)
        event_free(worker->readable);
    (void)close(ends[0]);
    (void)close(ends[1]);
    free(worker);
    errno = -error;
    return NULL;
}

bool worker_process_is_idle(const struct worker_process *worker) {
    return worker->job == NULL;
}

void worker_process_run(struct worker_process *worker, struct job *job) {
    worker->job = job;
    /* One small record into an empty buffer never blocks; a dead worker shows at read. */
    (void)!send(worker->socket, &job->work, sizeof job->work, MSG_NOSIGNAL);
}

void worker_process_stop(struct worker_process *worker) {
    spawner_cancel(worker->spawner, &worker->order);
    event_free(worker->readable);
    (void)close(worker->socket);
    free(worker);
}
