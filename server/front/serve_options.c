/* Options, their defaults and checks; see serve_options.h. */
#include "server/front/serve_options.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/base/names.h"
#include "common/base/options.h"
#include "common/work/counting.h"

enum { SPARE_DESCRIPTORS = 128, DEFAULT_MAX_INFLIGHT = 16384 };

static const uint64_t CALIBRATION_NS = 100 * NS_PER_MS;

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

static void read_rows(struct serve_options *options, int argc, char **argv) {
    *options = (struct serve_options){
        .port = 8000,
        .bind = "127.0.0.1",
        .accept = "shared",
        .upstream_timeout_ns = 10 * NS_PER_S,
        .max_work_ns = 60 * NS_PER_S,
        .header_timeout_ns = 60 * NS_PER_S,
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
         "for requests that name none (cpu:100000000turns)"},
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
        {0, "header-timeout", "DURATION", &option_duration, &options->header_timeout_ns,
         "a head must be complete by then, or 408; of a\n"
         "                               body the first 16 KiB, the rest at 1,000 bytes\n"
         "                               a second or more; 0s: no limit (60s)"},
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
static void choose_strategies(struct serve_options *options) {
    const char *only = options->only;
    const char *unknown =
        only != NULL ? names_find_unknown(only, strategy_is_known) : NULL;
    if (unknown != NULL)
        error_exit(
            "serve: --only: there is no strategy '%s'; 'juggle serve --help' lists "
            "them",
            unknown);
    unsigned n_chosen = 0;
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        if (only != NULL && !names_contain(only, entry->name))
            continue;
        if (n_chosen == SERVE_MAX_STRATEGIES)
            error_exit("serve: more than %d strategies; choose some with --only",
                       SERVE_MAX_STRATEGIES);
        options->endpoints[n_chosen++] = *entry;
    }
}

/* The line names an option only when the user gave it, or when it would help. */
static _Noreturn void refuse_descriptors(const struct serve_options *options,
                                         unsigned n_needed, unsigned nofile) {
    char who[80];
    if (options->max_inflight > 0)
        (void)snprintf(who, sizeof who, "--max-inflight %u", options->max_inflight);
    else
        (void)snprintf(who, sizeof who, "a server with %u worker process%s (--workers)",
                       options->workers, options->workers == 1 ? "" : "es");
    error_exit("serve: %s needs %u open files and the limit is %u; raise it with 'ulimit "
               "-n' or ask for less",
               who, n_needed, nofile);
}

static void check_descriptors(struct serve_options *options) {
    unsigned nofile = machine_raise_nofile();
    unsigned n_spare = SPARE_DESCRIPTORS + options->workers;
    unsigned n_wanted = options->max_inflight > 0 ? options->max_inflight : 1;
    if (n_spare + n_wanted > nofile)
        refuse_descriptors(options, n_spare + n_wanted, nofile);
    if (options->max_inflight == 0)
        options->max_inflight = nofile - n_spare < DEFAULT_MAX_INFLIGHT
                                    ? nofile - n_spare
                                    : DEFAULT_MAX_INFLIGHT;
}

void serve_options_read(struct serve_options *options, int argc, char **argv) {
    read_rows(options, argc, argv);
    if (strcmp(options->accept, "shared") != 0 &&
        strcmp(options->accept, "reuseport") != 0)
        error_exit("serve: --accept wants shared or reuseport, not '%s'",
                   options->accept);
    choose_strategies(options);
    check_descriptors(options);
    if (options->turns_per_ms <= 0)
        options->turns_per_ms = counting_calibrate(CALIBRATION_NS);
    struct work work;
    char why[160];
    if (options->work != NULL &&
        work_parse(options->work, options->turns_per_ms, &work, why, sizeof why) != 0)
        error_exit("serve: --work: %s", why);
}
