/* The options of `juggle load`; see load_options.h. To add one, add a row. */
#include "loadgen/options/load_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/build_info.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/options.h"
#include "common/base/units.h"

static int parse_rounds(const char *text, void *target) {
    uint64_t *n = target;
    bool is_once = strcmp(text, "once") == 0;
    int error = is_once ? 0 : units_parse_count(text, n);
    if (is_once)
        *n = LOAD_ONCE;
    return error == 0 && *n == 0 ? -ERANGE : error;
}

/* siege's 30S, 5M, 1H and 5 (minutes); or any duration of ours. */
static int parse_time(const char *text, void *target) {
    uint64_t *duration_ns = target;
    char lower[64]; /* with room for a unit and the end */
    size_t n = strlen(text);
    if (n == 0 || n > sizeof lower - 2)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    if (isdigit((unsigned char)text[n - 1]))
        lower[n++] = 'm';
    lower[n] = '\0';
    int error = units_parse_duration(lower, duration_ns);
    return error == 0 && *duration_ns < NS_PER_MS ? -ERANGE : error;
}

static int parse_rate(const char *text, void *target) {
    int error = units_parse_rate(text, target);
    double rate = *(double *)target;
    return error == 0 && (rate < 1e-3 || rate > 1e7) ? -ERANGE : error;
}

static int parse_search(const char *text, void *target) {
    struct search_setting *search = target;
    search->text = text;
    return search_parse_objective(text, &search->objective);
}

/* "100..1000/s" */
static int parse_ramp(const char *text, void *target) {
    struct load_ramp *ramp = target;
    char from[64];
    const char *dots = strstr(text, "..");
    if (dots == NULL || (size_t)(dots - text) >= sizeof from)
        return -EINVAL;
    memcpy(from, text, (size_t)(dots - text));
    from[dots - text] = '\0';
    bool is_from_nothing = strcmp(from, "0") == 0 || strcmp(from, "0/s") == 0;
    int error = is_from_nothing ? 0 : parse_rate(from, &ramp->from_per_s);
    if (is_from_nothing)
        ramp->from_per_s = 0;
    return error == 0 ? parse_rate(dots + 2, &ramp->to_per_s) : error;
}

/* A line end would change the request's shape. */
OPTION_PARSER(parse_header_value,
              strpbrk(text, "\r\n") == NULL ? option_text.parse(text, target) : -EINVAL)
OPTION_PARSER(parse_header, headers_add(target, text))
OPTION_PARSER(parse_connect_to, routes_add(target, text, false))
OPTION_PARSER(parse_resolve, routes_add(target, text, true))
OPTION_PARSER(parse_seed, units_parse_seed(text, target))

static int parse_method(const char *text, void *target) {
    const struct method **method = target;
    *method = method_find(text, strlen(text));
    return *method != NULL ? 0 : -EINVAL;
}

static int parse_log(const char *text, void *target) {
    *(const char **)target = text != NULL ? text : LOAD_LOG;
    return 0;
}

static const struct option_type type_rounds = {"a whole number from 1, or 'once'",
                                               parse_rounds};
static const struct option_type type_time = {
    "a time such as 30S, 5M, 1H or 500ms (a bare number is minutes)", parse_time};
static const struct option_type type_rate = {"requests per second such as 100, or 500/m",
                                             parse_rate};
static const struct option_type type_search = {"a figure and its limit such as p99:50ms "
                                               "or max:1s",
                                               parse_search};
static const struct option_type type_window = {UNITS_DURATION_FORM, parse_time};
static const struct option_type type_ramp = {
    "two rates per second such as 100..1000/s or 0..50/s", parse_ramp};
static const struct option_type type_seed = {"a whole number below 2^63", parse_seed};
static const struct option_type type_header_value = {"a value without a line end",
                                                     parse_header_value};
static const struct option_type type_header = {
    "'Name: value', 'Name:' or 'Name;', at most 64 times", parse_header};
static const struct option_type type_method = {METHODS_FORM, parse_method};
static const struct option_type type_connect_to = {
    "HOST:PORT:HOST2:PORT2, with nothing in place of what may be any or stays the same, "
    "at most 64 times",
    parse_connect_to};
