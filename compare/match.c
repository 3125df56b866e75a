/* Matching of cells, and their verdicts; see match.h. */
#include "compare/match.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/stats/stats.h"
#include "common/workload/work.h"
#include "measured/metric.h"

const struct gauge gauges[N_GAUGES] = {
    [GAUGE_T_ALONE] = {"a lone job", " ms", "t_alone_us", 1e3, metric_t_alone_us},
    [GAUGE_CORES] = {"effective cores", "", "cores", 1, metric_machine_cores},
    [GAUGE_SPEED] = {"loop speed", " turns/us", "turns_per_ms", 1e3, metric_turns_per_ms},
};

/* The machine's part */

/*
 * Two runs are made at different times, and the machine may have another speed in each,
 * or in one repeat of either. What it did is taken out of the figures where the cells
 * themselves say how fast their CPU steps ran, and allowed for where they do not.
 */

static double own_speed(const struct series *series) {
    double *speeds = calloc(series->n_repeats, sizeof *speeds), median = NAN;
    for (size_t i = 0; speeds != NULL && i < series->n_repeats; i++)
        speeds[i] = metric_speed_turns_per_us(series->repeats[i]);
    if (speeds != NULL) /* of which one that is not known makes all of them so */
        median = isnan(stats_mean(speeds, series->n_repeats))
                     ? NAN
                     : stats_median(speeds, series->n_repeats);
    free(speeds);
    return median;
}

/* Turns of all CPU steps; NAN when it is no work. */
static double turns_of(const char *text, double turns_per_ms) {
    struct work work;
    bool is_work = work_parse_kept(text, turns_per_ms, &work) == 0;
    return is_work ? work_turns(&work) : NAN;
}

double match_turns(const struct series *series) {
    return turns_of(series->parameters->work, 1);
}

/* The turns that the calibration of a run gives to a work. */
static double turns_by(const struct run *run, const char *work) {
    const json_t *calibration = json_object_get(run->info, "calibration");
    return turns_of(work, fields_get_number(calibration, "turns_per_ms"));
}

/* What run.json tells of it: the program and the work. */
static struct machine_change find_change(const struct run *a, const struct run *b) {
    const json_t *versions_a = json_object_get(a->info, "versions");
    const json_t *versions_b = json_object_get(b->info, "versions");
    const char *binary = fields_get_text(versions_a, "binary", "");
    const char *asked = fields_get_text(b->info, "work_asked", "");
    double work = log(turns_by(b, asked) / turns_by(a, asked));
    return (struct machine_change){
        .is_same_program = binary[0] != '\0' &&
                           strcmp(binary, fields_get_text(versions_b, "binary", "")) == 0,
        .speed = NAN,
        .cores = NAN,
        .work = isfinite(work) ? work : 0};
}

/* Whether nothing but the work and the load may make the CPU steps of B others than A's.
 */
static bool is_same_setting(const struct machine_change *change,
                            const struct cell_parameters *a,
                            const struct cell_parameters *b) {
    char of_a[PARAMETER_BYTES], of_b[PARAMETER_BYTES];
    for (const struct parameter *row = parameter_rows; row->key != NULL; row++)
        if (row->format == NULL && strcmp(row->key, "work") != 0 &&
            strcmp(parameter_text(a, row, of_a), parameter_text(b, row, of_b)) != 0)
            return false;
    return change->is_same_program && strcmp(a->strategy, b->strategy) == 0;
}

/*
 * What log(latency) may have changed by although the program did not. Where the cells
 * say by how much their CPU steps changed their speed, latencies are adjusted to one
 * speed: nothing, or, when it may be another program, what is unexplained of that
 * change. Others (NAN): the machine's speed moved, and work that was asked for as a
 * duration followed its calibration; where the speed is not known the latter is allowed
 * for alone. Work that does not compute has nothing of either.
 */
