/* Starting, awaiting and stopping servers; see server.h. */
#include "director/programs/server.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "common/base/clock.h"
#include "common/base/foreign.h"
#include "common/base/machine.h"
#include "common/base/text.h"
#include "common/children/interrupts.h"
#include "common/children/keeper.h"
#include "common/workload/work.h"

enum { COMMAND_BYTES = 8192, LAST_LINES = 3, LOOK_EVERY_MS = 20 };

static const uint64_t START_LIMIT_NS = 30 * NS_PER_S;
static const uint64_t STOP_LIMIT_NS = 10 * NS_PER_S;
static const uint64_t GRACE_NS = 5 * NS_PER_S; /* of commands, before SIGKILL */
static const uint64_t ASK_AGAIN_NS = 20 * NS_PER_MS;
static const long CONNECT_LIMIT_MS = 2000;             /* where packets are dropped */
static const uint64_t LAST_OF_IT_NS = 200 * NS_PER_MS; /* of a body that does not end */

/* Starts this program with these words, where the server is to be. `line` gets the first
 * one that it says, unless it is NULL. */
static int begin(struct server *server, const char *const *words, int errors_to,
                 char *line, size_t line_bytes) {
    if (server->remote != NULL)
        return remote_start(server->remote, words, errors_to, &server->process,
                            &server->session, line, line_bytes);
    const struct child_order order = {.words = words,
                                      .is_this_program = true,
                                      .reads_output = line != NULL,
                                      .errors_to = errors_to};
    int error = children_start(&server->process, &order);
    if (error == 0 && line != NULL)
        error = children_read_line(&server->process, clock_now_ns() + START_LIMIT_NS,
                                   line, line_bytes);
    return error;
}

/* Where it listens, which is not where it is asked when that is from other hosts. */
static const char *listening_address(const struct server *server) {
    return server->address == NULL                ? "127.0.0.1"
           : strchr(server->address, ':') != NULL ? "::"
                                                  : "0.0.0.0";
}

/* From now on it is asked there; NULL: on 127.0.0.1. */
static void ask_at(struct server *server, const char *address) {
    bool is_v6 = address != NULL && strchr(address, ':') != NULL;
    server->address = address;
    (void)snprintf(server->base, sizeof server->base, "http://%s%s%s:%u",
                   is_v6 ? "[" : "", address != NULL ? address : "127.0.0.1",
                   is_v6 ? "]" : "", server->port);
}

/* On a port that nobody has, and a firewall may know. 0 or -EADDRINUSE. */
static int choose_port(struct server *server) {
    server->port = remote_find_port(server->remote);
    ask_at(server, server->address);
    return server->port > 0 ? 0 : -EADDRINUSE;
}

static int start_serving(struct server *server, const char *const *options,
                         char why[WHY_BYTES]) {
    static const char prefix[] = "listening on ";
    char line[SERVER_URL_BYTES], port[16];
    struct arguments arguments = {0};
    int error = server->address != NULL ? choose_port(server) : 0;
    (void)snprintf(port, sizeof port, "%u", server->port);
    arguments_add(&arguments, "juggle");
    arguments_add(&arguments, "serve");
    arguments_add_pair(&arguments, "--port", port);
    arguments_add_pair(&arguments, "--bind", listening_address(server));
    for (; *options != NULL; options++)
        arguments_add(&arguments, *options);
    if (error == 0)
        error = begin(server, arguments.words,
                      server->said != NULL ? fileno(server->said) : 0, line, sizeof line);
    if (error == 0 && strncmp(line, prefix, strlen(prefix)) != 0)
        error = -EPROTO;
    if (error != 0) {
        server_kill(server);
        return error_say(why, error, "the server did not start%s",
                         server->said == NULL ? "; it says why above" : "");
    }
    (void)snprintf(server->idle_url, sizeof server->idle_url, "%s%s", server->base,
                   server->address != NULL ? "/" : line + strlen(prefix));
    return 0;
}

int server_start_ours(struct child *process, const char *const *options, FILE *said,
                      char url[SERVER_URL_BYTES], char why[WHY_BYTES]) {
    struct server server = {.said = said};
    int error = start_serving(&server, options, why);
    *process = server.process;
    (void)snprintf(url, SERVER_URL_BYTES, "%.*s", SERVER_URL_BYTES - 1, server.idle_url);
    return error;
}

