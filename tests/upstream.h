/*
 * A small HTTP server in a process of its own, on a free port, for tests that fetch. It
 * answers by path: /ok 200, /missing 404, /silent never, /drop by closing, /last 200 and
 * closing. What it saw is in shared memory.
 */
#ifndef JUGGLE_TESTS_UPSTREAM_H
#define JUGGLE_TESTS_UPSTREAM_H

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/net/listener.h"

/* Nobody listens on that port, and no other program is given it meanwhile. */
enum { UPSTREAM_MAX_CONNECTIONS = 1024, CLOSED_PORT = 1 };

struct upstream {
    pid_t pid;
    unsigned port;
    atomic_uint n_accepted, n_requests, n_open, most_open;
};

/* False when the connection is over. Requests here are small and come in one piece. */
static inline bool upstream_answer(struct upstream *upstream, int fd) {
    char request[4096];
    ssize_t n_read = recv(fd, request, sizeof request - 1, 0);
    if (n_read <= 0)
        return false;
    request[n_read] = '\0';
    atomic_fetch_add(&upstream->n_requests, 1);
    bool is_last = strncmp(request, "GET /last ", 10) == 0;
    if (strncmp(request, "GET /silent ", 12) == 0)
        return true;
    if (strncmp(request, "GET /drop ", 10) == 0)
        return false;
    const char *answer = strncmp(request, "GET /missing ", 13) == 0
                             ? "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
                         : is_last ? "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nlast"
                                   : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    return !is_last;
}

static inline _Noreturn void upstream_serve(struct upstream *upstream, int listener) {
    static struct pollfd wanted[UPSTREAM_MAX_CONNECTIONS + 1];
    unsigned n_open = 0;
    wanted[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    while (true) {
        (void)poll(wanted, n_open + 1, -1);
        for (unsigned i = 1; i <= n_open; i++)
            if (wanted[i].revents != 0 && !upstream_answer(upstream, wanted[i].fd)) {
                (void)close(wanted[i].fd);
                wanted[i--] = wanted[n_open--];
            }
        atomic_store(&upstream->n_open, n_open);
        if (wanted[0].revents == 0 || n_open == UPSTREAM_MAX_CONNECTIONS)
            continue;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        wanted[++n_open] = (struct pollfd){.fd = fd, .events = POLLIN};
        atomic_fetch_add(&upstream->n_accepted, 1);
        atomic_store(&upstream->n_open, n_open);
        if (n_open > atomic_load(&upstream->most_open))
            atomic_store(&upstream->most_open, n_open);
    }
}

/* A listening socket on a free port of the loopback. */
static inline int upstream_listen(unsigned *port) {
    *port = 0;
    int fd = listener_open("127.0.0.1", port, false);
    if (fd < 0)
        abort();
    return fd;
}

/* While the calling process has no threads. */
static inline struct upstream *upstream_start(void) {
    struct upstream *upstream = mmap(NULL, sizeof *upstream, PROT_READ | PROT_WRITE,
                                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (upstream == MAP_FAILED)
        abort();
    int listener = upstream_listen(&upstream->port);
    pid_t parent = getpid();
    pid_t pid = fork(); /* not into the shared memory, which the child writes too */
    if (pid < 0)
        abort();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
        upstream_serve(upstream, listener);
    }
    (void)close(listener);
    upstream->pid = pid;
    return upstream;
}

static inline char *upstream_url(const struct upstream *upstream, const char *path,
                                 char url[64]) {
    (void)snprintf(url, 64, "http://127.0.0.1:%u%s", upstream->port, path);
    return url;
}

static inline void upstream_stop(struct upstream *upstream) {
    (void)kill(upstream->pid, SIGKILL);
    (void)waitpid(upstream->pid, NULL, 0);
    (void)munmap(upstream, sizeof *upstream);
}

#endif