static double find_allowance(const struct machine_change *change, const struct series *a,
                             const struct series *b, double cell_speed) {
    double speed = change->speed, work = change->work, at_once = speed + change->cores;
    bool is_known = isfinite(speed);
    if (!isfinite(cell_speed) && (!(match_turns(a) > 0) || !(match_turns(b) > 0)))
        return 0;
    if (!isfinite(cell_speed))
        return is_known ? fmax(fabs(speed), fabs(work - speed)) : fabs(work);
    if (is_same_setting(change, a->parameters, b->parameters))
        return 0;
    /* By how much CPU steps changed their speed beyond what the machine's own loops show,
     * alone or at once: then it may be the program that slowed them down, and an adjusted
     * figure does not show that. */
    double low = fmin(speed, isfinite(at_once) ? at_once : speed);
    double high = fmax(speed, isfinite(at_once) ? at_once : speed);
    return is_known ? fmax(0, fmax(low - cell_speed, cell_speed - high))
                    : fabs(cell_speed);
}

/* Cells */

/* The series of the same experiment and name; NULL when the run has none. */
static const struct series *find_match(const struct run *run,
                                       const struct series *series) {
    for (size_t i = 0; i < run->n_series; i++) {
        const struct cell_parameters *other = run->series[i].parameters;
        if (strcmp(other->name, series->parameters->name) == 0 &&
            strcmp(other->experiment, series->parameters->experiment) == 0)
            return &run->series[i];
    }
    return NULL;
}

static struct ratio ratio_of(const struct matched *cell, enum figure_id id,
                             double work_change) {
    const struct half *of = cell->of;
    size_t n[N_SIDES] = {of[A].series->n_repeats, of[B].series->n_repeats}, place = 0;
    bool is_adjusted = id == FIGURE_MEAN && isfinite(cell->speed_change);
    double factors[N_SIDES] = {1, 1};
    if (work_change != 0)
        factors[B] = exp(-work_change * metric_cpu_share(of[B].series->repeats[0]));
    double *values = calloc(n[A] + n[B], sizeof *values);
    if (values == NULL)
        return ratio_make(NULL, 0, NULL, 0);
    for (int side = A; side < N_SIDES; side++)
        for (size_t i = 0; i < n[side]; i++) {
            const struct cell *repeat = of[side].series->repeats[i];
            values[place++] = is_adjusted
                                  ? factors[side] * cell_mean_us_at(repeat, of[A].speed)
                                  : figure_value(id, repeat);
        }
    struct ratio ratio = ratio_make(values, n[A], values + n[A], n[B]);
    free(values);
    return ratio;
}

/* Why nothing can be said of a cell, however large the difference; or "". */
static void find_unfit(struct matched *cell, char letter) {
    const struct ratio *ratio = &cell->ratios[FIGURE_MEAN];
    const struct half *of = cell->of;
    bool is_once_a = ratio->n_a < 2, is_once_b = ratio->n_b < 2;
    bool is_invalid_a = of[A].validity.level == VALIDITY_INVALID;
    bool is_invalid_b = of[B].validity.level == VALIDITY_INVALID;
    char *why = cell->why;
    if (of[A].n_failed + of[B].n_failed > 0)
        (void)snprintf(why, sizeof cell->why, "failed requests: %zu in A, %zu in %c",
                       of[A].n_failed, of[B].n_failed, letter);
    else if (ratio->n_a == 0 || ratio->n_b == 0)
        (void)snprintf(why, sizeof cell->why, "no latencies in %c",
                       ratio->n_a == 0 ? 'A' : letter);
    else if (is_once_a || is_once_b)
        (void)snprintf(why, sizeof cell->why,
                       "one repeat in %s%c has no interval; two are the least",
                       is_once_a && is_once_b ? "A and in " : "",
                       is_once_b ? letter : 'A');
    else if (is_invalid_a || is_invalid_b)
        (void)snprintf(why, sizeof cell->why, "INVALID in %c: %s",
                       is_invalid_a ? 'A' : letter,
                       of[is_invalid_a ? A : B].validity.why);
}

static struct half make_half(const struct series *series) {
    struct half half = {series, 0, series_validity(series), own_speed(series)};
    for (size_t i = 0; i < series->n_repeats; i++)
        half.n_failed += (size_t)metric_n_failed(series->repeats[i]);
    return half;
}