int server_start_upstream(struct server *server, struct remote *remote,
                          const char *const *options, char why[WHY_BYTES]) {
    *server = (struct server){.remote = remote};
    return start_serving(server, options, why);
}

/* Commands */

/* What a name in a command stands for. */
static const char *value_of(const struct server *server, const char *name,
                            const char *port, const struct cell_parameters *cell,
                            char text[PARAMETER_BYTES]) {
    const struct parameter *parameter = parameter_find(name);
    size_t length = strlen(name);
    text[0] = '\0';
    if (strcmp(name, "port") == 0)
        return port;
    if (strcmp(name, "socket") == 0)
        return server->socket;
    for (const char *set = cell->set; parameter == NULL && *set != '\0';
         set += strcspn(set, ",") + (strchr(set, ',') != NULL))
        if (strncmp(set, name, length) == 0 && set[length] == '=')
            (void)snprintf(text, PARAMETER_BYTES, "%.*s",
                           (int)strcspn(set + length + 1, ","), set + length + 1);
    if (parameter != NULL)
        (void)parameter_text(cell, parameter, text);
    if (text[0] == '\0' && strcmp(name, "host") == 0)
        return listening_address(server);
    if (text[0] == '\0') /* workers and CPUs are as many as there are CPUs */
        (void)snprintf(text, PARAMETER_BYTES, "%u", remote_usable_cpus(server->remote));
    return text;
}

/* Whether a shell would only start it, and so may as well become it. */
static bool is_simple(const char *command) {
    return strpbrk(command, ";&|<>()`#") == NULL && strncmp(command, "exec ", 5) != 0 &&
           command[strcspn(command, " =")] != '=';
}

static int fill_in(const struct server *server, const char *port,
                   const struct cell_parameters *cell, char text[COMMAND_BYTES]) {
    const char *from = server->external->command, *next;
    char name[EXTERNAL_NAME_BYTES], value[PARAMETER_BYTES];
    (void)strcpy(text, is_simple(from) ? "exec " : "");
    while ((next = external_next_name(from, name)) != NULL) {
        text_append(text, COMMAND_BYTES, "%.*s%s", (int)(next - from), from,
                    value_of(server, name, port, cell, value));
        from = next + strlen(name) + 2;
    }
    text_append(text, COMMAND_BYTES, "%s", from);
    return strlen(text) + 1 < COMMAND_BYTES ? 0 : -E2BIG;
}

static const char *ready_path(const struct external *external) {
    return external->ready_path != NULL  ? external->ready_path
           : external->idle_path != NULL ? external->idle_path
                                         : "/";
}

static size_t drop(char *bytes, size_t size, size_t n, void *context) {
    (void)bytes, (void)context;
    return size * n;
}

/* Why nothing was answered. */
struct problem {
    bool is_connected;
    char text[CURL_ERROR_SIZE]; /* "": no time was left */
};

/* Asks once. The status of its answer; 0: none, or not yet, and why in `problem`; or
 * -EINTR. To its end, or it would be reset, which servers complain about. */
static int ask(const struct server *server, const char *path, const char *const *headers,
               uint64_t deadline_ns, struct problem *problem) {
    char url[SERVER_URL_BYTES + EXTERNAL_MOST_PATH];
    CURLM *multi = curl_multi_init();
    CURL *easy = curl_easy_init();
    struct curl_slist *lines = curl_slist_append(NULL, "Connection: close");
    int n_running = 1;
    long status = 0;
    curl_off_t connected_us = 0;
    *problem = (struct problem){0};
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        lines = curl_slist_append(lines, headers[i]);
    (void)snprintf(url, sizeof url, "%s%s", server->base, path);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_LIMIT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem->text);
    if (server->socket[0] != '\0')
        (void)curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, server->socket);
    (void)curl_multi_add_handle(multi, easy);
    while (n_running > 0 && interrupts_came() == 0 && clock_now_ns() < deadline_ns &&
           !server_has_ended(server) &&
           curl_multi_perform(multi, &n_running) == CURLM_OK) {
        bool is_first = status == 0;
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (is_first && status != 0 && deadline_ns > clock_now_ns() + LAST_OF_IT_NS)
            deadline_ns = clock_now_ns() + LAST_OF_IT_NS;
        if (n_running > 0)
            (void)curl_multi_poll(multi, NULL, 0, LOOK_EVERY_MS, NULL);
    }
    (void)curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    problem->is_connected = connected_us > 0;
    (void)curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    (void)curl_multi_cleanup(multi);
    curl_slist_free_all(lines);
    return interrupts_came() != 0 ? -EINTR : (int)status;
}

