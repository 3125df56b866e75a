/*
 * SIGTERM, SIGINT and SIGHUP of one server process. The first asks it to stop. Another
 * one, a second later or more, ends it at once, whatever it is computing. Within that
 * second it is taken for the same one, because a signal comes twice when a terminal or a
 * service manager sends it to a whole group and the parent of several servers passes its
 * own on. SIGHUP counts unless it was ignored when we began (nohup).
 */
#pragma once

struct event_base;

/* From here on `asked(context)` is called once, on the loop thread. 0 or -errno. */
int quit_watch(struct event_base *base, void (*asked)(void *context), void *context);

/* Before the loop goes: further signals do not end a process that stops in order. */
void quit_unwatch(void);
