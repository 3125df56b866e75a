/*
 * What a server and its worker process say to each other, over the one socket between
 * them: an order is a work and what its declared steps get, an outcome is the record and
 * the bytes of the reply. Short ones go in the message, longer ones in a file in memory
 * that goes with it, so that sending never waits for who reads. The server's side runs on
 * its loop thread.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct iovec;
struct job;

/* One message of parts, with a descriptor unless it is -1. 0 or -errno. */
int exchange_send(int socket, struct iovec *parts, size_t n_parts, int descriptor);

/* How many bytes came, 0 at the end, or -errno; the descriptor is -1 when none came. */
ssize_t exchange_receive(int socket, struct iovec *parts, size_t n_parts, int flags,
                         int *descriptor);

/* A worker that has died is seen by exchange_take_outcome. */
void exchange_send_order(int socket, const struct job *job);

/* Whoever does the job of that socket need not go on. */
void exchange_abandon(int socket);

/* The job (NULL: there is none) has its record and reply. 0; -EAGAIN: not yet; -EPIPE:
 * the worker has died; an error number: it could not be made. */
int exchange_take_outcome(int socket, struct job *job);

/* The worker's side: waits for an order, of which it makes a job that exchange_end ends.
 * False when there will be none. */
bool exchange_take_order(int socket, struct job *job);

/* Sends the outcome, and lets go of what the job has. 0 or -errno. */
int exchange_end(int socket, struct job *job);
