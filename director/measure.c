/* One cell, from a fresh server to its results as JSON; see measure.h. */
#include "director/measure.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/machine.h"
#include "common/base/text.h"
#include "common/children/children.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "director/programs/generator.h"
#include "director/programs/server.h"

static const uint64_t STOP_LIMIT_NS = 10 * NS_PER_S;
static const uint64_t PROBE_ALONE_NS = 200 * NS_PER_MS; /* `/` on the idle server */
static const uint64_t PROBE_AFTER_NS = 30 * NS_PER_MS;
/* Of the users' time, for the answers that an external server owes the prober by then,
 * each of which may take it a millisecond and more. */
static const double PROBE_AFTER_SHARE = 0.15;
static const uint64_t CENSUS_EVERY_NS = 500 * NS_PER_MS;
static const uint64_t SETTLE_NS = 20 * NS_PER_MS; /* between two looks at pools */
static const uint64_t CALM_NS = 20 * NS_PER_MS;   /* between two servers */
/* Of lone requests to an external server; and of patience with its users. */
static const double MOST_ALONE = 20, ALONE_US = 300e3, MOST_PATIENCE_NS = 864e11;
static const int END_IS_SEEN_MS = 200; /* a connection may be reset before that */

/* Starts what serves a cell. */
static int start_server(const struct measure_setting *setting,
                        const struct cell_parameters *parameters, struct server *server,
                        const char *cell_path, char why[WHY_BYTES]) {
    struct arguments options = {0};
    const struct external *external = NULL;
    if (parameters_are_external(parameters))
        external = contestants_find(setting->contestants, parameters->contestant);
    else
        arguments_add_pair(&options, "--only", parameters->strategy);
    arguments_add_pair(&options, "--max-work", "24h");
    arguments_add_number(&options, "--turns-per-ms", setting->turns_per_ms);
    arguments_add_parameters(&options, parameters, PARAMETER_OF_SERVE);
    if (parameters->workers > 0 && parameters->threads == 0) /* one size for both pools */
        arguments_add_number(&options, "--threads", parameters->workers);
    if (setting->upstream != NULL)
        arguments_add_pair(&options, "--upstream", setting->upstream);
    for (unsigned i = 0; i < setting->steps->n; i++)
        arguments_add_pair(&options, "--step", setting->steps->texts[i]);
    if (setting->contestants->step_timeout_ns > 0) {
        char limit[32];
        (void)snprintf(limit, sizeof limit, "%" PRIu64 "ns",
                       setting->contestants->step_timeout_ns);
        arguments_add_pair(&options, "--step-timeout", limit);
    }
    return server_start(server, &setting->hosts, external, parameters, options.words,
                        cell_path, why);
}

/* A cell while it is measured. */
struct measurement {
    const struct measure_setting *setting;
    const struct cell_parameters *parameters;
    struct server server;
    struct generator users, prober;
    uint64_t epoch_ns; /* from which times in the generators' tables count */
    struct cell_window window;
    struct census idle; /* before anybody asked for anything */
    struct census peak;
    double idle_cpus;     /* of an external server, NAN: not known */
    uint64_t patience_ns; /* how long the users' load may take */
    uint64_t next_census_ns;
};

static json_t *name_host(json_t *of, const struct remote *host) {
    if (host != NULL)
        (void)json_object_set_new(of, "host", json_string(host->host));
    return of;
}

