/*
 * Async I/O: every wait is an event of the loop, so one thread holds any number of
 * waiting jobs. CPU steps run on the loop and stall it, as they do in async servers.
 */
#include <errno.h>
#include <stddef.h>

#include "server/core/steps.h"
#include "strategies/strategy.h"

static struct steps_events *events;

static int start(const struct strategy_setting *setting, struct loop *loop) {
    (void)setting;
    events = steps_events_open(loop);
    return events != NULL ? 0 : -ENOMEM;
}

static void submit(struct job *job) {
    steps_start(events, job);
}

static void stop(void) {
    steps_events_close(events);
}

const struct strategy strategy_async = {
    .summary = "in the event loop; a job that waits lets others run",
    .begins_all = true,
    .default_work = "fetch",
    .start = start,
    .submit = submit,
    .stop = stop,
};