/* That the load can come there: 0, or -errno and what to do in `why`. */
static int check_reachable(const struct server *server, char why[WHY_BYTES]) {
    struct problem problem;
    int status = ask(server, "/", NULL, clock_now_ns() + START_LIMIT_NS, &problem);
    if (status != 0)
        return status > 0 ? 0 : status;
    return error_say(why, -EHOSTUNREACH,
                     "the server listens on port %u, which cannot be reached at %s: "
                     "%.100s; a firewall has to let TCP ports %d to %d through, or "
                     "--server-address to say the right address",
                     server->port, server->address,
                     problem.text[0] != '\0' ? problem.text : "nothing answered",
                     HOLD_FIRST_PORT, HOLD_LAST_PORT);
}

/* Asks once more, as above. What listens on "localhost" here may do so by IPv6 alone, and
 * is asked there from then on; what listens on both is always asked on 127.0.0.1. */
static int ask_if_ready(struct server *server, bool is_here, uint64_t deadline_ns,
                        struct problem *problem) {
    const struct external *external = server->external;
    const char *path = ready_path(external);
    struct problem by_ipv6_alone;
    int status = ask(server, path, external->headers, deadline_ns, problem);
    if (status != 0 || problem->is_connected || !is_here)
        return status;
    ask_at(server, "::1");
    int by_ipv6 = ask(server, path, external->headers, deadline_ns, &by_ipv6_alone);
    ask_at(server, NULL);
    if (by_ipv6_alone.is_connected)
        *problem = by_ipv6_alone;
    if (by_ipv6 <= 0)
        return by_ipv6;
    status = ask(server, path, external->headers, deadline_ns, problem);
    if (status == 0)
        ask_at(server, "::1");
    return status != 0 ? status : by_ipv6;
}

/* 0 once it answers with a status that is no server error. */
static int await_ready(struct server *server, char why[WHY_BYTES]) {
    double limit_s = server->external->ready_limit_s;
    uint64_t limit_ns =
        limit_s > 0 ? (uint64_t)(limit_s * (double)NS_PER_S) : START_LIMIT_NS;
    uint64_t deadline_ns = clock_now_ns() + limit_ns;
    struct problem problem = {0};
    int status = 0;
    bool is_far = server->address != NULL;
    bool is_here = !is_far && server->socket[0] == '\0';
    while (!server_has_ended(server) && clock_now_ns() < deadline_ns) {
        int now = ask_if_ready(server, is_here, deadline_ns, &problem);
        if (now > 0 && now < 500)
            return 0;
        if (now < 0)
            return now;
        status = now != 0 ? now : status;
        interrupts_pause(ASK_AGAIN_NS);
    }
    if (server_has_ended(server))
        return error_say(why, -EPROTO, "it ended before it was ready");
    if (status != 0)
        return error_say(why, -ETIMEDOUT,
                         "it was not ready within %g s (--ready-limit): %s was answered "
                         "with %d",
                         (double)limit_ns / 1e9, ready_path(server->external), status);
    if (problem.is_connected)
        return error_say(why, -ETIMEDOUT,
                         "it was not ready within %g s (--ready-limit): it listens on "
                         "its port %u, and gave no answer to %s%s%.100s; --ready-path "
                         "says what it is asked for",
                         (double)limit_ns / 1e9, server->port,
                         ready_path(server->external),
                         problem.text[0] != '\0' ? ": " : "", problem.text);
    char places[CENSUS_PLACES_BYTES];
    remote_find_places(server->remote, &server->process, &server->session, server->tree,
                       places);
    (void)error_say(why, 0,
                    "it was not ready within %g s (--ready-limit): nothing answered on "
                    "its port %u%s%s%s%s",
                    (double)limit_ns / 1e9, server->port,
                    is_far                      ? " at "
                    : server->socket[0] != '\0' ? " or "
                                                : "",
                    is_far ? server->address : server->socket,
                    places[0] != '\0' ? "; it listens on "
                                      : "; no port is known on which it listens",
                    places);
    if (is_far)
        text_append(why, WHY_BYTES,
                    "; it has to listen on {host} (%s) and {port}, and a firewall has to "
                    "let TCP ports %d to %d through",
                    listening_address(server), HOLD_FIRST_PORT, HOLD_LAST_PORT);
    return -ETIMEDOUT;
}

