/* Options, their defaults and checks; see serve_options.h. */
#include "server/front/serve_options.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/machine.h"
#include "common/base/options.h"
#include "common/base/parameters.h"
#include "common/workload/counting.h"
#include "server/core/declared.h"

enum { SPARE_DESCRIPTORS = 128, DEFAULT_MAX_INFLIGHT = 16384 };

static const uint64_t CALIBRATION_NS = 100 * NS_PER_MS;
static const uint64_t NO_LIMIT_NS = INT64_MAX;

static void print_endpoints(FILE *out) {
    (void)fprintf(out, "\nEndpoints; each answers without its trailing slash as well:\n");
    options_print_row("/", 28, "hello, world");
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        char path[64];
        (void)snprintf(path, sizeof path, "/%s/?work=...", entry->name);
        options_print_row(path, 28, entry->strategy->summary);
    }
    options_print_row("/delay/?ms=200&bytes=1024", 28,
                      "waits, then sends so many bytes: an upstream for another server");
    (void)fprintf(out,
                  "\nA work is a list of steps:\n%s,\nand the names that --step "
                  "declares.\n",
                  WORK_FORMS);
}

/* The parameters of a cell that are options of ours, as common/base/parameters.h has
 * them. */
struct serve_parameters {
    SERVE_PARAMETERS(PARAMETER_MEMBER)
};

