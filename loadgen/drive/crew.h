/*
 * A run in several threads: each drives its share of the users, or of the rate, with an
 * event loop, a schedule and samples of its own; nothing is shared between them while
 * they run, and their samples are merged once, when all have ended. Main thread.
 */
#ifndef JUGGLE_LOADGEN_CREW_H
#define JUGGLE_LOADGEN_CREW_H

#include "loadgen/drive/drive.h"

enum { CREW_MAX_THREADS = 64 };

/* How many threads crew_run takes; with a rate, lanes stand for users. */
unsigned crew_n_threads(const struct drive_config *config);

/*
 * As drive_run, in config->n_threads threads (0 counts as 1), this one among them, but in
 * no more than there are users. Seeds of several threads are drawn from the plan's. Users
 * of thread k + 1 are numbered from where those of thread k end, and samples stand in the
 * order in which the requests ended. config->on_sample is called in any of the threads.
 */
int crew_run(const struct drive_config *config, struct drive_result *result);

#endif
