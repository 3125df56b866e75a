/* What one option alone cannot know: which of them go together; see load_settings.h. */
#include "loadgen/options/load_settings.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/options.h"
#include "common/stats/random.h"
#include "loadgen/drive/threads.h"

/* To send requests; two of them would not be one load. */
static void check_ways(const struct load_options *options) {
    const struct drive_config *config = &options->config;
    int n_ways = (config->plan.rate_per_s > 0) + (options->ramp.to_per_s > 0) +
                 (options->schedule_path != NULL);
    if (options->search.text != NULL &&
        (n_ways > 0 || config->plan.duration_ns != 0 || options->warmup.ns != 0 ||
         options->warmup.is_found || options->get || options->print ||
         config->max_failures > 0))
        error_exit("load: --search chooses rates and times itself; leave out --rate, "
                   "--ramp, --schedule, -t, --warmup, --max-failures, -g and -p");
    if (n_ways > 1)
        error_exit("load: --rate, --ramp and --schedule each say when requests are sent; "
                   "give one of them and leave out the rest");
}

/* Options that a run of some kind does not heed, and what to do instead. */
void load_settings_check_choices(const struct load_options *options,
                                 const struct option_row *rows, uint64_t said) {
    const struct tls *tls = &options->config.transport_config.tls;
    bool is_open = load_options_are_open(options);
    bool is_indivisible = options->ramp.to_per_s > 0 || options->schedule_path != NULL ||
                          options->search.text != NULL || options->get || options->print;
    const struct {
        bool is_so;
        const char *names, *refusal;
    } unheeded[] = {
        {is_open, "concurrent",
         "-c is for users who wait, and with --rate, --ramp, --schedule and --search "
         "there are none; leave it out, or limit requests in flight with --max-inflight"},
        {is_open, "reps",
         "-r is for users who wait, and with --rate, --ramp, --schedule and --search "
         "there are none; leave it out, and say with -t how long to run"},
        {is_open, "delay,think",
         "-d and --think are for users who wait; leave them out with --rate, --ramp, "
         "--schedule and --search"},
        {!is_open, "max-inflight",
         "--max-inflight is for --rate; users are limited by -c"},
        {!is_open, "arrivals",
         "--arrivals is for --rate and --search; leave it out with users"},
        {options->schedule_path != NULL, "arrivals",
         "--schedule says when requests are sent; leave out --arrivals"},
        {options->config.plan.duration_ns == 0, "drain",
         "--drain is for what is in flight at the end of -t; add -t, or leave it out: "
         "without -t every answer is awaited"},
        {is_open, "cookies",
         "--cookies are kept by users, and with --rate, --ramp, --schedule and --search "
         "there are none; leave it out, or send one with -H 'Cookie: ...'"},
        {options->routes.proxy != NULL, "unix-socket,connect-to,resolve",
         "--proxy says where to connect, and looks names up; leave out --unix-socket, "
         "--connect-to and --resolve"},
        {options->routes.unix_path != NULL, "connect-to,resolve",
         "--unix-socket says where to connect; leave out --connect-to and --resolve"},
        {tls->accepts_any, "cacert",
         "--insecure accepts any certificate; leave out --cacert, or --insecure"},
        {tls->certificate_path == NULL, "key",
         "--key is that of the certificate of --cert; add --cert FILE"},
        {options->exports.paths[EXPORT_SAMPLES] == NULL, "epoch",
         "--epoch is for the times in the file of --samples; add --samples FILE"},
        {is_indivisible, "share",
         "--share divides users, or a rate that stays; leave it out with --ramp, "
         "--schedule, --search, -g and -p"},
        {options->file == NULL, "internet",
         "-i chooses among the URLs of -f; add -f FILE, or leave it out"},
        {options->search.text == NULL, "search-from,window",
         "--search-from and --window are for --search; add --search, such as --search "
         "p99:50ms"},
    };
    check_ways(options);
    for (size_t i = 0; i < sizeof unheeded / sizeof *unheeded; i++)
        if (unheeded[i].is_so && (options_set(rows, unheeded[i].names) & said) != 0)
            error_exit("load: %s", unheeded[i].refusal);
}

/* One request shows itself, whatever load is asked for; none comes before it. */
static void make_single(struct load_options *options) {
    struct drive_config *config = &options->config;
    config->plan.n_users = 1;
    config->plan.n_rounds = 1;
    config->plan.duration_ns = config->drain_ns = 0;
    options->warmup = (struct warmup_setting){0};
    config->max_in_flight = 0;
    config->plan.rate_per_s = 0;
    options->ramp = (struct load_ramp){0};
    options->schedule_path = NULL;
}

/* A search is an open loop whose rate and length change. */
static void set_search(struct load_options *options) {
    struct search_setting *search = &options->search;
    if (search->from_per_s == 0)
        search->from_per_s = 10;
    if (search->window_ns == 0)
        search->window_ns = 2 * NS_PER_S;
    if (search->objective.limit_ns >= search->window_ns)
        error_exit("load: a --window of %g s cannot show latencies of %g s; make it "
                   "longer, such as --window %gs",
                   clock_seconds(search->window_ns),
                   clock_seconds(search->objective.limit_ns),
                   10 * clock_seconds(search->objective.limit_ns));
    options->config.plan.rate_per_s = search->from_per_s;
    options->config.plan.duration_ns = search->window_ns;
}

