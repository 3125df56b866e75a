/* The options of `juggle load`; see load_options.h. To add one, add a row. */
#include "loadgen/load_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/build_info.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/options.h"
#include "common/random.h"
#include "common/units.h"
#include "loadgen/crew.h"

static int parse_rounds(const char *text, void *target) {
    struct load_rounds *rounds = target;
    *rounds = (struct load_rounds){.once = strcmp(text, "once") == 0};
    if (rounds->once)
        return 0;
    int error = units_parse_count(text, &rounds->n);
    return error == 0 && rounds->n == 0 ? -ERANGE : error;
}

/* siege's 30S, 5M, 1H and 5 (minutes); or any duration of ours. */
static int parse_time(const char *text, void *target) {
    uint64_t *duration_ns = target;
    char lower[32];
    size_t n = 0;
    for (; n < sizeof lower - 2 && text[n] != '\0'; n++)
        lower[n] = (char)tolower((unsigned char)text[n]);
    if (text[n] == '\0' && n > 0 && isdigit((unsigned char)text[n - 1]))
        lower[n++] = 'm';
    lower[n] = '\0';
    int error = units_parse_duration(lower, duration_ns);
    return error == 0 && *duration_ns < NS_PER_MS ? -ERANGE : error;
}

static int parse_rate(const char *text, void *target) {
    char number[64];
    size_t n = strlen(text);
    if (n >= sizeof number)
        return -EINVAL;
    memcpy(number, text, n + 1);
    if (n > 2 && strcmp(number + n - 2, "/s") == 0)
        number[n - 2] = '\0';
    int error = units_parse_number(number, target);
    double rate = *(double *)target;
    return error == 0 && (rate < 1e-3 || rate > 1e7) ? -ERANGE : error;
}

static int parse_search(const char *text, void *target) {
    struct search_setting *search = target;
    search->text = text;
    return search_parse_objective(text, &search->objective);
}

struct ramp_target {
    double *from_per_s, *to_per_s;
};

/* "100..1000/s" */
static int parse_ramp(const char *text, void *target) {
    struct ramp_target *ramp = target;
    char from[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof from)
        return -EINVAL;
    memcpy(from, text, (size_t)(dots - text));
    from[dots - text] = '\0';
    int error = parse_rate(from, ramp->from_per_s);
    return error == 0 ? parse_rate(dots + 2, ramp->to_per_s) : error;
}

/* A header must have a name and no line end, or it would change the request's shape. */
static int parse_header(const char *text, void *target) {
    struct load_headers *headers = target;
    const char *colon = strchr(text, ':');
    if (colon == NULL || colon == text || strpbrk(text, "\r\n") != NULL)
        return -EINVAL;
    if (headers->n == LOAD_MAX_HEADERS)
        return -ERANGE;
    headers->lines[headers->n++] = text;
    return 0;
}

struct log_target {
    bool *wanted;
    const char **path;
};

static int parse_log(const char *text, void *target) {
    struct log_target *log = target;
    *log->wanted = true;
    if (text != NULL)
        *log->path = text;
    return 0;
}

static const struct option_type type_rounds = {"a whole number from 1, or 'once'",
                                               parse_rounds};
static const struct option_type type_time = {
    "a time such as 30S, 5M, 1H or 500ms (a bare number is minutes)", parse_time};
static const struct option_type type_rate = {"requests per second such as 100 or 100/s",
                                             parse_rate};
static const struct option_type type_search = {"a figure and its limit such as p99:50ms "
                                               "or max:1s",
                                               parse_search};
static const struct option_type type_window = {UNITS_DURATION_FORM, parse_time};
static const struct option_type type_ramp = {"two rates per second such as 100..1000/s",
                                             parse_ramp};
static const struct option_type type_header = {"'Name: value', at most 64 times",
                                               parse_header};
static const struct option_type type_log = {"a file name", parse_log};

static void print_more_help(FILE *out) {
    (void)fprintf(
        out,
        "\nA request failed when no whole answer came or its status is 400 or above.\n"
        "Redirects are answers and are not followed. At the end of -t, requests in "
        "flight\n"
        "are cut off and counted apart. Time figures are of successful requests.\n"
        "With --rate, latency counts from the planned start of each request.\n"
        "\nRules of --require: p50 p90 p95 p99 p99.9 max mean (durations), rate (1/s),\n"
        "availability (%%), failed (requests); < <= > >=. A percentile that the samples\n"
        "do not carry fails its rule.\n"
        "\nExit status: 0 all succeeded, 1 a request failed, 2 wrong call, 3 a rule of\n"
        "--require does not hold or --strict is not content, 130 SIGINT.\n"
        "With --search: 0 a rate was found, 1 even the lowest does not keep it; rules "
        "are\n"
        "of the last trial.\n"
        "\nURL file (-f): a line is URL, URL POST data or URL POST <file; # begins a\n"
        "comment; NAME=value is used by later lines as $(NAME).\n");
}