static const struct option_type type_resolve = {
    "HOST:PORT:ADDRESS, such as shop.test:443:127.0.0.1, at most 64 times",
    parse_resolve};
static const struct option_type type_log = {"a file name", parse_log};

static const char more_help[] =
    "\nA request fails when it gets no complete answer, or a status of 400 or above.\n"
    "Redirects count as answers, unless --follow is given. Requests in flight at the\n"
    "end of -t are cut off and counted separately; with --drain they are awaited,\n"
    "and the rate is that of all requests sent. Times are of successful requests.\n"
    "With --rate, latency counts from the planned start of each request.\n"
    "A user whose request got no answer at all waits before the next one: 10 ms,\n"
    "which doubles with each such failure up to 1 s.\n"
    "\nRules of --require: p50 p90 p95 p99 p99.9 max mean (durations), rate (1/s),\n"
    "availability (%), failed (requests); < <= > >=. A rule fails as well when there\n"
    "are too few requests for its percentile.\n"
    "\nExit status, the first that applies:\n"
    "  2    wrong arguments, no memory, or output that could not be written\n"
    "  130  ended by SIGINT (143: SIGTERM, 129: SIGHUP); statistics and files cover\n"
    "       what was measured until then\n"
    "  3    a rule of --require is not met, or with --strict the run is not VALID\n"
    "  1    a request failed, or none succeeded; with --require, only if none ended,\n"
    "       because its rules say how many may fail; with --search, if no rate was\n"
    "       found\n"
    "  0    otherwise\n"
    "With --search, the rules apply to the last trial.\n"
    "\nWhere a file is expected, - means standard input or standard output.\n"
    "\nURL file (-f): a line is URL, URL METHOD, URL METHOD data or URL METHOD <file;\n"
    "# begins a comment; NAME=value defines $(NAME) for later lines; -X and --body\n"
    "are for lines that name no method. A user has one connection, so if URLs of\n"
    "several hosts take turns, each request needs a new connection.\n";

static void print_more_help(FILE *out) {
    (void)fputs(more_help, out);
}

/*
 * What the rows fill. A table of constants needs a place that is known beforehand, and a
 * process reads its command line once.
 */
static struct load_options settings;

