/* One cell, from a fresh server to its results as JSON; see measure.h. */
#include "director/measure.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/files.h"
#include "common/base/machine.h"
#include "common/children/census.h"
#include "common/children/children.h"
#include "common/children/interrupts.h"
#include "common/stats/stats.h"
#include "director/generator.h"

static const uint64_t START_LIMIT_NS = 30 * NS_PER_S;
static const uint64_t STOP_LIMIT_NS = 10 * NS_PER_S;
static const uint64_t PROBE_ALONE_NS = 200 * NS_PER_MS; /* `/` on the idle server */
static const uint64_t PROBE_AFTER_NS = 30 * NS_PER_MS;
static const uint64_t CENSUS_EVERY_NS = 500 * NS_PER_MS;
static const uint64_t SETTLE_NS = 20 * NS_PER_MS; /* between two looks at pools */
static const uint64_t CALM_NS = 20 * NS_PER_MS;   /* between two servers */

/* As measure_start_server; what it says on stderr goes to `said`, unless that is NULL. */
static int start_server(struct child *server, const char *const *options, FILE *said,
                        char *url, size_t url_bytes, char *why, size_t why_bytes) {
    static const char prefix[] = "listening on ";
    struct arguments arguments = {0};
    arguments_add(&arguments, "juggle");
    arguments_add(&arguments, "serve");
    arguments_add_pair(&arguments, "--port", "0");
    for (; *options != NULL; options++)
        arguments_add(&arguments, *options);
    char line[160];
    const struct child_order order = {.words = arguments.words,
                                      .is_this_program = true,
                                      .reads_output = true,
                                      .errors_to = said != NULL ? fileno(said) : 0};
    int error = children_start(server, &order);
    if (error == 0)
        error = children_read_line(server, clock_now_ns() + START_LIMIT_NS, line,
                                   sizeof line);
    if (error == 0 && strncmp(line, prefix, strlen(prefix)) != 0)
        error = -EPROTO;
    if (error != 0) {
        children_kill(server);
        (void)snprintf(why, why_bytes, "the server did not start%s",
                       said == NULL ? "; it says why above" : "");
        return error;
    }
    (void)snprintf(url, url_bytes, "%s", line + strlen(prefix));
    return 0;
}

int measure_start_server(struct child *server, const char *const *options, char *url,
                         size_t url_bytes, char *why, size_t why_bytes) {
    return start_server(server, options, NULL, url, url_bytes, why, why_bytes);
}

/* What a server said, to our stderr; when the cell failed, its last line behind `why`. */
static void pass_on(FILE *said, int error, char *why, size_t why_bytes) {
    char line[400], last[400] = "";
    if (said == NULL)
        return;
    rewind(said);
    while (fgets(line, sizeof line, said) != NULL) {
        (void)fputs(line, stderr);
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(last, sizeof last, "%s", line);
    }
    (void)fclose(said);
    size_t length = strlen(why);
    if (error != 0 && error != -EINTR && last[0] != '\0')
        (void)snprintf(why + length, why_bytes - length, "; it said: %s", last);
}

static int start_cell_server(const struct measure_setting *setting,
                             const struct cell_parameters *parameters,
                             struct child *server, FILE *said, char *url,
                             size_t url_bytes, char *why, size_t why_bytes) {
    struct arguments options = {0};
    arguments_add_pair(&options, "--only", parameters->strategy);
    arguments_add_pair(&options, "--max-work", "24h");
    arguments_add_number(&options, "--turns-per-ms", setting->turns_per_ms);
    arguments_add_parameters(&options, parameters, PARAMETER_OF_SERVE);
    if (parameters->workers > 0 && parameters->threads == 0) /* one size for both pools */
        arguments_add_number(&options, "--threads", parameters->workers);
    if (setting->upstream != NULL)
        arguments_add_pair(&options, "--upstream", setting->upstream);
    return start_server(server, options.words, said, url, url_bytes, why, why_bytes);
}

/* How many CPUs the load generators keep off, those of a server that has not all. */
static unsigned generator_cpus_to_skip(const struct cell_parameters *parameters) {
    return parameters->cpus < machine_usable_cpus() ? parameters->cpus : 0;
}

/* The CPUs and the director's share of them, at one moment. */
struct moment {
    uint64_t now_ns;
    struct machine_cpus cpus;
    double director_cpu_s;
};

