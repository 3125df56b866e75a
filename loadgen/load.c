/* `juggle load`: wires options, URLs, the run and what is written of it. */
#include "loadgen/load.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/command_line.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/machine.h"
#include "common/base/units.h"
#include "common/workload/counting.h"
#include "loadgen/drive/drive.h"
#include "loadgen/drive/live.h"
#include "loadgen/drive/search.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "loadgen/load_report.h"
#include "loadgen/options/load_options.h"
#include "loadgen/part.h"
#include "loadgen/statistics/summary_print.h"
#include "loadgen/statistics/warmup.h"
#include "loadgen/transport_choice.h"

enum {
    MANY_USERS = 1000,     /* from here on lanes get small buffers */
    MOST_CALIBRATIONS = 8, /* 0.15 s, for which the start may wait */
};

static const uint64_t LEAST_CALIBRATED_NS = 5 * NS_PER_S, CALIBRATION_NS = 10 * NS_PER_MS,
                      CALIBRATED_AGAIN_NS = NS_PER_S / 2;
static const double SAME_SPEED = 0.95;

static void read_urls(const struct load_options *options, struct urls *urls) {
    char why[WHY_BYTES];
    int error = urls_set_usual(urls, options->method, options->body_path, why);
    if (error == 0)
        error = options->file != NULL ? urls_read_file(urls, options->file, why)
                                      : urls_add(urls, options->url, why);
    if (error != 0)
        error_exit("load: %s", why);
    if (urls->n_usual == 0 && (options->method != NULL || options->body_path != NULL))
        error_exit(
            "load: -X and --body are for URLs that name no method, and each of '%s' "
            "names one; leave them out",
            options->file != NULL ? options->file : options->url);
    size_t i = 0;
    while (i < urls->n_targets && urls->targets[i].body == NULL)
        i++;
    if (options->config.transport_config.content_type != NULL && i == urls->n_targets)
        error_exit("load: -T is the type of a body, and no request has one; add --body "
                   "FILE, or leave it out");
}

static void print_transaction(void *context, const struct load_sample *sample) {
    const struct drive_config *config = context;
    const struct urls *urls = config->transport_config.urls;
    summary_print_transaction(stdout, sample, &urls->targets[sample->target],
                              schedule_is_open(&config->plan));
}

void load_configure(struct load_options *options, const struct transport *transport,
                    const struct urls *urls, const struct hosts *hosts) {
    struct drive_config *config = &options->config;
    struct transport_config *own = &config->transport_config;
    struct schedule_plan *plan = &config->plan;
    config->transport = transport;
    own->urls = urls;
    own->hosts = hosts;
    own->headers = &options->headers;
    own->keep_alive = !options->no_keepalive;
    if (own->content_type == NULL)
        own->content_type = "application/x-www-form-urlencoded";
    own->small_buffers = plan->n_users > MANY_USERS || load_options_are_open(options);
    own->show_headers = options->get || options->print ? stdout : NULL;
    own->show_body = options->print;
    if (plan->n_rounds == LOAD_ONCE)
        plan->n_rounds = urls->n_targets;
    plan->ramp_to_per_s = options->ramp.to_per_s;
    plan->times = options->times.n > 0 ? &options->times : NULL;
    plan->warmup_ns = options->warmup.ns;
    plan->n_targets = urls->n_targets;
    plan->begins_alike = own->keeps_cookies;
}

static void print_banner(const struct load_options *options) {
    char time[32];
    (void)fprintf(stderr, "** JUGGLE %s\n", build_version);
    if (options->search.text != NULL)
        (void)fprintf(stderr, "** Searching the highest rate that keeps %s",
                      options->search.text);
    else if (options->ramp.to_per_s > 0)
        (void)fprintf(stderr, "** Preparing %g to %g requests per second",
                      options->ramp.from_per_s, options->ramp.to_per_s);
    else if (load_options_are_open(options))
        (void)fprintf(stderr, "** Preparing %g requests per second",
                      options->config.plan.rate_per_s);
    else
        (void)fprintf(stderr, "** Preparing %u concurrent users for battle (closed loop",
                      options->config.plan.n_users);
    if (load_options_are_open(options))
        (void)fprintf(stderr, " (open loop,\n** %s arrivals", options->arrivals);
    if (options->config.transport_config.keeps_cookies)
        (void)fprintf(stderr, ",\n** cookies kept for each, over the transport curl");
    (void)fprintf(stderr, ", seed %llu).\n",
                  (unsigned long long)options->config.plan.seed);
    if (options->share.n_parts > 0)
        (void)fprintf(stderr, "** This is part %u of %u of it.\n", options->share.part,
                      options->share.n_parts);
    uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);
    if (options->config.start_at_ns > now_ns)
        (void)fprintf(stderr, "** It starts in %s.\n",
                      units_format_duration(options->config.start_at_ns - now_ns, time));
    (void)fprintf(stderr, "The server is now under siege");
    if (options->config.plan.duration_ns > 0)
        (void)fprintf(stderr, " for %s",
                      units_format_duration(options->config.plan.duration_ns, time));
    (void)fprintf(stderr, "...\n");
}

