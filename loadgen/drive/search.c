/* Doubling, bisection, confirmation, and the trials for them; see search.h. */
#include "loadgen/drive/search.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/base/units.h"
#include "common/stats/percentiles.h"
#include "common/stats/stats.h"
#include "loadgen/drive/threads.h"

enum { MAX_CONFIRMATIONS = 10, RECOVERY_WINDOWS = 10 };

static const double CLOSE_ENOUGH = 1.05; /* ratio of the bracket's ends */
static const double STEP_DOWN = 0.85;    /* after a confirmation that failed */
static const double MOST_PER_S = 1e6;

int search_parse_objective(const char *text, struct search_objective *objective) {
    char figure[16];
    const char *colon = strchr(text, ':');
    double percent = 100;
    if (colon == NULL || (size_t)(colon - text) >= sizeof figure)
        return -EINVAL;
    memcpy(figure, text, (size_t)(colon - text));
    figure[colon - text] = '\0';
    int error = 0;
    if (strcmp(figure, "max") != 0)
        error = figure[0] == 'p' ? units_parse_number(figure + 1, &percent) : -EINVAL;
    if (error == 0 && (percent <= 0 || percent > 100))
        error = -ERANGE;
    if (error == 0)
        error = units_parse_duration(colon + 1, &objective->limit_ns);
    objective->quantile = percent / 100;
    return error == 0 && objective->limit_ns == 0 ? -ERANGE : error;
}

/* What to try next */

void search_begin(struct search *search, double from_per_s, double most_per_s) {
    assert(from_per_s > 0 && from_per_s <= most_per_s);
    *search = (struct search){.phase = SEARCH_BRACKETING,
                              .rate_per_s = from_per_s,
                              .from_per_s = from_per_s,
                              .most_per_s = most_per_s};
}

bool search_goes_on(const struct search *search) {
    return search->phase < SEARCH_FOUND;
}

void search_tell(struct search *search, bool kept) {
    bool confirms = search->phase == SEARCH_CONFIRMING;
    double rate_per_s = search->rate_per_s;
    assert(search_goes_on(search));
    search->failed_once = !kept && !search->failed_once && !confirms;
    if (search->failed_once)
        return;
    search->n_confirmations += confirms;
    if (!confirms)
        *(kept ? &search->kept_per_s : &search->failed_per_s) = rate_per_s;
    if (confirms && kept) {
        search->phase = SEARCH_FOUND;
    } else if (confirms) {
        search->rate_per_s = fmax(STEP_DOWN * rate_per_s, search->from_per_s);
        if (rate_per_s <= search->from_per_s ||
            search->n_confirmations == MAX_CONFIRMATIONS)
            search->phase = SEARCH_NOT_FOUND;
    } else if (search->kept_per_s == 0) {
        search->phase = SEARCH_NOT_FOUND;
    } else if (search->failed_per_s == 0 && rate_per_s < search->most_per_s) {
        search->rate_per_s = fmin(2 * rate_per_s, search->most_per_s);
    } else if (search->failed_per_s <= search->kept_per_s * CLOSE_ENOUGH) {
        search->phase = SEARCH_CONFIRMING; /* the lower end of the bracket */
        search->rate_per_s = search->kept_per_s;
    } else {
        search->rate_per_s = sqrt(search->kept_per_s * search->failed_per_s);
    }
}

/* Trials */

/* A search under way. */
struct trials {
    struct search search;
    struct drive_config *config;
    struct search_report *report;
    double least_us; /* of all answers so far */
};

/*
 * The objective's figure in microseconds, by the nearest rank, and how many requests it
 * rests on; NAN without memory. What had waited longer than the limit when it was cut off
 * counts as slow, and so does what was not sent; what had waited less says nothing.
 */
