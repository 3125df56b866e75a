/* Statistics, files and the exit status; see load_report.h. */
#include "loadgen/load_report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/fields.h"
#include "common/base/files.h"
#include "common/base/options.h"
#include "common/base/secrets.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/drive/threads.h"
#include "loadgen/options/require.h"
#include "loadgen/statistics/groups.h"
#include "loadgen/statistics/summary.h"
#include "loadgen/statistics/summary_print.h"
#include "loadgen/statistics/validity.h"

enum { REQUESTS_SCHEMA = 2 };

/* What a run came to. */
struct outcome {
    const struct drive_result *result;
    const struct search_report *search; /* NULL: there was none */
    struct summary summary;
    struct by_url by_url;
    struct validity validity;
    bool is_silent; /* the server never answered */
};

/* As JSON; results/README.md explains the fields. */

static json_t *integer_or_null(bool is_known, uint64_t value) {
    return is_known ? json_integer((json_int_t)value) : json_null();
}

static json_t *statistics(const struct outcome *outcome) {
    json_t *json = summary_json(&outcome->summary);
    (void)json_object_set_new(json, "generator_gaps",
                              summary_gaps_json(&outcome->summary));
    (void)json_object_set_new(json, "urls", by_url_json(&outcome->by_url));
    return json;
}

static const char *mode_of(const struct load_options *options) {
    return load_options_are_open(options) ? "open" : "closed";
}

/* What was asked for. */
static json_t *describe_plan(const struct load_options *options,
                             const struct drive_config *config, json_t *argv) {
    bool is_open = load_options_are_open(options);
    return json_pack(
        "{s:i, s:s, s:o, s:O, s:s, s:o, s:o, s:i, s:o, s:o, s:s?, s:o, s:I}", "schema",
        REQUESTS_SCHEMA, "kind", "juggle load", "url",
        secrets_json(config->transport_config.urls->targets[0].url), "argv", argv, "mode",
        mode_of(options), "users", integer_or_null(!is_open, config->plan.n_users),
        "rounds",
        integer_or_null(!is_open && config->plan.n_rounds != 0, config->plan.n_rounds),
        "threads", (int)threads_count(config), "rate_per_s",
        fields_number(is_open ? config->plan.rate_per_s : NAN), "ramp_to_per_s",
        fields_number(options->ramp.to_per_s > 0 ? options->ramp.to_per_s : NAN),
        "arrivals", is_open ? options->arrivals : NULL, "think",
        think_json(&options->config.plan.think), "seed",
        (json_int_t)options->config.plan.seed);
}

/* What came of it, but for the statistics. */
static json_t *describe_result(const struct drive_config *config,
                               const struct outcome *outcome) {
    const struct drive_result *result = outcome->result;
    bool is_preconnected =
        config->transport_config.preconnects && result->counts.n_unconnected == 0;
    return json_pack(
        "{s:I, s:o, s:f, s:f, s:o, s:o, s:I, s:s, s:b, s:I, s:I, s:I, s:s?, s:b, s:f}",
        "epoch_ns", (json_int_t)result->epoch_ns, "start_spread_us",
        fields_number(outcome->summary.is_open
                          ? NAN
                          : (double)(result->last_start_ns - result->first_start_ns) /
                                (double)NS_PER_US),
        "elapsed_s", outcome->summary.elapsed_s, "window_s", outcome->summary.window_s,
        "drain_s",
        fields_number(config->drain_ns > 0 ? clock_seconds(config->drain_ns) : NAN),
        "warmup_s",
        fields_number(result->warmup_ns > 0 ? clock_seconds(result->warmup_ns) : NAN),
        "connections_opened", (json_int_t)result->counts.n_connections, "transport",
        config->transport->name, "preconnected", is_preconnected, "retried",
        (json_int_t)result->counts.n_retried, "cut_off", (json_int_t)result->n_cut_off,
        "not_sent", (json_int_t)result->n_not_sent, "interrupted",
        stop_signals_name(result->signal), "given_up", result->was_given_up, "rested_s",
        clock_seconds(result->rested_ns));
}

/* When, by the clock of the day; and how well that is known. */
static json_t *describe_start(const struct drive_config *config,
                              const struct drive_result *result) {
    double late_s =
        ((double)result->last_began_ns - (double)config->start_at_ns) / (double)NS_PER_S;
    return json_pack("{s:I, s:o, s:f, s:o}", "at_ns", (json_int_t)result->first_began_ns,
                     "late_s", fields_number(config->start_at_ns != 0 ? late_s : NAN),
                     "spread_s",
                     clock_seconds(result->last_began_ns - result->first_began_ns),
                     "clock_error_s", fields_number(result->clock_error_s));
}

