/*
 * A command as a step: it is started for each request, with the request's body as its
 * stdin and the query as QUERY_STRING. Its stdout is the reply when it exits with 0; else
 * the job fails with 500 and the last line of its stderr. When its time is over (504), or
 * the client is gone, it is killed with its process group.
 *
 * What it computed, by the kernel's account of it and its children, is the job's CPU
 * time. The rest of its time is the job's wait, but for what it waited for a CPU.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

struct command;
struct event_base;
struct job;

/*
 * The words of `text`, or, where it has quotes or other signs that a shell reads, `sh -c`
 * with it. `name` must stay. 0, or -EINVAL with one line in `why` when there is no such
 * program.
 */
int command_read(const char *name, const char *text, struct command **command,
                 char why[WHY_BYTES]);
void command_free(struct command *command);

/* In a process that has one job at a time: the client is gone when this socket has
 * something to read. Elsewhere job->is_abandoned says so. */
void command_watch(int socket);

/* The blocking form; any thread, with the GIL, which it lets go of. */
void command_run(const struct command *command, uint64_t limit_ns, struct job *job);

/* The event-driven form; see declared_start. */
bool command_start(const struct command *command, uint64_t limit_ns, struct job *job,
                   struct event_base *base, void (*ended)(void *context), void *context);