void server_aim(struct server *server, const char *text) {
    const char *path = server->external->path != NULL ? server->external->path : "/";
    char name[EXTERNAL_NAME_BYTES], *url = server->url;
    struct work work = {0};
    (void)work_parse_kept(text, 1, &work);
    double wait_ms = (double)work_duration_ns(&work, INFINITY) / (double)NS_PER_MS;
    (void)snprintf(url, sizeof server->url, "%s", server->base);
    for (const char *next; (next = external_next_name(path, name)) != NULL;
         path = next + strlen(name) + 2) {
        text_append(url, sizeof server->url, "%.*s", (int)(next - path), path);
        if (strcmp(name, "turns") == 0)
            text_append(url, sizeof server->url, "%.0f", work_turns(&work));
        else if (strcmp(name, "wait_ms") == 0)
            text_append(url, sizeof server->url, "%g", wait_ms);
        else
            text_append(url, sizeof server->url, "{%s}", name);
    }
    text_append(url, sizeof server->url, "%s", path);
}

/* Where a command listens. 0 or -errno. */
static int choose_place(struct server *server) {
    const struct external *external = server->external;
    if (choose_port(server) != 0)
        return -EADDRINUSE;
    if (external_has_name(external->command, "socket")) {
        char folder[] = "/tmp/juggle-XXXXXX"; /* short enough for any socket */
        if (mkdtemp(folder) == NULL)
            return -errno;
        (void)snprintf(server->socket, sizeof server->socket, "%s/socket", folder);
    }
    return 0;
}

/* Starts the keeper of a command, and so the command. */
static int start_command(struct server *server, const struct cell_parameters *cell,
                         const char *cell_path, char why[WHY_BYTES]) {
    char command[COMMAND_BYTES], port_text[16], cpus[16], grace[16], path[4096];
    int error = choose_place(server);
    (void)snprintf(port_text, sizeof port_text, "%u", server->port);
    (void)snprintf(cpus, sizeof cpus, "%u", cell->cpus);
    (void)snprintf(grace, sizeof grace, "%u", (unsigned)(GRACE_NS / NS_PER_MS));
    (void)snprintf(path, sizeof path, "%.*s.log",
                   (int)(strlen(cell_path) - strlen(".json")), cell_path);
    if (error == 0)
        error = fill_in(server, port_text, cell, command);
    if (error == 0)
        error = files_begin_own(&server->log, path);
    server->has_log = error == 0;
    const char *words[] = {"juggle", KEEPER_COMMAND, port_text, server->socket,
                           cpus,     grace,          command,   NULL};
    if (error == 0)
        error = begin(server, words, fileno(server->log.stream), NULL, 0);
    if (error != 0) {
        keeper_remove_socket(server->socket);
        return error_say(why, error, "it cannot be started: %s", strerror(-error));
    }
    server->root = server->process.pid;
    server->tree = CENSUS_KEPT;
    error = await_ready(server, why);
    server_aim(server, cell->work);
    if (server->external->idle_path != NULL)
        (void)snprintf(server->idle_url, sizeof server->idle_url, "%s%s", server->base,
                       server->external->idle_path);
    return error;
}

static int start_strategy(struct server *server, const struct cell_parameters *cell,
                          const char *const *options, bool is_kept_back,
                          char why[WHY_BYTES]) {
    server->said = is_kept_back ? tmpfile() : NULL;
    int error = start_serving(server, options, why);
    if (error == 0 && server->address != NULL)
        error = check_reachable(server, why);
    server->root = server->process.pid;
    server->tree = CENSUS_OURS;
    (void)snprintf(server->url, sizeof server->url, "%.1200s%s/", server->idle_url,
                   cell->strategy);
    return error;
}