#define OPTION_COUNT &option_positive
#define OPTION_FLAG &option_flag
#define OPTION_NUMBER &option_number
#define OPTION_TEXT &option_text
#define OPTION(member, TYPE, option, argument, format, initial, meaning)                 \
    {0, option, argument, OPTION_##TYPE, &asked.member, meaning},
#define INITIAL(member, TYPE, option, argument, format, initial, meaning)                \
    .member = (initial),

/* What the rows fill: a table of constants needs a place that is known beforehand. */
static struct serve_options chosen = {
    .port = 8000,
    .bind = "127.0.0.1",
    .step_timeout_ns = 60 * NS_PER_S,
    .fetch.upstream_timeout_ns = 10 * NS_PER_S,
    .front.endpoint.max_work_ns = 60 * NS_PER_S,
    .front.header_timeout_ns = 60 * NS_PER_S,
};
static struct serve_parameters asked = {SERVE_PARAMETERS(INITIAL)};
static const char *only; /* NULL: all strategies */

static const struct option_row rows[] = {
    OPTION_GROUP("Where"),
    {'p', "port", "N", &option_port, &chosen.port,
     "port to listen on; 0: any free one (default 8000)"},
    {0, "bind", "ADDRESS", &option_text, &chosen.bind,
     "numeric address to listen on (default 127.0.0.1)"},
    OPTION_GROUP("What is served, and with what"),
    {0, "only", "A,B", &option_text, &only, "serve these strategies alone (default all)"},
    SERVE_PARAMETERS(OPTION){0, "step", WORK_STEP_ARGUMENT, &work_option_step,
                             &chosen.steps, WORK_STEP_HELP},
    OPTION_GROUP("Limits and upstream"),
    {0, "step-timeout", "TIME", &option_duration, &chosen.step_timeout_ns,
     "time limit of a command of --step, which then fails with 504; 0: none (default "
     "60s)"},
    {0, "upstream", "URL", &option_url, &chosen.fetch.upstream_url,
     "URL that a fetch step gets; {ms} in it becomes the milliseconds of fetch:1s, "
     "100 of fetch"},
    {0, "upstream-timeout", "TIME", &option_duration, &chosen.fetch.upstream_timeout_ns,
     "time limit of a fetch, which then fails with 504; 0: none (default 10s)"},
    {0, "max-work", "TIME", &option_duration, &chosen.front.endpoint.max_work_ns,
     "the most work that one request may ask for (default 60s)"},
    {0, "header-timeout", "TIME", &option_duration, &chosen.front.header_timeout_ns,
     "time limit of a request's head, else 408; of a body the first 16 KiB must have "
     "come by then, and the rest at 1,000 bytes a second or more; 0: none (default "
     "60s)"},
    {0, "turns-per-ms", "N", &option_number, &chosen.front.endpoint.turns_per_ms,
     "speed of the counting loop (default measured at start)"},
    {0},
};

static const char examples[] =
    "  juggle serve\n"
    "  juggle serve --work cpu:5ms+sleep:50ms --port 8080\n"
    "  juggle serve --only threading --gil\n"
    "  juggle serve --step ocr='tesseract stdin stdout' --work ocr\n";

static const struct option_values values[] = {
    {"--only ", &strategies->name, sizeof *strategies}, {0}};

static const struct command command = {"serve",
                                       "",
                                       "Serves one work under every strategy, over HTTP.",
                                       rows,
                                       print_endpoints,
                                       examples,
                                       values};

/* Puts them where they belong, keeps to --cpus CPUs, and fills in the rest. */
static void take_parameters(struct serve_options *options) {
    unsigned n_cpus = machine_usable_cpus();
    if (asked.cpus > n_cpus)
        error_exit("serve: --cpus %u: only %u %s usable; ask for less", asked.cpus,
                   n_cpus, n_cpus == 1 ? "is" : "are");
    int error = asked.cpus > 0 ? machine_keep_to_cpus(0, asked.cpus) : 0;
    if (error != 0)
        error_exit("serve: --cpus: %s", strerror(-error));
    n_cpus = asked.cpus > 0 ? asked.cpus : n_cpus;
    options->pools.threads = asked.threads > 0 ? asked.threads : n_cpus;
    options->pools.workers = asked.workers > 0 ? asked.workers : n_cpus;
    options->processes = asked.processes;
    options->accept = asked.accept;
    options->gil = asked.gil;
    options->front.max_inflight = asked.max_inflight;
    options->front.endpoint.default_work = asked.work;
}

/* Copies the entries that `only` names, or all. */
static void choose_strategies(struct serve_options *options) {
    const char *unknown =
        only != NULL ? options_find_unknown(only, strategy_is_known) : NULL;
    unsigned n_chosen = 0;
    if (unknown != NULL)
        error_exit(
            "serve: --only: there is no strategy '%s'; %s'juggle serve --help' lists "
            "them",
            unknown, options_suggest(unknown, "", &strategies->name, sizeof *strategies));
    for (const struct strategy_entry *entry = strategies; entry->name != NULL; entry++) {
        if (only != NULL && !options_list_names(only, entry->name))
            continue;
        if (n_chosen == SERVE_MAX_STRATEGIES)
            error_exit("serve: more than %d strategies; choose some with --only",
                       SERVE_MAX_STRATEGIES);
        options->strategies[n_chosen++] = *entry;
    }
    options->front.endpoint.strategies = options->strategies;
}

static void check_descriptors(struct serve_options *options) {
    unsigned *max_inflight = &options->front.max_inflight;
    unsigned workers = options->pools.workers, nofile = machine_raise_nofile();
    unsigned n_spare = SPARE_DESCRIPTORS + workers;
    unsigned n_needed = n_spare + (*max_inflight > 0 ? *max_inflight : 1);
    char who[80]; /* names an option only when the user gave it, or when it would help */
    if (*max_inflight > 0)
        (void)snprintf(who, sizeof who, "--max-inflight %u", *max_inflight);
    else
        (void)snprintf(who, sizeof who, "a server with %u worker process%s (--workers)",
                       workers, workers == 1 ? "" : "es");
    if (n_needed > nofile)
        error_exit("serve: %s needs %u open files and the limit is %u; raise it with "
                   "'ulimit -n' or ask for less",
                   who, n_needed, nofile);
    if (*max_inflight == 0)
        *max_inflight = nofile - n_spare < DEFAULT_MAX_INFLIGHT ? nofile - n_spare
                                                                : DEFAULT_MAX_INFLIGHT;
}

void serve_options_read(struct serve_options *options, int argc, char **argv) {
    struct endpoint_setting *endpoint = &options->front.endpoint;
    char why[WHY_BYTES];
    asked.accept = "shared"; /* what is said is meant, "" too */
    asked.work = NULL;
    (void)options_parse(&command, argc, argv, NULL);
    *options = chosen;
    take_parameters(options);
    choose_strategies(options);
    if (work_declare(&options->steps, why) != 0 ||
        declared_load(options->step_timeout_ns > 0 ? options->step_timeout_ns
                                                   : NO_LIMIT_NS,
                      why) != 0)
        error_exit("serve: --step: %s", why);
    if (strcmp(options->accept, "shared") != 0 &&
        strcmp(options->accept, "reuseport") != 0)
        error_exit("serve: --accept wants shared or reuseport, not '%s'",
                   options->accept);
    check_descriptors(options);
    if (endpoint->turns_per_ms <= 0)
        endpoint->turns_per_ms = counting_calibrate(CALIBRATION_NS);
    struct work work = {0};
    if (endpoint->default_work != NULL &&
        work_parse(endpoint->default_work, endpoint->turns_per_ms, &work, why) != 0)
        error_exit("serve: --work: %s", why);
    if (work_has_step(&work, STEP_FETCH) && options->fetch.upstream_url == NULL)
        error_exit("serve: --work has a fetch; add --upstream URL, which it gets");
    if (work_duration_ns(&work, endpoint->turns_per_ms) > endpoint->max_work_ns)
        error_exit("serve: --work is more than --max-work allows; raise that");
}
