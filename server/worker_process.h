/*
 * Worker processes: children that run jobs, one at a time each. They come from a spawner,
 * a single-threaded process forked before anything else exists, so that no fork copies
 * threads, locks, sockets or an event loop. A worker is one socket: a work goes in, a
 * record comes back, end of file means that the worker died. Loop thread, except
 * spawner_open.
 */
#ifndef JUGGLE_SERVER_WORKER_PROCESS_H
#define JUGGLE_SERVER_WORKER_PROCESS_H

#include <stdbool.h>

struct job;
struct loop;
struct spawner;
struct worker_process;

/* Forks the spawner: while no thread, event base or libcurl exists. NULL with errno set.
 */
struct spawner *spawner_open(void);

/* Lets the spawner fork for this loop. 0 or -errno. */
int spawner_start(struct spawner *spawner, struct loop *loop);

/* Ends the spawner and waits until it and every worker are gone. */
void spawner_close(struct spawner *spawner);

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
