/* `juggle load`: wires options, URLs, the run and what is written of it. */
#include "loadgen/load.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/build_info.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/files.h"
#include "common/machine.h"
#include "loadgen/by_url.h"
#include "loadgen/crew.h"
#include "loadgen/description.h"
#include "loadgen/drive.h"
#include "loadgen/live.h"
#include "loadgen/load_options.h"
#include "loadgen/search_run.h"
#include "loadgen/stop_signals.h"
#include "loadgen/summary.h"
#include "loadgen/text_json.h"
#include "loadgen/transport_choice.h"
#include "loadgen/validity.h"
#include "loadgen/warmup.h"

enum {
    MANY_USERS = 1000, /* from here on lanes get small buffers */
};

static void read_urls(const struct load_options *options, struct urls *urls) {
    char why[512];
    int error = options->file != NULL
                    ? urls_read_file(urls, options->file, why, sizeof why)
                    : urls_add(urls, options->url, why, sizeof why);
    if (error != 0)
        error_exit("load: %s", why);
}

/* With a proxy its name alone; it may know names that we do not. */
static void resolve(struct hosts *hosts, const struct urls *urls, const char *proxy) {
    char why[512];
    int error = proxy != NULL ? hosts_resolve_proxy(hosts, proxy, why, sizeof why)
                              : hosts_resolve(hosts, urls, why, sizeof why);
    if (error != 0)
        error_exit("load: %s", why);
}

/* What the lines of -v need beside the sample. */
struct transactions {
    const struct urls *urls;
    bool from_planned;
};

static void print_transaction(void *context, const struct load_sample *sample) {
    const struct transactions *transactions = context;
    summary_print_transaction(stdout, sample,
                              &transactions->urls->targets[sample->target],
                              transactions->from_planned);
}

static bool is_quiet(const struct load_options *options) {
    return options->quiet || options->json_output;
}

static struct drive_config configure(const struct load_options *options,
                                     const struct transport *transport,
                                     struct transactions *transactions,
                                     const struct urls *urls, const struct hosts *hosts) {
    bool shows = options->get || options->print;
    return (struct drive_config){
        .transport = transport,
        .transport_config = {.urls = urls,
                             .hosts = hosts,
                             .timeout_ns = options->timeout_ns,
                             .user_agent = options->user_agent,
                             .content_type = options->content_type,
                             .headers = options->headers.lines,
                             .n_headers = options->headers.n,
                             .keep_alive = !options->no_keepalive,
                             .insecure = options->insecure,
                             .follows = options->follows,
                             .http2 = options->http2,
                             .proxy = options->proxy,
                             .preconnects = options->preconnects,
                             .small_buffers =
                                 options->users > MANY_USERS || options->rate_per_s > 0,
                             .show_headers = shows ? stdout : NULL,
                             .show_body = options->print},
        .plan = {.n_users = options->users,
                 .n_rounds = options->rounds.once ? urls->n_targets : options->rounds.n,
                 .think = options->think,
                 .rate_per_s = options->rate_per_s,
                 .ramp_to_per_s = options->ramp_to_per_s,
                 .times = options->times.n > 0 ? &options->times : NULL,
                 .constant_gaps = options->constant_arrivals,
                 .duration_ns = options->duration_ns,
                 .warmup_ns = options->warmup_ns,
                 .n_targets = urls->n_targets,
                 .random_targets = options->internet,
                 .seed = options->seed},
        .max_in_flight = options->max_in_flight,
        .n_threads = options->n_threads,
        .on_sample = options->verbose && !is_quiet(options) ? print_transaction : NULL,
        .context = transactions,
    };
}

static json_t *describe_call(int argc, char **argv) {
    json_t *list = json_array();
    for (int i = 0; i < argc; i++)
        (void)json_array_append_new(list, text_json(argv[i]));
    return list;
}

static void print_banner(const struct load_options *options) {
    (void)fprintf(stderr, "** JUGGLE %s\n", build_version);
    if (options->search.text != NULL)
        (void)fprintf(stderr,
                      "** Searching the highest rate that keeps %s (open loop, %s "
                      "arrivals, seed %llu).\n",
                      options->search.text, options->arrivals,
                      (unsigned long long)options->seed);
    else if (options->rate_per_s > 0)
        (void)fprintf(stderr,
                      "** Preparing %g requests per second (open loop, %s arrivals, "
                      "seed %llu).\n",
                      options->rate_per_s, options->arrivals,
                      (unsigned long long)options->seed);
    else
        (void)fprintf(stderr,
                      "** Preparing %u concurrent users for battle (closed loop, seed "
                      "%llu).\n",
                      options->users, (unsigned long long)options->seed);
    (void)fprintf(stderr, "The server is now under siege...\n");
}

static int exit_status(const struct load_options *options,
                       const struct outcome *outcome) {
    unsigned n_unmet = require_report(&options->requirements, &outcome->summary);
    if (options->strict && outcome->validity.verdict != VERDICT_VALID) {
        error_print("load: --strict: the run is %s; its statistics say why",
                    validity_name(outcome->validity.verdict));
        n_unmet++;
    }
    if (outcome->result->signal == SIGINT)
        return EXIT_INTERRUPTED;
    if (n_unmet > 0)
        return EXIT_REQUIREMENT;
    if (outcome->search != NULL)
        return outcome->search->best_per_s > 0 ? EXIT_OK : EXIT_FAILED_REQUESTS;
    return outcome->summary.n_failed > 0 || outcome->summary.n_ok == 0
               ? EXIT_FAILED_REQUESTS
               : EXIT_OK;
}

