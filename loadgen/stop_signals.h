/*
 * SIGINT and SIGTERM end a run: on a loop of its own they are libevent's, and in a crew
 * they come through its meeting, since libevent serves one loop of a process with them.
 * Loop thread.
 */
#ifndef JUGGLE_LOADGEN_STOP_SIGNALS_H
#define JUGGLE_LOADGEN_STOP_SIGNALS_H

struct event_base;
struct meeting;

struct stop_signals {
    struct event *events[2];
    void (*stop)(void *context, int number); /* number 0: the meeting knows */
    void *context;
};

/*
 * Fill in `stop` and `context` first; `meeting` may be NULL. 0, or -ENOMEM; in either
 * case stop_signals_forget before the base goes.
 */
int stop_signals_heed(struct stop_signals *signals, struct event_base *base,
                      const struct meeting *meeting);
void stop_signals_forget(struct stop_signals *signals);

#endif
