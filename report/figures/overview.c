/* Rows and findings of a run; see overview.h. */
#include "report/figures/overview.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/text.h"
#include "common/base/units.h"

static struct estimate estimate_model_error(const struct series *series,
                                            const struct model *model) {
    double *errors = calloc(series->n_repeats, sizeof *errors);
    size_t n_errors = 0;
    for (size_t i = 0; errors != NULL && model != NULL && i < series->n_repeats; i++) {
        errors[n_errors] = model_error(model, series->repeats[i]);
        n_errors += isfinite(errors[n_errors]);
    }
    struct estimate estimate = estimate_values(errors, n_errors, false);
    free(errors);
    return estimate;
}

/* The finite values of a figure; to be freed. *n 0 when memory is out. */
static double *values_of(struct cell *const *cells, size_t n_cells, metric *figure,
                         size_t *n) {
    double *values = calloc(n_cells + 1, sizeof *values);
    *n = 0;
    for (size_t i = 0; values != NULL && i < n_cells; i++) {
        values[*n] = figure(cells[i]);
        *n += isfinite(values[*n]);
    }
    return values;
}

/* Repeats whose mean slowdown is an outlier among the others. */
static size_t count_outlying_repeats(const struct series *series) {
    size_t n;
    double *means = values_of(series->repeats, series->n_repeats, metric_slowdown, &n);
    stats_sort(means, n);
    struct outliers outliers = stats_outliers(means, n);
    free(means);
    return outliers.n_low + outliers.n_high;
}

static struct overview_row make_row(const struct series *series,
                                    const struct experiment *experiment) {
    const char *name = series->parameters->contestant;
    const struct contestant *contestant =
        experiment != NULL ? experiment_contestant(experiment, name) : NULL;
    struct overview_row row = {
        .series = series,
        .plan = series->plan,
        .n_repeats = series->n_repeats,
        .model = contestant != NULL ? contestant->model : NULL,
        .idle = series_probes(series, false),
        .busy = series_probes(series, true),
    };
    (void)merged_make(series, &row.merged); /* nothing when memory is out */
    merged_percentiles(&row.merged, row.percentiles);
    row.outliers = stats_outliers(row.merged.sorted_s, row.merged.n_values);
    row.n_outlying_repeats = count_outlying_repeats(series);
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        row.estimates[id] =
            figures[id].repeats == REPEATS_PERCENTILE
                ? percentile_estimate(&row.percentiles[figures[id].percentile],
                                      series->n_repeats)
                : figure_estimate(series, id);
    row.validity = series_validity(series);
    row.model_error = estimate_model_error(series, row.model);
    size_t n_servers = series->parameters->processes;
    for (size_t i = 0; i < series->n_repeats; i++) {
        row.n_requests += series->repeats[i]->n_requests;
        row.n_failed += (size_t)metric_n_failed(series->repeats[i]);
        for (size_t k = 0; n_servers > 1 && k < n_servers && k < SUMS_MAX_SERVERS; k++)
            text_append(row.split, sizeof row.split, "%s%u",
                        k > 0   ? " + "
                        : i > 0 ? ", "
                                : "",
                        series->repeats[i]->sums.per_server[k]);
    }
    return row;
}

static struct range range_over_cells(const struct run *run, metric *figure) {
    size_t n;
    double *values = values_of(run->cells, run->n_cells, figure, &n);
    struct range range = range_of(values, n);
    free(values);
    return range;
}

/* Of the cells with the experiment's first work, the one that it is called by. */
static struct range range_of_t_alone(const struct overview *overview) {
    double *values = calloc(overview->run->n_cells + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values != NULL && i < overview->n_rows; i++) {
        const struct series *series = overview->rows[i].series;
        const char *work = overview->rows[0].series->parameters->work;
        for (size_t k = 0; k < series->n_repeats; k++)
            if (strcmp(series->parameters->work, work) == 0)
                values[n++] = metric_t_alone_us(series->repeats[k]);
    }
    struct range range = range_of(values, n);
    free(values);
    return range;
}

/* The mean over all repeats that say it. */
static double mean_of(const struct run *run, metric *figure) {
    size_t n;
    double *values = values_of(run->cells, run->n_cells, figure, &n);
    double mean = stats_mean(values, n);
    free(values);
    return mean;
}

