/*
 * `juggle serve`: options, then one server process, or several. The order of a server's
 * life is the order of this file's last functions: listen, make the loop, start the
 * strategies, serve, drain, stop.
 */
#include "server/front/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/children/interrupts.h"
#include "common/net/listener.h"
#include "server/core/declared.h"
#include "server/core/fetch.h"
#include "server/core/gil.h"
#include "server/core/loop.h"
#include "server/front/front.h"
#include "server/front/prefork.h"
#include "server/front/serve_options.h"

struct server {
    struct serve_options options;
    int *listen_fds; /* one per process; the same one when it is shared */
    struct loop *loop;
};

/* A failure ends the program. */
static int listen_once(struct serve_options *options, bool shares_port) {
    int fd = listener_open(options->bind, &options->port, shares_port);
    if (fd == -EADDRINUSE)
        error_exit("serve: port %u is in use; end what listens there, or choose another "
                   "with --port (0: any free one)",
                   options->port);
    if (fd == -EINVAL)
        error_exit("serve: --bind wants a numeric address such as 127.0.0.1 or ::1, not "
                   "'%s'",
                   options->bind);
    if (fd < 0)
        error_exit("serve: cannot listen on %s port %u: %s; see --bind and --port",
                   options->bind, options->port, strerror(-fd));
    return fd;
}

static void say_listening(void *context) {
    const struct server *server = context;
    char url[LISTENER_URL_BYTES];
    (void)listener_url(server->options.bind, server->options.port, url);
    char *program = command_line_quote(program_invocation_name);
    (void)printf("listening on %s\ntry: %s load -c 10 '%s%s/?work=cpu:50ms'\n", url,
                 program != NULL ? program : "juggle", url,
                 server->options.strategies->name);
    free(program);
    (void)fflush(stdout);
}

/* One server process */

/*
 * What fails here ends the process: 0, or -errno with the strategy it was in `failed`.
 * Spawners that were started already see the end of their socket and go.
 */
static int start_strategies(struct server *server, const char **failed) {
    int error = 0;
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    server->loop = loop_open();
    if (server->loop == NULL)
        return -errno;
    for (const struct strategy_entry *entry = server->options.strategies;
         error == 0 && entry->name != NULL; entry++) {
        *failed = entry->name;
        if (entry->strategy->start != NULL)
            error = entry->strategy->start(&server->options.pools, server->loop);
    }
    return error;
}

/*
 * Opens declared steps where jobs run in this process, and not in workers alone. What
 * cannot be opened ends the program.
 */
static void open_steps(const struct server *server, bool only_before_fork) {
    char why[WHY_BYTES];
    const struct strategy_entry *entry = server->options.strategies;
    while (entry->name != NULL && entry->strategy->runs_elsewhere)
        entry++;
    if (entry->name != NULL && declared_open(only_before_fork, why) != 0)
        error_exit("serve: --step: %s", why);
}

/* A signal that comes twice is within this time: a terminal or a service manager sends it
 * to a whole group, and the parent of several servers passes its own on. */
static const uint64_t SAME_SIGNAL_NS = NS_PER_S;

/* Whatever is computed. When we exit, the kernel ends workers and spawners. */
static void leave_at_once(int signal_number) {
    (void)signal_number;
    _exit(EXIT_FAILURE);
}

static void on_asked_to_stop(evutil_socket_t fd, short what, void *front) {
    (void)fd, (void)what;
    front_drain(front);
}

/* The exit status of a server process, which calls `ready` when it can serve. */
static int serve(struct server *server, int listen_fd, void (*ready)(void *),
                 void *ready_context) {
    const char *failed = "the loop";
    open_steps(server, false);
    int error = start_strategies(server, &failed);
    if (error != 0)
        error_exit("serve: cannot start '%s': %s; ask for fewer threads or workers, or "
                   "leave it out with --only",
                   failed, strerror(-error));
    struct event_base *base = loop_base(server->loop);
    struct front *front = front_open(server->loop, &server->options.front, listen_fd);
    if (front == NULL || interrupts_heed_as(SAME_SIGNAL_NS, leave_at_once) != 0)
        return EXIT_FAILURE;
    struct event *stop =
        event_new(base, interrupts_fd(), EV_READ, on_asked_to_stop, front);
    if (stop == NULL || event_add(stop, NULL) != 0)
        return EXIT_FAILURE;
    ready(ready_context);
    (void)event_base_dispatch(base);
    if (!front_is_drained(front)) /* jobs are under way: nothing can be taken down */
        return EXIT_FAILURE;
    for (const struct strategy_entry *entry = server->options.strategies;
         entry->name != NULL; entry++)
        if (entry->strategy->stop != NULL)
            entry->strategy->stop();
    front_close(front);
    declared_close();
    fetch_forget_thread();
    sigset_t signals; /* a further one does not end who stops in order */
    interrupts_signals(&signals);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL); /* there is no other thread by now */
    event_free(stop);
    loop_close(server->loop);
    curl_global_cleanup();
    return EXIT_OK;
}

static void write_ready(void *ready_fd) {
    (void)!write(*(const int *)ready_fd, "", 1);
}

static int serve_one_of_many(void *context, unsigned index, int ready_fd) {
    struct server *server = context;
    int own_fd = server->listen_fds[index];
    for (unsigned i = 0; i < server->options.processes; i++)
        if (server->listen_fds[i] != own_fd)
            (void)close(server->listen_fds[i]);
    int status = serve(server, own_fd, write_ready, &ready_fd);
    free(server->listen_fds);
    return status;
}

int serve_main(int argc, char **argv) {
    struct server server = {0};
    struct serve_options *options = &server.options;
    serve_options_read(options, argc, argv);
    bool shares_port =
        options->processes > 1 && strcmp(options->accept, "reuseport") == 0;
    server.listen_fds = calloc(options->processes, sizeof *server.listen_fds);
    if (server.listen_fds == NULL)
        error_exit("serve: out of memory");
    int fd = listen_once(options, false);
    if (shares_port) { /* could join another server's port, but this one was free */
        (void)close(fd);
        fd = listen_once(options, true);
    }
    for (unsigned i = 0; i < options->processes; i++)
        server.listen_fds[i] = i > 0 && shares_port ? listen_once(options, true) : fd;
    fetch_configure(&options->fetch);
    if (options->gil)
        gil_enable();
    open_steps(&server, true);
    int status;
    if (options->processes > 1) {
        status =
            prefork_run(options->processes, serve_one_of_many, say_listening, &server);
        declared_close(); /* what was opened before the servers were forked */
    } else {
        status = serve(&server, server.listen_fds[0], say_listening, &server);
    }
    free(server.listen_fds);
    return status;
}
