/* Statistics, files and the exit status; see load_report.h. */
#include "loadgen/load_report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/command_line.h"
#include "common/error.h"
#include "common/files.h"
#include "loadgen/by_url.h"
#include "loadgen/description.h"
#include "loadgen/stop_signals.h"
#include "loadgen/summary.h"
#include "loadgen/validity.h"

/* With rules they alone say which failures are too many; but nothing that ended is
 * nothing that could be measured. */
static bool has_failed(const struct load_options *options,
                       const struct outcome *outcome) {
    const struct summary *summary = &outcome->summary;
    if (outcome->search != NULL)
        return !(outcome->search->best_per_s > 0);
    return options->requirements.n > 0 ? summary->n_ok + summary->n_failed == 0
                                       : summary->n_failed > 0 || summary->n_ok == 0;
}

/* As a shell has it of a signal: who cancels a run must not see it pass. */
static int exit_status(const struct load_options *options,
                       const struct outcome *outcome) {
    unsigned n_unmet = require_report(&options->requirements, &outcome->summary);
    if (options->strict && outcome->validity.verdict != VERDICT_VALID) {
        error_print("load: --strict: the run is %s; its statistics say why",
                    validity_name(outcome->validity.verdict));
        n_unmet++;
    }
    if (outcome->result->signal != 0)
        return EXIT_SIGNALLED + outcome->result->signal;
    if (outcome->result->was_given_up)
        return EXIT_FAILED_REQUESTS;
    if (n_unmet > 0)
        return EXIT_REQUIREMENT;
    return has_failed(options, outcome) ? EXIT_FAILED_REQUESTS : EXIT_OK;
}

/* What was promised and could not be written makes the call a failed one. */
static int written(int error, const char *path, int status) {
    if (error == 0)
        return status;
    error_print("load: cannot write '%s': %s", files_is_standard(path) ? "stdout" : path,
                strerror(-error));
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
    if (load_options_are_quiet(options))
        return error;
    (void)fprintf(stderr, "\n");
    if (options->duration_ns != 0)
        (void)fprintf(stderr, "Lifting the server siege...\n");
    summary_print(&outcome->summary, stderr);
    if (outcome->result->signal != 0)
        (void)fprintf(stderr, "Interrupted:\t\t%12s\n",
                      stop_signals_name(outcome->result->signal));
    if (options->http2)
        summary_print_protocols(&outcome->summary, stderr);
    if (outcome->result->was_given_up)
        (void)fprintf(stderr, "Given up, failures:\t%12llu\n",
                      (unsigned long long)options->max_failures);
    by_url_print(&outcome->by_url, stderr);
    validity_print(&outcome->validity, stderr);
    if (outcome->search != NULL)
        search_print(outcome->search, stderr);
    return error;
}

/* Who asked for connections before the start is told where there were none. */
static void report_unconnected(const struct drive_result *result, unsigned n_users) {
    const struct transport_counts *counts = &result->counts;
    if (counts->n_unconnected > 0)
        error_print("load: --preconnect: %llu of %u connections did not come about (%s); "
                    "their users connected with their first request",
                    (unsigned long long)counts->n_unconnected, n_users,
                    strerror(-counts->unconnected_error));
}

int load_report(struct load_options *options, const struct drive_config *config,
                const struct drive_result *result, const struct search_report *search,
                int argc, char **argv) {
    struct outcome outcome = {.result = result, .search = search};
    const struct urls *urls = config->transport_config.urls;
    bool is_open = load_options_are_open(options);
    if (summary_make(&outcome.summary, result, is_open) != 0 ||
        by_url_make(&outcome.by_url, result, urls, is_open) != 0) {
        error_print("load: out of memory for the statistics; use a shorter run");
        exports_abandon(&options->exports);
        return EXIT_USAGE;
    }
    validity_judge(&outcome.validity,
                   &(struct validity_run){&config->plan, result, &outcome.summary});
    if (result->signal == 0)
        report_unconnected(result, options->users);
    int unprinted = print_statistics(options, &outcome);
    int status = written(unprinted, "stdout", exit_status(options, &outcome));
    if (options->logs)
        status = written(summary_log(&outcome.summary, options->log_path, options->mark),
                         options->log_path, status);
    json_t *head =
        options->exports.paths[EXPORT_JSON] != NULL
            ? description_make(options, config, &outcome, command_line_json(argc, argv))
            : NULL;
    if (exports_write(
            &options->exports,
            &(struct export_source){result, urls, is_open, head,
                                    options->exports.paths[EXPORT_SAMPLES] != NULL,
                                    options->epoch_ns}) > 0)
        status = EXIT_USAGE;
    json_decref(head);
    by_url_free(&outcome.by_url);
    return status;
}
