/*
 * The server's side of spawners and their workers; see worker_process.h. SIGCHLD tells of
 * a spawner's end, and of its orphans', which have to be reaped as well: process 1 of a
 * container often does not.
 */
#include "server/core/worker_process.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "server/core/exchange.h"
#include "server/core/gil.h"
#include "server/core/job.h"
#include "server/core/loop.h"
#include "server/core/spawner_child.h"

/* A spawner that lived so long had settled, and its end is a new event. While they die
 * younger than that, the pause before the next start grows. */
static const uint64_t SETTLED_NS = NS_PER_S;
static const uint64_t LEAST_PAUSE_NS = 25 * NS_PER_MS, MOST_PAUSE_NS = 400 * NS_PER_MS;
static const struct timeval SEND_PAUSE = {0, 10000};

struct worker_process {
    struct spawner *spawner;
    int socket;     /* our end */
    int its_socket; /* its own, until that is on its way to the spawner; then -1 */
    TAILQ_ENTRY(worker_process) link; /* among the unsent, while it is not */
    struct event *readable;
    struct job *job; /* NULL: idle */
    void (*idle)(struct worker_process *, bool is_dead);
};

TAILQ_HEAD(worker_list, worker_process);

struct spawner {
    struct loop *loop;
    pid_t pid;   /* 0: there is none now */
    int control; /* sockets for new workers go out here; -1: none */
    int error;   /* why there is none */
    bool was_told;
    uint64_t started_ns, pause_ns;
    struct event *writable; /* added while some could not be sent */
    struct event *again;    /* the next try to start, or to send */
    struct event *child_ended;
    struct worker_list unsent; /* first come, first served */
    struct spawner *next;
};

static struct spawner *spawners; /* all of this process */

/* Sockets on their way to the spawner */

static void take_off(struct worker_process *worker) {
    TAILQ_REMOVE(&worker->spawner->unsent, worker, link);
    worker->its_socket = -1;
}

/* Until its socket is full: comes back when that is writable. */
static void send_unsent(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct spawner *spawner = context;
    struct worker_process *worker;
    while (spawner->pid > 0 && (worker = TAILQ_FIRST(&spawner->unsent)) != NULL) {
        int error = spawner_send_socket(spawner->control, worker->its_socket);
        if (error == -EAGAIN) {
            (void)event_add(spawner->writable, NULL);
            return;
        }
        if (error == -EPIPE || error == -ECONNRESET)
            return;       /* it has ended: its successor, after SIGCHLD, gets them */
        if (error != 0) { /* too many or no memory: it is writable nonetheless */
            (void)event_add(spawner->again, &SEND_PAUSE);
            return;
        }
        (void)close(worker->its_socket);
        take_off(worker);
    }
}

/* 0 or -errno, which is in spawner->error, too. */
static int start(struct spawner *spawner) {
    pid_t pid;
    int control, error = spawner_exec(&pid, &control);
    spawner->error = -error;
    if (error != 0)
        return error;
    spawner->pid = pid;
    spawner->control = control;
    spawner->started_ns = clock_now_ns();
    (void)event_assign(spawner->writable, loop_base(spawner->loop), spawner->control,
                       EV_WRITE, send_unsent, spawner);
    return 0;
}

/* After a pause; who waits for a worker is refused. */
static void start_later(struct spawner *spawner) {
    struct timeval pause = {0, (suseconds_t)(spawner->pause_ns / NS_PER_US)};
    (void)event_add(spawner->again, &pause);
    uint64_t twice_ns = 2 * spawner->pause_ns;
    spawner->pause_ns = twice_ns < MOST_PAUSE_NS ? twice_ns : MOST_PAUSE_NS;
    struct worker_process *worker;
    while ((worker = TAILQ_FIRST(&spawner->unsent)) != NULL) {
        spawner_refuse(worker->its_socket, spawner->error);
        take_off(worker);
    }
}

static void start_again(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    struct spawner *spawner = context;
    if (spawner->pid > 0 || start(spawner) == 0)
        send_unsent(-1, 0, spawner);
    else
        start_later(spawner);
}

/* Ending */

static void close_control(struct spawner *spawner) {
    (void)event_del(spawner->writable);
    if (spawner->control >= 0)
        (void)close(spawner->control);
    spawner->control = -1;
    spawner->pid = 0;
}

/* Says one line for a row of failures: the next after it has settled. */
static void restart(struct spawner *spawner, const siginfo_t *end) {
    const char *how =
        end->si_code == CLD_EXITED ? "ended with status" : "was ended by signal";
    close_control(spawner);
    spawner->error = EAGAIN;
    if (clock_now_ns() - spawner->started_ns >= SETTLED_NS) {
        spawner->was_told = false;
        spawner->pause_ns = 0;
    }
    if (spawner->pause_ns > 0) {
        start_later(spawner);
    } else {
        spawner->pause_ns = LEAST_PAUSE_NS;
        start_again(-1, 0, spawner);
    }
    if (spawner->was_told)
        return;
    spawner->was_told = true;
    if (spawner->pid > 0)
        error_print("serve: the process that starts workers %s %d; it was started again",
                    how, end->si_status);
    else
        error_print("serve: the process that starts workers %s %d and cannot be started "
                    "again: %s; jobs that need a worker get 503 until it can",
                    how, end->si_status, strerror(spawner->error));
}