static struct moment look_at_cpus(const struct cell_parameters *parameters) {
    struct rusage own = {0};
    (void)getrusage(RUSAGE_SELF, &own);
    return (struct moment){
        .now_ns = clock_now_ns(),
        .cpus = machine_read_cpus(parameters->cpus),
        .director_cpu_s = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
                          (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6,
    };
}

/* What happened from one moment to another; unknown where the kernel does not tell. */
static struct cell_window window_between(const struct measure_setting *setting,
                                         const struct moment *from,
                                         const struct moment *to) {
    bool is_known = from->cpus.n_cpus > 0 && from->cpus.n_cpus == to->cpus.n_cpus;
    return (struct cell_window){
        .began_s = (double)(from->now_ns - setting->began_ns) / 1e9,
        .seconds = (double)(to->now_ns - from->now_ns) / 1e9,
        .server_seconds = NAN,
        .cpus = is_known ? from->cpus.n_cpus : NAN,
        .allowance = machine_cpu_allowance(),
        .idle_s = is_known ? to->cpus.idle_s - from->cpus.idle_s : NAN,
        .stolen_s = is_known ? to->cpus.stolen_s - from->cpus.stolen_s : NAN,
        .director_cpu_s = to->director_cpu_s - from->director_cpu_s,
    };
}

/* What goes on while the users wait: looks at the server. */
struct watch {
    pid_t server;
    struct census idle; /* before anybody asked for anything */
    struct census peak;
    uint64_t next_census_ns;
    struct cell_window window;
    uint64_t epoch_ns; /* from which times in the generators' tables count */
};

static json_t *describe_usage(const struct rusage *usage) {
    const struct timeval *user = &usage->ru_utime, *system = &usage->ru_stime;
    return json_pack(
        "{s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "cpu_user_s",
        (double)user->tv_sec + (double)user->tv_usec / 1e6, "cpu_system_s",
        (double)system->tv_sec + (double)system->tv_usec / 1e6,
        "largest_process_peak_rss_bytes", (json_int_t)usage->ru_maxrss * 1024,
        "voluntary_switches", (json_int_t)usage->ru_nvcsw, "involuntary_switches",
        (json_int_t)usage->ru_nivcsw, "minor_faults", (json_int_t)usage->ru_minflt,
        "major_faults", (json_int_t)usage->ru_majflt);
}

static json_t *known_or_null(uint64_t value) {
    return value > 0 ? json_integer((json_int_t)value) : json_null();
}

/* A cell may be over before a census could be taken: then there is no peak. */
static json_t *describe_server(const struct rusage *usage, const struct watch *watch) {
    json_t *server = describe_usage(usage);
    json_t *held =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "peak_processes",
                  known_or_null(watch->peak.n_processes), "peak_threads",
                  known_or_null(watch->peak.n_threads), "idle_pss_anon_bytes",
                  known_or_null(watch->idle.pss_anon_bytes), "peak_pss_anon_bytes",
                  known_or_null(watch->peak.pss_anon_bytes), "peak_pss_bytes",
                  known_or_null(watch->peak.pss_bytes));
    (void)json_object_update(server, held);
    json_decref(held);
    return server;
}

/*
 * What the server holds before anybody asks for anything, once its pools are there: a
 * census of processes that are being made counts their pages more than once.
 */
static struct census look_at_idle(pid_t server) {
    enum { MOST_LOOKS = 25 };
    struct census before, idle = census_take(server);
    unsigned n_looks = 1;
    do {
        before = idle;
        interrupts_pause(SETTLE_NS);
        idle = census_take(server);
    } while (++n_looks < MOST_LOOKS && (idle.n_processes != before.n_processes ||
                                        idle.pss_anon_bytes != before.pss_anon_bytes));
    return idle;
}

/* The users' load on a URL. */
static int start_load(const struct measure_setting *setting,
                      const struct cell_parameters *parameters, const char *url,
                      uint64_t epoch_ns, struct generator *users) {
    struct arguments arguments = {0};
    arguments_add_pair(&arguments, "juggle", "load");
    arguments_add_parameters(&arguments, parameters, PARAMETER_OF_LOAD);
    if (parameters->think_ms <= 0)
        arguments_add(&arguments, "--benchmark");
    return generator_start(users, setting->folder, "users", &arguments, url, epoch_ns,
                           generator_cpus_to_skip(parameters));
}

static int start_prober(const struct measure_setting *setting,
                        const struct cell_parameters *parameters, const char *url,
                        uint64_t epoch_ns, struct generator *prober) {
    struct arguments arguments = {0};
    arguments_add_pair(&arguments, "juggle", "load");
    arguments_add_number(&arguments, "--rate", 1e6 / parameters->probe_every_us);
    arguments_add_pair(&arguments, "--arrivals", "constant");
    arguments_add_pair(&arguments, "--time", "24H"); /* until it is told to stop */
    return generator_start(prober, setting->folder, "prober", &arguments, url, epoch_ns,
                           generator_cpus_to_skip(parameters));
}

