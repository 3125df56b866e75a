/*
 * `juggle serve`: options, then one server process, or several. The order of a server's
 * life is the order of this file's last functions: listen, fork what must be forked, make
 * the loop, start the strategies, serve, drain, stop.
 */
#include "server/serve.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "common/clock.h"
#include "common/counting.h"
#include "common/error.h"
#include "common/machine.h"
#include "common/options.h"
#include "common/units.h"
#include "server/fetch.h"
#include "server/front.h"
#include "server/gil.h"
#include "server/listener.h"
#include "server/loop.h"
#include "server/prefork.h"
#include "server/steps.h"

enum { MAX_STRATEGIES = 64, SPARE_DESCRIPTORS = 128, DEFAULT_MAX_INFLIGHT = 16384 };

static const uint64_t CALIBRATION_NS = 100 * NS_PER_MS;

struct serve_options {
    unsigned port;
    const char *bind;
    const char *only;
    const char *accept;
    const char *work;
    const char *upstream;
    uint64_t upstream_timeout_ns;
    uint64_t max_work_ns;
    unsigned threads, workers, processes;
    unsigned max_inflight; /* 0: not given */
    double turns_per_ms;   /* 0: calibrate */
    bool gil;
};

struct server {
    struct serve_options options;
    struct strategy_entry endpoints[MAX_STRATEGIES + 1];
    int *listen_fds; /* one per process; the same one when it is shared */
    struct loop *loop;
    struct front *front;
};

static void print_endpoints(FILE *out) {
    (void)fprintf(out, "\nEndpoints, each with and without the trailing slash:\n");
    (void)fprintf(out, "  %-28s %s\n", "/", "hello, world");
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/%s/?work=...", entry->name);
        (void)fprintf(out, "  %-28s %s\n", path, entry->strategy->summary);
    }
    (void)fprintf(out, "  %-28s %s\n", "/delay/?ms=200&bytes=1024",
                  "waits, then sends so many bytes: an upstream for another server");
    (void)fprintf(out, "\nA work is a row of steps: %s.\n", WORK_FORMS);
}

static void read_options(struct serve_options *options, int argc, char **argv) {
    *options = (struct serve_options){
        .port = 8000,
        .bind = "127.0.0.1",
        .accept = "shared",
        .upstream_timeout_ns = 10 * NS_PER_S,
        .max_work_ns = 60 * NS_PER_S,
        .threads = machine_usable_cpus(),
        .workers = machine_usable_cpus(),
        .processes = 1,
    };
    const struct option_row rows[] = {
        {'p', "port", "N", &option_port, &options->port, "port; 0: any free one (8000)"},
        {0, "bind", "ADDRESS", &option_text, &options->bind,
         "numeric address to listen on (127.0.0.1)"},
        {0, "only", "A,B", &option_text, &options->only, "these strategies alone (all)"},
        {0, "work", "WORK", &option_text, &options->work,
         "for requests that name none (cpu:100000000)"},
        {0, "threads", "N", &option_positive, &options->threads,
         "size of a pool of threads (usable CPUs)"},
        {0, "workers", "N", &option_positive, &options->workers,
         "size of a pool of processes (usable CPUs)"},
        {0, "gil", NULL, &option_flag, &options->gil,
         "a global interpreter lock, as CPython has"},
        {0, "processes", "N", &option_positive, &options->processes,
         "server processes on the one port (1)"},
        {0, "accept", "HOW", &option_text, &options->accept,
         "shared or reuseport: how they share it (shared)"},
        {0, "upstream", "URL", &option_url, &options->upstream, "what a fetch step gets"},
        {0, "upstream-timeout", "DURATION", &option_duration,
         &options->upstream_timeout_ns, "then a fetch fails with 504 (10s)"},
        {0, "max-inflight", "N", &option_positive, &options->max_inflight,
         "jobs at once; beyond that 503 (16384, or what\n"
         "                               the limit of open files allows)"},
        {0, "max-work", "DURATION", &option_duration, &options->max_work_ns,
         "the most that one request may ask for (60s)"},
        {0, "turns-per-ms", "N", &option_number, &options->turns_per_ms,
         "the counting loop's speed (calibrated at start)"},
        {0},
    };
    const struct command command = {"serve", "",
                                    "Serves one work under every strategy, over HTTP.",
                                    rows, print_endpoints};
    int first = options_parse(&command, argc, argv);
    if (first < argc)
        error_exit("serve: '%s' is one word too many; see 'juggle serve --help'",
                   argv[first]);
}