/* Spawners, and workers that were orphaned by the end of theirs. */
static void on_child_ended(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what, (void)context;
    siginfo_t end = {0};
    /* Not commands, which have groups of their own and are reaped by who started them. */
    while (waitid(P_PGID, (id_t)getpgrp(), &end, WEXITED | WNOHANG) == 0 &&
           end.si_pid != 0) {
        struct spawner *spawner = spawners;
        while (spawner != NULL && spawner->pid != end.si_pid)
            spawner = spawner->next;
        if (spawner != NULL)
            restart(spawner, &end);
        end = (siginfo_t){0};
    }
}

/* Opening and closing */

struct spawner *spawner_open(struct loop *loop) {
    struct spawner *spawner = calloc(1, sizeof *spawner);
    if (spawner == NULL)
        return NULL;
    spawner->loop = loop;
    spawner->control = -1;
    TAILQ_INIT(&spawner->unsent);
    spawner->next = spawners;
    spawners = spawner;
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigset_t child_ended; /* the program that started us may have blocked it */
    (void)sigemptyset(&child_ended);
    (void)sigaddset(&child_ended, SIGCHLD);
    (void)sigprocmask(SIG_UNBLOCK, &child_ended, NULL);
    struct event_base *base = loop_base(loop);
    spawner->writable = event_new(base, -1, EV_WRITE, send_unsent, spawner);
    spawner->again = evtimer_new(base, start_again, spawner);
    spawner->child_ended = evsignal_new(base, SIGCHLD, on_child_ended, NULL);
    bool is_complete = spawner->writable != NULL && spawner->again != NULL &&
                       spawner->child_ended != NULL &&
                       event_add(spawner->child_ended, NULL) == 0;
    int error = is_complete ? start(spawner) : -ENOMEM;
    if (error == 0)
        error = spawner_await(spawner->control);
    if (error == 0)
        return spawner;
    spawner_close(spawner);
    errno = -error;
    return NULL;
}

void spawner_close(struct spawner *spawner) {
    pid_t pid = spawner->pid;
    struct spawner **link = &spawners;
    while (*link != spawner)
        link = &(*link)->next;
    *link = spawner->next;
    close_control(spawner);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
    loop_free_event(spawner->writable);
    loop_free_event(spawner->again);
    loop_free_event(spawner->child_ended);
    free(spawner);
}

/* Workers */

/* A record, the error of a fork that failed, or the end of the worker. */
static void on_readable(evutil_socket_t fd, short what, void *context) {
    (void)what;
    struct worker_process *worker = context;
    struct job *job = worker->job;
    int error = exchange_take_outcome(fd, job);
    if (error == -EAGAIN)
        return;
    void (*idle)(struct worker_process *, bool) = worker->idle;
    bool is_dead = error != 0;
    worker->job = NULL;
    if (job != NULL)
        job->abandon = NULL;
    if (job != NULL && error > 0)
        job_fail(job, 503, "cannot make a worker process: %s", strerror(error));
    else if (job != NULL && is_dead)
        job_fail(job, work_has_step(&job->work, STEP_DECLARED) ? 500 : 502,
                 "the worker process ended before its job was done");
    gil_acquire();
    if (job != NULL)
        job_done(job);
    idle(worker, is_dead); /* may have stopped the worker, unless it is dead */
    if (is_dead)
        worker_process_stop(worker);
    gil_release();
}

struct worker_process *worker_process_start(struct spawner *spawner,
                                            void (*idle)(struct worker_process *, bool)) {
    int ends[2];
    struct worker_process *worker = calloc(1, sizeof *worker);
    if (worker == NULL ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        free(worker);
        return NULL;
    }
    *worker = (struct worker_process){
        .spawner = spawner, .socket = ends[0], .its_socket = ends[1], .idle = idle};
    TAILQ_INSERT_TAIL(&spawner->unsent, worker, link);
    worker->readable = event_new(loop_base(spawner->loop), worker->socket,
                                 EV_READ | EV_PERSIST, on_readable, worker);
    int error = spawner->pid == 0 ? spawner->error : 0;
    if (worker->readable == NULL || event_add(worker->readable, NULL) != 0)
        error = ENOMEM;
    if (error != 0) {
        worker_process_stop(worker);
        errno = error;
        return NULL;
    }
    if (TAILQ_FIRST(&spawner->unsent) == worker) /* else those before it wait as well */
        send_unsent(-1, 0, spawner);
    return worker;
}

bool worker_process_is_idle(const struct worker_process *worker) {
    return worker->job == NULL;
}

static void abandon(struct job *job) {
    const struct worker_process *worker = job->abandoner;
    exchange_abandon(worker->socket);
}

void worker_process_run(struct worker_process *worker, struct job *job) {
    worker->job = job;
    job->abandon = abandon;
    job->abandoner = worker;
    exchange_send_order(worker->socket, job); /* on_readable sees a dead worker */
    if (atomic_load(&job->is_abandoned))      /* while it was in a queue */
        abandon(job);
}

void worker_process_stop(struct worker_process *worker) {
    if (worker->its_socket >= 0) {
        (void)close(worker->its_socket);
        take_off(worker);
    }
    loop_free_event(worker->readable);
    (void)close(worker->socket);
    free(worker);
}