static void watch_server(void *context) {
    struct watch *watch = context;
    uint64_t now_ns = clock_now_ns();
    if (now_ns < watch->next_census_ns)
        return;
    struct census now = census_take(watch->server);
    census_keep_peak(&watch->peak, &now);
    watch->next_census_ns = now_ns + CENSUS_EVERY_NS;
}

/* The users from their start until they are done. */
static int send_users(const struct measure_setting *setting,
                      const struct cell_parameters *parameters, const char *url,
                      struct watch *watch, struct generator *users) {
    struct moment before = look_at_cpus(parameters);
    char path[320];
    (void)snprintf(path, sizeof path, "%s%s/", url, parameters->strategy);
    int error = start_load(setting, parameters, path, watch->epoch_ns, users);
    if (error == 0)
        error = children_wait(&users->process, clock_now_ns() + setting->patience_ns,
                              watch_server, watch);
    struct moment after = look_at_cpus(parameters);
    watch->window = window_between(setting, &before, &after);
    if (parameters->cpus > 0)
        watch->window.allowance = fmin(watch->window.allowance, parameters->cpus);
    watch->window.generator_apart = generator_cpus_to_skip(parameters) > 0;
    return error;
}

/* The users' load from start to end, with the prober around it. */
static int send_load(const struct measure_setting *setting,
                     const struct cell_parameters *parameters, const char *url,
                     struct watch *watch, struct generator *users,
                     struct generator *prober) {
    int error = 0;
    uint64_t began_ns = clock_now_ns();
    if (parameters->probe_every_us > 0) {
        error = start_prober(setting, parameters, url, watch->epoch_ns, prober);
        interrupts_pause(PROBE_ALONE_NS);
    }
    if (error == 0)
        error = send_users(setting, parameters, url, watch, users);
    if (error == 0 && prober->process.pid != 0) {
        interrupts_pause(PROBE_AFTER_NS);
        children_stop(&prober->process, STOP_LIMIT_NS);
    }
    *setting->loaded_ns += clock_now_ns() - began_ns;
    return error;
}

static json_t *add_usage(json_t *total, const struct rusage *usage) {
    json_t *more = describe_usage(usage), *value;
    const char *key;
    json_object_foreach(more, key, value) {
        json_t *sum = json_object_get(total, key);
        if (json_is_integer(sum))
            (void)json_integer_set(sum,
                                   json_integer_value(sum) + json_integer_value(value));
        else
            (void)json_real_set(sum, json_real_value(sum) + json_real_value(value));
    }
    json_decref(more);
    return total;
}

/* The table of a generator becomes that of the cell. 0 or -errno. */
static int keep_table(const struct generator *generator, const char *cell_path,
                      enum cell_list list) {
    char path[4600];
    int error = cell_table_path(cell_path, list, path, sizeof path);
    return error == 0 && rename(generator->table, path) != 0 ? -errno : error;
}

/* The cell is there once its own file is: the tables come before. */
static int write_cell(const json_t *cell, const char *path, const struct generator *users,
                      const struct generator *prober, bool is_probed) {
    int error = keep_table(users, path, CELL_REQUESTS);
    if (error == 0 && is_probed)
        error = keep_table(prober, path, CELL_PROBES);
    return error == 0 ? files_write_json(path, cell) : error;
}

static int collect(const struct cell_parameters *parameters, unsigned repeat,
                   const struct machine_state *machine, struct child *server,
                   const struct watch *watch, struct generator *users,
                   struct generator *prober, const char *path, char *why,
                   size_t why_bytes) {
    json_t *load = NULL, *probe = NULL;
    int error = generator_take(users, &load, why, why_bytes);
    if (error == 0 && parameters->probe_every_us > 0)
        error = generator_take(prober, &probe, why, why_bytes);
    if (error != 0) {
        json_decref(load);
        return error;
    }
    bool is_probed = probe != NULL;
    json_t *generators = describe_usage(&users->process.usage);
    if (is_probed)
        generators = add_usage(generators, &prober->process.usage);
    json_t *cell =
        cell_build(parameters, repeat, machine, &watch->window, watch->epoch_ns, load,
                   probe, describe_server(&server->usage, watch), generators);
    if (cell == NULL) {
        (void)snprintf(why, why_bytes, "the load generator's results lack something");
        return -EPROTO;
    }
    error = write_cell(cell, path, users, prober, is_probed);
    if (error != 0)
        (void)snprintf(why, why_bytes, "cannot write its file: %s", strerror(-error));
    json_decref(cell);
    return error;
}

