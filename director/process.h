/*
 * Child processes of the director: `juggle serve` and `juggle load`, each in a process
 * group of its own, so that a Control-C on the terminal reaches the director alone and
 * one signal ends a server with all its children. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_PROCESS_H
#define JUGGLE_DIRECTOR_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum { PROCESS_MAX_ARGUMENTS = 48 };

struct process {
    pid_t pid; /* 0: not running */
    int pidfd;
    int output;          /* reads what it prints on stdout; -1 when nobody wants it */
    int status;          /* as waitpid gives it, once it has ended */
    struct rusage usage; /* its own and that of its children, once it has ended */
};

/* From here on SIGINT and SIGTERM interrupt waits instead of ending the director. */
void process_watch_interrupts(void);
bool process_is_interrupted(void);

/*
 * Starts this binary again with the arguments, NULL at the end. stdout is kept for
 * process_read_line when `reads_output`, else dropped; stderr is ours. 0 or -errno.
 */
int process_start(struct process *process, const char *const *arguments,
                  bool reads_output);

/* The next line of its stdout. 0, -EPIPE at the end, -ETIMEDOUT, or -EINTR. */
int process_read_line(struct process *process, uint64_t deadline_ns, char *line,
                      size_t line_bytes);

/*
 * Waits until it has ended and reaps it, calling `tick` (unless NULL) about ten times a
 * second. 0, -ETIMEDOUT when it still runs at the deadline, or -EINTR when interrupted.
 */
int process_wait(struct process *process, uint64_t deadline_ns, void (*tick)(void *),
                 void *context);

/* SIGTERM, and SIGKILL for the whole group when it has not ended within `grace_ns`. */
void process_stop(struct process *process, uint64_t grace_ns);

/* Ends the whole group at once and reaps the process. Does nothing when not running. */
void process_kill(struct process *process);

/* Sleeps; cut short by an interrupt. */
void process_pause(uint64_t duration_ns);

#endif
