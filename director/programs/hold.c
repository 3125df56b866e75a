/* Answers what is asked of this host, and holds a program; see hold.h. */
#include "director/programs/hold.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/children/children.h"
#include "common/workload/counting.h"

enum { MOST_TRIES = 200, MOST_WORDS = 64, LINE_BYTES = 256 };

static const uint64_t CALIBRATION_NS = 600 * NS_PER_MS;
static const uint64_t START_LIMIT_NS = 30 * NS_PER_S;
static const uint64_t STOP_LIMIT_NS = 15 * NS_PER_S; /* longer than a keeper's grace */

#define LOOK(type, member, key)                                                          \
    { key, &field_##type, offsetof(struct hold_look, member), true }

const struct field hold_look_fields[] = {
    LOOK(unsigned, census.n_processes, "processes"),
    LOOK(unsigned, census.n_threads, "threads"),
    LOOK(count, census.pss_bytes, "pss_bytes"),
    LOOK(count, census.pss_anon_bytes, "pss_anon_bytes"),
    LOOK(number, cpu_s, "cpu_s"),
    LOOK(number, cpus.n_cpus, "cpus"),
    LOOK(number, cpus.idle_s, "idle_s"),
    LOOK(number, cpus.stolen_s, "stolen_s"),
    LOOK(count, ticks.all, "ticks"),
    LOOK(count, ticks.idle, "idle_ticks"),
    LOOK(count, ticks.stolen, "stolen_ticks"),
    LOOK(count, clock_ns, "clock_ns"),
    {0},
};

struct hold_look hold_look(pid_t root, enum census_tree tree, unsigned n_cpus,
                           bool wants_census) {
    return (struct hold_look){
        .census =
            root != 0 && wants_census ? census_take(root, tree) : (struct census){0},
        .cpu_s = root != 0 ? census_cpu_s(root, tree) : NAN,
        .cpus = machine_read_cpus(n_cpus),
        .ticks = machine_read_ticks(),
        .clock_ns = clock_now_ns(),
    };
}

static double seconds_of(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

json_t *hold_pack_usage(const struct rusage *a, const struct rusage *b) {
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

static struct timeval read_time(const json_t *usage, const char *key) {
    double us = round(json_number_value(json_object_get(usage, key)) * 1e6);
    return (struct timeval){(time_t)(us / 1e6), (suseconds_t)fmod(us, 1e6)};
}

static long read_number(const json_t *usage, const char *key) {
    return (long)json_integer_value(json_object_get(usage, key));
}

struct rusage hold_read_usage(const json_t *usage) {
    struct rusage read = {0};
    read.ru_utime = read_time(usage, "cpu_user_s");
    read.ru_stime = read_time(usage, "cpu_system_s");
    read.ru_maxrss = read_number(usage, "largest_process_peak_rss_bytes") / 1024;
    read.ru_nvcsw = read_number(usage, "voluntary_switches");
    read.ru_nivcsw = read_number(usage, "involuntary_switches");
    read.ru_minflt = read_number(usage, "minor_faults");
    read.ru_majflt = read_number(usage, "major_faults");
    return read;
}

/* Requests without a program */

static json_t *describe(void) {
    char program[4096] = "";
    (void)!readlink("/proc/self/exe", program, sizeof program - 1);
    return json_pack("{s:o, s:f, s:s, s:s, s:s, s:s?, s:s?}", "machine",
                     machine_describe(), "allowance", machine_cpu_allowance(), "program",
                     program, "version", build_version, "revision", build_revision,
                     "connection", getenv("SSH_CONNECTION"), "folder",
                     getenv("JUGGLE_PEERS"));
}

static json_t *measure_cores(const json_t *request) {
    uint64_t alone_ns = 0;
    double cores = counting_effective_cores(
        (unsigned)json_integer_value(json_object_get(request, "loops")),
        (uint64_t)json_integer_value(json_object_get(request, "turns")), &alone_ns);
    return json_pack("{s:o, s:I}", "cores", fields_number(cores), "alone_ns",
                     (json_int_t)alone_ns);
}

/* Whether nobody has the port, by IPv6 either where there is such a thing. */
static bool is_free(unsigned port) {
    const struct sockaddr_in by_ipv4 = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port)};
    const struct sockaddr_in6 by_ipv6 = {.sin6_family = AF_INET6,
                                         .sin6_port = htons((uint16_t)port)};
    int fds[] = {socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                 socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int on = 1;
    bool is_nobodys =
        fds[0] >= 0 &&
        bind(fds[0], (const struct sockaddr *)&by_ipv4, sizeof by_ipv4) == 0 &&
        (fds[1] < 0 ||
         setsockopt(fds[1], IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0 ||
         bind(fds[1], (const struct sockaddr *)&by_ipv6, sizeof by_ipv6) == 0 ||
         errno != EADDRINUSE);
    for (size_t i = 0; i < 2; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    return is_nobodys;
}

/* A port that nobody listens on; 0: none was found. */
static unsigned find_port(void) {
    static unsigned seed;
    seed = seed != 0 ? seed : (unsigned)clock_now_ns() ^ (unsigned)getpid();
    for (unsigned i = 0; i < MOST_TRIES; i++) {
        unsigned port = HOLD_FIRST_PORT +
                        (unsigned)rand_r(&seed) % (HOLD_LAST_PORT - HOLD_FIRST_PORT + 1);
        if (is_free(port))
            return port;
    }
    return 0;
}

/* Whether a command of the shell says yes. */
static bool agrees(const char *command) {
    char whole[1024];
    (void)snprintf(whole, sizeof whole, "{ %s; } >/dev/null 2>&1 </dev/null", command);
    return system(whole) == 0;
}

json_t *hold_answer(const json_t *request) {
    const char *what = fields_get_text(request, "do", "");
    if (strcmp(what, "describe") == 0)
        return describe();
    if (strcmp(what, "calibrate") == 0)
        return json_pack("{s:f}", "turns_per_ms",
                         counting_calibrate_spread(CALIBRATION_NS));
    if (strcmp(what, "cores") == 0)
        return measure_cores(request);
    if (strcmp(what, "port") == 0)
        return json_pack("{s:i}", "port", (int)find_port());
    if (strcmp(what, "agree") == 0)
        return json_pack("{s:b}", "agrees",
                         agrees(fields_get_text(request, "command", "false")));
    return NULL;
}

/* The program that is held */

static struct {
    struct child child;
    char folder[200]; /* for the files of a load, which go to whoever asked; "": none */
} held = {.child.pidfd = -1};

static const char *const load_files[] = {"load.json", "table.tsv"};

static const char *load_path(size_t i, char path[LINE_BYTES]) {
    (void)snprintf(path, LINE_BYTES, "%s/%s", held.folder, load_files[i]);
    return path;
}

static json_t *look(const json_t *request) {
    pid_t asked = (pid_t)json_integer_value(json_object_get(request, "root"));
    struct hold_look seen =
        hold_look(asked != 0 ? asked : held.child.pid,
                  (enum census_tree)json_integer_value(json_object_get(request, "tree")),
                  (unsigned)json_integer_value(json_object_get(request, "cpus")),
                  json_is_true(json_object_get(request, "census")));
    return fields_pack(hold_look_fields, &seen);
}

static json_t *find_places(const json_t *request) {
    char places[CENSUS_PLACES_BYTES];
    census_find_places(
        held.child.pid,
        (enum census_tree)json_integer_value(json_object_get(request, "tree")), places);
    return json_pack("{s:s}", "places", places);
}

/* Starts this program with the request's words; the answer has the first line that it
 * says, where that is wanted. A load is answered when it has ended: NULL. */
static json_t *start(const json_t *request, bool is_load) {
    static char paths[2][LINE_BYTES];
    const char *words[MOST_WORDS + 6];
    const json_t *asked = json_object_get(request, "words");
    char line[LINE_BYTES] = "";
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(asked) && i < MOST_WORDS; i++) {
        words[n++] = json_string_value(json_array_get(asked, i));
        if (is_load && i == 1) {
            const char *above = getenv("TMPDIR");
            (void)snprintf(held.folder, sizeof held.folder, "%s/juggle-XXXXXX",
                           above != NULL ? above : "/tmp");
            if (mkdtemp(held.folder) == NULL)
                return NULL;
            words[n++] = "--json";
            words[n++] = load_path(0, paths[0]);
            words[n++] = "--samples";
            words[n++] = load_path(1, paths[1]);
        }
    }
    words[n] = NULL;
    bool has_line = json_is_true(json_object_get(request, "line"));
    int error =
        children_start(&held.child, &(struct child_order){.words = words,
                                                          .is_this_program = true,
                                                          .reads_output = has_line});
    if (error == 0 && has_line)
        error = children_read_line(&held.child, clock_now_ns() + START_LIMIT_NS, line,
                                   sizeof line);
    return is_load ? NULL : json_pack("{s:i, s:s}", "error", error, "line", line);
}

static void say(json_t *answer) {
    (void)json_dumpf(answer, stdout, JSON_COMPACT);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
    json_decref(answer);
}

static void send_file(const char *path) {
    char bytes[65536];
    FILE *file = fopen(path, "re");
    for (size_t n; file != NULL && (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        (void)fwrite(bytes, 1, n, stdout);
    if (file != NULL)
        (void)fclose(file);
    (void)unlink(path);
}

/* Stops it, and says what it took; the files of a load follow. */
static void finish(void) {
    char path[LINE_BYTES];
    struct stat load = {0};
    if (held.child.pid == 0)
        return;
    children_stop(&held.child, STOP_LIMIT_NS);
    if (held.folder[0] != '\0')
        (void)stat(load_path(0, path), &load);
    say(json_pack("{s:i, s:o, s:I}", "status", held.child.status, "usage",
                  hold_pack_usage(&held.child.usage, &(struct rusage){0}), "json_bytes",
                  (json_int_t)load.st_size));
    for (size_t i = 0; held.folder[0] != '\0' && i < 2; i++)
        send_file(load_path(i, path));
    if (held.folder[0] != '\0')
        (void)rmdir(held.folder);
}

/* False at the end of stdin, and when what is held has ended. */
static bool await_request(void) {
    struct pollfd wanted[] = {{STDIN_FILENO, POLLIN, 0}, {held.child.pidfd, POLLIN, 0}};
    while (poll(wanted, 2, -1) < 0 && errno == EINTR) {
    }
    return wanted[1].revents == 0;
}

int hold_main(int argc, char **argv) {
    char *line = NULL;
    size_t line_bytes = 0;
    (void)argc, (void)argv;
    (void)machine_raise_nofile();
    while (await_request() && getline(&line, &line_bytes, stdin) > 0) {
        json_t *request = json_loads(line, 0, NULL);
        const char *what = fields_get_text(request, "do", "");
        bool is_load = strcmp(what, "load") == 0;
        json_t *answer = strcmp(what, "look") == 0               ? look(request)
                         : strcmp(what, "places") == 0           ? find_places(request)
                         : is_load || strcmp(what, "start") == 0 ? start(request, is_load)
                                                                 : hold_answer(request);
        if (answer != NULL)
            say(answer);
        json_decref(request);
        if (is_load && held.child.pid == 0)
            break; /* it could not be started */
    }
    free(line);
    finish();
    return EXIT_OK;
}