/* Copies the entries that --only names, or all. */
static void choose_strategies(struct server *server) {
    unsigned n_chosen = 0;
    const char *only = server->options.only;
    char names[1024];
    (void)snprintf(names, sizeof names, ",%s,", only != NULL ? only : "");
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        char name[128];
        (void)snprintf(name, sizeof name, ",%s,", entry->name);
        char *found = strstr(names, name);
        if (only != NULL && found == NULL)
            continue;
        if (n_chosen == MAX_STRATEGIES)
            error_exit("serve: more than %d strategies; choose some with --only",
                       MAX_STRATEGIES);
        server->endpoints[n_chosen++] = *entry;
        for (char *at = found; at != NULL && at < found + strlen(name) - 1; at++)
            *at = ','; /* what remains at the end is unknown */
    }
    server->endpoints[n_chosen] = (struct strategy_entry){0};
    char *unknown = names + strspn(names, ",");
    unknown[strcspn(unknown, ",")] = '\0';
    if (only != NULL && (unknown[0] != '\0' || n_chosen == 0))
        error_exit(
            "serve: --only: there is no strategy '%s'; 'juggle serve --help' lists "
            "them",
            unknown);
}

static void check_descriptors(struct serve_options *options) {
    unsigned nofile = machine_raise_nofile();
    unsigned spare = SPARE_DESCRIPTORS + options->workers;
    unsigned most = nofile > spare ? nofile - spare : 0;
    if (options->max_inflight > most || most == 0)
        error_exit(
            "serve: --max-inflight %u needs %u open files and the limit is %u; raise "
            "it with 'ulimit -n' or ask for less",
            options->max_inflight, options->max_inflight + spare, nofile);
    if (options->max_inflight == 0)
        options->max_inflight = most < DEFAULT_MAX_INFLIGHT ? most : DEFAULT_MAX_INFLIGHT;
}

static void check_options(struct server *server) {
    struct serve_options *options = &server->options;
    if (strcmp(options->accept, "shared") != 0 &&
        strcmp(options->accept, "reuseport") != 0)
        error_exit("serve: --accept wants shared or reuseport, not '%s'",
                   options->accept);
    choose_strategies(server);
    check_descriptors(options);
    if (options->turns_per_ms <= 0)
        options->turns_per_ms = counting_calibrate(CALIBRATION_NS);
    struct work work;
    char why[160];
    if (options->work != NULL &&
        work_parse(options->work, options->turns_per_ms, &work, why, sizeof why) != 0)
        error_exit("serve: --work: %s", why);
}

/*
 * A socket that shares its port would also share that of somebody else's server, so the
 * first one asks without sharing whether the port is free.
 */
static int open_first(struct serve_options *options, bool shares_port) {
    int fd = listener_open(options->bind, &options->port, false);
    if (fd < 0 || !shares_port)
        return fd;
    (void)close(fd);
    return listener_open(options->bind, &options->port, true);
}

static void check_listener(const struct serve_options *options, int fd) {
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
}

static void listen_all(struct server *server) {
    struct serve_options *options = &server->options;
    bool shares_port =
        options->processes > 1 && strcmp(options->accept, "reuseport") == 0;
    server->listen_fds = calloc(options->processes, sizeof *server->listen_fds);
    if (server->listen_fds == NULL)
        error_exit("serve: out of memory");
    for (unsigned i = 0; i < options->processes; i++) {
        int fd = i == 0        ? open_first(options, shares_port)
                 : shares_port ? listener_open(options->bind, &options->port, true)
                               : server->listen_fds[0];
        check_listener(options, fd);
        server->listen_fds[i] = fd;
    }
}

static void say_listening(void *context) {
    const struct server *server = context;
    char url[LISTENER_URL_BYTES];
    (void)printf("listening on %s\n",
                 listener_url(server->options.bind, server->options.port, url));
    (void)fflush(stdout);
}

/* One server process */

/*
 * What fails here ends the process: 0, or -errno with the strategy it was in `failed`.
 * Spawners that were forked already see the end of their socket and go.
 */
