/*
 * The event loop of one server process, and the mailbox through which other threads
 * give finished jobs back to it. Made after every fork of the opening phase.
 */
#pragma once

struct event;
struct event_base;
struct job;
struct loop;

/*
 * Events that bring something in go before those that handle requests and end jobs.
 * libevent gives every event the middle priority unless told otherwise, evhttp's
 * included.
 */
enum {
    LOOP_PRIORITY_FIRST,
    LOOP_PRIORITY_INPUT,
    LOOP_PRIORITY_HANDLE,
    N_LOOP_PRIORITIES
};

/* NULL with errno set. The calling thread becomes the loop thread. */
struct loop *loop_open(void);
void loop_close(struct loop *loop);

/* Any thread: job_done(job) will be called on the loop thread, in the order of posts. */
void loop_post(struct loop *loop, struct job *job);

/* For modules that wait by events; loop thread only. NULL may be freed. */
struct event_base *loop_base(struct loop *loop);
void loop_free_event(struct event *event);
