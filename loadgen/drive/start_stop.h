/*
 * How the threads of a run begin and end together: a start barrier gives them one start,
 * or none when one of them cannot; and a signal, or too many failed requests, ends them
 * all, through descriptors that become readable and are never read. Signals are blocked
 * for good: one waits for the run that it ends, and after the last changes nothing. Any
 * thread.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* For this thread and those that it makes. A SIGHUP that is ignored, as nohup has it,
 * stays so. */
void stop_signals_block(void);

/* "SIGINT"; NULL for 0. */
const char *stop_signals_name(int number);

struct start_stop {
    pthread_mutex_t mutex; /* guards the start barrier, down to `epoch_ns` */
    pthread_cond_t opened;
    unsigned n_expected, n_arrived;
    bool is_open;
    int error;
    uint64_t start_at_ns; /* by the clock of the day, not before; set before threads */
    uint64_t began_ns;    /* by that clock, when it opened */
    uint64_t epoch_ns;

    int signals_fd, failures_fd; /* readable: a signal waits; too many have failed */
    atomic_bool is_signalled;    /* set by who stops because of a signal */
    uint64_t most_failures;      /* 0: any number */
    atomic_uint_fast64_t n_failures;
};

/* For so many threads. Signals must be blocked. 0, or -errno and nothing is to be ended.
 */
int start_stop_begin(struct start_stop *start_stop, unsigned n_threads,
                     uint64_t most_failures);

/* So many of the threads could not be made, so nobody is to start: -EAGAIN for all. */
void start_stop_excuse(struct start_stop *start_stop, unsigned n_missing);

/* Arrives at the barrier, with 0 or the error that keeps the caller from starting, and
 * waits for the others and for `start_at_ns`, which a signal cuts short (`is_signalled`).
 * 0 and the common epoch, or the first error of one of them. */
int start_stop_arrive(struct start_stop *start_stop, int error, uint64_t *epoch_ns);

/* Whether a signal waits: for who keeps the loop from telling. */
bool start_stop_has_signal(const struct start_stop *start_stop);

/* One more request has failed. */
void start_stop_count_failure(struct start_stop *start_stop);

/* When all threads have ended. Takes the signal that ended them and returns its number,
 * or 0; `was_given_up` becomes whether too many requests failed. */
int start_stop_end(struct start_stop *start_stop, bool *was_given_up);
