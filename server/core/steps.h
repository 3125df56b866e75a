/*
 * How a work is carried out, in two forms: blocking, by whichever thread or process
 * calls; and event-driven, where every wait is an event of the loop and only CPU steps
 * hold it up. A kind of step knows no strategy, and a strategy never looks at the kind.
 */
#ifndef JUGGLE_SERVER_STEPS_H
#define JUGGLE_SERVER_STEPS_H

#include <stdint.h>

#include "server/core/job.h"

struct loop;
struct steps_events;

struct steps_setting {
    const char *upstream_url; /* what fetch gets; NULL: there is none */
    uint64_t upstream_timeout_ns;
};

/* Before any fork or thread; the setting is copied, its texts must stay. */
void steps_configure(const struct steps_setting *setting);

/* What was configured. Any thread. */
const struct steps_setting *steps_configured(void);

/*
 * Runs the whole work in the calling thread and fills the (new) record. Any thread, any
 * process; takes the GIL for itself where there is one.
 */
void steps_run(const struct work *work, struct job_record *record);

/* The loop's side of the event-driven form. After every fork; NULL when out of memory. */
struct steps_events *steps_events_open(struct loop *loop);
void steps_events_close(struct steps_events *events);

/*
 * Starts the job; job_done follows, from inside this call when nothing waits. Loop
 * thread. The one form that fills job->relay.
 */
void steps_start(struct steps_events *events, struct job *job);

#endif
