/*
 * SIGINT, SIGTERM and SIGHUP end a run, each in the same way. They have one owner, who
 * makes runs and writes what came of them: it blocks them once, before the first run, and
 * for good. One that comes waits until it is taken, by the run that it ends; one that
 * comes between two runs ends the next, and one that comes after the last, while results
 * are written, changes nothing. So no result is lost to an impatient second Control-C.
 * The threads of a run find out by a descriptor that they share (start_stop.h).
 */
#ifndef JUGGLE_LOADGEN_STOP_SIGNALS_H
#define JUGGLE_LOADGEN_STOP_SIGNALS_H

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

#endif
