/*
 * Every program that this one starts: `juggle serve` and `juggle load`, gnuplot, a peer
 * of a bench. Each begins with a clean mask, default dispositions and no descriptor but
 * its standard streams, in a process group of its own, so that a Control-C on the
 * terminal reaches us alone and one signal ends it with all its children. The kernel ends
 * it when we die, however we die. Nobody waits for it without a limit. Main thread, but
 * for starting and killing, which any thread may that lives as long as the child: the
 * kernel ends it with the thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* 0: not running */
    int pidfd;
    int output, errors;  /* for reading what it prints; -1 where nobody reads it */
    int status;          /* as waitpid gives it, once it has ended */
    struct rusage usage; /* its own and that of its children, once it has ended */
};

/* What is to be started. Members that are left out have their usual meaning. */
struct child_order {
    const char *const *words; /* its argument list, NULL at the end */
    bool is_this_program;     /* this binary again; else words[0] is looked up in PATH */
    const char *folder;       /* where it works; NULL: where we do */
    bool reads_output;        /* we read its stdout; otherwise it is dropped */
    bool reads_errors;        /* we read its stderr; otherwise it goes to ours */
    /* Descriptors that its streams are; 0 or less: as above, and an empty stdin. */
    int input_from, output_to, errors_to;
    const char *const *environment; /* NULL at the end; NULL: ours */
    uint64_t most_file_bytes;       /* it may make no file longer than that; 0: any */
    unsigned skips_cpus;            /* it may not run on so many of our first CPUs */
};

/*
 * 0, or -errno, that of a failed exec included (-ENOENT: there is no such program);
 * nothing runs then.
 */
int children_start(struct child *child, const struct child_order *order);

/* The next line of its stdout. 0, -EPIPE at the end, -ETIMEDOUT, or -EINTR. */
int children_read_line(struct child *child, uint64_t deadline_ns, char *line,
                       size_t line_bytes);

/*
 * Waits until it has ended, calling `tick` (unless NULL) about ten times a second, ends
 * what it left behind in its group, and reaps it. 0, -ETIMEDOUT when it still runs at the
 * deadline, or -EINTR when interrupted (common/children/interrupts.h).
 */
int children_wait(struct child *child, uint64_t deadline_ns, void (*tick)(void *),
                  void *context);

/* Whether it has ended by itself; it is yet to be stopped or killed, which reaps it. */
bool children_has_ended(const struct child *child);

/* SIGTERM, and SIGKILL for the whole group when it has not ended within `grace_ns`. */
void children_stop(struct child *child, uint64_t grace_ns);

/* Ends the whole group at once and reaps the child, and what else of the group is or
 * becomes a child of ours. Does nothing when not running. */
void children_kill(struct child *child);

/* A program that is run to its end, by children_run. */
struct child_task {
    const char *const *words; /* as in an order, and so the folder */
    const char *folder;
    uint64_t limit_ns; /* then it is ended */
    /* Gets its stdout piece by piece; what is not 0, -errno, ends the program. */
    int (*take)(void *context, const char *bytes, size_t n_bytes);
    void *context;
    char complaints[4096]; /* the beginning of its stderr */
};

/*
 * 0 when it has ended, *status as waitpid gives it; children_start's errors, -ETIMEDOUT,
 * -EINTR, or what `take` said. Nothing of it runs afterwards.
 */
int children_run(struct child_task *task, int *status);
