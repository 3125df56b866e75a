/*
 * Declared steps: what --step names, a shared object (include/juggle_step.h) or a
 * command. They are loaded in each process by itself, since a worker process comes from a
 * program that is started anew.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

struct event_base;
struct job;
struct step;
struct work;

/*
 * Loads what work_declare has declared: looks at the files, and calls nothing in them but
 * what runs by loading them. A command is ended after `command_limit_ns`. Before any
 * thread. 0, or -EINVAL with one line in `why`.
 */
int declared_load(uint64_t command_limit_ns, char why[WHY_BYTES]);

uint64_t declared_command_limit_ns(void);

/*
 * Opens, in this process, those that want it before a fork, or all that are not open. One
 * that cannot be opened fails each job that has it; the first such line is in `why`, and
 * the result is -EINVAL. Before any thread.
 */
int declared_open(bool only_before_fork, char why[WHY_BYTES]);

/* Closes what this process opened. After its last job. */
void declared_close(void);

/* Whether a step of it is a command, which is ended when the client has gone. */
bool declared_has_command(const struct work *work);

/* The blocking form; any thread, with the GIL. */
void declared_run(const struct step *step, struct job *job);

/*
 * The event-driven form. False when the step is over already; otherwise `ended(context)`
 * is called from the loop when it is. Loop thread, with the GIL.
 */
bool declared_start(const struct step *step, struct job *job, struct event_base *base,
                    void (*ended)(void *context), void *context);
