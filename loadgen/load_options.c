/* The options of `juggle load`; see load_options.h. To add one, add a row. */
#include "loadgen/load_options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/build_info.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/files.h"
#include "common/options.h"
#include "loadgen/load_check.h"
#include "loadgen/load_types.h"
#include "loadgen/precedence.h"
#include "loadgen/rc_file.h"
#include "loadgen/warmup.h"

static void print_more_help(FILE *out) {
    (void)fprintf(
        out,
        "\nA request failed when no whole answer came or its status is 400 or above.\n"
        "Redirects are answers, unless --follow. At the end of -t, requests in flight\n"
        "are cut off and counted apart, unless --drain awaits them: then the rate is of\n"
        "all that were sent. Time figures are of successful requests.\n"
        "With --rate, latency counts from the planned start of each request.\n"
        "A user whose request got no answer at all rests before the next: 10 ms, which\n"
        "doubles up to 1 s while none comes.\n"
        "\nRules of --require: p50 p90 p95 p99 p99.9 max mean (durations), rate (1/s),\n"
        "availability (%%), failed (requests); < <= > >=. A percentile that the samples\n"
        "do not carry fails its rule.\n"
        "\nExit status, the first that applies:\n"
        "  2    a wrong call, no memory, or output that could not be written\n"
        "  130  ended by SIGINT, 143 by SIGTERM, 129 by SIGHUP; statistics and files "
        "are\n"
        "       those of what was measured until then\n"
        "  3    a rule of --require does not hold, or --strict is not content\n"
        "  1    a request failed, or none succeeded; with --require: none ended, as its\n"
        "       rules say which failures are too many; with --search: no rate was found\n"
        "  0    else\n"
        "With --search, rules are of the last trial.\n"
        "\nWhere a file is expected, - is standard input or standard output.\n"
        "\nURL file (-f): a line is URL, URL POST data or URL POST <file; # begins a\n"
        "comment; NAME=value is used by later lines as $(NAME). A user has one\n"
        "connection: where URLs of several hosts take turns, each of them connects "
        "anew.\n");
}

/*
 * What the rows fill. A table of constants needs a place that is known beforehand, and a
 * process reads its command line once.
 */
static struct load_options settings;
static struct warmup_target warmup = {&settings.warmup_ns, &settings.finds_warmup};
static struct log_target log_target = {&settings.logs, &settings.log_path};

/* To add an option, add a row. */
static const struct option_row rows[] = {
    {'c', "concurrent", "N", &option_positive, &settings.users,
     "users at once (default 10)"},
    {'r', "reps", "N|once", &load_type_rounds, &settings.rounds,
     "requests of each user (default 1); once: each URL of -f once"},
    {'t', "time", "NUM[SMH]", &load_type_time, &settings.duration_ns,
     "how long to run; a bare number is minutes; wins over -r"},
    {0, "drain", "DURATION", &option_duration, &settings.drain_ns,
     "at the end of -t await what is in flight, for so long at most"},
    {'d', "delay", "SECONDS", &think_delay_option, &settings.think,
     "think time between requests, uniform in 0..SECONDS (default 0)"},
    {0, "think", "TIME", &think_option, &settings.think,
     "think time otherwise: exp:50ms or uniform:10ms..50ms"},
    {'b', "benchmark", "", &option_flag, &settings.benchmark, "no think time"},
    {'i', "internet", "", &option_flag, &settings.internet, "take URLs of -f at random"},
    {'f', "file", "FILE", &option_text, &settings.file, "read URLs from FILE"},
    {'H', "header", "TEXT", &load_type_header, &settings.headers,
     "set a request header; 'Name:' leaves one out; may be given again"},
    {'A', "user-agent", "TEXT", &load_type_header_value, &settings.user_agent,
     "set User-Agent"},
    {'T', "content-type", "TEXT", &load_type_header_value, &settings.content_type,
     "set Content-Type of POSTs (default that of forms)"},
    {'g', "get", "", &option_flag, &settings.get, "one request; show its headers"},
    {'p', "print", "", &option_flag, &settings.print,
     "one request; show its headers and the body"},
    {'v', "verbose", "", &option_flag, &settings.verbose,
     "print a line for each request"},
    {'q', "quiet", "", &option_flag, &settings.quiet, "print nothing but errors"},
    {'j', "json-output", "", &option_flag, &settings.json_output,
     "print the statistics as JSON instead"},
    {'l', "log", "[FILE]", &load_type_log, &log_target,
     "append the statistics to FILE (default juggle.log)"},
    {'m', "mark", "TEXT", &option_text, &settings.mark, "write TEXT into the log, too"},
    {0, "json", "FILE", &option_text, &settings.exports.paths[EXPORT_JSON],
     "write every request to FILE"},
    {0, "csv", "FILE", &option_text, &settings.exports.paths[EXPORT_CSV],
     "write every request to FILE as CSV"},
    {0, "histogram", "FILE", &option_text, &settings.exports.paths[EXPORT_HISTOGRAM],
     "write the latencies to FILE as HdrHistogram's percentile table"},
    {0, "samples", "FILE", &option_text, &settings.exports.paths[EXPORT_SAMPLES],
     "write every request after the warm-up to FILE, a table; then --json has none"},
    {0, "epoch", "NS", &option_count, &settings.epoch_ns,
     "times of --samples count from NS of the monotonic clock (default: the start)"},
    {0, "timeout", "DURATION", &option_duration, &settings.timeout_ns,
     "give a request up after so long (default 30s; 0: never)"},
    {0, "max-failures", "N", &option_count, &settings.max_failures,
     "end the run when N requests have failed (default 0: never)"},
    {0, "rate", "N", &load_type_rate, &settings.rate_per_s,
     "open loop: N requests per second, whatever the server does; needs -t"},
    {0, "ramp", "FROM..TO", &load_type_ramp, &settings.ramp,
     "open loop whose rate changes evenly, such as 100..1000/s; needs -t"},
    {0, "schedule", "FILE", &option_text, &settings.schedule_path,
     "open loop: send at the times in FILE, one per line in seconds"},
    {0, "arrivals", "KIND", &option_text, &settings.arrivals,
     "gaps of --rate: exponential (default) or constant"},
    {0, "search", "FIGURE:DURATION", &load_type_search, &settings.search,
     "the highest rate that keeps e.g. p99:50ms; exit 1 when none does"},
    {0, "search-from", "N", &load_type_rate, &settings.search.from_per_s,
     "with --search: the lowest rate tried (default 10/s)"},
    {0, "window", "DURATION", &load_type_window, &settings.search.window_ns,
     "with --search: length of a trial (default 2s); three confirm"},
    {0, "max-inflight", "N", &option_positive, &settings.max_in_flight,
     "with --rate: requests in flight; those beyond are counted, not sent"},
    {0, "threads", "N", &option_positive, &settings.n_threads,
     "spread the users, or the rate, over N threads (default 1)"},
    {0, "seed", "N", &load_type_seed, &settings.seed,
     "repeat the think times, URLs and gaps of an earlier run"},
    {0, "no-keepalive", "", &option_flag, &settings.no_keepalive,
     "a new connection for each request"},
    {0, "transport", "NAME", &option_text, &settings.transport,
     "http1 (default for plain http) or curl (default for the rest)"},
    {0, "preconnect", "", &option_flag, &settings.preconnects,
     "open the users' connections before the start, outside the times"},
    {0, "require", "RULE", &require_option, &settings.requirements,
     "exit 3 unless 'p99<200ms', 'availability>99.9', ...; may be given again"},
    {0, "warmup", "DURATION|auto", &warmup_option, &warmup,
     "leave what is planned before out of the statistics; auto: find it"},
    {0, "strict", "", &option_flag, &settings.strict, "exit 3 unless the run is VALID"},
    {'R', "rc", "FILE", &load_type_rc, &settings.rc,
     "settings from FILE, as siege's rc file has them; what stands here wins"},
    {'C', "config", "", &load_type_act, &settings.shows_config,
     "print the settings in the form of such a file, and leave"},
    {0, "url", "URL", &option_text, &settings.given_url,
     "the URL, for files of settings"},
    {0, "follow", "", &option_flag, &settings.follows,
     "follow redirects; a request's time covers them all"},
    {0, "http2", "", &option_flag, &settings.http2,
     "speak HTTP/2, a connection for each user (https: if the server will)"},
    {0, "proxy", "URL", &option_text, &settings.proxy,
     "send every request through a proxy"},
    {0, "insecure", "", &option_flag, &settings.insecure,
     "https: accept any certificate"},
    {0},
};