static struct machine_figures describe_machine(const struct overview *overview) {
    const struct run *run = overview->run;
    double most_cpus = NAN; /* others may have been kept to fewer on purpose */
    for (size_t i = 0; i < run->n_cells; i++)
        most_cpus = fmax(most_cpus, run->cells[i]->window.allowance);
    return (struct machine_figures){
        .t_alone_us = range_of_t_alone(overview),
        .cores = range_over_cells(run, metric_machine_cores),
        .cpus_available = range_over_cells(run, metric_cpus_available),
        .cpus_allowed = most_cpus,
        .others_share = mean_of(run, metric_others_share),
        .stolen_share = mean_of(run, metric_stolen_share),
    };
}

/* The row of a series as it was before; NULL: there was none, or it has a new repeat. */
static struct overview_row *find_row(struct overview *before,
                                     const struct series *series) {
    for (size_t i = 0; before != NULL && i < before->n_rows; i++) {
        struct overview_row *row = &before->rows[i];
        if (row->plan == series->plan && row->n_repeats == series->n_repeats)
            return row;
    }
    return NULL;
}

struct overview *overview_update(struct overview *before, const struct run *run,
                                 const char *name) {
    struct overview *overview = calloc(1, sizeof *overview);
    if (overview != NULL)
        overview->rows = calloc(run->n_series + 1, sizeof *overview->rows);
    if (overview == NULL || overview->rows == NULL) {
        overview_free(overview);
        overview_free(before);
        return NULL;
    }
    overview->run = run;
    overview->name = name;
    overview->experiment = experiment_find(name);
    for (size_t i = 0; i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        if (strcmp(series->parameters->experiment, name) != 0)
            continue;
        struct overview_row *kept = find_row(before, series);
        struct overview_row *row = &overview->rows[overview->n_rows++];
        *row = kept != NULL ? *kept : make_row(series, overview->experiment);
        row->series = series;
        if (kept != NULL)
            kept->merged = (struct merged){0};
    }
    overview_free(before);
    return overview;
}

/* About the series of one experiment. */
static struct overview *make_one(const struct run *run, const char *name) {
    struct overview *overview = overview_update(NULL, run, name);
    while (overview != NULL && overview->experiment != NULL &&
           overview->experiment->claims[overview->n_findings].id != NULL)
        overview->n_findings++;
    if (overview == NULL ||
        (overview->findings =
             calloc(overview->n_findings + 1, sizeof *overview->findings)) == NULL) {
        overview_free(overview);
        return NULL;
    }
    struct run part = run_part(run, name);
    for (size_t i = 0; i < overview->n_findings; i++)
        judge(&part, &overview->experiment->claims[i], &overview->findings[i]);
    overview->machine = describe_machine(overview);
    return overview;
}

struct overview *overview_make(const struct run *run) {
    struct overview *first = NULL, **end = &first;
    for (size_t i = 0; i < run->n_experiments; i++) {
        *end = make_one(run, run->experiments[i]);
        if (*end == NULL) {
            overview_free(first);
            return NULL;
        }
        end = &(*end)->next;
    }
    return first;
}

void overview_free(struct overview *first) {
    while (first != NULL) {
        struct overview *next = first->next;
        for (size_t i = 0; i < first->n_rows; i++)
            merged_free(&first->rows[i].merged);
        free(first->rows);
        free(first->findings);
        free(first);
        first = next;
    }
}

size_t overview_count(const struct overview *first, enum verdict verdict) {
    size_t n = 0;
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++)
            n += one->findings[i].verdict == verdict;
    return n;
}

double overview_seconds_to_decide(const struct overview *first) {
    double seconds = 0;
    for (const struct overview *one = first; one != NULL; one = one->next)
        for (size_t i = 0; i < one->n_findings; i++)
            if (one->findings[i].verdict == UNDECIDED &&
                isfinite(one->findings[i].more_s))
                seconds += one->findings[i].more_s;
    return seconds > 0 ? 10 * ceil(seconds / 10) + 10 : 0; /* it also has to begin */
}

bool overview_has_findings(const struct overview *first) {
    while (first != NULL && first->n_findings == 0)
        first = first->next;
    return first != NULL;
}

bool overview_has_servers(const struct overview *overview) {
    size_t i = 0;
    while (i < overview->n_rows &&
           !parameters_are_external(overview->rows[i].series->parameters))
        i++;
    return i < overview->n_rows;
}