/* What was promised and could not be written makes the call a failed one. */
static int written(int error, const char *path, int status) {
    if (error == 0)
        return status;
    error_print("load: cannot write '%s': %s", path, strerror(-error));
    return EXIT_USAGE;
}

static int print_json(const struct load_options *options, const struct outcome *outcome) {
    json_t *json = description_statistics(options, outcome);
    int failed = json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    (void)fputc('\n', stdout);
    json_decref(json);
    return failed && !ferror(stdout) ? -ENOMEM : 0;
}

/*
 * 0, or -errno when not all that the run and this printed on stdout was written. A reader
 * that leaves, such as head, does not end the run: it has its statistics and files.
 */
static int print_statistics(const struct load_options *options,
                            const struct outcome *outcome) {
    int error = options->json_output ? print_json(options, outcome) : 0;
    int unwritten = files_flush(stdout);
    if (unwritten != 0)
        error = unwritten;
    if (is_quiet(options))
        return error;
    (void)fprintf(stderr, "\n");
    if (options->duration_ns != 0)
        (void)fprintf(stderr, "Lifting the server siege...\n");
    summary_print(&outcome->summary, stderr);
    if (outcome->result->signal != 0)
        (void)fprintf(stderr, "Interrupted:\t\t%12s\n",
                      outcome->result->signal == SIGINT ? "SIGINT" : "SIGTERM");
    by_url_print(&outcome->by_url, stderr);
    validity_print(&outcome->validity, stderr);
    if (outcome->search != NULL)
        search_print(outcome->search, stderr);
    return error;
}

/* Prints and writes what the run came to; returns the exit status. */
static int report(struct load_options *options, const struct drive_config *config,
                  const struct drive_result *result, const struct search_report *search,
                  int argc, char **argv) {
    struct outcome outcome = {.result = result, .search = search};
    const struct urls *urls = config->transport_config.urls;
    bool is_open = options->rate_per_s > 0;
    if (summary_make(&outcome.summary, result, is_open) != 0 ||
        by_url_make(&outcome.by_url, result, urls, is_open) != 0) {
        error_print("load: out of memory for the statistics; use a shorter run");
        exports_abandon(&options->exports);
        return EXIT_USAGE;
    }
    validity_judge(&outcome.validity,
                   &(struct validity_run){&config->plan, result, &outcome.summary});
    int unprinted = print_statistics(options, &outcome);
    int status = written(unprinted, "stdout", exit_status(options, &outcome));
    if (options->logs)
        status = written(summary_log(&outcome.summary, options->log_path, options->mark),
                         options->log_path, status);
    json_t *head =
        options->exports.paths[EXPORT_JSON] != NULL
            ? description_make(options, config, &outcome, describe_call(argc, argv))
            : NULL;
    if (exports_write(&options->exports,
                      &(struct export_source){result, urls, is_open, head}) > 0)
        status = EXIT_USAGE;
    json_decref(head);
    by_url_free(&outcome.by_url);
    return status;
}

/* What is promised must be writable before the load is sent. */
static void begin_files(struct load_options *options) {
    FILE *log = options->logs ? fopen(options->log_path, "ae") : NULL;
    if (options->logs && log == NULL)
        error_exit("load: cannot write the log '%s': %s; name another with -lFILE",
                   options->log_path, strerror(errno));
    if (log != NULL)
        (void)fclose(log);
    exports_begin(&options->exports);
}

/* Who looks at a terminal wants to see it run; lines of -v, -g and trials show it too. */
static bool wants_live_line(const struct load_options *options) {
    return isatty(STDERR_FILENO) && !is_quiet(options) && !options->verbose &&
           !options->get && !options->print && options->search.text == NULL;
}

/* One run, or one for each trial of a search; errors as drive_run's. */
static int run(const struct load_options *options, struct drive_config *config,
               struct drive_result *result, struct search_report *search) {
    if (search != NULL)
        return search_run(&options->search, config, result,
                          is_quiet(options) ? NULL : stderr, search);
    config->live = wants_live_line(options) ? live_start() : NULL;
    int error = crew_run(config, result);
    live_stop(config->live);
    return error;
}

static void complain_of_run(const struct load_options *options, int error) {
    if (error == -EAGAIN)
        error_print("load: cannot start %u threads: %s; ask for fewer with --threads",
                    options->n_threads, strerror(-error));
    else
        error_print("load: the run failed: %s; ask for fewer users or a shorter run",
                    strerror(-error));
}

int load_main(int argc, char **argv) {
    struct load_options options;
    struct urls urls = {0};
    struct hosts hosts = {0};
    struct drive_result result;
    load_options_read(&options, argc, argv);
    read_urls(&options, &urls);
    const struct transport *transport = transport_choose(&options, &urls);
    resolve(&hosts, &urls, options.proxy);
    transport_fit(transport, &hosts, &options);
    stop_signals_block();
    begin_files(&options);
    if (!is_quiet(&options))
        print_banner(&options);
    struct transactions transactions = {&urls, options.rate_per_s > 0};
    struct drive_config config =
        configure(&options, transport, &transactions, &urls, &hosts);
    int status = EXIT_USAGE;
    struct search_report search = {0}, *searched = options.search.text ? &search : NULL;
    int error = run(&options, &config, &result, searched);
    if (error == 0) {
        if (options.finds_warmup)
            warmup_find(&result, options.rate_per_s > 0 ? 0 : options.users);
        status = report(&options, &config, &result, searched, argc, argv);
    } else {
        complain_of_run(&options, error);
        exports_abandon(&options.exports);
    }
    samples_free(result.samples);
    hosts_free(&hosts);
    urls_free(&urls);
    free(options.times.at_ns);
    return status;
}