static const struct command command = {
    "load", "URL", "Sends requests to a URL and times them, as siege does.", rows,
    print_more_help};

static void set_defaults(void) {
    static char user_agent[64];
    (void)snprintf(user_agent, sizeof user_agent, "juggle/%s", build_version);
    settings = (struct load_options){
        .users = 10,
        .n_threads = 1,
        .rounds = {.n = 1},
        .user_agent = user_agent,
        .content_type = "application/x-www-form-urlencoded",
        .log_path = "juggle.log",
        .timeout_ns = 30 * NS_PER_S,
        .arrivals = "exponential",
        .seed = LOAD_NO_SEED,
    };
}

static void take_url(struct load_options *options, int n_operands, char **operands) {
    if (n_operands > 1)
        error_exit("load: one URL at a time, not also '%s'; a file of URLs goes to -f",
                   operands[1]);
    options->url = n_operands == 1 ? operands[0] : options->given_url;
    if (options->url == NULL && options->file == NULL)
        error_exit("load: what should be loaded? give a URL, or -f FILE with URLs");
    if (options->url != NULL && options->file != NULL)
        error_exit("load: give either a URL or -f FILE, not both");
}

/* The settings of --rc, then those of argv; the first operand's index. */
static int parse(int argc, char **argv, uint64_t *said) {
    set_defaults();
    int first = options_parse_noting(&command, argc, argv, said);
    const char *rc = settings.rc;
    if (first < argc)
        *said |= options_set(rows, "url");
    if (rc == NULL)
        return first;
    set_defaults(); /* again: the file comes first, for the command line to win */
    rc_file_apply(rc, rows, precedence_outdone(rows, *said));
    return options_parse(&command, argc, argv);
}

static _Noreturn void show_settings(void) {
    (void)printf("# the settings of juggle load, as a file for --rc\n");
    options_print_settings(rows, stdout);
    int error = files_flush(stdout);
    if (error != 0)
        error_exit("load: cannot write 'stdout': %s", strerror(-error));
    exit(EXIT_OK);
}

void load_options_read(struct load_options *options, int argc, char **argv) {
    uint64_t said;
    int first = parse(argc, argv, &said);
    *options = settings;
    load_check_choices(options, rows, said);
    if (settings.shows_config) {
        if (first + 1 == argc)
            settings.given_url = argv[first];
        show_settings();
    }
    take_url(options, argc - first, argv + first);
    load_check(options);
}

bool load_options_are_open(const struct load_options *options) {
    return options->rate_per_s > 0 || options->ramp.to_per_s > 0 ||
           options->schedule_path != NULL || options->search.text != NULL;
}

bool load_options_are_quiet(const struct load_options *options) {
    return options->quiet || options->json_output;
}
