/*
 * A process per request: forked for the job, gone after it. It is forked by the spawner,
 * from a small single-threaded process, never from the server itself.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "server/core/worker_process.h"
#include "strategies/strategy.h"

static struct spawner *spawner;

static int start(const struct strategy_setting *setting, struct loop *loop) {
    (void)setting;
    spawner = spawner_open(loop);
    return spawner != NULL ? 0 : -errno;
}

static void send_home(struct worker_process *worker, bool is_dead) {
    if (!is_dead)
        worker_process_stop(worker);
}

static void submit(struct job *job) {
    struct worker_process *worker = worker_process_start(spawner, send_home);
    if (worker != NULL) {
        worker_process_run(worker, job);
        return;
    }
    job_fail(job, 503, "cannot make a worker process: %s", strerror(errno));
    job_done(job);
}

static void stop(void) {
    spawner_close(spawner);
}

const struct strategy strategy_forking = {
    .summary = "a process for every request",
    .begins_all = true,
    .runs_elsewhere = true,
    .start = start,
    .submit = submit,
    .stop = stop,
};