static double figure_us(struct trials *trials, const struct drive_result *result,
                        uint64_t *n_requests) {
    const struct search_objective *objective = &trials->report->setting->objective;
    double *latencies_us =
        malloc((result->samples->n_planned + 1) * sizeof *latencies_us);
    size_t n = 0, n_unanswered = 0;
    if (latencies_us == NULL)
        return NAN;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        uint64_t latency_ns = sample_latency_ns(&sample, true);
        if (sample.fate == SAMPLE_CUT_OFF && latency_ns <= objective->limit_ns)
            continue;
        bool is_answer = sample.fate == SAMPLE_ENDED && !sample_failed(&sample);
        if (is_answer)
            latencies_us[n++] = (double)latency_ns / (double)NS_PER_US;
        else
            n_unanswered += sample_n_requests(&sample);
    }
    stats_sort(latencies_us, n);
    size_t n_all = n + n_unanswered;
    size_t rank = (size_t)ceil(objective->quantile * (double)n_all - 1e-9);
    double figure = rank > 0 && rank <= n ? latencies_us[rank - 1] : INFINITY;
    if (n > 0)
        trials->least_us = fmin(trials->least_us, latencies_us[0]);
    free(latencies_us);
    *n_requests = n_all;
    return figure;
}

/* What a trial that was too much has left in the server is awaited: by requests, one at
 * a time, each URL in turn, until one takes no longer than the objective allows, or than
 * twice the quickest answer so far; for ten windows at most. Errors as drive_run's. */
static int recover(const struct trials *trials, int *signal) {
    const struct search_setting *setting = trials->report->setting;
    struct drive_config config = *trials->config; /* one request alone */
    size_t n_targets = config.plan.n_targets;
    uint64_t timeout_ns = config.transport_config.timeout_ns, now_ns = clock_now_ns();
    uint64_t until_ns = now_ns + RECOVERY_WINDOWS * setting->window_ns;
    double limit_us = (double)setting->objective.limit_ns / (double)NS_PER_US;
    double enough_us = fmax(limit_us, isinf(trials->least_us) ? 0 : 2 * trials->least_us);
    double us = INFINITY;
    int error = 0;
    config.on_sample = NULL;
    for (size_t k = 0; error == 0 && *signal == 0 && us > enough_us && now_ns < until_ns;
         k++) {
        uint64_t left_ns = until_ns - now_ns;
        struct drive_result result;
        struct load_sample sample = {0};
        config.plan = (struct schedule_plan){.n_users = 1,
                                             .n_rounds = 1,
                                             .n_targets = n_targets,
                                             .first_target = k % n_targets};
        config.transport_config.timeout_ns =
            timeout_ns != 0 && timeout_ns < left_ns ? timeout_ns : left_ns;
        error = threads_run(&config, &result);
        if (error == 0) {
            struct samples_reader reader = samples_read(result.samples);
            (void)samples_next_planned(&reader, &sample, NULL);
            us = (double)sample_latency_ns(&sample, true) / (double)NS_PER_US;
            *signal = result.signal;
        }
        samples_free(result.samples);
        now_ns = clock_now_ns();
    }
    return error;
}

/* One trial; told to the search unless a signal ended it. Errors as drive_run's. */
static int try_rate(struct trials *trials, struct drive_result *result, FILE *progress) {
    struct search *search = &trials->search;
    struct search_report *report = trials->report;
    struct drive_config *config = trials->config;
    const struct search_setting *setting = report->setting;
    bool confirms = search->phase == SEARCH_CONFIRMING;
    config->plan.rate_per_s = search->rate_per_s;
    config->plan.duration_ns =
        setting->window_ns * (confirms ? SEARCH_CONFIRMATION_WINDOWS : 1);
    int error = threads_run(config, result);
    if (error != 0 || result->signal != 0)
        return error;
    struct search_trial trial = {.rate_per_s = search->rate_per_s,
                                 .window_s = clock_seconds(config->plan.duration_ns)};
    trial.figure_us = figure_us(trials, result, &trial.n_requests);
    if (isnan(trial.figure_us))
        return -ENOMEM;
    trial.kept =
        trial.figure_us * (double)NS_PER_US <= (double)setting->objective.limit_ns;
    report->trials[report->n_trials++] = trial;
    search_tell(search, trial.kept);
    if (progress != NULL) {
        (void)fprintf(progress, "search: %.6g/s for %.3g s: ", trial.rate_per_s,
                      trial.window_s);
        (void)fprintf(progress,
                      isinf(trial.figure_us) ? "too many without an answer" : "%.3f ms",
                      trial.figure_us / 1e3);
        (void)fprintf(progress, ", %s\n", trial.kept ? "kept" : "not kept");
    }
    return !trial.kept && search_goes_on(search) ? recover(trials, &result->signal) : 0;
}