/* To add an option, add a row. */
static const struct option_row rows[] = {
    OPTION_GROUP("Users, who wait for an answer before they ask again"),
    {'c', "concurrent", "N", &option_positive, &settings.config.plan.n_users,
     "users at once (default 10)"},
    {'r', "reps", "N|once", &type_rounds, &settings.config.plan.n_rounds,
     "requests of each user; once: each URL of -f once (default 1)"},
    {'t', "time", "NUM[SMH]", &type_time, &settings.config.plan.duration_ns,
     "how long to run; a bare number is minutes; overrides -r"},
    {0, "drain", "DURATION", &option_duration, &settings.config.drain_ns,
     "at the end of -t wait for requests in flight, at most this long"},
    {'d', "delay", "SECONDS", &think_delay_option, &settings.config.plan.think,
     "think time between requests, uniform in 0..SECONDS (default 0)"},
    {0, "think", "TIME", &think_option, &settings.config.plan.think,
     "think time of another kind: exp:50ms or uniform:10ms..50ms"},
    {'b', "benchmark", "", &option_flag, &settings.benchmark, "no think time"},
    OPTION_GROUP("Rates, which are kept whatever the server does"),
    {0, "rate", "N", &type_rate, &settings.config.plan.rate_per_s,
     "open loop: N requests per second, whatever the server does; needs -t"},
    {0, "ramp", "FROM..TO", &type_ramp, &settings.ramp,
     "open loop: a rate that changes evenly, such as 100..1000/s; needs -t"},
    {0, "schedule", "FILE", &option_text, &settings.schedule_path,
     "open loop: send at the times in FILE, one per line in seconds"},
    {0, "arrivals", "KIND", &option_text, &settings.arrivals,
     "gaps of --rate: exponential or constant (default exponential)"},
    {0, "max-inflight", "N", &option_positive, &settings.config.max_in_flight,
     "with --rate: most requests in flight; others are counted, not sent"},
    {0, "search", "FIGURE:DURATION", &type_search, &settings.search,
     "find the highest rate that keeps e.g. p99:50ms"},
    {0, "search-from", "N", &type_rate, &settings.search.from_per_s,
     "with --search: the lowest rate to try (default 10/s)"},
    {0, "window", "DURATION", &type_window, &settings.search.window_ns,
     "with --search: length of a trial; three confirm (default 2s)"},
    OPTION_GROUP("One load from several machines; 'juggle merge' joins their files"),
    {0, "share", "K/N|auto", &share_option, &settings.share,
     "send the K-th of N parts; auto: as mpirun, srun or an indexed Job says"},
    {0, "start-at", "TIME", &start_at_option, &settings.config.start_at_ns,
     "start at TIME: +SECONDS, as 'date +%s' or 2030-01-31T12:00:00Z"},
    OPTION_GROUP("Requests"),
    {'f', "file", "FILE", &option_text, &settings.file, "read URLs from FILE"},
    {'i', "internet", "", &option_flag, &settings.config.plan.random_targets,
     "choose URLs of -f at random"},
    {'X', "method", "NAME", &type_method, &settings.method,
     "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS (default GET; POST with --body)"},
    {0, "body", "FILE", &option_file, &settings.body_path,
     "send the contents of FILE with each request"},
    {'T', "content-type", "TEXT", &type_header_value,
     &settings.config.transport_config.content_type,
     "set Content-Type of bodies (default that of forms)"},
    {'H', "header", "TEXT", &type_header, &settings.headers,
     "set a request header; 'Name:' removes one; may be repeated"},
    {'A', "user-agent", "TEXT", &type_header_value,
     &settings.config.transport_config.user_agent, "set User-Agent"},
    {0, "cookies", "", &option_flag, &settings.config.transport_config.keeps_cookies,
     "each user keeps cookies and begins with the first URL of -f (over curl)"},
    {0, "follow", "", &option_flag, &settings.routes.follows,
     "follow redirects; a request's time covers them all"},
    {0, "timeout", "DURATION", &option_duration,
     &settings.config.transport_config.timeout_ns,
     "give up a request after this time (default 30s); 0: never"},
    OPTION_GROUP("Connections"),
    {0, "no-keepalive", "", &option_flag, &settings.no_keepalive,
     "a new connection for each request"},
    {0, "preconnect", "", &option_flag, &settings.config.transport_config.preconnects,
     "open the users' connections before the start, untimed"},
    {0, "http2", "", &option_flag, &settings.config.transport_config.http2,
     "use HTTP/2, one connection per user (https: if the server agrees)"},
    {0, "transport", "NAME", &option_text, &settings.transport,
     "http1 or curl (default http1 for plain http, curl for the rest)"},
    {0, "proxy", "URL", &option_text, &settings.routes.proxy,
     "send every request through a proxy"},
    {0, "unix-socket", "PATH", &option_file, &settings.routes.unix_path,
     "connect to this socket, whatever the URL's host"},
    {0, "resolve", "HOST:PORT:ADDRESS", &type_resolve, &settings.routes.addresses,
     "the address of a host; may be repeated"},
    {0, "connect-to", "HOST:PORT:HOST2:PORT2", &type_connect_to, &settings.routes.hosts,
     "connect to another host, and ask it for the URL's; may be repeated"},
    {0, "insecure", "", &option_flag, &settings.config.transport_config.tls.accepts_any,
     "https: accept any certificate"},
    {0, "cacert", "FILE", &option_file,
     &settings.config.transport_config.tls.authority_path,
     "https: accept what these certificates (PEM) vouch for, and nothing else"},
    {0, "cert", "FILE", &option_file,
     &settings.config.transport_config.tls.certificate_path,
     "https: show the server this certificate (PEM)"},
    {0, "key", "FILE", &option_file, &settings.config.transport_config.tls.key_path,
     "the key of --cert (default in the same file)"},
    OPTION_GROUP("What is printed"),
    {'v', "verbose", "", &option_flag, &settings.verbose,
     "print a line for each request"},
    {'q', "quiet", "", &option_flag, &settings.quiet, "print nothing but errors"},
    {'j', "json-output", "", &option_flag, &settings.json_output,
     "print the statistics as JSON"},
    {'g', "get", "", &option_flag, &settings.get,
     "send one request and show its headers"},
    {'p', "print", "", &option_flag, &settings.print,
     "send one request and show its headers and body"},
    OPTION_GROUP("Files; - is standard output or input"),
    {0, "json", "FILE", &option_file, &settings.exports.paths[EXPORT_JSON],
     "write every request to FILE"},
    LOAD_EXPORT_ROWS(settings.exports.paths),
    {0, "epoch", "NS", &option_count, &settings.epoch_ns,
     "times of --samples count from NS of the monotonic clock (default the start)"},
    {'l', "log", "[FILE]", &type_log, &settings.log_path,
     "append the statistics to FILE (default " LOAD_LOG ")"},
    {'m', "mark", "TEXT", &option_text, &settings.mark,
     "write TEXT into the log as well"},
    OPTION_GROUP("What is counted, and what must hold"),
    {0, "warmup", "DURATION|auto", &warmup_option, &settings.warmup,
     "leave out requests planned before it; auto: find the end"},
    {0, "max-failures", "N", &option_count, &settings.config.max_failures,
     "end the run when N requests have failed (default never)"},
    {0, "require", "RULE", &require_option, &settings.requirements,
     "exit 3 unless 'p99<200ms', 'availability>99.9', ...; may be repeated"},
    {0, "strict", "", &option_flag, &settings.strict, "exit 3 unless the run is VALID"},
    OPTION_GROUP("The generator"),
    {0, "threads", "N", &option_positive, &settings.config.n_threads,
     "spread the users, or the rate, over N threads (default 1)"},
    {0, "seed", "N", &type_seed, &settings.config.plan.seed,
     "repeat the think times, URLs and gaps of an earlier run (default a new one; 1 with "
     "--share)"},
    {0},
};

