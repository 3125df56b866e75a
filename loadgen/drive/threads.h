/*
 * A load in shares: those of the threads of a run, which drive theirs with an event loop,
 * a schedule and samples each, and those of several machines. What they came to is merged
 * once, when all have ended. Main thread.
 */
#pragma once

#include "loadgen/drive/drive.h"

enum { THREADS_MOST = 64 };

/* How many threads threads_run starts; with a rate, lanes stand for users. */
unsigned threads_count(const struct drive_config *config);

/*
 * Makes of a load its k-th of n shares, k from 0: of the users and of what may be in
 * flight, or of the rate. Users and arrivals of all of them are those of the whole, URLs
 * in turn included; seeds are drawn from its seed, and so are the same each time. What
 * is less than `n` leaves shares of 0.
 */
void threads_share(struct drive_config *config, unsigned k, unsigned n);

/*
 * Runs config->n_threads threads (0 counts as 1), this one among them, but no more than
 * there are users. Users of thread k + 1 are numbered from where those of thread k end,
 * and samples stand in the order of their ends. config->on_sample is called in any of the
 * threads. 0, -EAGAIN when a thread cannot be made, or the first error of drive_run;
 * result->samples are to be freed either way.
 */
int threads_run(const struct drive_config *config, struct drive_result *result);

struct threads_part {
    struct drive_result result;
    unsigned n_users; /* so many numbers its users have, or its lanes in an open loop */
    /* The rest is threads_merge' own. */
    unsigned first_user;
    bool has_next;
    struct samples_reader reader;
    struct load_sample sample;
    struct server_report report;
};

/*
 * Makes one result of `n` parts, at least one, whose samples stay theirs. Users are
 * numbered through, samples stand in the order of their ends, counts are sums, and what
 * tells of a generator in trouble is that of the worst. Times count from each part's own
 * start. 0 or -ENOMEM; result->samples are to be freed either way.
 */
int threads_merge(struct threads_part *parts, unsigned n, struct drive_result *result);