char *outliers_text(const struct outliers *outliers, size_t n_values, char *text,
                    size_t text_bytes) {
    char time[UNITS_BYTES];
    size_t n = outliers->n_low + outliers->n_high;
    text[0] = '\0';
    if (n == 0)
        return text;
    text_append(text, text_bytes, "%zu of %zu answers %s (modified z above %.1f: ", n,
                n_values, n == 1 ? "is an outlier" : "are outliers", STATS_OUTLIER_Z);
    if (outliers->n_low > 0)
        text_append(text, text_bytes, "below %s%s",
                    units_format_seconds(outliers->low, time),
                    outliers->n_high > 0 ? " or " : "");
    if (outliers->n_high > 0)
        text_append(text, text_bytes, "above %s",
                    units_format_seconds(outliers->high, time));
    text_append(text, text_bytes, "), kept");
    return text;
}

char *overview_outliers(const struct overview_row *row, char *text, size_t text_bytes) {
    (void)outliers_text(&row->outliers, row->merged.n_values, text, text_bytes);
    if (row->n_outlying_repeats > 0)
        text_append(text, text_bytes,
                    "%sby its mean slowdown, %zu of %zu repeats (modified z above %.1f), "
                    "kept",
                    text[0] != '\0' ? "; " : "outliers ", row->n_outlying_repeats,
                    row->series->n_repeats, STATS_OUTLIER_Z);
    return text;
}

struct span overview_span(const struct overview *overview, size_t offset) {
    struct span span = {UINT_MAX, 0};
    for (size_t i = 0; i < overview->n_rows; i++) {
        const char *cell = (const char *)overview->rows[i].series->parameters;
        unsigned own;
        memcpy(&own, cell + offset, sizeof own);
        span.least = own < span.least ? own : span.least;
        span.most = own > span.most ? own : span.most;
    }
    return span;
}

enum figure_id overview_ranks_by(const struct overview *overview) {
    bool is_known = overview_carries(overview, FIGURE_SLOWDOWN);
    return is_known && !overview_has_servers(overview) ? FIGURE_SLOWDOWN : FIGURE_MEAN;
}

const char *overview_who(const struct overview *overview) {
    return overview_has_servers(overview) ? "server" : "strategy";
}

char *overview_users(const struct overview *overview, char *text, size_t text_bytes) {
    struct span users = overview_span(overview, offsetof(struct cell_parameters, users));
    text[0] = '\0';
    if (users.most > 0 && users.least == users.most)
        (void)snprintf(text, text_bytes, "%u user%s", users.most,
                       users.most == 1 ? "" : "s");
    else if (users.most > 0)
        (void)snprintf(text, text_bytes, "%u to %u users", users.least, users.most);
    if (users.most > 0 || overview->n_rows == 0)
        return text;
    double least = overview->rows[0].series->parameters->rate_per_s, most = least;
    for (size_t i = 1; i < overview->n_rows; i++) {
        least = fmin(least, overview->rows[i].series->parameters->rate_per_s);
        most = fmax(most, overview->rows[i].series->parameters->rate_per_s);
    }
    if (least < most)
        (void)snprintf(text, text_bytes, "%g to %g requests a second", least, most);
    else
        (void)snprintf(text, text_bytes, "%g requests a second", most);
    return text;
}

char *overview_repeats(const struct overview *overview, char *text, size_t text_bytes) {
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < overview->n_rows; i++) {
        size_t own = overview->rows[i].series->n_repeats;
        least = own < least ? own : least;
        most = own > most ? own : most;
    }
    if (least < most)
        (void)snprintf(text, text_bytes, "%zu to %zu repeats", least, most);
    else
        (void)snprintf(text, text_bytes, "%zu repeat%s", most, most == 1 ? "" : "s");
    return text;
}

