/*
 * What the first reply with a status of 400 or above said: the words that tell a user why
 * a server refuses. One per process, because a process makes one load. Any thread.
 */
#pragma once

#include <stddef.h>

/* Keeps the beginning of that reply's body, when it is the first. */
void refusal_note(int status, const char *body, size_t n_bytes);

/* "404: there is no such page", one line fit for a terminal; NULL: none came. */
const char *refusal_words(void);
