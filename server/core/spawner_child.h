/*
 * The spawner and the workers that it forks: this program under another subcommand. The
 * server's side is worker_process.c.
 */
#pragma once

#include <sys/types.h>

/* The subcommand, in no list since only worker_process.c starts it; and where it finds
 * its socket. */
#define SPAWNER_COMMAND "spawner"
enum { SPAWNER_CONTROL_FD = 3 };

/*
 * Starts this program anew as a spawner, under the settings of fetch and gil and with the
 * declared steps as they are now. Safe at any time. 0 with our end of its socket in
 * `control`, or -errno.
 */
int spawner_exec(pid_t *pid, int *control);

/* Waits until it can fork. 0 or -errno. */
int spawner_await(int control);

/* Has it fork a worker around the socket: 0 or -errno, -EAGAIN when it is behind. */
int spawner_send_socket(int control, int socket);

/*
 * The spawner: forks a worker for every socket that arrives at its control socket, until
 * that ends. Then waits for the workers and exits. A program that opens spawners must
 * call this from main when its first argument says so, with argv from there on.
 */
int spawner_main(int argc, char **argv);

/*
 * Closes the worker's end of a socket when no process can be had: the other end reads the
 * error, an int, and then end of file. Any process.
 */
void spawner_refuse(int socket, int error);