static struct matched make_matched(const struct comparison *comparison,
                                   const struct series *a, const struct series *b) {
    struct matched cell = {.of = {make_half(a), make_half(b)},
                           .parameters = a->parameters};
    cell.speed_change = log(cell.of[B].speed / cell.of[A].speed);
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].compared_as != NULL)
            cell.ratios[id] = ratio_of(&cell, id, comparison->change.work);
    find_unfit(&cell, comparison->sides[B].letter);
    for (enum figure_id id = 0; id < N_FIGURES && cell.why[0] != '\0'; id++)
        ratio_withhold(&cell.ratios[id]);
    return cell;
}

static int match(struct comparison *comparison) {
    const struct run *a = comparison->sides[A].run, *b = comparison->sides[B].run;
    comparison->cells = calloc(a->n_series + 1, sizeof *comparison->cells);
    for (int i = A; i < N_SIDES; i++) {
        struct side *side = &comparison->sides[i];
        const struct run *other = i == A ? b : a;
        side->only = calloc(side->run->n_series + 1, sizeof *side->only);
        if (side->only == NULL || comparison->cells == NULL)
            return -ENOMEM;
        for (size_t k = 0; k < side->run->n_series; k++) {
            const struct series *own = &side->run->series[k];
            const struct series *match = find_match(other, own);
            if (match == NULL)
                side->only[side->n_only++] = own;
            else if (i == A)
                comparison->cells[comparison->n_cells++] =
                    make_matched(comparison, own, match);
        }
    }
    return 0;
}

/* What the machine was in each run, and how that changed. */
static int gauge(struct comparison *comparison) {
    double changes[N_GAUGES];
    size_t most = comparison->sides[A].run->n_cells + comparison->sides[B].run->n_cells;
    double *values = calloc(most + 1, sizeof *values);
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < N_GAUGES; i++) {
        for (int side = A; side < N_SIDES; side++) {
            size_t n = 0;
            for (size_t k = 0; k < comparison->n_cells; k++) {
                const struct series *series = comparison->cells[k].of[side].series;
                for (size_t r = 0; r < series->n_repeats; r++)
                    values[n++] = gauges[i].of(series->repeats[r]);
            }
            comparison->sides[side].gauges[i] = range_of(values, n);
        }
        changes[i] = log(comparison->sides[B].gauges[i].median /
                         comparison->sides[A].gauges[i].median);
    }
    comparison->change.speed = changes[GAUGE_SPEED];
    comparison->change.cores = changes[GAUGE_CORES];
    free(values);
    return 0;
}

/* Each figure that has verdicts is a family with an error rate of its own. */
static int judge(struct comparison *comparison) {
    size_t n = comparison->n_cells;
    struct ratio **family = calloc(n + 1, sizeof *family);
    if (family == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct matched *cell = &comparison->cells[i];
        cell->ratios[FIGURE_MEAN].log_allowance =
            find_allowance(&comparison->change, cell->of[A].series, cell->of[B].series,
                           cell->speed_change);
    }
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        if (!figures[id].is_judged)
            continue;
        for (size_t i = 0; i < n; i++)
            family[i] = &comparison->cells[i].ratios[id];
        ratios_judge(family, n);
        for (size_t i = 0; i < n && figures[id].better == BETTER_HIGHER; i++)
            if (family[i]->change == CHANGE_FASTER || family[i]->change == CHANGE_SLOWER)
                family[i]->change =
                    family[i]->change == CHANGE_FASTER ? CHANGE_SLOWER : CHANGE_FASTER;
    }
    free(family);
    return 0;
}

int comparison_make(struct comparison *comparison, const struct run *a,
                    const struct run *b, char letter) {
    *comparison = (struct comparison){
        .sides = {{.run = a, .letter = 'A'}, {.run = b, .letter = letter}},
        .change = find_change(a, b)};
    int error = match(comparison);
    if (error == 0)
        error = gauge(comparison);
    return error == 0 ? judge(comparison) : error;
}

void comparison_free(struct comparison *comparison) {
    free(comparison->cells);
    free(comparison->sides[A].only);
    free(comparison->sides[B].only);
    *comparison = (struct comparison){0};
}