int server_start(struct server *server, const struct far_hosts *hosts,
                 const struct external *external, const struct cell_parameters *cell,
                 const char *const *options, const char *cell_path, char why[WHY_BYTES]) {
    *server = (struct server){.external = external,
                              .tree = CENSUS_FOREIGN,
                              .remote = hosts->server,
                              .address = hosts->server != NULL ? hosts->server->there
                                         : hosts->from != NULL ? hosts->from->here
                                                               : NULL};
    if (external == NULL || external->command != NULL) {
        int error = external == NULL
                        ? start_strategy(server, cell, options, cell_path != NULL, why)
                        : start_command(server, cell, cell_path, why);
        return error == 0 ? 0 : server_stop(server, error, why);
    }
    const char *host = strstr(external->url, "://") + 3;
    server->root = (pid_t)external->pid;
    (void)snprintf(server->url, sizeof server->url, "%s", external->url);
    if (external->idle_path != NULL)
        (void)snprintf(server->idle_url, sizeof server->idle_url, "%.*s%s",
                       (int)(host + strcspn(host, "/?#") - external->url), external->url,
                       external->idle_path);
    return server_has_ended(server)
               ? error_say(why, -ESRCH, "there is no process %u", external->pid)
               : 0;
}

void server_add_request(const struct server *server, bool is_idle,
                        struct arguments *arguments) {
    const struct external *external = server->external;
    if (external == NULL)
        return;
    for (size_t i = 0; external->headers[i] != NULL; i++)
        arguments_add_pair(arguments, "--header", external->headers[i]);
    if (server->socket[0] != '\0')
        arguments_add_pair(arguments, "--unix-socket", server->socket);
    if (!is_idle && external->method != NULL)
        arguments_add_pair(arguments, "--method", external->method);
    if (!is_idle && external->body != NULL)
        arguments_add_pair(arguments, "--body", external->body);
}

bool server_has_ended(const struct server *server) {
    if (server->process.pid != 0)
        return children_has_ended(&server->process);
    return server->remote == NULL && server->root != 0 && kill(server->root, 0) != 0 &&
           errno == ESRCH;
}

int server_look_for_end(struct server *server, int within_ms, char why[WHY_BYTES]) {
    static const char ended[] = "the server ended while it was measured";
    bool is_there = server->remote != NULL && server->process.pid != 0;
    struct pollfd wanted = {is_there ? server->process.output : server->process.pidfd,
                            POLLIN, 0};
    if (server->process.pid == 0)
        return server_has_ended(server) ? error_say(why, -EPROTO, ended) : 0;
    if (is_there) /* it answers, or has said its end */
        (void)server_cpu_s(server);
    if (server->session.end == NULL && poll(&wanted, 1, within_ms) != 1)
        return 0;
    if (server->external == NULL)
        server_kill(server);
    int status = server->process.status;
    return server->external == NULL && WIFSIGNALED(status)
               ? error_say(why, -EPROTO, "the server was ended by SIG%s",
                           sigabbrev_np(WTERMSIG(status)))
               : error_say(why, -EPROTO, ended);
}

/* Of a session there it is the program that it holds, else the root. */
static struct hold_look look(struct server *server, bool wants_census) {
    bool has_session = server->remote != NULL && server->process.pid != 0;
    return remote_look(server->remote, has_session ? &server->process : NULL,
                       has_session ? &server->session : NULL,
                       has_session ? 0 : server->root, server->tree, 0, wants_census);
}

struct census server_census(struct server *server) {
    return server->root != 0 ? look(server, true).census : (struct census){0};
}

double server_cpu_s(struct server *server) {
    return server->root != 0 ? look(server, false).cpu_s : NAN;
}

/* Ending */

/* The last lines that are not empty, on one, fit to be shown; "" when there are none.
 * Returns how much it said. */
