/*
 * Where runs in several threads meet: they start at one moment, or not at all when one
 * of them cannot, and a signal ends them all. Any thread.
 */
#ifndef JUGGLE_LOADGEN_MEETING_H
#define JUGGLE_LOADGEN_MEETING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct meeting {
    int signals; /* readable, and never read, once a signal has come */
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    unsigned n_expected, n_arrived;
    bool is_open;
    int error;
    uint64_t epoch_ns;
};

/* Signals must be blocked; see stop_signals.h. 0 or -errno. */
int meeting_begin(struct meeting *meeting, unsigned n_expected);

/* So many of those expected will not come; nobody is to start: -EAGAIN for all. */
void meeting_excuse(struct meeting *meeting, unsigned n_missing);

/*
 * Arrives, with the error that keeps the caller from starting or 0, and waits for the
 * others. 0 and the common epoch, or the first error of one of them.
 */
int meeting_attend(struct meeting *meeting, int error, uint64_t *epoch_ns);

/* When all have ended. Takes the signal that came; its number, or 0. */
int meeting_end(struct meeting *meeting);

#endif
