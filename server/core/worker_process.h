/*
 * Worker processes: children that run jobs, one at a time each, forked by a spawner. A
 * worker is one socket: a work goes in, a record comes back, end of file means that the
 * worker died. Its job then fails with 502, or with 503 where no process could be had.
 * Loop thread.
 */
#ifndef JUGGLE_SERVER_WORKER_PROCESS_H
#define JUGGLE_SERVER_WORKER_PROCESS_H

#include <stdbool.h>

struct job;
struct loop;
struct spawner;
struct worker_process;

/*
 * A new worker; NULL with errno set. `idle` is called each time its job was handed back
 * by job_done, and when it died: it must not be used again then and frees itself.
 */
struct worker_process *worker_process_start(struct spawner *spawner,
                                            void (*idle)(struct worker_process *worker,
                                                         bool is_dead));

bool worker_process_is_idle(const struct worker_process *worker);

/* Gives an idle worker a job. */
void worker_process_run(struct worker_process *worker, struct job *job);

/* Sends an idle worker home; it exits by itself. */
void worker_process_stop(struct worker_process *worker);

#endif
