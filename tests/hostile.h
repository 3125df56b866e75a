/*
 * A server that means ill, in a process of its own: it picks at random, for each request,
 * between answering well, answering 413 as soon as the head is there, resetting, closing
 * its half unanswered, and stopping in the middle of a head or a body. It can also die,
 * with all its connections, and return on the same port. What it did is in shared memory,
 * and so is the CPU time that its parent took while it was away.
 */
#ifndef JUGGLE_TESTS_HOSTILE_H
#define JUGGLE_TESTS_HOSTILE_H

#include <stdint.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/stats/random.h"
#include "tests/upstream.h"

enum { HOSTILE_MAX_CONNECTIONS = 64, HOSTILE_MAX_DEATHS = 64 };

enum hostile_deed {
    HOSTILE_OK,
    HOSTILE_EARLY,
    HOSTILE_RESET,
    HOSTILE_HALF_CLOSE,
    HOSTILE_CUT_HEAD,
    HOSTILE_CUT_BODY,
    N_HOSTILE_DEEDS
};

struct hostile {
    pid_t pid, parent;
    unsigned port, alive_ms, away_ms; /* alive_ms: on average; 0: it never dies */
    atomic_uint n_deeds[N_HOSTILE_DEEDS], n_deaths;
    struct {
        uint64_t from_ns, to_ns; /* to_ns 0: it is not over yet */
    } deaths[HOSTILE_MAX_DEATHS];
    uint64_t away_ns, parents_cpu_ns; /* in all deaths that are over */
    struct random random;
};

struct hostile_connection {
    size_t n_head;       /* of the head that is there so far */
    uint64_t left_bytes; /* of a body that is read before the answer */
    bool is_done;        /* nothing more is answered; reads until the client leaves */
    char head[2048];
};

/* One deed, with the head read and perhaps the body not. False: the connection is over.
 */
static inline bool hostile_do(struct hostile *hostile, int fd, enum hostile_deed deed,
                              bool is_head) {
    static const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    static const char *const texts[N_HOSTILE_DEEDS] = {
        [HOSTILE_OK] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        [HOSTILE_EARLY] = "HTTP/1.1 413 Too Large\r\nConnection: close\r\n"
                          "Content-Length: 3\r\n\r\nbig",
        [HOSTILE_CUT_HEAD] = "HTTP/1.1 200 OK\r\nContent-Le",
        [HOSTILE_CUT_BODY] = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
    };
    atomic_fetch_add(&hostile->n_deeds[deed], 1);
    const char *text = texts[deed], *end = text;
    if (text != NULL && (!is_head || (end = strstr(text, "\r\n\r\n")) == NULL))
        end = text + strlen(text);
    else if (text != NULL)
        end += 4; /* and no body */
    if (text != NULL)
        (void)!send(fd, text, (size_t)(end - text), MSG_NOSIGNAL);
    if (deed == HOSTILE_RESET)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (deed == HOSTILE_HALF_CLOSE)
        (void)shutdown(fd, SHUT_WR);
    return deed == HOSTILE_OK || deed == HOSTILE_HALF_CLOSE;
}

/* A head is whole: picks a deed. False when the connection is over. */
static inline bool hostile_pick(struct hostile *hostile, int fd,
                                struct hostile_connection *connection) {
    enum hostile_deed deed =
        (enum hostile_deed)random_below(&hostile->random, 2 * N_HOSTILE_DEEDS);
    bool is_head = strncmp(connection->head, "HEAD ", 5) == 0;
    if (deed >= N_HOSTILE_DEEDS || (is_head && deed == HOSTILE_CUT_BODY))
        deed = HOSTILE_OK;
    const char *length = strcasestr(connection->head, "\r\nContent-Length:");
    const char *body = strstr(connection->head, "\r\n\r\n") + 4;
    size_t n_body = connection->n_head - (size_t)(body - connection->head);
    connection->n_head = 0;
    if (deed == HOSTILE_OK && length != NULL) /* once the body is there */
        connection->left_bytes = strtoull(length + 17, NULL, 10) - n_body;
    if (deed == HOSTILE_OK && connection->left_bytes > 0)
        return true;
    connection->is_done = deed == HOSTILE_HALF_CLOSE;
    return hostile_do(hostile, fd, deed, is_head);
}

