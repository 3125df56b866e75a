/*
 * A fixed pool of threads on one queue, as executors are used: W jobs at a time, the
 * others wait in order of arrival.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "server/core/loop.h"
#include "server/core/steps.h"
#include "strategies/strategy.h"

static struct loop *loop;
static pthread_t *threads;
static unsigned n_threads;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_changed = PTHREAD_COND_INITIALIZER;
static struct job_queue queue; /* these three are guarded by mutex */
static unsigned n_idle;
static bool is_stopping;

/* The next job; NULL when there will be none. */
static struct job *take_job(void) {
    (void)pthread_mutex_lock(&mutex);
    n_idle++;
    while (queue.head == NULL && !is_stopping)
        (void)pthread_cond_wait(&has_changed, &mutex);
    n_idle--;
    struct job *job = job_queue_pop(&queue);
    (void)pthread_mutex_unlock(&mutex);
    return job;
}

static void *run(void *argument) {
    (void)argument;
    struct job *job;
    while ((job = take_job()) != NULL) {
        steps_run(job);
        loop_post(loop, job);
    }
    return NULL;
}

static void stop(void) {
    (void)pthread_mutex_lock(&mutex);
    is_stopping = true;
    (void)pthread_cond_broadcast(&has_changed);
    (void)pthread_mutex_unlock(&mutex);
    for (unsigned i = 0; i < n_threads; i++)
        (void)pthread_join(threads[i], NULL);
    free(threads);
    threads = NULL;
    n_threads = 0;
}

static int start(const struct strategy_setting *setting, struct loop *server_loop) {
    loop = server_loop;
    is_stopping = false;
    threads = calloc(setting->threads, sizeof *threads);
    if (threads == NULL)
        return -ENOMEM;
    for (; n_threads < setting->threads; n_threads++) {
        int error = pthread_create(&threads[n_threads], NULL, run, NULL);
        if (error != 0)
            return -error;
    }
    return 0;
}

static void submit(struct job *job) {
    (void)pthread_mutex_lock(&mutex);
    job_queue_push(&queue, job);
    bool wakes = n_idle > 0;
    (void)pthread_mutex_unlock(&mutex);
    if (wakes)
        (void)pthread_cond_signal(&has_changed);
}

const struct strategy strategy_threadpool = {
    .summary = "a fixed pool of threads (--threads)",
    .start = start,
    .submit = submit,
    .stop = stop,
};
