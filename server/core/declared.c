/* Shared objects, and which step is one; see declared.h. */
#include "server/core/declared.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/workload/work.h"
#include "include/juggle_step.h"
#include "server/core/command.h"
#include "server/core/gil.h"
#include "server/core/job.h"

/* Either a shared object or a command. */
static struct declared {
    const char *name;
    const struct juggle_step *object;
    struct command *command;
    bool is_open;
    pid_t opened_by;
    void *state;
    char why[JUGGLE_STEP_ERROR_BYTES]; /* it could not be opened */
} declared[WORK_MAX_DECLARED];
static uint64_t limit_ns;

/* A command may end with such a name as well, behind a blank. */
static bool is_file_of_object(const char *how) {
    size_t length = strlen(how);
    return length > 3 && strcmp(how + length - 3, ".so") == 0 &&
           (strchr(how, ' ') == NULL || access(how, F_OK) == 0);
}

/* It stays loaded until the process ends. */
static int load_object(struct declared *step, const char *path, char why[WHY_BYTES]) {
    char *whole = realpath(path, NULL); /* with a slash, or the loader would search */
    if (whole == NULL)
        return error_say(why, -EINVAL, "%s: cannot read %.100s: %s", step->name, path,
                         strerror(errno));
    void *file = dlopen(whole, RTLD_NOW | RTLD_LOCAL);
    free(whole);
    if (file == NULL)
        return error_say(why, -EINVAL, "%s: cannot load it: %.150s", step->name,
                         dlerror());
    step->object = dlsym(file, "juggle_step");
    if (step->object == NULL)
        return error_say(why, -EINVAL,
                         "%s: %.100s does not define 'juggle_step'; it is to be built "
                         "with juggle_step.h, version %d",
                         step->name, path, JUGGLE_STEP_ABI);
    if (step->object->abi != JUGGLE_STEP_ABI)
        return error_say(why, -EINVAL,
                         "%s: %.100s was built with version %u of juggle_step.h, and "
                         "this juggle has version %d; build it again",
                         step->name, path, step->object->abi, JUGGLE_STEP_ABI);
    if (step->object->call == NULL)
        return error_say(why, -EINVAL, "%s: %.100s has no 'call' in its 'juggle_step'",
                         step->name, path);
    return 0;
}

int declared_load(uint64_t command_limit_ns, char why[WHY_BYTES]) {
    int error = 0;
    limit_ns = command_limit_ns;
    for (unsigned i = 0; error == 0 && work_declared_name(i) != NULL; i++) {
        const char *how = work_declared_how(i);
        struct declared *step = &declared[i];
        *step = (struct declared){.name = work_declared_name(i)};
        if (is_file_of_object(how))
            error = load_object(step, how, why);
        else
            error = command_read(step->name, how, &step->command, why);
    }
    return error;
}

uint64_t declared_command_limit_ns(void) {
    return limit_ns;
}

int declared_open(bool only_before_fork, char why[WHY_BYTES]) {
    int error = 0;
    /* What a command leaves behind becomes a child of ours, so that it is reaped. */
    if (declared[0].name != NULL)
        (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (struct declared *step = declared;
         step < declared + WORK_MAX_DECLARED && step->name != NULL; step++) {
        const struct juggle_step *object = step->object;
        if (object == NULL || step->is_open ||
            (only_before_fork && (object->flags & JUGGLE_STEP_OPENS_BEFORE_FORK) == 0))
            continue;
        step->is_open = true;
        step->opened_by = getpid();
        if (object->open == NULL || object->open(&step->state, step->why) == 0) {
            step->why[0] = '\0';
            continue;
        }
        step->opened_by = 0;
        step->why[sizeof step->why - 1] = '\0';
        if (step->why[0] == '\0')
            (void)snprintf(step->why, sizeof step->why, "it could not be opened");
        if (error == 0)
            error = error_say(why, -EINVAL, "%s: %s", step->name, step->why);
    }
    return error;
}

void declared_close(void) {
    for (unsigned i = 0; i < WORK_MAX_DECLARED; i++) {
        struct declared *step = &declared[i];
        if (step->opened_by == getpid() && step->object->close != NULL)
            step->object->close(step->state);
        command_free(step->command);
        *step = (struct declared){0};
    }
}

/* Its bytes take the place of those of an earlier step. */
static void take_reply(const char *name, struct juggle_step_reply *reply,
                       struct job *job) {
    if (reply->n_bytes > RELAY_MAX_BYTES)
        job_fail(job, 500, "step %s: its reply is longer than 64 MiB", name);
    if (job->record.status != 200 || job->relay == NULL) {
        free(reply->bytes);
        return;
    }
    reply->content_type[sizeof reply->content_type - 1] = '\0';
    relay_take(job->relay, reply->bytes, reply->n_bytes, reply->content_type);
}

/* What it computes is the job's; what it waits it has to say, as nobody else knows that
 * from waiting for a CPU. A call this short cannot have waited for one, so that all else
 * of its time was computing: reading the thread's clock again would take as long. */
static const uint64_t SHORT_CALL_NS = 5 * NS_PER_US;

static void run_object(const struct declared *step, struct job *job) {
    struct juggle_step_reply reply = {0};
    const struct juggle_step_request request = {
        .query = job->input.query != NULL ? job->input.query : "",
        .body = job->input.body,
        .n_body_bytes = job->input.n_body_bytes};
    if (step->why[0] != '\0') {
        job_fail(job, 500, "step %s: %s", step->name, step->why);
        return;
    }
    bool is_outside = (step->object->flags & JUGGLE_STEP_RELEASES_GIL) != 0;
    uint64_t before_ns = clock_thread_cpu_ns();
    if (is_outside)
        gil_wait_begin();
    uint64_t began_ns = clock_now_ns();
    int status = step->object->call(step->state, &request, &reply);
    uint64_t took_ns = clock_now_ns() - began_ns;
    if (took_ns > SHORT_CALL_NS)
        job->record.cpu_ns += clock_thread_cpu_ns() - before_ns;
    else if (took_ns > reply.wait_ns)
        job->record.cpu_ns += took_ns - reply.wait_ns;
    job->record.wait_ns += reply.wait_ns;
    if (is_outside)
        gil_wait_end();
    if (status != 0) {
        reply.error[sizeof reply.error - 1] = '\0';
        job_fail(job, status >= 400 && status <= 599 ? status : 500, "step %s: %s",
                 step->name, reply.error[0] != '\0' ? reply.error : "it failed");
    }
    if (reply.bytes != NULL)
        take_reply(step->name, &reply, job);
}

bool declared_has_command(const struct work *work) {
    unsigned i = 0;
    while (i < work->n_steps && (work->steps[i].kind != STEP_DECLARED ||
                                 declared[work->steps[i].amount].command == NULL))
        i++;
    return i < work->n_steps;
}

void declared_run(const struct step *step, struct job *job) {
    const struct declared *own = &declared[step->amount];
    if (own->object != NULL)
        run_object(own, job);
    else
        command_run(own->command, limit_ns, job);
}

bool declared_start(const struct step *step, struct job *job, struct event_base *base,
                    void (*ended)(void *context), void *context) {
    const struct declared *own = &declared[step->amount];
    if (own->command != NULL)
        return command_start(own->command, limit_ns, job, base, ended, context);
    run_object(own, job);
    return false;
}
