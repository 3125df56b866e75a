/*
 * Worker processes: children that run jobs, one at a time each. A job whose worker dies
 * fails with 502, or with 503 where no process could be had. Workers are forked by a
 * spawner (docs/design.md, "Processes"), and die with it; when it dies another takes its
 * place. Loop thread.
 */
#pragma once

#include <stdbool.h>

struct job;
struct loop;
struct spawner;
struct worker_process;

/*
 * Starts a spawner and waits until it can fork. It runs under the settings of fetch and
 * gil as they are now. This process adopts and reaps the workers of a spawner that died,
 * so it must have no others in its process group that somebody waits for. NULL with
 * errno set.
 */
struct spawner *spawner_open(struct loop *loop);

/* After the last worker was stopped: ends the spawner and waits until it and every worker
 * are gone. */
void spawner_close(struct spawner *spawner);

/*
 * A new worker; NULL with errno set. `idle` is called each time after its job was handed
 * back by job_done, and when it died: then it frees itself and must not be used again.
 */
struct worker_process *worker_process_start(struct spawner *spawner,
                                            void (*idle)(struct worker_process *worker,
                                                         bool is_dead));

bool worker_process_is_idle(const struct worker_process *worker);

/* Gives an idle worker a job. */
void worker_process_run(struct worker_process *worker, struct job *job);

/* Sends an idle worker home; it exits by itself. */
void worker_process_stop(struct worker_process *worker);