static int start_strategies(struct server *server, const char **failed) {
    const struct strategy_setting setting = {server->options.threads,
                                             server->options.workers};
    int error = 0;
    for (const struct strategy_entry *entry = server->endpoints; entry->name != NULL;
         entry++) {
        *failed = entry->name;
        if (entry->strategy->open != NULL &&
            (error = entry->strategy->open(&setting)) != 0)
            return error;
    }
    /* From here on there may be threads, and nothing forks any more. */
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    server->loop = loop_open();
    if (server->loop == NULL)
        return -errno;
    for (const struct strategy_entry *entry = server->endpoints; entry->name != NULL;
         entry++) {
        *failed = entry->name;
        if (entry->strategy->start != NULL &&
            (error = entry->strategy->start(&setting, server->loop)) != 0)
            return error;
    }
    return 0;
}

static void stop_strategies(struct server *server) {
    for (const struct strategy_entry *entry = server->endpoints; entry->name != NULL;
         entry++)
        if (entry->strategy->stop != NULL)
            entry->strategy->stop();
}

static void on_stop_signal(evutil_socket_t signal_number, short what, void *context) {
    (void)signal_number, (void)what;
    struct server *server = context;
    front_drain(server->front);
}

static int run_loop(struct server *server, void (*ready)(void *), void *ready_context) {
    struct event_base *base = loop_base(server->loop);
    struct event *stops[] = {evsignal_new(base, SIGTERM, on_stop_signal, server),
                             evsignal_new(base, SIGINT, on_stop_signal, server)};
    for (size_t i = 0; i < 2; i++)
        if (stops[i] == NULL || event_add(stops[i], NULL) != 0)
            return EXIT_FAILURE;
    ready(ready_context);
    (void)event_base_dispatch(base);
    for (size_t i = 0; i < 2; i++)
        event_free(stops[i]);
    (void)signal(SIGTERM, SIG_IGN); /* a second one must not end us while we tidy up */
    (void)signal(SIGINT, SIG_IGN);
    return front_is_drained(server->front) ? EXIT_OK : EXIT_FAILURE;
}

static int serve(struct server *server, int listen_fd, void (*ready)(void *),
                 void *ready_context) {
    const char *failed = "the loop";
    int error = start_strategies(server, &failed);
    if (error != 0)
        error_exit(
            "serve: cannot start '%s': %s; ask for fewer threads or workers, or leave "
            "it out with --only",
            failed, strerror(-error));
    const struct front_setting setting = {
        .endpoints = server->endpoints,
        .default_work = server->options.work,
        .turns_per_ms = server->options.turns_per_ms,
        .max_work_ns = server->options.max_work_ns,
        .max_inflight = server->options.max_inflight,
    };
    int status = EXIT_FAILURE;
    server->front = front_open(server->loop, &setting, listen_fd);
    if (server->front != NULL)
        status = run_loop(server, ready, ready_context);
    if (status != EXIT_OK) /* jobs may be under way: nothing can be taken down in order */
        return status;
    stop_strategies(server);
    front_close(server->front);
    fetch_forget_thread();
    loop_close(server->loop);
    curl_global_cleanup();
    return status;
}

struct readiness {
    int fd;
};

static void write_ready(void *context) {
    const struct readiness *readiness = context;
    (void)!write(readiness->fd, "", 1);
}

static int serve_one_of_many(void *context, unsigned index, int ready_fd) {
    struct server *server = context;
    struct readiness readiness = {ready_fd};
    int own_fd = server->listen_fds[index];
    for (unsigned i = 0; i < server->options.processes; i++)
        if (server->listen_fds[i] != own_fd)
            (void)close(server->listen_fds[i]);
    int status = serve(server, own_fd, write_ready, &readiness);
    free(server->listen_fds);
    return status;
}

int serve_main(int argc, char **argv) {
    struct server server = {0};
    read_options(&server.options, argc, argv);
    check_options(&server);
    listen_all(&server);
    const struct serve_options *options = &server.options;
    steps_configure(&(struct steps_setting){
        .upstream_url = options->upstream,
        .upstream_timeout_ns = options->upstream_timeout_ns,
    });
    if (options->gil)
        gil_enable();
    int status =
        options->processes > 1
            ? prefork_run(options->processes, serve_one_of_many, say_listening, &server)
            : serve(&server, server.listen_fds[0], say_listening, &server);
    free(server.listen_fds);
    return status;
}
