/*
 * How the threads of a run begin and end together: a start barrier gives them one start,
 * or none when one of them cannot; and a signal, or too many failed requests, ends them
 * all, through descriptors that become readable and are never read. Any thread.
 */
#ifndef JUGGLE_LOADGEN_START_STOP_H
#define JUGGLE_LOADGEN_START_STOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct start_stop {
    pthread_mutex_t mutex; /* guards the start barrier, down to `epoch_ns` */
    pthread_cond_t opened;
    unsigned n_expected, n_arrived;
    bool is_open;
    int error;
    uint64_t epoch_ns;

    int signals_fd;
    atomic_bool is_signalled; /* set by who stops because of a signal */

    uint64_t most_failures; /* 0: any number */
    atomic_uint_fast64_t n_failures;
    int failures_fd; /* -1: none */
};

/*
 * For so many threads. Signals must be blocked; see stop_signals.h. 0 or -errno, and then
 * there is nothing to end.
 */
int start_stop_begin(struct start_stop *start_stop, unsigned n_threads,
                     uint64_t most_failures);

/* So many of the threads could not be made, so nobody is to start: -EAGAIN for all. */
void start_stop_excuse(struct start_stop *start_stop, unsigned n_missing);

/*
 * The start barrier: arrives, with the error that keeps the caller from starting or 0,
 * and waits for the other threads. 0 and the common epoch, or the first error of one of
 * them.
 */
int start_stop_arrive(struct start_stop *start_stop, int error, uint64_t *epoch_ns);

/* Whether a signal waits: for who keeps the loop from telling. */
bool start_stop_has_signal(const struct start_stop *start_stop);

/* One more request has failed. */
void start_stop_count_failure(struct start_stop *start_stop);

/*
 * When all threads have ended. Takes the signal that ended them and returns its number,
 * or 0; `was_given_up` becomes whether too many requests failed.
 */
int start_stop_end(struct start_stop *start_stop, bool *was_given_up);

#endif
