/*
 * SIGINT, SIGTERM and SIGHUP end a run, each in the same way. They have one owner, who
 * makes runs and writes what came of them: it blocks them once, before the first run, and
 * for good. One that comes waits until it is taken, by the run that it ends; one that
 * comes between two runs ends the next, and one that comes after the last, while results
 * are written, changes nothing. So no result is lost to an impatient second Control-C.
 * Runs find out by a descriptor: one of their own, or in a crew, whose threads must all
 * see it, that of its meeting.
 */
#ifndef JUGGLE_LOADGEN_STOP_SIGNALS_H
#define JUGGLE_LOADGEN_STOP_SIGNALS_H

#include <stdbool.h>

struct event_base;
struct meeting;

/*
 * For this thread and those that it makes: before there are any, and before a run. A
 * SIGHUP that is ignored, as nohup has it, stays so.
 */
void stop_signals_block(void);

/* A descriptor that is readable while a signal waits, and is never read; or -errno. */
int stop_signals_open(void);

/* Takes the signal that waits; its number, or 0. Any thread. */
int stop_signals_take(void);

/* "SIGINT"; NULL for 0. */
const char *stop_signals_name(int number);

/* On the loop of a run. Loop thread. */
struct stop_signals {
    struct event *event;
    int fd;
    bool is_alone;
    void (*stop)(void *context, int number); /* number 0: the meeting is to take it */
    void *context;
};

/*
 * Fill in `stop` and `context` first; `meeting` may be NULL. 0 or -errno; in either case
 * stop_signals_forget before the base goes.
 */
int stop_signals_heed(struct stop_signals *signals, struct event_base *base,
                      const struct meeting *meeting);
void stop_signals_forget(struct stop_signals *signals);

/* Whether one waits: for who keeps the loop from telling. */
bool stop_signals_wait(const struct stop_signals *signals);

#endif