/* What is promised must be writable before the load is sent. */
static void begin_files(struct load_options *options) {
    bool logs = options->log_path != NULL && !files_is_standard(options->log_path);
    FILE *log = logs ? fopen(options->log_path, "ae") : NULL;
    if (logs && log == NULL)
        error_exit("load: cannot write the log '%s': %s; name another with -lFILE",
                   options->log_path, strerror(errno));
    if (log != NULL)
        (void)fclose(log);
    exports_begin(&options->exports);
}

/* One run, or one for each trial of a search; errors as drive_run's. */
static int run(const struct load_options *options, struct drive_config *config,
               struct drive_result *result, struct search_report *search) {
    if (search != NULL)
        return search_run(&options->search, config, result,
                          load_options_are_quiet(options) ? NULL : stderr, search);
    /* A bare loop's speed while no request is in flight; 0: the run is too short. */
    double speed =
        config->plan.duration_ns >= LEAST_CALIBRATED_NS
            ? counting_calibrate_until_agreed(CALIBRATION_NS, MOST_CALIBRATIONS)
            : 0;
    /* Who looks at a terminal wants to see it run; lines of -v and -g show it too. */
    bool wants_live_line = error_columns() > 0 && !load_options_are_quiet(options) &&
                           !options->verbose && !options->get && !options->print;
    config->live = wants_live_line ? live_start() : NULL;
    int error = threads_run(config, result);
    live_stop(config->live);
    if (error != 0 || speed == 0 || result->signal != 0)
        return error;
    /* The same after the run, when a server may yet be at work on what was cut off. */
    double again = 0;
    uint64_t until_ns = clock_now_ns() + CALIBRATED_AGAIN_NS;
    while (again < speed * SAME_SPEED && clock_now_ns() < until_ns)
        again = fmax(again, counting_calibrate(CALIBRATION_NS));
    result->speed_change = again / speed;
    return 0;
}

static void complain_of_run(const struct load_options *options, int error) {
    if (error == -EAGAIN)
        error_print("load: cannot start %u threads: %s; ask for fewer with --threads",
                    options->config.n_threads, strerror(-error));
    else if (options->config.transport_config.preconnects && error != -ENOMEM)
        error_print("load: --preconnect: no connection could be made: %s; check that the "
                    "server is running, or leave it out to count such failures",
                    strerror(-error));
    else
        error_print("load: the run failed: %s; ask for fewer users or a shorter run",
                    strerror(-error));
}

static int report(struct load_options *options, const struct drive_config *config,
                  struct drive_result *result, const struct search_report *search,
                  int argc, char **argv) {
    json_t *words = command_line_json(argc, argv), *common = NULL, *share = NULL;
    if (!load_options_are_quiet(options))
        (void)fprintf(
            stderr, "\n%s",
            options->config.plan.duration_ns != 0 ? "Lifting the server siege...\n" : "");
    result->clock_error_s = machine_clock_error_s();
    if (options->warmup.is_found)
        warmup_find(result);
    if (options->share.n_parts > 0) {
        common = load_options_words(argc, argv);
        share = part_json(options, config, result, common);
    }
    int status = load_report(options, config, result, search, words, share);
    json_decref(words);
    json_decref(common);
    json_decref(share);
    return status;
}

int load_main(int argc, char **argv) {
    struct load_options options;
    struct urls urls = {0};
    struct hosts hosts = {0};
    struct drive_result result = {0};
    char why[WHY_BYTES];
    load_options_read(&options, argc, argv);
    read_urls(&options, &urls);
    const struct transport *transport = transport_choose(&options, &urls);
    if (hosts_resolve(&hosts, &urls, &options.routes, why) != 0)
        error_exit("load: %s", why);
    load_configure(&options, transport, &urls, &hosts);
    struct drive_config config = options.config;
    config.context = &config;
    if (options.verbose && !load_options_are_quiet(&options))
        config.on_sample = print_transaction;
    if (options.share.n_parts > 0)
        threads_share(&config, options.share.part - 1, options.share.n_parts);
    transport_fit(&options, &config);
    stop_signals_block();
    begin_files(&options);
    if (!load_options_are_quiet(&options))
        print_banner(&options);
    int status = EXIT_USAGE;
    struct search_report search = {0}, *searched = options.search.text ? &search : NULL;
    int error = run(&options, &config, &result, searched);
    if (error == 0) {
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
