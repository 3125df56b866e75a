/*
 * One thread of a run: takes planned requests from the schedule when they are due, hands
 * them to the transport and keeps their samples, until all are answered, the time is up
 * or start_stop.h ends the run. It owns the event loop, and returns to its caller.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "loadgen/drive/drive_base.h"
#include "loadgen/samples/samples.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/transport/transport.h"

struct live;
struct start_stop;

struct drive_config {
    const struct transport *transport;
    struct transport_config transport_config; /* base, done and context are filled in */
    struct schedule_plan plan;
    unsigned max_in_flight; /* open loop: what is due beyond it is counted, not sent */
    unsigned n_threads;     /* that run at once; a drive is one */
    uint64_t drain_ns; /* with a duration: how long to wait for what is in flight then */
    struct live *live; /* counts for a terminal; NULL: nobody looks */
    uint64_t start_at_ns;  /* by the clock of the day; in the past: at once */
    uint64_t max_failures; /* of all threads, that end the run; 0: any number */
    /* Called for each sample when it is kept; may be NULL. */
    void (*on_sample)(void *context, const struct load_sample *sample);
    void *context;
};

/* What --warmup auto says of a run. */
enum warmup_verdict {
    WARMUP_NOT_SOUGHT,
    WARMUP_NONE,      /* steady from the first request on */
    WARMUP_FOUND,     /* steady from a later one on */
    WARMUP_NOT_ENDED, /* within the first half of the run */
    WARMUP_TOO_FEW,   /* requests, or memory */
};

/* What a run came to. Release `samples` with samples_free. */
struct drive_result {
    struct samples *samples;
    uint64_t epoch_ns;   /* the common start, monotonic */
    uint64_t elapsed_ns; /* from the epoch until the last answer, or until stopped */
    uint64_t window_ns;  /* after which nothing new was sent; 0: the end */
    uint64_t warmup_ns;  /* of the plan, or found after the run */
    uint64_t first_start_ns, last_start_ns; /* of the users' first sends; open loop: 0 */
    struct transport_counts counts;
    uint64_t rested_ns; /* by users who had lost requests; of them all: in_flight.h */
    struct usage usage; /* from the epoch until the end; of threads, the worst's */
    bool is_drained;    /* all that was in flight when the time was up was awaited */
    bool is_open;       /* latencies count from the planned starts */
    unsigned n_users;   /* closed loop */
    /* Drained, closed loop: the sum of when the users' next requests, which were not
     * sent, would have been due. */
    uint64_t users_time_ns;
    uint64_t n_cut_off;  /* in flight when the run was stopped: in no other count */
    uint64_t n_not_sent; /* open loop: due, but for max_in_flight or for being behind */
    double speed_change; /* of a bare loop, after the run over before; 0: not measured */
    enum warmup_verdict warmup; /* a drive leaves it unsought */
    double clock_error_s;       /* of the clock of the day, at most; NAN: not known */
    /* Of all threads; a drive leaves them unset. */
    uint64_t first_began_ns, last_began_ns; /* the start by that clock; of several parts,
                                             * the first of theirs and the last */
    bool was_given_up;                      /* for the limit of failures */
    int signal;                             /* that stopped the run; 0: none */
};

/*
 * Runs one of the threads that share `start_stop`. 0, or -ENOMEM when it could not be
 * prepared or samples could no longer be kept, or -errno of the transport or of another
 * thread's preparations.
 */
int drive_run(const struct drive_config *config, struct start_stop *start_stop,
              struct drive_result *result);
