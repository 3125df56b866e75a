/* The end of a job; see job.h. */
#include "server/core/job.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/clock.h"

void job_done(struct job *job) {
    assert(!job->is_done);
    job->is_done = true;
    job->done(job);
}

void relay_take(struct relay *relay, char *bytes, size_t n_bytes,
                const char *content_type) {
    free(relay->body);
    relay->status = 200;
    relay->body = bytes;
    relay->n_bytes = relay->capacity_bytes = n_bytes;
    (void)snprintf(relay->content_type, sizeof relay->content_type, "%s",
                   content_type[0] != '\0' ? content_type : "application/octet-stream");
}

/* Looked up once a thread, because each is a system call, and again after a fork. */
static _Thread_local int process, thread;

static void forget_ids(void) {
    process = 0;
}

static void watch_forks(void) {
    (void)pthread_atfork(NULL, NULL, forget_ids);
}

void job_record_begin(struct job_record *record) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (process == 0) {
        (void)pthread_once(&once, watch_forks);
        process = getpid();
        thread = (int)syscall(SYS_gettid);
    }
    record->process = process;
    record->thread = thread;
    record->from_ns = clock_now_ns();
}

void job_record_end(struct job_record *record) {
    record->cpu = sched_getcpu();
    record->to_ns = clock_now_ns();
}

void job_fail(struct job *job, int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(job->record.error, sizeof job->record.error, format, arguments);
    va_end(arguments);
    for (char *at = job->record.error; *at != '\0'; at++)
        if (iscntrl((unsigned char)*at))
            *at = '?'; /* text of a request must not break the line */
    job->record.status = status;
    if (job->record.from_ns == 0)
        job_record_begin(&job->record);
    job_record_end(&job->record);
}