/* A search is an open loop whose rate and length change. */
static void check_search(struct load_options *options) {
    struct search_setting *search = &options->search;
    if (search->text == NULL && (search->from_per_s > 0 || search->window_ns > 0))
        error_exit("load: --search-from and --window are for --search; add --search, "
                   "such as --search p99:50ms");
    if (search->text == NULL)
        return;
    if (options->rate_per_s > 0 || options->schedule_path != NULL ||
        options->duration_ns != 0 || options->warmup_ns != 0 || options->get ||
        options->print)
        error_exit("load: --search chooses rates and times itself; leave out --rate, "
                   "--ramp, --schedule, -t, --warmup, -g and -p");
    if (search->from_per_s == 0)
        search->from_per_s = 10;
    if (search->window_ns == 0)
        search->window_ns = 2 * NS_PER_S;
    options->rate_per_s = search->from_per_s;
    options->duration_ns = search->window_ns;
}

static void check_threads(const struct load_options *options) {
    if (options->n_threads > CREW_MAX_THREADS)
        error_exit("load: --threads %u is too many; ask for at most %d",
                   options->n_threads, CREW_MAX_THREADS);
    if (options->n_threads > 1 &&
        (options->ramp_to_per_s > 0 || options->schedule_path != NULL))
        error_exit("load: --ramp and --schedule go with one thread; leave out --threads");
}

/* From here on a schedule is an open loop as any other, of the rate that it has. */
static void read_schedule(struct load_options *options) {
    char why[512];
    if (options->schedule_path == NULL)
        return;
    if (options->rate_per_s > 0)
        error_exit("load: --schedule says when requests are sent; leave out --rate and "
                   "--ramp");
    if (schedule_file_read(options->schedule_path, &options->times, why, sizeof why) != 0)
        error_exit("load: --schedule: %s", why);
    options->rate_per_s = schedule_file_rate_per_s(&options->times);
    options->arrivals = "schedule";
}

static void check_url(struct load_options *options, int n_operands, char **operands) {
    if (n_operands > 1)
        error_exit("load: one URL at a time, not also '%s'; a file of URLs goes to -f",
                   operands[1]);
    options->url = n_operands == 1 ? operands[0] : NULL;
    if (options->url == NULL && options->file == NULL)
        error_exit("load: what should be loaded? give a URL, or -f FILE with URLs");
    if (options->url != NULL && options->file != NULL)
        error_exit("load: give either a URL or -f FILE, not both");
}

/* What one row alone cannot know. */
static void check(struct load_options *options) {
    options->constant_arrivals = strcmp(options->arrivals, "constant") == 0;
    if (!options->constant_arrivals && strcmp(options->arrivals, "exponential") != 0)
        error_exit("load: --arrivals wants constant or exponential, not '%s'",
                   options->arrivals);
    check_search(options);
    check_threads(options);
    read_schedule(options);
    if (options->rate_per_s > 0 && options->duration_ns == 0 && options->times.n == 0)
        error_exit("load: --rate needs a length; add -t, such as -t 30S");
    if (options->max_in_flight > 0 && options->rate_per_s == 0)
        error_exit("load: --max-inflight is for --rate; users are limited by -c");
    if (options->seed > INT64_MAX)
        error_exit("load: --seed is out of range; it wants a number below 2^63");
    if (options->mark != NULL)
        options->logs = true;
    if (options->benchmark)
        options->think = (struct think){0};
    if (options->duration_ns != 0 && options->warmup_ns >= options->duration_ns)
        error_exit("load: --warmup is as long as the run; make -t longer");
    if (options->rate_per_s > 0 && !think_is_none(&options->think))
        error_exit("load: -d and --think are for users who wait; leave them out with "
                   "--rate and --search");
    if (options->get || options->print) {
        options->users = 1;
        options->rounds = (struct load_rounds){.n = 1};
        options->duration_ns = 0;
        options->rate_per_s = 0;
        options->times.n = 0;
    }
    if (options->duration_ns != 0)
        options->rounds = (struct load_rounds){0};
}