static const char *explain(int error, const struct child *users) {
    if (error == -ETIMEDOUT)
        return "the users' requests did not end in time";
    return users->pid == 0 ? "the load generator could not be started"
                           : "the load generator failed";
}

int measure_cell(const struct measure_setting *setting,
                 const struct cell_parameters *parameters, unsigned repeat,
                 const struct machine_state *machine, const char *path, char *why,
                 size_t why_bytes) {
    char url[160];
    struct child server;
    struct generator users = {0}, prober = {0};
    uint64_t began_ns = clock_now_ns();
    (void)malloc_trim(0);   /* a child's peak begins at what we hold when it is forked */
    FILE *said = tmpfile(); /* NULL: its lines go to our stderr at once */
    int error = start_cell_server(setting, parameters, &server, said, url, sizeof url,
                                  why, why_bytes);
    if (error != 0) {
        pass_on(said, error, why, why_bytes);
        return error;
    }
    struct watch watch = {.server = server.pid,
                          .idle = look_at_idle(server.pid),
                          .epoch_ns = clock_now_ns()};
    error = send_load(setting, parameters, url, &watch, &users, &prober);
    if (error != 0)
        (void)snprintf(why, why_bytes, "%s", explain(error, &users.process));
    if (error == 0 && children_has_ended(&server)) {
        error = -EPROTO;
        (void)snprintf(why, why_bytes, "the server ended while it was measured");
    }
    children_kill(&users.process); /* these two run only when something went wrong */
    children_kill(&prober.process);
    if (error == 0)
        children_stop(&server, STOP_LIMIT_NS);
    children_kill(&server);
    watch.window.server_seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    if (error == 0)
        error = collect(parameters, repeat, machine, &server, &watch, &users, &prober,
                        path, why, why_bytes);
    pass_on(said, error, why, why_bytes);
    generator_remove_files(&users);
    generator_remove_files(&prober);
    interrupts_pause(CALM_NS);
    return error;
}

int measure_start_lone(const struct measure_setting *setting, const char *strategy,
                       const char *work, struct lone_server *lone, char *why,
                       size_t why_bytes) {
    struct cell_parameters alone = parameters_initial();
    alone.strategy = strategy;
    alone.work = work;
    alone.workers = 1;
    char url[160];
    int error = start_cell_server(setting, &alone, &lone->process, NULL, url, sizeof url,
                                  why, why_bytes);
    if (error == 0)
        (void)snprintf(lone->url, sizeof lone->url, "%s%s/", url, strategy);
    return error;
}

/*
 * The median of what the jobs of a table took by themselves, in us, NAN when that is
 * nothing; false when none was answered.
 */
static bool find_median_own_t(const char *path, unsigned n_requests, double *own_t_us) {
    char why[200];
    size_t n = 0;
    struct sample sample;
    struct sample_table *table = sample_table_open(path, why, sizeof why);
    double *own_us = calloc(n_requests + 1, sizeof *own_us);
    while (table != NULL && own_us != NULL && n < n_requests &&
           sample_table_next(table, &sample) == 1)
        if (sample.answered && isfinite(sample.cpu_us))
            own_us[n++] = sample.cpu_us + sample.wait_us;
    *own_t_us = n > 0 ? stats_median(own_us, n) : NAN;
    if (*own_t_us <= 0) /* a job that does nothing */
        *own_t_us = NAN;
    free(own_us);
    sample_table_close(table);
    return n > 0;
}

int measure_lone(const struct measure_setting *setting, const struct lone_server *lone,
                 unsigned n_requests, double *t_alone_us, char *why, size_t why_bytes) {
    struct cell_parameters alone = parameters_initial();
    alone.users = 1;
    alone.rounds = n_requests;
    struct generator user = {0};
    uint64_t began_ns = clock_now_ns();
    int error = start_load(setting, &alone, lone->url, began_ns, &user);
    if (error == 0)
        error = children_wait(&user.process, clock_now_ns() + setting->patience_ns, NULL,
                              NULL);
    *setting->loaded_ns += clock_now_ns() - began_ns;
    children_kill(&user.process);
    if (error != 0)
        (void)snprintf(why, why_bytes, "%s", explain(error, &user.process));
    bool is_answered =
        error == 0 && find_median_own_t(user.table, n_requests, t_alone_us);
    generator_remove_files(&user);
    if (error != 0 || is_answered)
        return error;
    (void)snprintf(why, why_bytes,
                   "one request alone was not answered with 200; "
                   "of work with fetch, check that the --upstream answers");
    return -EPROTO;
}