/* False when the connection is over. */
static inline bool hostile_read(struct hostile *hostile, int fd,
                                struct hostile_connection *connection) {
    static char unread[1 << 18];
    bool is_head = connection->left_bytes == 0 && !connection->is_done;
    size_t room = sizeof connection->head - 1 - connection->n_head;
    ssize_t n = is_head ? recv(fd, connection->head + connection->n_head, room, 0)
                        : recv(fd, unread, sizeof unread, 0);
    if (n <= 0)
        return false;
    if (connection->is_done)
        return true;
    if (!is_head) {
        connection->left_bytes -= (uint64_t)n;
        return connection->left_bytes > 0 || hostile_do(hostile, fd, HOSTILE_OK, false);
    }
    connection->n_head += (size_t)n;
    connection->head[connection->n_head] = '\0';
    return strstr(connection->head, "\r\n\r\n") == NULL ||
           hostile_pick(hostile, fd, connection);
}

/* User and system time of a process. */
static inline uint64_t hostile_cpu_ns(pid_t pid) {
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL || fgets(text, sizeof text, file) == NULL ||
        sscanf(strrchr(text, ')'),
               ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        abort();
    (void)fclose(file);
    return (user + system) * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* Until it dies or is killed; then every connection is closed, whatever is on it. */
static inline void hostile_live(struct hostile *hostile, int listener) {
    static struct hostile_connection connections[HOSTILE_MAX_CONNECTIONS + 1];
    static struct pollfd wanted[HOSTILE_MAX_CONNECTIONS + 1];
    uint64_t life_ms =
        hostile->alive_ms / 2 + random_below(&hostile->random, hostile->alive_ms + 1);
    bool is_last =
        hostile->alive_ms == 0 || atomic_load(&hostile->n_deaths) == HOSTILE_MAX_DEATHS;
    uint64_t end_ns = is_last ? UINT64_MAX : clock_now_ns() + life_ms * NS_PER_MS;
    unsigned n_open = 0;
    wanted[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    while (clock_now_ns() < end_ns) {
        (void)poll(wanted, n_open + 1, 10);
        for (unsigned i = 1; i <= n_open; i++)
            if (wanted[i].revents != 0 &&
                !hostile_read(hostile, wanted[i].fd, &connections[i])) {
                (void)close(wanted[i].fd);
                connections[i] = connections[n_open];
                wanted[i--] = wanted[n_open--];
            }
        if (wanted[0].revents == 0 || n_open == HOSTILE_MAX_CONNECTIONS)
            continue;
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            continue;
        wanted[++n_open] = (struct pollfd){.fd = fd, .events = POLLIN};
        connections[n_open].n_head = 0;
        connections[n_open].left_bytes = 0;
        connections[n_open].is_done = false;
    }
    for (unsigned i = 1; i <= n_open; i++)
        (void)close(wanted[i].fd);
}

static inline _Noreturn void hostile_serve(struct hostile *hostile, int listener) {
    while (true) {
        hostile_live(hostile, listener);
        unsigned n = atomic_load(&hostile->n_deaths);
        uint64_t cpu_ns = hostile_cpu_ns(hostile->parent), from_ns = clock_now_ns();
        hostile->deaths[n].from_ns = from_ns;
        atomic_store(&hostile->n_deaths, n + 1);
        (void)shutdown(listener, SHUT_RD); /* refuses all, and keeps its port */
        (void)usleep(hostile->away_ms * 1000);
        hostile->parents_cpu_ns += hostile_cpu_ns(hostile->parent) - cpu_ns;
        hostile->away_ns += clock_now_ns() - from_ns;
        if (listen(listener, 4096) != 0)
            abort();
        hostile->deaths[n].to_ns = clock_now_ns();
    }
}

/* While the calling process has no threads. */
static inline struct hostile *hostile_start(uint64_t seed, unsigned alive_ms,
                                            unsigned away_ms) {
    struct hostile *hostile = mmap(NULL, sizeof *hostile, PROT_READ | PROT_WRITE,
                                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (hostile == MAP_FAILED)
        abort();
    random_seed(&hostile->random, seed);
    hostile->alive_ms = alive_ms;
    hostile->away_ms = away_ms;
    hostile->parent = getpid();
    (void)close(upstream_listen(&hostile->port));
    int listener = listener_open("127.0.0.1", &hostile->port, false); /* by its number */
    pid_t pid = fork();
    if (pid < 0 || listener < 0)
        abort();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != hostile->parent)
            _exit(1);
        hostile_serve(hostile, listener);
    }
    (void)close(listener);
    hostile->pid = pid;
    return hostile;
}

static inline void hostile_stop(struct hostile *hostile) {
    if (waitpid(hostile->pid, NULL, WNOHANG) != 0)
        abort(); /* it is to live until now */
    (void)kill(hostile->pid, SIGKILL);
    (void)waitpid(hostile->pid, NULL, 0);
    (void)munmap(hostile, sizeof *hostile);
}

#endif