/* Everything of the requests file but the requests; a new reference. */
static json_t *describe_run(const struct load_options *options,
                            const struct drive_config *config,
                            const struct outcome *outcome, json_t *argv, json_t *share) {
    json_t *head = describe_plan(options, config, argv);
    (void)json_object_update_new(head, describe_result(config, outcome));
    (void)json_object_update_new(
        head, json_pack("{s:o, s:o, s:O?, s:o?, s:o, s:o}", "start",
                        describe_start(config, outcome->result), "statistics",
                        statistics(outcome), "share", share, "seconds",
                        seconds_json(outcome->result), "validity",
                        validity_json(&outcome->validity), "requirements",
                        require_json(&options->requirements, &outcome->summary)));
    if (outcome->search != NULL)
        (void)json_object_set_new(head, "search", search_json(outcome->search));
    return head;
}

/* As text, and as an exit status */

/* Whether every request failed without an answer; then one line says why, and what to do
 * about it. */
static bool complain_of_silence(const struct outcome *outcome, const struct urls *urls) {
    const struct summary *summary = &outcome->summary;
    static const struct {
        enum sample_error error;
        const char *cure;
    } cures[] = {
        {SAMPLE_REFUSED, "nothing listens there: start the server ('juggle serve' is one "
                         "to try), or mend the port"},
        {SAMPLE_RESET, "the server ends connections: its log may say why"},
        {SAMPLE_CLOSED, "the server ends connections: its log may say why"},
        {SAMPLE_TIMEOUT, "give it longer with --timeout, or see what keeps it"},
        {SAMPLE_DNS, "mend the name of the host"},
        {SAMPLE_UNREACHABLE, "mend the address, or the network"},
        {SAMPLE_TLS, "--insecure accepts any certificate"},
        {SAMPLE_TLS_EXPIRED, "renew its certificate; --insecure accepts any"},
        {SAMPLE_TLS_HOST,
         "its certificate is for another host: write that one's name, with "
         "--connect-to or --resolve; --insecure accepts any"},
        {SAMPLE_TLS_AUTHORITY,
         "name the authority's certificate with --cacert; --insecure "
         "accepts any"},
        {SAMPLE_TLS_CLIENT, "it may want a certificate of yours: --cert and --key"},
        {SAMPLE_NOT_TLS, "what listens there speaks no TLS: write http://, or mend the "
                         "port"},
        {SAMPLE_NOT_HTTP, "what listens there is no HTTP server: mend the port, or "
                          "write https://"},
        {SAMPLE_NO_FILE, "raise the limit with 'ulimit -n', or ask for fewer users"},
    };
    unsigned worst = 0;
    const char *cure = "look at the server";
    if (summary->n_ok > 0 || summary->n_bad_status > 0)
        return false;
    if (summary->n_failed == 0 && summary->n_cut_off > 0 && outcome->result->signal == 0)
        error_print("%s: %s did not answer: all %llu requests still waited at the end "
                    "of -t; give it longer with -t, or see what keeps it",
                    options_command_name(), urls->targets[0].url,
                    (unsigned long long)summary->n_cut_off);
    if (summary->n_failed == 0)
        return false;
    for (unsigned kind = 1; kind < N_SAMPLE_ERRORS; kind++)
        if (worst == 0 || summary->n_errors[kind] > summary->n_errors[worst])
            worst = kind;
    for (size_t i = 0; i < sizeof cures / sizeof *cures; i++)
        if (cures[i].error == worst)
            cure = cures[i].cure;
    error_print("%s: %s did not answer: of %llu requests %llu failed with '%s'; %s",
                options_command_name(), urls->targets[0].url,
                (unsigned long long)summary->n_failed,
                (unsigned long long)summary->n_errors[worst], sample_error_name(worst),
                cure);
    return true;
}

/* As a shell has it of a signal: who cancels a run must not see it pass. */
static int exit_status(const struct load_options *options,
                       const struct outcome *outcome) {
    unsigned n_unmet = require_report(&options->requirements, &outcome->summary);
    if (options->strict && outcome->validity.verdict != VERDICT_VALID) {
        error_print("%s: --strict: the run is %s; its statistics say why",
                    options_command_name(), validity_name(outcome->validity.verdict));
        n_unmet++;
    }
    if (outcome->result->signal != 0)
        return EXIT_SIGNALLED + outcome->result->signal;
    if (outcome->result->was_given_up)
        return EXIT_FAILED_REQUESTS;
    if (n_unmet > 0)
        return EXIT_REQUIREMENT;
    /* With rules they alone say which failures are too many; but nothing that ended is
     * nothing that could be measured. */
    const struct summary *summary = &outcome->summary;
    bool has_failed = outcome->search != NULL ? !(outcome->search->best_per_s > 0)
                      : options->requirements.n > 0
                          ? summary->n_ok + summary->n_failed == 0
                          : summary->n_failed > 0 || summary->n_ok == 0;
    return has_failed ? EXIT_FAILED_REQUESTS : EXIT_OK;
}