/* Rate, length and arrivals of the way that was chosen. */
static void set_way(struct load_options *options) {
    struct drive_config *config = &options->config;
    struct schedule_plan *plan = &config->plan;
    plan->constant_gaps = strcmp(options->arrivals, "constant") == 0;
    if (!plan->constant_gaps && strcmp(options->arrivals, "exponential") != 0)
        error_exit("load: --arrivals wants constant or exponential, not '%s'",
                   options->arrivals);
    if (config->n_threads > THREADS_MOST)
        error_exit("load: --threads %u is too many; ask for at most %d",
                   config->n_threads, THREADS_MOST);
    if (config->n_threads > 1 &&
        (options->ramp.to_per_s > 0 || options->schedule_path != NULL))
        error_exit(
            "load: --ramp and --schedule work with one thread only; leave out --threads");
    if (options->search.text != NULL)
        set_search(options);
    if (options->ramp.to_per_s > 0)
        plan->rate_per_s = options->ramp.from_per_s;
    if (options->schedule_path != NULL) {
        /* From here on it is an open loop as any other, of the rate that it has. */
        char why[WHY_BYTES];
        if (schedule_read_file(options->schedule_path, &options->times, why) != 0)
            error_exit("load: --schedule: %s", why);
        plan->rate_per_s = schedule_mean_rate_per_s(&options->times);
        options->arrivals = "schedule";
    }
    if (load_options_are_open(options) && plan->duration_ns == 0 && options->times.n == 0)
        error_exit("load: --rate and --ramp need a duration; add -t, such as -t 30S");
}

/* The first of `outputs` in
 * load_settings_check_outputs. What people read on a terminal, the others,
 * has always gone together; a file there is alone. */
enum { N_FILES = 5 };

/* A path's folder; false when there is none. */
static bool find_folder(const char *path, struct stat *folder) {
    char text[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int n = slash != NULL ? (int)(slash + 1 - path) : 0;
    if ((size_t)snprintf(text, sizeof text, "%.*s.", n, path) >= sizeof text)
        return false;
    return stat(text, folder) == 0;
}

/* Whether two paths name one file, which need not be there yet. */
static bool are_same(const char *one, const char *other) {
    struct stat folder_of_one, folder_of_other;
    if (files_is_standard(one) || files_is_standard(other))
        return strcmp(one, other) == 0;
    const char *name = strrchr(one, '/'), *other_name = strrchr(other, '/');
    name = name != NULL ? name + 1 : one;
    other_name = other_name != NULL ? other_name + 1 : other;
    return strcmp(name, other_name) == 0 && find_folder(one, &folder_of_one) &&
           find_folder(other, &folder_of_other) &&
           folder_of_one.st_dev == folder_of_other.st_dev &&
           folder_of_one.st_ino == folder_of_other.st_ino;
}

void load_settings_check_outputs(const struct load_options *options) {
    const struct {
        const char *option, *path;
    } outputs[] = {
        {"--json", options->exports.paths[EXPORT_JSON]},
        {"--csv", options->exports.paths[EXPORT_CSV]},
        {"--histogram", options->exports.paths[EXPORT_HISTOGRAM]},
        {"--samples", options->exports.paths[EXPORT_SAMPLES]},
        {"--log", options->log_path},
        {"-v, -g or -p", options->verbose || options->get || options->print ? "-" : NULL},
        {"-j", options->json_output ? "-" : NULL},
    };
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        for (size_t k = 0; k < i; k++)
            if (outputs[i].path != NULL && outputs[k].path != NULL && k < N_FILES &&
                are_same(outputs[k].path, outputs[i].path))
                error_exit("%s: %s and %s would write the same file '%s'; name two",
                           options_command_name(), outputs[k].option, outputs[i].option,
                           files_is_standard(outputs[i].path) ? "stdout"
                                                              : outputs[i].path);
}

bool load_options_take_stdout(const struct load_options *options) {
    bool takes = options->get || options->print ||
                 (options->log_path != NULL && files_is_standard(options->log_path));
    for (size_t i = 0; i < N_EXPORTS; i++)
        takes = takes || (options->exports.paths[i] != NULL &&
                          files_is_standard(options->exports.paths[i]));
    return takes;
}

/* A part without a user, or without a lane, would send nothing. */
static void set_share(struct load_options *options) {
    bool is_open = load_options_are_open(options);
    unsigned n = is_open ? options->config.max_in_flight : options->config.plan.n_users;
    if (options->share.is_auto)
        share_find(&options->share);
    if (n < options->share.n_parts && (!is_open || n > 0))
        error_exit("load: --share: %s %u is less than the %u parts; ask for more, or "
                   "make fewer parts",
                   is_open ? "--max-inflight" : "-c", n, options->share.n_parts);
    if (options->share.n_parts > 0 && options->config.plan.seed == LOAD_NO_SEED)
        options->config.plan.seed = LOAD_SHARED_SEED;
    share_check_start(options->config.start_at_ns);
}

void load_settings_complete(struct load_options *options) {
    struct schedule_plan *plan = &options->config.plan;
    if (options->get || options->print)
        make_single(options);
    set_way(options);
    if (options->benchmark || load_options_are_open(options))
        plan->think = (struct think){0};
    if (plan->duration_ns != 0)
        plan->n_rounds = 0;
    if (plan->duration_ns != 0 && options->warmup.ns >= plan->duration_ns)
        error_exit("load: --warmup is as long as the run; make -t longer");
    set_share(options);
    if (plan->seed == LOAD_NO_SEED)
        plan->seed = random_fresh_seed();
    if (options->mark != NULL && options->log_path == NULL)
        options->log_path = LOAD_LOG;
    load_settings_check_outputs(options);
    const char *refusal =
        headers_refusal(&options->headers, options->config.transport_config.http2);
    if (refusal != NULL)
        error_exit("load: %s", refusal);
    if (options->config.transport_config.keeps_cookies &&
        headers_have(&options->headers, "Cookie"))
        error_exit("load: --cookies writes the header 'Cookie'; leave out that of -H");
    if (headers_list(&options->headers, "Connection", "close"))
        options->no_keepalive = true;
}
