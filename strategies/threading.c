/*
 * A thread per request. A thread that has posted its job ends by itself. It is joined,
 * which costs nothing then, at the next request or at the stop.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "server/core/loop.h"
#include "server/core/steps.h"
#include "strategies/strategy.h"

/* Address space, not memory: only what a job touches becomes resident. Nobody knows what
 * declared steps need, so they have what is usual. */
enum { STACK_BYTES = 256 * 1024, USUAL_STACK_BYTES = 8 * 1024 * 1024 };

struct request_thread {
    pthread_t id;
    struct job *job;
    struct request_thread *next;
};

static struct loop *loop;
static pthread_attr_t attributes;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct request_thread *ended; /* guarded by mutex */

static int start(const struct strategy_setting *setting, struct loop *server_loop) {
    (void)setting;
    loop = server_loop;
    (void)pthread_attr_init(&attributes);
    return -pthread_attr_setstacksize(
        &attributes, work_declared_name(0) != NULL ? USUAL_STACK_BYTES : STACK_BYTES);
}

static void *run(void *argument) {
    struct request_thread *self = argument;
    struct job *job = self->job;
    steps_run(job);
    (void)pthread_mutex_lock(&mutex);
    self->next = ended;
    ended = self;
    (void)pthread_mutex_unlock(&mutex);
    loop_post(loop, job); /* last: once all jobs are done, all threads are in `ended` */
    return NULL;
}

static void join_ended(void) {
    (void)pthread_mutex_lock(&mutex);
    struct request_thread *thread = ended;
    ended = NULL;
    (void)pthread_mutex_unlock(&mutex);
    while (thread != NULL) {
        struct request_thread *next = thread->next;
        (void)pthread_join(thread->id, NULL);
        free(thread);
        thread = next;
    }
}

static void submit(struct job *job) {
    join_ended();
    struct request_thread *thread = malloc(sizeof *thread);
    int error = ENOMEM;
    if (thread != NULL) {
        thread->job = job;
        error = pthread_create(&thread->id, &attributes, run, thread);
    }
    if (error == 0)
        return;
    free(thread);
    job_fail(job, 503, "cannot make a thread: %s", strerror(error));
    job_done(job);
}

static void stop(void) {
    join_ended();
    (void)pthread_attr_destroy(&attributes);
}

const struct strategy strategy_threading = {
    .summary = "a thread for every request",
    .begins_all = true,
    .start = start,
    .submit = submit,
    .stop = stop,
};