/* What was promised and could not be written makes the call a failed one. */
static int written(int error, const char *path, int status) {
    if (error == 0)
        return status;
    error_print("%s: cannot write '%s': %s", options_command_name(),
                files_is_standard(path) ? "stdout" : path, strerror(-error));
    return EXIT_USAGE;
}

static void print_text(const struct load_options *options, const struct outcome *outcome,
                       FILE *out) {
    /* Of silence there is nothing to tell but the cause, which is said, and the end. */
    bool is_silent = outcome->is_silent;
    bool is_invalid = outcome->validity.verdict == VERDICT_INVALID;
    if (is_invalid && !is_silent) /* said before numbers that mean nothing */
        validity_print(&outcome->validity, options->verbose, out);
    if (!is_silent)
        summary_print(&outcome->summary, out);
    if (outcome->result->signal != 0)
        (void)fprintf(out, "Interrupted:\t\t%12s\n",
                      stop_signals_name(outcome->result->signal));
    if (options->config.transport_config.http2 && !is_silent)
        summary_print_protocols(&outcome->summary, out);
    if (outcome->result->was_given_up)
        (void)fprintf(out, "Given up, failures:\t%12llu\n",
                      (unsigned long long)options->config.max_failures);
    if (is_silent)
        return;
    by_url_print(&outcome->by_url, out);
    if (!is_invalid)
        validity_print(&outcome->validity, options->verbose, out);
    if (outcome->search != NULL)
        search_print(outcome->search, out);
}

/*
 * 0, or -errno when not all that the run and this printed on stdout was written. A reader
 * that leaves, such as head, does not end the run: it has its statistics and files.
 */
static int print_statistics(const struct load_options *options,
                            const struct outcome *outcome) {
    int error = 0;
    if (options->json_output) {
        /* Siege's keys, ours, the statistics of each URL, and how the run was made. */
        json_t *json = statistics(outcome);
        (void)json_object_update_new(
            json, json_pack("{s:s, s:I, s:s?, s:b, s:o}", "mode", mode_of(options),
                            "seed", (json_int_t)options->config.plan.seed, "interrupted",
                            stop_signals_name(outcome->result->signal), "given_up",
                            outcome->result->was_given_up, "validity",
                            validity_json(&outcome->validity)));
        if (outcome->search != NULL)
            (void)json_object_set_new(json, "search", search_json(outcome->search));
        if (json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) != 0)
            error = ferror(stdout) ? 0 : -ENOMEM;
        (void)fputc('\n', stdout);
        json_decref(json);
    }
    if (!load_options_are_quiet(options))
        print_text(options, outcome, load_options_take_stdout(options) ? stderr : stdout);
    int unwritten = files_flush(stdout);
    return unwritten != 0 ? unwritten : error;
}

int load_report(struct load_options *options, const struct drive_config *config,
                const struct drive_result *result, const struct search_report *search,
                json_t *argv, json_t *share) {
    struct outcome outcome = {.result = result, .search = search};
    const struct urls *urls = config->transport_config.urls;
    if (summary_make(&outcome.summary, result) != 0 ||
        by_url_make(&outcome.by_url, result, urls) != 0) {
        error_print("%s: out of memory for the statistics; use a shorter run",
                    options_command_name());
        exports_abandon(&options->exports);
        return EXIT_USAGE;
    }
    validity_judge(&outcome.validity,
                   &(struct validity_run){&config->plan, result, &outcome.summary});
    const struct transport_counts *counts = &result->counts;
    if (result->signal == 0 && counts->n_unconnected > 0)
        error_print("load: --preconnect: %llu of %u connections could not be made (%s); "
                    "their users connected with their first request",
                    (unsigned long long)counts->n_unconnected, config->plan.n_users,
                    strerror(-counts->unconnected_error));
    outcome.is_silent = search == NULL &&
                        options->epoch_ns == 0 && /* the director says it in its words */
                        complain_of_silence(&outcome, urls);
    int unprinted = print_statistics(options, &outcome);
    int status = written(unprinted, "stdout", exit_status(options, &outcome));
    if (options->log_path != NULL)
        status = written(summary_log(&outcome.summary, options->log_path, options->mark),
                         options->log_path, status);
    json_t *head = options->exports.paths[EXPORT_JSON] != NULL
                       ? describe_run(options, config, &outcome, argv, share)
                       : NULL;
    if (exports_write(
            &options->exports,
            &(struct export_source){result, urls, head,
                                    options->exports.paths[EXPORT_SAMPLES] != NULL,
                                    options->share.n_parts > 0, options->epoch_ns}) > 0)
        status = EXIT_USAGE;
    json_decref(head);
    by_url_free(&outcome.by_url);
    return status;
}