void load_options_read(struct load_options *options, int argc, char **argv) {
    static char user_agent[64];
    (void)snprintf(user_agent, sizeof user_agent, "juggle/%s", build_version);
    *options = (struct load_options){
        .users = 10,
        .n_threads = 1,
        .rounds = {.n = 1},
        .user_agent = user_agent,
        .content_type = "application/x-www-form-urlencoded",
        .log_path = "juggle.log",
        .timeout_ns = 30 * NS_PER_S,
        .arrivals = "exponential",
        .seed = random_fresh_seed(),
    };
    struct load_options *o = options;
    struct ramp_target ramp = {&o->rate_per_s, &o->ramp_to_per_s};
    struct log_target log = {&o->logs, &o->log_path};
    const struct option_row rows[] = {
        {'c', "concurrent", "N", &option_positive, &o->users,
         "users at once (default 10)"},
        {'r', "reps", "N|once", &type_rounds, &o->rounds,
         "requests of each user (default 1); once: each URL of -f once"},
        {'t', "time", "NUM[SMH]", &type_time, &o->duration_ns,
         "how long to run; a bare number is minutes; wins over -r"},
        {'d', "delay", "SECONDS", &think_delay_option, &o->think,
         "think time between requests, uniform in 0..SECONDS (default 0)"},
        {0, "think", "TIME", &think_option, &o->think,
         "think time otherwise: exp:50ms or uniform:10ms..50ms"},
        {'b', "benchmark", "", &option_flag, &o->benchmark, "no think time"},
        {'i', "internet", "", &option_flag, &o->internet, "take URLs of -f at random"},
        {'f', "file", "FILE", &option_text, &o->file, "read URLs from FILE"},
        {'H', "header", "TEXT", &type_header, &o->headers,
         "add a request header; may be given again"},
        {'A', "user-agent", "TEXT", &option_text, &o->user_agent, "set User-Agent"},
        {'T', "content-type", "TEXT", &option_text, &o->content_type,
         "set Content-Type of POSTs (default that of forms)"},
        {'g', "get", "", &option_flag, &o->get, "one request; show its headers"},
        {'p', "print", "", &option_flag, &o->print,
         "one request; show its headers and the body"},
        {'v', "verbose", "", &option_flag, &o->verbose, "print a line for each request"},
        {'q', "quiet", "", &option_flag, &o->quiet, "print nothing but errors"},
        {'j', "json-output", "", &option_flag, &o->json_output,
         "print the statistics as JSON instead"},
        {'l', "log", "[FILE]", &type_log, &log,
         "append the statistics to FILE (default juggle.log)"},
        {'m', "mark", "TEXT", &option_text, &o->mark, "write TEXT into the log, too"},
        {0, "json", "FILE", &option_text, &o->json_path, "write every request to FILE"},
        {0, "csv", "FILE", &option_text, &o->exports.paths[EXPORT_CSV],
         "write every request to FILE as CSV"},
        {0, "histogram", "FILE", &option_text, &o->exports.paths[EXPORT_HISTOGRAM],
         "write the latencies to FILE as HdrHistogram's percentile table"},
        {0, "timeout", "DURATION", &option_duration, &o->timeout_ns,
         "give a request up after so long (default 30s; 0: never)"},
        {0, "rate", "N", &type_rate, &o->rate_per_s,
         "open loop: N requests per second, whatever the server does; needs -t"},
        {0, "ramp", "FROM..TO", &type_ramp, &ramp,
         "open loop whose rate changes evenly, such as 100..1000/s; needs -t"},
        {0, "schedule", "FILE", &option_text, &o->schedule_path,
         "open loop: send at the times in FILE, one per line in seconds"},
        {0, "arrivals", "KIND", &option_text, &o->arrivals,
         "gaps of --rate: exponential (default) or constant"},
        {0, "search", "FIGURE:DURATION", &type_search, &o->search,
         "the highest rate that keeps e.g. p99:50ms; exit 1 when none does"},
        {0, "search-from", "N", &type_rate, &o->search.from_per_s,
         "with --search: the lowest rate tried (default 10/s)"},
        {0, "window", "DURATION", &type_window, &o->search.window_ns,
         "with --search: length of a trial (default 2s); three confirm"},
        {0, "max-inflight", "N", &option_positive, &o->max_in_flight,
         "with --rate: requests in flight; those beyond are counted, not sent"},
        {0, "threads", "N", &option_positive, &o->n_threads,
         "spread the users, or the rate, over N threads (default 1)"},
        {0, "seed", "N", &option_count, &o->seed,
         "repeat the think times, URLs and gaps of an earlier run"},
        {0, "no-keepalive", "", &option_flag, &o->no_keepalive,
         "a new connection for each request"},
        {0, "transport", "NAME", &option_text, &o->transport,
         "http1 (default for plain http) or curl (default for the rest)"},
        {0, "preconnect", "", &option_flag, &o->preconnects,
         "open the users' connections before the start, outside the times"},
        {0, "require", "RULE", &require_option, &o->requirements,
         "exit 3 unless 'p99<200ms', 'availability>99.9', ...; may be given again"},
        {0, "warmup", "DURATION", &option_duration, &o->warmup_ns,
         "leave what is planned before out of the statistics (default 0)"},
        {0, "strict", "", &option_flag, &o->strict, "exit 3 unless the run is VALID"},
        {0, "insecure", "", &option_flag, &o->insecure, "https: accept any certificate"},
        {0},
    };
    const struct command command = {
        "load", "URL", "Sends requests to a URL and times them, as siege does.", rows,
        print_more_help};
    int first = options_parse(&command, argc, argv);
    check_url(options, argc - first, argv + first);
    check(options);
}