static long read_last_words(FILE *said, char text[SERVER_SAID_BYTES]) {
    enum { ENOUGH_BYTES = 1200 };
    char bytes[ENOUGH_BYTES + 1], *lines[LAST_LINES], *rest = NULL;
    size_t n_lines = 0;
    (void)fseek(said, 0, SEEK_END);
    long all = ftell(said);
    if (fseek(said, -ENOUGH_BYTES, SEEK_END) != 0)
        rewind(said);
    bytes[fread(bytes, 1, ENOUGH_BYTES, said)] = '\0';
    for (char *line = strtok_r(bytes, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest)) {
        if (line[strspn(line, " \t")] == '\0')
            continue;
        if (n_lines == LAST_LINES)
            memmove(lines, lines + 1, (--n_lines) * sizeof *lines);
        lines[n_lines++] = line;
    }
    for (size_t i = 0; i < n_lines; i++) {
        char shown[400];
        text_append(text, SERVER_SAID_BYTES, "%s%s", i > 0 ? " | " : "",
                    foreign_show(lines[i], shown, sizeof shown));
    }
    return all;
}

void server_kill(struct server *server) {
    if (server->remote != NULL)
        remote_end(&server->process, &server->session);
    children_kill(&server->process);
}

/* The keeper ends all that the command has started, and then itself; no signal of ours
 * cuts that short. Returns its exit status. */
static int stop_keeper(struct server *server) {
    struct child *keeper = &server->process;
    uint64_t deadline_ns = clock_now_ns() + GRACE_NS + STOP_LIMIT_NS;
    struct pollfd end = {keeper->pidfd, POLLIN, 0};
    if (server->remote == NULL)
        (void)kill(keeper->pid, SIGTERM);
    while (server->remote == NULL && poll(&end, 1, 100) <= 0 &&
           clock_now_ns() < deadline_ns) {
    }
    server_kill(server);
    return WIFEXITED(keeper->status) ? WEXITSTATUS(keeper->status) : 0;
}

static int stop_command(struct server *server, int error, char why[WHY_BYTES]) {
    bool is_cut = false, had_ended = server->session.end != NULL || /* of an ssh */
                                     children_has_ended(&server->process);
    int status = server->process.pid != 0 ? stop_keeper(server) : 0;
    FILE *said = server->has_log ? fopen(server->log.aside, "re") : NULL;
    if (said != NULL) {
        is_cut =
            read_last_words(said, server->last) > KEEPER_FIRST_BYTES + KEEPER_LAST_BYTES;
        (void)fclose(said);
    }
    if (server->has_log)
        (void)files_commit(&server->log);
    if (error == -EINTR)
        return error;
    const char *signal = status > 128 ? sigabbrev_np(status - 128) : NULL;
    if (error != 0 && had_ended && signal != NULL)
        text_append(why, WHY_BYTES, " (SIG%s)", signal);
    else if (error != 0 && had_ended)
        text_append(why, WHY_BYTES, " (status %d)", status);
    if (error != 0) {
        text_append(why, WHY_BYTES, "%s%s",
                    server->last[0] != '\0' ? SERVER_SAYS : "; it said nothing",
                    server->last);
        return error;
    }
    if (status == KEEPER_HAD_TO_KILL)
        text_append(why, WHY_BYTES,
                    "it did not end within %.0f s of SIGTERM, and was killed",
                    (double)GRACE_NS / 1e9);
    if (status == KEEPER_FORKED_AWAY)
        text_append(why, WHY_BYTES,
                    "its first process ended while others went on; these were measured, "
                    "and ended with the cell");
    if (is_cut)
        text_append(why, WHY_BYTES,
                    "%sit printed more than %d KiB, and its log has the beginning and "
                    "the end of that",
                    why[0] != '\0' ? "; " : "",
                    (KEEPER_FIRST_BYTES + KEEPER_LAST_BYTES) >> 10);
    return 0;
}

int server_stop(struct server *server, int error, char why[WHY_BYTES]) {
    char line[400], last[400] = "";
    if (error == 0)
        why[0] = '\0';
    if (server->external != NULL)
        return server->external->command != NULL ? stop_command(server, error, why)
                                                 : error;
    if (error == 0 && server->remote == NULL)
        children_stop(&server->process, STOP_LIMIT_NS);
    server_kill(server);
    if (server->said == NULL)
        return error;
    rewind(server->said);
    while (fgets(line, sizeof line, server->said) != NULL) {
        (void)fputs(line, stderr);
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(last, sizeof last, "%s", line);
    }
    (void)fclose(server->said);
    return error != 0 && error != -EINTR && last[0] != '\0'
               ? error_say(why, error, "%s; it said: %s", why, last)
               : error;
}