/* A cell may be over before a census could be taken: then there is no peak. */
static json_t *describe_server(const struct measurement *cell) {
    const struct {
        const char *key;
        uint64_t value;
    } held[] = {{"peak_processes", cell->peak.n_processes},
                {"peak_threads", cell->peak.n_threads},
                {"idle_pss_anon_bytes", cell->idle.pss_anon_bytes},
                {"peak_pss_anon_bytes", cell->peak.pss_anon_bytes},
                {"peak_pss_bytes", cell->peak.pss_bytes}};
    const struct external *external = cell->server.external;
    bool is_started = external == NULL || external->command != NULL;
    json_t *server =
        is_started ? hold_pack_usage(&cell->server.process.usage, &(struct rusage){0})
                   : json_object();
    (void)json_object_update_new(server, json_pack("{s:s, s:s?}", "is",
                                                   external == NULL ? "strategy"
                                                   : is_started     ? "command"
                                                                    : "url",
                                                   "own_t_from",
                                                   external == NULL         ? "jobs"
                                                   : cell->server.root != 0 ? "processes"
                                                                            : NULL));
    (void)name_host(server, cell->setting->hosts.server);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        (void)json_object_set_new(
            server, held[i].key,
            held[i].value > 0 ? json_integer((json_int_t)held[i].value) : json_null());
    return server;
}

/*
 * What the server holds before anybody asks for anything, once its pools are there: a
 * census of processes that are being made counts their pages more than once.
 */
static struct census look_at_idle(struct server *server) {
    enum { MOST_LOOKS = 50, ALIKE_LOOKS = 3 };
    struct census before, idle = server_census(server);
    for (unsigned n_looks = 1, n_alike = 1; n_looks < MOST_LOOKS && n_alike < ALIKE_LOOKS;
         n_looks++) {
        before = idle;
        interrupts_pause(SETTLE_NS);
        idle = server_census(server);
        bool is_alike = idle.n_processes == before.n_processes &&
                        idle.pss_anon_bytes == before.pss_anon_bytes;
        n_alike = is_alike ? n_alike + 1 : 1;
    }
    return idle;
}

static bool is_far(const struct measure_setting *setting) {
    return setting->hosts.server != NULL || setting->hosts.from != NULL;
}

/* How many CPUs the load generators keep off, those of a server that has not all. */
static unsigned cpus_to_skip(const struct measure_setting *setting,
                             const struct cell_parameters *parameters) {
    return !is_far(setting) && parameters->cpus < machine_usable_cpus() ? parameters->cpus
                                                                        : 0;
}

/* The clock by which the load generators tell times. */
static uint64_t generator_clock_ns(const struct measure_setting *setting) {
    return remote_look(setting->hosts.from, NULL, NULL, 0, CENSUS_OURS, 0, false)
        .clock_ns;
}

/* The users' load on a server. */
static int start_users(const struct measure_setting *setting,
                       const struct cell_parameters *parameters,
                       const struct server *server, uint64_t epoch_ns,
                       struct generator *users) {
    struct arguments arguments = {0};
    char url[sizeof server->url + CONTESTANTS_MOST_QUERY];
    const struct contestants *contestants = setting->contestants;
    bool has_query = server->external == NULL && contestants->query != NULL;
    (void)snprintf(url, sizeof url, "%s%s%s", server->url, has_query ? "?" : "",
                   has_query ? contestants->query : "");
    arguments_add_pair(&arguments, "juggle", "load");
    server_add_request(server, false, &arguments);
    if (server->external == NULL && contestants->all[0].body != NULL)
        arguments_add_pair(&arguments, "--body", contestants->all[0].body);
    arguments_add_parameters(&arguments, parameters, PARAMETER_OF_LOAD);
    if (parameters->think_ms <= 0)
        arguments_add(&arguments, "--benchmark");
    return generator_start(users, setting->hosts.from, setting->folder, "users",
                           &arguments, url, epoch_ns, cpus_to_skip(setting, parameters));
}

static void watch_server(void *context) {
    struct measurement *cell = context;
    uint64_t now_ns = clock_now_ns();
    if (now_ns < cell->next_census_ns)
        return;
    struct census now = server_census(&cell->server);
    census_keep_peak(&cell->peak, &now);
    cell->next_census_ns = now_ns + CENSUS_EVERY_NS;
}