static const char examples[] =
    "  juggle load -c 10 -r 5 URL                ten users, five requests each\n"
    "  juggle load -c 100 -t 30S -d 1 URL        half a minute, with think times\n"
    "  juggle load --rate 200 -t 1m URL          200 requests per second\n"
    "  juggle load --search p99:50ms URL         the highest rate that keeps it\n"
    "  juggle load -t 30S --require 'p99<200ms' --json run.json URL\n";

static const struct command command = {
    "load", "URL",           "Sends requests to a URL and times them, as siege does.",
    rows,   print_more_help, examples,
    NULL};

static void set_defaults(void) {
    static char user_agent[64];
    (void)snprintf(user_agent, sizeof user_agent, "juggle/%s", build_version);
    settings = (struct load_options){
        .config = {.n_threads = 1,
                   .plan = {.n_users = 10, .n_rounds = 1, .seed = LOAD_NO_SEED},
                   .transport_config = {.user_agent = user_agent,
                                        .timeout_ns = 30 * NS_PER_S}},
        .arrivals = "exponential",
    };
}

static void take_url(struct load_options *options, int n_operands, char **operands) {
    if (n_operands > 1)
        error_exit(
            "load: unexpected argument '%s'; give one URL, or a file of URLs with -f",
            operands[1]);
    options->url = n_operands == 1 ? operands[0] : NULL;
    if (options->url == NULL && options->file == NULL)
        error_exit("load: there is nothing to load; give a URL, or -f FILE with URLs");
    if (options->url != NULL && options->file != NULL)
        error_exit("load: give either a URL or -f FILE, not both");
}

void load_options_read(struct load_options *options, int argc, char **argv) {
    uint64_t said;
    set_defaults();
    int first = options_parse(&command, argc, argv, &said);
    *options = settings;
    load_settings_check_choices(options, rows, said);
    take_url(options, argc - first, argv + first);
    load_settings_complete(options);
}

json_t *load_options_words(int argc, char **argv) {
    return options_words(&command, argc, argv,
                         options_set(rows, "file,verbose,quiet,json-output,json,csv,"
                                           "histogram,samples,epoch,log,mark,require,"
                                           "strict,share,start-at,threads"));
}
