/*
 * A global interpreter lock as CPython has it, for the --gil setting: one per process,
 * held by whatever computes, and given up around every wait, and after 5 ms to a thread
 * that has been waiting for so long. Without the setting calls do nothing. Any thread.
 */
#pragma once

#include <stdbool.h>

/* Turns the lock on. Before any thread exists; forked children inherit the setting. */
void gil_enable(void);
bool gil_is_enabled(void);

/* Takes the lock; nests within a thread. */
void gil_acquire(void);
void gil_release(void);

/* Around a wait: gives the lock up however deep it is held, and takes it again. */
void gil_wait_begin(void);
void gil_wait_end(void);

/* Called often by what computes: hands the lock over when another thread has asked. */
void gil_check(void);

/* Hands the lock over to whoever waits for it, if anybody does, and takes it again: what
 * becomes of a thread that lets go for a short system call. */
void gil_yield(void);
