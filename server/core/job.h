/*
 * A job: one request inside the server. It has no libevent type in it, so the code that
 * runs it cannot touch the loop. The front owns it from arrival to reply and lends it to
 * one strategy between submit and job_done.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/workload/work.h"

/*
 * What running a work came to. Fixed size and without pointers: a worker process sends
 * it back as it is. Stamps are on the monotonic clock.
 */
struct job_record {
    uint64_t from_ns, to_ns;  /* a worker took it, and was done with it */
    uint64_t cpu_ns, wait_ns; /* of that: computing, and in sleeps and fetches */
    int process, thread, cpu; /* who ran it, and where it ended */
    int status;               /* HTTP status of the reply */
    char error[160];          /* why, where status is not 200; one line */
};

/*
 * The bytes of a reply, where it has some of its own: an upstream's answer to hand on, or
 * those of the last declared step that yielded any. Freed by the front.
 */
struct relay {
    int status; /* 0: there are none */
    char content_type[128];
    size_t n_bytes, capacity_bytes;
    char *body;
};

enum { RELAY_MAX_BYTES = 64 * 1024 * 1024 };

/* Its bytes are these, from malloc; "": of no type that is known. */
void relay_take(struct relay *relay, char *bytes, size_t n_bytes,
                const char *content_type);

/* What declared steps get of the request; all in one block, `query`. */
struct job_input {
    char *query; /* NULL: there is neither query nor body */
    const char *body;
    size_t n_body_bytes;
};

struct job {
    struct work work;
    struct job_record record;
    uint64_t arrived_ns;
    struct job_input input; /* empty unless the work has a declared step */
    struct relay *relay;    /* takes bytes for the reply; or NULL: they are dropped */
    void (*done)(struct job *job); /* the front's; called by job_done */
    struct job *next;              /* in the list that holds the job now */
    bool is_done;

    /* Once the client has gone. Whoever can end the job early sets `abandon` while it
     * can, which is then called on the loop thread. */
    atomic_bool is_abandoned;
    void (*abandon)(struct job *job);
    void *abandoner;
};

/* Hands the job back: exactly once for each submit, on the loop thread. */
void job_done(struct job *job);

/* A fresh record: status 200, nothing stamped. */
#define JOB_RECORD_NEW ((struct job_record){.status = 200})

/* Around the running of a job, in the thread that runs it. */
void job_record_begin(struct job_record *record);
void job_record_end(struct job_record *record);

/* For a job that could not be run: its reply gets this status and this line. */
void job_fail(struct job *job, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* First come, first served; intrusive, so it never allocates. Not thread-safe. */
struct job_queue {
    struct job *head, *tail;
};

static inline void job_queue_push(struct job_queue *queue, struct job *job) {
    job->next = NULL;
    if (queue->head == NULL)
        queue->head = job;
    else
        queue->tail->next = job;
    queue->tail = job;
}

/* NULL when the queue is empty. */
static inline struct job *job_queue_pop(struct job_queue *queue) {
    struct job *job = queue->head;
    if (job != NULL)
        queue->head = job->next;
    return job;
}