char *overview_caption(const struct overview *overview, char *text, size_t text_bytes) {
    const json_t *info = overview->run->info;
    const json_t *machine = json_object_get(info, "machine");
    const struct range *alone = &overview->machine.t_alone_us;
    const char *asked = run_work_asked(overview->run, overview->name);
    char cpus[16] = "some", users[64], repeats[48], took[FIGURE_BYTES], job[120] = "";
    double n_cpus = fields_get_number(machine, "cpus_usable");
    if (isfinite(n_cpus))
        (void)snprintf(cpus, sizeof cpus, "%.0f", n_cpus);
    if (isfinite(alone->median))
        (void)snprintf(job, sizeof job, " (a job alone took %s)",
                       figure_time(alone->median, took));
    (void)overview_users(overview, users, sizeof users);
    (void)snprintf(text, text_bytes, "%s%s, %s%s; %s CPU%s of %s; %s; %.10s", users,
                   strstr(users, "user") != NULL ? " at once" : "",
                   asked[0] != '\0' ? asked : "the same work", job, cpus,
                   n_cpus == 1 ? "" : "s",
                   fields_get_text(machine, "cpu_model", "an unknown CPU"),
                   overview_repeats(overview, repeats, sizeof repeats),
                   fields_get_text(info, "started_at", "no date"));
    return text;
}

bool overview_carries(const struct overview *overview, enum figure_id id) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (isfinite(overview->rows[i].estimates[id].value))
            return true;
    return false;
}

const struct shown_unit *overview_wait_unit(const struct overview *overview) {
    static const struct shown_unit seconds = {"s", 1e6}, milliseconds = {"ms", 1e3};
    double longest_us = NAN;
    for (size_t i = 0; i < overview->n_rows; i++)
        longest_us = fmax(longest_us, overview->rows[i].estimates[FIGURE_MEAN].value);
    return longest_us < 100e3 ? &milliseconds : &seconds;
}

struct shown_unit overview_unit(const struct overview *overview, enum figure_id id) {
    const struct figure *figure = &figures[id];
    if (figure->unit != NULL && strcmp(figure->unit, "s") == 0)
        return *overview_wait_unit(overview);
    double least_us = NAN;
    for (size_t i = 0; i < overview->n_rows; i++)
        least_us = fmin(least_us, overview->rows[i].estimates[id].value);
    if (figure->unit != NULL && strcmp(figure->unit, "ms") == 0 && least_us >= 1e6)
        return (struct shown_unit){"s", 1e6};
    return (struct shown_unit){figure->unit != NULL ? figure->unit : "",
                               figure->per_unit > 0 ? figure->per_unit : 1};
}

char *overview_value(const struct overview *overview, enum figure_id id, double value,
                     char text[FIGURE_BYTES]) {
    struct shown_unit unit = overview_unit(overview, id);
    if (figures[id].unit != NULL && strcmp(figures[id].unit, "ms") == 0)
        return figure_time(value, text);
    (void)figure_rounded(value / unit.in_own_unit, text);
    if (isfinite(value) && unit.name[0] != '\0' && id != FIGURE_THROUGHPUT)
        text_append(text, FIGURE_BYTES, " %s", unit.name);
    return text;
}

char *overview_values(const struct overview *overview, enum figure_id id, double from,
                      double to, char text[FIGURE_BYTES]) {
    char end[FIGURE_BYTES];
    (void)overview_value(overview, id, from, text);
    (void)overview_value(overview, id, to, end);
    if (strcmp(text, end) == 0)
        return text;
    char *unit = strchrnul(text, ' ');
    if (strcmp(unit, strchrnul(end, ' ')) == 0)
        *unit = '\0';
    text_append(text, FIGURE_BYTES, " to %s", end);
    return text;
}

static char *show(const struct overview *overview, const struct overview_row *row,
                  enum figure_id id, bool has_unit, char text[FIGURE_BYTES]) {
    static const struct estimate unknown = {NAN, {NAN, NAN}, 0};
    const struct estimate *estimate =
        row->validity.level == VALIDITY_INVALID ? &unknown : &row->estimates[id];
    bool is_limit = figures[id].is_amount && estimate->interval.low <= 0 &&
                    isfinite(estimate->interval.high);
    double shown = is_limit ? estimate->interval.high : estimate->value;
    char told[FIGURE_BYTES];
    (void)(has_unit
               ? overview_value(overview, id, shown, told)
               : figure_rounded(shown / overview_unit(overview, id).in_own_unit, told));
    (void)snprintf(text, FIGURE_BYTES, "%s%.70s", is_limit ? "<" : "", told);
    return text;
}

char *overview_rounded(const struct overview *overview, const struct overview_row *row,
                       enum figure_id id, char text[FIGURE_BYTES]) {
    return show(overview, row, id, false, text);
}

char *overview_told(const struct overview *overview, const struct overview_row *row,
                    enum figure_id id, char text[FIGURE_BYTES]) {
    return show(overview, row, id, true, text);
}
