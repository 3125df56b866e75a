/*
 * How a work is carried out, in two forms: blocking, by whichever thread or process
 * calls; and event-driven, where every wait is an event of the loop and only CPU steps
 * hold it up. A kind of step knows no strategy, and a strategy never looks at the kind.
 */
#pragma once

#include "server/core/job.h"

struct loop;
struct steps_events;

/*
 * Runs the whole work in the calling thread and fills the (new) record. Any thread, any
 * process; takes the GIL for itself where there is one.
 */
void steps_run(struct job *job);

/* What the event-driven form needs of the loop. Made after every fork; NULL when memory
 * ran out. */
struct steps_events *steps_events_open(struct loop *loop);
void steps_events_close(struct steps_events *events);

/*
 * Starts the job; job_done follows, from inside this call when nothing waits. Loop
 * thread. The one form whose lone fetch fills job->relay.
 */
void steps_start(struct steps_events *events, struct job *job);
