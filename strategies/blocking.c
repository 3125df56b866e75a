/* The naive server: the job runs in the event loop, and everything else waits for it. */
#include "server/core/steps.h"
#include "strategies/strategy.h"

static void submit(struct job *job) {
    steps_run(job);
    job_done(job);
}

const struct strategy strategy_blocking = {
    .summary = "in the event loop, one after the other",
    .submit = submit,
};
