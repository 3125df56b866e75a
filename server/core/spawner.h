/*
 * The spawner: a small single-threaded process from which worker processes are forked, so
 * that no fork copies threads, locks, sockets or an event loop. It is this program
 * started anew (exec), which is safe at any time: when it dies, however that came,
 * another takes its place. Workers die with the spawner that forked them. Loop thread.
 */
#ifndef JUGGLE_SERVER_SPAWNER_H
#define JUGGLE_SERVER_SPAWNER_H

struct loop;
struct spawner;

/* A worker that is to be forked around `socket`. Its owner keeps it; the spawner has it
 * in a list until the socket is on its way. */
struct spawner_order {
    int socket; /* the worker's end; -1 once it has left */
    struct spawner_order *next;
};

/*
 * Starts a spawner and waits until it can fork. It runs under the settings of steps and
 * gil as they are now. This process becomes who adopts and reaps the workers of a spawner
 * that died, so it must have no children that somebody else waits for. NULL with errno
 * set.
 */
struct spawner *spawner_open(struct loop *loop);

/* Ends the spawner and waits until it and every worker are gone. */
void spawner_close(struct spawner *spawner);

struct loop *spawner_loop(const struct spawner *spawner);

/*
 * Has a worker forked. 0 or -errno: no process can be had now. A refusal that comes later
 * arrives at the other end of the socket, see spawner_child.h.
 */
int spawner_place(struct spawner *spawner, struct spawner_order *order);

/* Takes an order back, and its socket if that has not left. */
void spawner_cancel(struct spawner *spawner, struct spawner_order *order);

#endif
