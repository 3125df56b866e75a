/* Trials of a search; see search_run.h. */
#include "loadgen/search_run.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/percentiles.h"
#include "common/stats.h"
#include "loadgen/crew.h"

static const double MOST_PER_S = 1e6;

/*
 * The objective's figure in microseconds, by the nearest rank, and how many requests it
 * rests on; NAN without memory. What had waited longer than the limit when it was cut off
 * counts as slow, and so does what was not sent; what had waited less says nothing.
 */
static double figure_us(const struct search_objective *objective,
                        const struct drive_result *result, uint64_t *n_requests) {
    double *latencies_us =
        malloc((samples_count_planned(result->samples) + 1) * sizeof *latencies_us);
    size_t n = 0;
    if (latencies_us == NULL)
        return NAN;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        uint64_t latency_ns = sample_latency_ns(&sample, true);
        if (sample.fate == SAMPLE_CUT_OFF && latency_ns <= objective->limit_ns)
            continue;
        bool is_answer = sample.fate == SAMPLE_ENDED && !sample_failed(&sample);
        latencies_us[n++] = is_answer ? (double)latency_ns / (double)NS_PER_US : INFINITY;
    }
    stats_sort(latencies_us, n);
    size_t rank = (size_t)ceil(objective->quantile * (double)n - 1e-9);
    double figure = rank > 0 ? latencies_us[rank - 1] : INFINITY;
    free(latencies_us);
    *n_requests = n;
    return figure;
}

static void print_trial(const struct search_trial *trial, FILE *out) {
    (void)fprintf(out, "search: %.6g/s for %.3g s: ", trial->rate_per_s, trial->window_s);
    if (isinf(trial->figure_us))
        (void)fprintf(out, "too many without an answer");
    else
        (void)fprintf(out, "%.3f ms", trial->figure_us / 1e3);
    (void)fprintf(out, ", %s\n", trial->kept ? "kept" : "not kept");
}

/* Lets the server work off what a trial was too much for. The signal that came, or 0. */
static int calm_down(uint64_t duration_ns) {
    sigset_t signals, old;
    struct timespec pause = clock_timespec(duration_ns);
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &signals, &old);
    int number = sigtimedwait(&signals, NULL, &pause);
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    return number > 0 ? number : 0;
}

/* One trial; told to the search unless a signal ended it. Errors as drive_run's. */
static int try_rate(struct search *search, struct drive_config *config,
                    struct drive_result *result, struct search_report *report) {
    const struct search_setting *setting = report->setting;
    bool confirms = search->phase == SEARCH_CONFIRMING;
    config->plan.rate_per_s = search->rate_per_s;
    config->plan.duration_ns =
        setting->window_ns * (confirms ? SEARCH_CONFIRMATION_WINDOWS : 1);
    int error = crew_run(config, result);
    if (error != 0 || result->signal != 0)
        return error;
    uint64_t n_requests;
    double figure = figure_us(&setting->objective, result, &n_requests);
    if (isnan(figure))
        return -ENOMEM;
    struct search_trial *trial = &report->trials[report->n_trials++];
    *trial = (struct search_trial){
        .rate_per_s = search->rate_per_s,
        .window_s = (double)config->plan.duration_ns / (double)NS_PER_S,
        .n_requests = n_requests,
        .figure_us = figure,
        .kept = figure * (double)NS_PER_US <= (double)setting->objective.limit_ns,
    };
    search_tell(search, trial->kept);
    return 0;
}

int search_run(const struct search_setting *setting, struct drive_config *config,
               struct drive_result *result, FILE *progress,
               struct search_report *report) {
    struct search search;
    search_begin(&search, setting->from_per_s, fmax(setting->from_per_s, MOST_PER_S));
    *report = (struct search_report){.setting = setting};
    *result = (struct drive_result){0};
    uint64_t seed = config->plan.seed;
    int error = 0;
    while (error == 0 && result->signal == 0 && search_goes_on(&search)) {
        samples_free(result->samples);
        config->plan.seed = seed + report->n_trials;
        error = try_rate(&search, config, result, report);
        if (error != 0 || result->signal != 0)
            break;
        const struct search_trial *trial = &report->trials[report->n_trials - 1];
        if (progress != NULL)
            print_trial(trial, progress);
        if (!trial->kept && search_goes_on(&search))
            result->signal = calm_down(setting->window_ns);
    }
    report->best_per_s = search.phase == SEARCH_FOUND ? search.rate_per_s : 0;
    report->kept_per_s = search.kept_per_s;
    report->is_interrupted = search_goes_on(&search);
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

static json_t *rate_or_null(double per_s) {
    return per_s > 0 ? json_real(per_s) : json_null();
}

json_t *search_json(const struct search_report *report) {
    json_t *trials = json_array();
    for (unsigned i = 0; i < report->n_trials; i++) {
        const struct search_trial *trial = &report->trials[i];
        json_t *figure =
            isinf(trial->figure_us) ? json_null() : json_real(trial->figure_us);
        (void)json_array_append_new(
            trials,
            json_pack("{s:f, s:b, s:o, s:f, s:I}", "rate", trial->rate_per_s, "kept",
                      trial->kept, "figure_us", figure, "window_s", trial->window_s,
                      "requests", (json_int_t)trial->n_requests));
    }
    double quantile = report->setting->objective.quantile;
    return json_pack("{s:s, s:o, s:o, s:o, s:b, s:I}", "objective", report->setting->text,
                     "trials", trials, "best_rate", rate_or_null(report->best_per_s),
                     "kept_rate", rate_or_null(report->kept_per_s), "interrupted",
                     report->is_interrupted, "requests_needed",
                     (json_int_t)percentiles_samples_needed(quantile));
}