int search_run(const struct search_setting *setting, struct drive_config *config,
               struct drive_result *result, FILE *progress,
               struct search_report *report) {
    struct trials trials = {.config = config, .report = report, .least_us = INFINITY};
    struct search *search = &trials.search;
    search_begin(search, setting->from_per_s, fmax(setting->from_per_s, MOST_PER_S));
    *report = (struct search_report){.setting = setting};
    *result = (struct drive_result){0};
    uint64_t seed = config->plan.seed;
    int error = 0;
    while (error == 0 && result->signal == 0 && search_goes_on(search)) {
        samples_free(result->samples);
        config->plan.seed = seed + report->n_trials;
        error = try_rate(&trials, result, progress);
    }
    report->best_per_s = search->phase == SEARCH_FOUND ? search->rate_per_s : 0;
    report->kept_per_s = search->kept_per_s;
    report->is_interrupted = search_goes_on(search);
    return error;
}

void search_print(const struct search_report *report, FILE *out) {
    const char *text = report->setting->text;
    if (report->is_interrupted) {
        (void)fprintf(out, "Interrupted; the highest rate so far that kept %s: ", text);
        (void)fprintf(out, report->kept_per_s > 0 ? "%.6g/s, not confirmed\n" : "none\n",
                      report->kept_per_s);
        return;
    }
    if (report->best_per_s == 0) {
        (void)fprintf(out, "No rate was found that keeps %s\n", text);
        return;
    }
    (void)fprintf(out, "Highest rate that keeps %s: %.6g/s\n", text, report->best_per_s);
    uint64_t n_needed = percentiles_samples_needed(report->setting->objective.quantile);
    const struct search_trial *confirmation = &report->trials[report->n_trials - 1];
    if (confirmation->n_requests < n_needed)
        (void)fprintf(out,
                      "It rests on %llu requests, and that figure needs %llu; take a "
                      "longer --window\n",
                      (unsigned long long)confirmation->n_requests,
                      (unsigned long long)n_needed);
}

json_t *search_json(const struct search_report *report) {
    json_t *trials = json_array();
    for (unsigned i = 0; i < report->n_trials; i++) {
        const struct search_trial *trial = &report->trials[i];
        (void)json_array_append_new(
            trials,
            json_pack("{s:f, s:b, s:o, s:f, s:I}", "rate", trial->rate_per_s, "kept",
                      trial->kept, "figure_us", fields_number(trial->figure_us),
                      "window_s", trial->window_s, "requests",
                      (json_int_t)trial->n_requests));
    }
    double quantile = report->setting->objective.quantile;
    double best_per_s = report->best_per_s > 0 ? report->best_per_s : NAN;
    double kept_per_s = report->kept_per_s > 0 ? report->kept_per_s : NAN;
    return json_pack("{s:s, s:o, s:o, s:o, s:b, s:I}", "objective", report->setting->text,
                     "trials", trials, "best_rate", fields_number(best_per_s),
                     "kept_rate", fields_number(kept_per_s), "interrupted",
                     report->is_interrupted, "requests_needed",
                     (json_int_t)percentiles_samples_needed(quantile));
}
