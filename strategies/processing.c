/*
 * A fixed pool of worker processes, one job at a time each. The queue is in the server,
 * because a job that waits in a worker's socket cannot be given to the worker that is
 * idle first. When a worker dies, its job fails and another takes its place.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/worker_process.h"
#include "strategies/strategy.h"

static struct spawner *spawner;
static struct job_queue queue;
static struct worker_process **workers;
static unsigned n_workers, n_wanted;

static void take_next(struct worker_process *worker, bool is_dead);

/* NULL with errno set. */
static struct worker_process *add_worker(void) {
    struct worker_process *worker = worker_process_start(spawner, take_next);
    if (worker != NULL)
        workers[n_workers++] = worker;
    return worker;
}

/* An idle worker, a new one where one died; NULL when all are busy. */
static struct worker_process *find_worker(void) {
    for (unsigned i = 0; i < n_workers; i++)
        if (worker_process_is_idle(workers[i]))
            return workers[i];
    return n_workers < n_wanted ? add_worker() : NULL;
}

static void give_out(void) {
    while (queue.head != NULL) {
        struct worker_process *worker = find_worker();
        if (worker != NULL) {
            worker_process_run(worker, job_queue_pop(&queue));
        } else if (n_workers > 0) {
            return; /* the next to be idle takes it */
        } else {
            struct job *job = job_queue_pop(&queue);
            job_fail(job, 503, "cannot make a worker process: %s", strerror(errno));
            job_done(job);
        }
    }
}

/* A worker has handed its job back, or died. */
static void take_next(struct worker_process *worker, bool is_dead) {
    for (unsigned i = 0; is_dead && i < n_workers; i++)
        if (workers[i] == worker)
            workers[i] = workers[--n_workers];
    give_out();
}

static int start(const struct strategy_setting *setting, struct loop *loop) {
    n_wanted = setting->workers;
    workers = calloc(n_wanted, sizeof *workers);
    if (workers == NULL)
        return -ENOMEM;
    spawner = spawner_open(loop);
    int error = spawner != NULL ? 0 : -errno;
    while (error == 0 && n_workers < n_wanted)
        error = add_worker() != NULL ? 0 : -errno;
    return error;
}

static void submit(struct job *job) {
    job_queue_push(&queue, job);
    give_out();
}

static void stop(void) {
    while (n_workers > 0)
        worker_process_stop(workers[--n_workers]);
    free(workers);
    workers = NULL;
    spawner_close(spawner);
}

const struct strategy strategy_processing = {
    .summary = "a fixed pool of processes (--workers)",
    .runs_elsewhere = true,
    .start = start,
    .submit = submit,
    .stop = stop,
};