/* CPU seconds of the director itself. */
static double own_cpu_s(void) {
    struct rusage own = {0};
    (void)getrusage(RUSAGE_SELF, &own);
    return (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
           (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
}

static struct machine_cpus read_cpus(const struct measurement *cell) {
    return remote_look(cell->setting->hosts.server, NULL, NULL, 0, CENSUS_OURS,
                       cell->parameters->cpus, false)
        .cpus;
}

/* The users from their start until they are done, and what the CPUs did meanwhile, which
 * is not known where the kernel does not tell. */
static int send_users(struct measurement *cell) {
    const struct cell_parameters *parameters = cell->parameters;
    uint64_t from_ns = clock_now_ns();
    struct machine_cpus from = read_cpus(cell);
    double director_cpu_s = own_cpu_s();
    double allowance = remote_cpu_allowance(cell->setting->hosts.server);
    bool is_external = cell->server.external != NULL;
    double tree_cpu_s = is_external ? server_cpu_s(&cell->server) : NAN;
    int error = start_users(cell->setting, parameters, &cell->server, cell->epoch_ns,
                            &cell->users);
    if (error == 0)
        error = generator_wait(&cell->users, clock_now_ns() + cell->patience_ns,
                               watch_server, cell);
    tree_cpu_s = is_external ? server_cpu_s(&cell->server) - tree_cpu_s : NAN;
    struct machine_cpus to = read_cpus(cell);
    bool is_known = from.n_cpus > 0 && from.n_cpus == to.n_cpus;
    cell->window = (struct cell_window){
        .began_s = (double)(from_ns - cell->setting->began_ns) / 1e9,
        .seconds = (double)(clock_now_ns() - from_ns) / 1e9,
        .cpus = is_known ? from.n_cpus : NAN,
        .allowance = parameters->cpus > 0 ? fmin(allowance, parameters->cpus) : allowance,
        .idle_s = is_known ? to.idle_s - from.idle_s : NAN,
        .stolen_s = is_known ? to.stolen_s - from.stolen_s : NAN,
        .director_cpu_s = own_cpu_s() - director_cpu_s,
        .generator_apart =
            is_far(cell->setting) || cpus_to_skip(cell->setting, parameters) > 0,
        .tree_cpu_s = tree_cpu_s < 0 ? 0 : tree_cpu_s,
        .idle_cpus = cell->idle_cpus,
    };
    return error;
}

/* The users' load from start to end, with the prober around it. */
static int send_load(struct measurement *cell) {
    int error = 0;
    uint64_t began_ns = clock_now_ns();
    bool is_probed = cell->parameters->probe_every_us > 0;
    double cpu_s = cell->server.external != NULL ? server_cpu_s(&cell->server) : NAN;
    if (is_probed) {
        struct arguments arguments = {0};
        arguments_add_pair(&arguments, "juggle", "load");
        server_add_request(&cell->server, true, &arguments);
        arguments_add_number(&arguments, "--rate",
                             1e6 / cell->parameters->probe_every_us);
        arguments_add_pair(&arguments, "--arrivals", "constant");
        arguments_add_pair(&arguments, "--time", "24H"); /* until it is told to stop */
        error = generator_start(&cell->prober, cell->setting->hosts.from,
                                cell->setting->folder, "prober", &arguments,
                                cell->server.idle_url, cell->epoch_ns,
                                cpus_to_skip(cell->setting, cell->parameters));
    }
    if (is_probed || isfinite(cpu_s)) /* what it takes by itself, answering the prober */
        interrupts_pause(PROBE_ALONE_NS);
    cpu_s = isfinite(cpu_s) ? fmax(0, server_cpu_s(&cell->server) - cpu_s) : NAN;
    cell->idle_cpus = cpu_s * 1e9 / (double)(clock_now_ns() - began_ns);
    if (error == 0)
        error = send_users(cell);
    if (error == 0 && cell->prober.process.pid != 0) {
        bool is_external = cell->server.external != NULL;
        double more_ns = is_external ? PROBE_AFTER_SHARE * cell->window.seconds * 1e9 : 0;
        interrupts_pause(PROBE_AFTER_NS + (uint64_t)more_ns);
        generator_stop(&cell->prober, STOP_LIMIT_NS);
    }
    *cell->setting->loaded_ns += clock_now_ns() - began_ns;
    return error;
}

/* Says when each request needed a connection of its own, unless they asked for that: it
 * is the server's doing. */
static void note_connections(const struct measurement *cell, const json_t *load,
                             char why[WHY_BYTES]) {
    const struct external *external = cell->server.external;
    double n_opened = fields_get_number(load, "connections_opened");
    bool is_each = n_opened > cell->parameters->users &&
                   n_opened >= fields_get_number(load, "samples");
    for (size_t i = 0; external != NULL && external->headers[i] != NULL; i++)
        is_each &= strncasecmp(external->headers[i], "Connection:", 11) != 0;
    if (external != NULL && is_each)
        text_append(why, WHY_BYTES,
                    "%sit closes the connection after each answer, so each request makes "
                    "one, and its latency has that; let it keep them open (gunicorn: -k "
                    "gthread), or say by --header 'Connection: close' that it is to",
                    why[0] != '\0' ? "; " : "");
}

/* The table of a generator becomes that of the cell. 0 or -errno. */
static int keep_table(const struct generator *generator, const char *cell_path,
                      enum cell_list list) {
    char path[4600];
    int error = cell_table_path(cell_path, list, path, sizeof path);
    return error == 0 && rename(generator->table, path) != 0 ? -errno : error;
}

/* The files of the cell, which is there once its own one is: the tables come before. */
static int collect(const struct measurement *cell, unsigned repeat,
                   const struct machine_state *machine, const char *path,
                   char why[WHY_BYTES]) {
    json_t *load = NULL, *probe = NULL;
    bool is_probed = cell->parameters->probe_every_us > 0;
    int error = generator_take(&cell->users, &load, why);
    if (error == 0 && is_probed)
        error = generator_take(&cell->prober, &probe, why);
    if (error != 0) {
        json_decref(load);
        return error;
    }
    note_connections(cell, load, why);
    json_t *json = cell_build(cell->parameters, repeat, machine, &cell->window,
                              cell->epoch_ns, load, probe, describe_server(cell),
                              name_host(hold_pack_usage(&cell->users.process.usage,
                                                        &cell->prober.process.usage),
                                        cell->setting->hosts.from));
    if (json == NULL)
        return error_say(why, -EPROTO, "the load generator's results lack something");
    error = keep_table(&cell->users, path, CELL_REQUESTS);
    if (error == 0 && is_probed)
        error = keep_table(&cell->prober, path, CELL_PROBES);
    if (error == -ENOENT) {
        json_decref(json);
        return error_say(why, error, "the load generator could not keep its samples");
    }
    if (error == 0)
        error = files_write_json(path, json);
    json_decref(json);
    return error == 0
               ? 0
               : error_say(why, error, "cannot write its file: %s", strerror(-error));
}

/* Says why the users' load came to nothing. */
static int explain(int error, const struct child *users, char why[WHY_BYTES]) {
    return error_say(why, error, "%s",
                     error == -ETIMEDOUT ? "the users' requests did not end in time"
                     : users->pid == 0   ? "the load generator could not be started"
                                         : "the load generator failed");
}

/* What became of the requests of one user. */
struct alone {
    size_t n_answered;
    double latency_us, wait_us; /* sums over those */
    double own_t_us;            /* the median of what was said of them; NAN: of none */
    char failure[80];           /* what became of one that failed; "": none did */
};

static void read_alone(const char *path, unsigned n_requests, struct alone *alone) {
    char why[WHY_BYTES] = "no request was made";
    size_t n = 0;
    struct sample sample;
    struct sample_table *table = sample_table_open(path, why);
    double *own_us = calloc(n_requests + 1, sizeof *own_us);
    *alone = (struct alone){.own_t_us = NAN};
    if (table == NULL)
        (void)strcpy(alone->failure, "was not sent");
    while (table != NULL && own_us != NULL && alone->n_answered < n_requests &&
           sample_table_next(table, &sample) == 1) {
        if (!sample.answered && sample.error != NULL)
            (void)snprintf(alone->failure, sizeof alone->failure, "was not answered: %s",
                           sample.error);
        else if (!sample.answered)
            (void)snprintf(alone->failure, sizeof alone->failure,
                           "was answered with status %d, not 200", sample.status);
        if (!sample.answered)
            continue;
        alone->n_answered++;
        alone->latency_us += sample.latency_us;
        alone->wait_us += isfinite(sample.wait_us) ? sample.wait_us : 0;
        if (isfinite(sample.cpu_us))
            own_us[n++] = sample.cpu_us + sample.wait_us;
    }
    if (n > 0)
        alone->own_t_us = stats_median(own_us, n);
    free(own_us);
    sample_table_close(table);
}

/* Requests of one user, one after the other. 0; -EINTR; or -errno and a line in `why`. */
static int ask_alone(const struct measure_setting *setting, const struct server *server,
                     unsigned n_requests, struct alone *alone, char why[WHY_BYTES]) {
    struct cell_parameters one = parameters_initial();
    one.users = 1;
    one.rounds = n_requests;
    struct generator user = {0};
    uint64_t began_ns = clock_now_ns();
    int error = start_users(setting, &one, server, generator_clock_ns(setting), &user);
    if (error == 0)
        error = generator_wait(&user, clock_now_ns() + setting->patience_ns, NULL, NULL);
    *setting->loaded_ns += clock_now_ns() - began_ns;
    generator_kill(&user);
    if (error == 0)
        read_alone(user.table, n_requests, alone);
    generator_remove_files(&user);
    return error == 0 ? 0 : explain(error, &user.process, why);
}

/*
 * Makes sure that an external server answers, and finds its T alone: the CPU time of its
 * processes for lone requests, and their waits. The users' patience is by how long these
 * took. Errors as measure_cell's.
 */
static int time_alone(struct measurement *cell, struct machine_state *machine,
                      char why[WHY_BYTES]) {
    const struct cell_parameters *parameters = cell->parameters;
    double n_all = (double)parameters->users * parameters->rounds;
    struct alone alone;
    machine->t_alone_us = NAN;
    for (unsigned n = 1, n_more = 1; n > 0; n = n_more, n_more = 0) {
        double cpu_s = server_cpu_s(&cell->server);
        int error = ask_alone(cell->setting, &cell->server, n, &alone, why);
        cpu_s = server_cpu_s(&cell->server) - cpu_s;
        if (error == 0 && alone.n_answered < n)
            error = error_say(why, -EPROTO, "a lone request %s", alone.failure);
        if (error != 0)
            return error;
        double each_us = fmax(1, alone.latency_us / n);
        double own_us = (cpu_s * 1e6 + alone.wait_us) / n;
        machine->t_alone_us = own_us > 0 ? own_us : NAN;
        if (n_more > 0) /* this was the first */
            n_more = (unsigned)fmin(MOST_ALONE, ALONE_US / each_us);
        cell->patience_ns = cell->setting->patience_ns +
                            (uint64_t)fmin(10 * n_all * each_us * 1e3, MOST_PATIENCE_NS);
    }
    return 0;
}

int measure_cell(const struct measure_setting *setting,
                 const struct cell_parameters *parameters, unsigned repeat,
                 const struct machine_state *machine, const char *path,
                 char why[WHY_BYTES]) {
    struct measurement cell = {.setting = setting,
                               .parameters = parameters,
                               .patience_ns = setting->patience_ns};
    struct machine_state before = *machine;
    uint64_t began_ns = clock_now_ns();
    (void)malloc_trim(0); /* a child's peak begins at what we hold when it is forked */
    int error = start_server(setting, parameters, &cell.server, path, why);
    if (error != 0)
        return error;
    cell.idle = look_at_idle(&cell.server);
    if (cell.server.external != NULL)
        error = time_alone(&cell, &before, why);
    cell.epoch_ns = generator_clock_ns(setting);
    if (error == 0 && (error = send_load(&cell)) != 0)
        (void)explain(error, &cell.users.process, why);
    if (error != -EINTR && server_look_for_end(&cell.server, 0, why) != 0)
        error = -EPROTO;
    generator_kill(&cell.users); /* these two run only when something is wrong */
    generator_kill(&cell.prober);
    error = server_stop(&cell.server, error, why);
    cell.window.server_seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    if (error == 0)
        error = collect(&cell, repeat, &before, path, why);
    generator_remove_files(&cell.users);
    generator_remove_files(&cell.prober);
    interrupts_pause(CALM_NS);
    if (error == 0 && why[0] != '\0' && cell.server.last[0] != '\0')
        text_append(why, WHY_BYTES, SERVER_SAYS "%s", cell.server.last);
    return error;
}

int measure_turns(const struct measure_setting *setting,
                  const struct cell_parameters *parameters, double *turns_per_ms,
                  char why[WHY_BYTES]) {
    static const double FIRST = 1e4, MOST = 1e13, LEAST_MS = 150, MOST_AT_ONCE = 20;
    char path[4600], work[64];
    struct server server;
    struct alone alone;
    double turns = FIRST, cpu_ms = 0;
    (void)snprintf(path, sizeof path, "%s/timing.json", setting->folder);
    int error = start_server(setting, parameters, &server, path, why);
    if (error != 0)
        return error;
    for (; error == 0; turns *= fmin(MOST_AT_ONCE, 2 * LEAST_MS / fmax(cpu_ms, 1e-3))) {
        (void)snprintf(work, sizeof work, "cpu:%.0fturns", turns);
        server_aim(&server, work);
        double cpu_s = server_cpu_s(&server);
        error = ask_alone(setting, &server, 1, &alone, why);
        cpu_ms = (server_cpu_s(&server) - cpu_s) * 1e3;
        if (error == 0 && alone.n_answered < 1)
            error = error_say(why, -EPROTO, "a lone request %s", alone.failure);
        if (error == 0 && cpu_ms >= LEAST_MS)
            break;
        if (error == 0 && turns >= MOST)
            error = error_say(why, -EPROTO, "more {turns} in its path are no more work");
    }
    *turns_per_ms = turns / cpu_ms;
    error = server_stop(&server, error, why);
    (void)snprintf(path, sizeof path, "%s/timing.log", setting->folder);
    (void)unlink(path);
    return error;
}

int measure_start_lone(const struct measure_setting *setting, const char *strategy,
                       const char *work, struct server *lone, char why[WHY_BYTES]) {
    struct cell_parameters alone = parameters_initial();
    alone.strategy = strategy;
    alone.work = work;
    alone.workers = 1;
    return start_server(setting, &alone, lone, NULL, why);
}

int measure_lone(const struct measure_setting *setting, struct server *lone,
                 unsigned n_requests, double *t_alone_us, char why[WHY_BYTES]) {
    struct alone alone;
    int error = ask_alone(setting, lone, n_requests, &alone, why);
    if (error != 0)
        return error;
    *t_alone_us = alone.own_t_us > 0 ? alone.own_t_us : NAN; /* a job that does nothing */
    if (isfinite(alone.own_t_us))
        return 0;
    if (server_look_for_end(lone, END_IS_SEEN_MS, why) != 0)
        return -EPROTO;
    return error_say(why, -EPROTO, "a lone request %s%s", alone.failure,
                     setting->upstream != NULL ? "; check that the --upstream answers"
                                               : "");
}
