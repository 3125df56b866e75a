/* One cell, from a fresh server to its results as JSON; see measure.h. */
#include "director/measure.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

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
static const int END_IS_SEEN_MS = 200; /* a connection may be reset before that */

int measure_start_server(struct child *server, const char *const *options, FILE *said,
                         char url[MEASURE_URL_BYTES], char why[WHY_BYTES]) {
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
        return error_say(why, error, "the server did not start%s",
                         said == NULL ? "; it says why above" : "");
    }
    (void)snprintf(url, MEASURE_URL_BYTES, "%s", line + strlen(prefix));
    return 0;
}

/* What a server said, to our stderr; when the cell failed, its last line behind `why`. */
static void pass_on(FILE *said, int error, char why[WHY_BYTES]) {
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
    if (error != 0 && error != -EINTR && last[0] != '\0')
        (void)error_say(why, error, "%s; it said: %s", why, last);
}

static int start_cell_server(const struct measure_setting *setting,
                             const struct cell_parameters *parameters,
                             struct child *server, FILE *said,
                             char url[MEASURE_URL_BYTES], char why[WHY_BYTES]) {
    struct arguments options = {0};
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
    return measure_start_server(server, options.words, said, url, why);
}

/* A cell while it is measured. */
struct measurement {
    const struct measure_setting *setting;
    const struct cell_parameters *parameters;
    struct child server;
    char url[MEASURE_URL_BYTES]; /* of the server */
    struct generator users, prober;
    uint64_t epoch_ns; /* from which times in the generators' tables count */
    struct cell_window window;
    struct census idle; /* before anybody asked for anything */
    struct census peak;
    uint64_t next_census_ns;
};

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* What two programs used; the second may be all 0. */
static json_t *describe_usage(const struct rusage *a, const struct rusage *b) {
    return json_pack(
        "{s:f, s:f, s:I, s:I, s:I, s:I, s:I}", "cpu_user_s",
        seconds_of(a->ru_utime) + seconds_of(b->ru_utime), "cpu_system_s",
        seconds_of(a->ru_stime) + seconds_of(b->ru_stime),
        "largest_process_peak_rss_bytes",
        1024 * (json_int_t)(a->ru_maxrss > b->ru_maxrss ? a->ru_maxrss : b->ru_maxrss),
        "voluntary_switches", (json_int_t)(a->ru_nvcsw + b->ru_nvcsw),
        "involuntary_switches", (json_int_t)(a->ru_nivcsw + b->ru_nivcsw), "minor_faults",
        (json_int_t)(a->ru_minflt + b->ru_minflt), "major_faults",
        (json_int_t)(a->ru_majflt + b->ru_majflt));
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
    json_t *server = describe_usage(&cell->server.usage, &(struct rusage){0});
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
static struct census look_at_idle(pid_t server) {
    enum { MOST_LOOKS = 50, ALIKE_LOOKS = 3 };
    struct census before, idle = census_take(server);
    for (unsigned n_looks = 1, n_alike = 1; n_looks < MOST_LOOKS && n_alike < ALIKE_LOOKS;
         n_looks++) {
        before = idle;
        interrupts_pause(SETTLE_NS);
        idle = census_take(server);
        bool is_alike = idle.n_processes == before.n_processes &&
                        idle.pss_anon_bytes == before.pss_anon_bytes;
        n_alike = is_alike ? n_alike + 1 : 1;
    }
    return idle;
}

/* How many CPUs the load generators keep off, those of a server that has not all. */
static unsigned cpus_to_skip(const struct cell_parameters *parameters) {
    return parameters->cpus < machine_usable_cpus() ? parameters->cpus : 0;
}

/* The users' load on a URL. */
static int start_users(const struct measure_setting *setting,
                       const struct cell_parameters *parameters, const char *url,
                       uint64_t epoch_ns, struct generator *users) {
    struct arguments arguments = {0};
    arguments_add_pair(&arguments, "juggle", "load");
    arguments_add_parameters(&arguments, parameters, PARAMETER_OF_LOAD);
    if (parameters->think_ms <= 0)
        arguments_add(&arguments, "--benchmark");
    return generator_start(users, setting->folder, "users", &arguments, url, epoch_ns,
                           cpus_to_skip(parameters));
}

static void watch_server(void *context) {
    struct measurement *cell = context;
    uint64_t now_ns = clock_now_ns();
    if (now_ns < cell->next_census_ns)
        return;
    struct census now = census_take(cell->server.pid);
    census_keep_peak(&cell->peak, &now);
    cell->next_census_ns = now_ns + CENSUS_EVERY_NS;
}

/* CPU seconds of the director itself. */
static double own_cpu_s(void) {
    struct rusage own = {0};
    (void)getrusage(RUSAGE_SELF, &own);
    return seconds_of(own.ru_utime) + seconds_of(own.ru_stime);
}

/* The users from their start until they are done, and what the CPUs did meanwhile, which
 * is not known where the kernel does not tell. */
static int send_users(struct measurement *cell) {
    const struct cell_parameters *parameters = cell->parameters;
    uint64_t from_ns = clock_now_ns();
    struct machine_cpus from = machine_read_cpus(parameters->cpus);
    double director_cpu_s = own_cpu_s(), allowance = machine_cpu_allowance();
    char url[320];
    (void)snprintf(url, sizeof url, "%s%s/", cell->url, parameters->strategy);
    int error = start_users(cell->setting, parameters, url, cell->epoch_ns, &cell->users);
    if (error == 0)
        error = children_wait(&cell->users.process,
                              clock_now_ns() + cell->setting->patience_ns, watch_server,
                              cell);
    struct machine_cpus to = machine_read_cpus(parameters->cpus);
    bool is_known = from.n_cpus > 0 && from.n_cpus == to.n_cpus;
    cell->window = (struct cell_window){
        .began_s = (double)(from_ns - cell->setting->began_ns) / 1e9,
        .seconds = (double)(clock_now_ns() - from_ns) / 1e9,
        .cpus = is_known ? from.n_cpus : NAN,
        .allowance = parameters->cpus > 0 ? fmin(allowance, parameters->cpus) : allowance,
        .idle_s = is_known ? to.idle_s - from.idle_s : NAN,
        .stolen_s = is_known ? to.stolen_s - from.stolen_s : NAN,
        .director_cpu_s = own_cpu_s() - director_cpu_s,
        .generator_apart = cpus_to_skip(parameters) > 0,
    };
    return error;
}

/* The users' load from start to end, with the prober around it. */
static int send_load(struct measurement *cell) {
    int error = 0;
    uint64_t began_ns = clock_now_ns();
    if (cell->parameters->probe_every_us > 0) {
        struct arguments arguments = {0};
        arguments_add_pair(&arguments, "juggle", "load");
        arguments_add_number(&arguments, "--rate",
                             1e6 / cell->parameters->probe_every_us);
        arguments_add_pair(&arguments, "--arrivals", "constant");
        arguments_add_pair(&arguments, "--time", "24H"); /* until it is told to stop */
        error =
            generator_start(&cell->prober, cell->setting->folder, "prober", &arguments,
                            cell->url, cell->epoch_ns, cpus_to_skip(cell->parameters));
        interrupts_pause(PROBE_ALONE_NS);
    }
    if (error == 0)
        error = send_users(cell);
    if (error == 0 && cell->prober.process.pid != 0) {
        interrupts_pause(PROBE_AFTER_NS);
        children_stop(&cell->prober.process, STOP_LIMIT_NS);
    }
    *cell->setting->loaded_ns += clock_now_ns() - began_ns;
    return error;
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
    json_t *json = cell_build(
        cell->parameters, repeat, machine, &cell->window, cell->epoch_ns, load, probe,
        describe_server(cell),
        describe_usage(&cell->users.process.usage, &cell->prober.process.usage));
    if (json == NULL)
        return error_say(why, -EPROTO, "the load generator's results lack something");
    error = keep_table(&cell->users, path, CELL_REQUESTS);
    if (error == 0 && is_probed)
        error = keep_table(&cell->prober, path, CELL_PROBES);
    if (error == 0)
        error = files_write_json(path, json);
    json_decref(json);
    return error == 0
               ? 0
               : error_say(why, error, "cannot write its file: %s", strerror(-error));
}

/* -EPROTO and how, when a server has ended, within that time, which is yet to be reaped;
 * else 0. */
static int look_for_end(const struct child *server, int within_ms, char why[WHY_BYTES]) {
    struct pollfd wanted = {server->pidfd, POLLIN, 0};
    siginfo_t end = {0};
    if (poll(&wanted, 1, within_ms) != 1 ||
        waitid(P_PIDFD, (id_t)server->pidfd, &end, WEXITED | WNOHANG | WNOWAIT) != 0)
        return 0;
    if (end.si_code == CLD_EXITED)
        return error_say(why, -EPROTO, "the server ended while it was measured");
    return error_say(why, -EPROTO, "the server was ended by SIG%s",
                     sigabbrev_np(end.si_status));
}

/* Says why the users' load came to nothing. */
static int explain(int error, const struct child *users, char why[WHY_BYTES]) {
    return error_say(why, error, "%s",
                     error == -ETIMEDOUT ? "the users' requests did not end in time"
                     : users->pid == 0   ? "the load generator could not be started"
                                         : "the load generator failed");
}

int measure_cell(const struct measure_setting *setting,
                 const struct cell_parameters *parameters, unsigned repeat,
                 const struct machine_state *machine, const char *path,
                 char why[WHY_BYTES]) {
    struct measurement cell = {.setting = setting, .parameters = parameters};
    uint64_t began_ns = clock_now_ns();
    (void)malloc_trim(0);   /* a child's peak begins at what we hold when it is forked */
    FILE *said = tmpfile(); /* NULL: its lines go to our stderr at once */
    int error = start_cell_server(setting, parameters, &cell.server, said, cell.url, why);
    if (error != 0) {
        pass_on(said, error, why);
        return error;
    }
    cell.idle = look_at_idle(cell.server.pid);
    cell.epoch_ns = clock_now_ns();
    error = send_load(&cell);
    if (error != 0)
        (void)explain(error, &cell.users.process, why);
    if (error != -EINTR && look_for_end(&cell.server, 0, why) != 0)
        error = -EPROTO;
    children_kill(&cell.users.process); /* these two run only when something is wrong */
    children_kill(&cell.prober.process);
    if (error == 0)
        children_stop(&cell.server, STOP_LIMIT_NS);
    children_kill(&cell.server);
    cell.window.server_seconds = (double)(clock_now_ns() - began_ns) / 1e9;
    if (error == 0)
        error = collect(&cell, repeat, machine, path, why);
    pass_on(said, error, why);
    generator_remove_files(&cell.users);
    generator_remove_files(&cell.prober);
    interrupts_pause(CALM_NS);
    return error;
}

int measure_start_lone(const struct measure_setting *setting, const char *strategy,
                       const char *work, struct lone_server *lone, char why[WHY_BYTES]) {
    struct cell_parameters alone = parameters_initial();
    alone.strategy = strategy;
    alone.work = work;
    alone.workers = 1;
    char url[MEASURE_URL_BYTES];
    int error = start_cell_server(setting, &alone, &lone->process, NULL, url, why);
    if (error == 0)
        (void)snprintf(lone->url, sizeof lone->url, "%s%s/", url, strategy);
    return error;
}

/*
 * The median of what the jobs of a table took by themselves, in us, NAN when that is
 * nothing; false when none was answered.
 */
static bool find_median_own_t(const char *path, unsigned n_requests, double *own_t_us) {
    char why[WHY_BYTES];
    size_t n = 0;
    struct sample sample;
    struct sample_table *table = sample_table_open(path, why);
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
                 unsigned n_requests, double *t_alone_us, char why[WHY_BYTES]) {
    struct cell_parameters alone = parameters_initial();
    alone.users = 1;
    alone.rounds = n_requests;
    struct generator user = {0};
    uint64_t began_ns = clock_now_ns();
    int error = start_users(setting, &alone, lone->url, began_ns, &user);
    if (error == 0)
        error = children_wait(&user.process, clock_now_ns() + setting->patience_ns, NULL,
                              NULL);
    *setting->loaded_ns += clock_now_ns() - began_ns;
    children_kill(&user.process);
    if (error != 0)
        (void)explain(error, &user.process, why);
    bool is_answered =
        error == 0 && find_median_own_t(user.table, n_requests, t_alone_us);
    generator_remove_files(&user);
    if (error != 0 || is_answered)
        return error;
    if (look_for_end(&lone->process, END_IS_SEEN_MS, why) != 0)
        return -EPROTO;
    return error_say(why, -EPROTO,
                     "one request alone was not answered with 200; "
                     "of work with fetch, check that the --upstream answers");
}
