/* Matching of cells, and their verdicts; see match.h. */
#include "compare/match.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

const struct gauge gauges[N_GAUGES] = {
    [GAUGE_T_ALONE] = {"T alone", " ms", "t_alone_us", 1e3, metric_t_alone_us},
    [GAUGE_CORES] = {"E", "", "cores", 1, metric_machine_cores},
    [GAUGE_SPEED] = {"loop speed", " turns/us", "turns_per_ms", 1e3, metric_turns_per_ms},
};

const struct ratio *matched_seconds(const struct matched *cell) {
    return &cell->ratios[FIGURE_MEAN];
}

static struct ratio ratio_of(const struct matched *cell, enum figure_id id,
                             double work_change) {
    size_t n_a = cell->a->n_repeats, n_b = cell->b->n_repeats;
    double *values = calloc(n_a + n_b, sizeof *values);
    if (values == NULL)
        return ratio_make(NULL, 0, NULL, 0);
    if (id == FIGURE_MEAN && cell->is_adjusted) {
        double speed = adjust_speed(cell->a);
        adjust_means(cell->a, speed, 0, values);
        adjust_means(cell->b, speed, work_change, values + n_a);
    } else {
        for (size_t i = 0; i < n_a; i++)
            values[i] = figure_value(id, cell->a->repeats[i]);
        for (size_t i = 0; i < n_b; i++)
            values[n_a + i] = figure_value(id, cell->b->repeats[i]);
    }
    struct ratio ratio = ratio_make(values, n_a, values + n_a, n_b);
    free(values);
    return ratio;
}

static size_t count_failed(const struct series *series) {
    double n_failed = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n_failed += metric_n_failed(series->repeats[i]);
    return (size_t)n_failed;
}

/* Why nothing can be said of a cell, however large the difference; or "". */
static void find_unfit(struct matched *cell, char letter) {
    const struct ratio *ratio = matched_seconds(cell);
    const bool invalid_a = cell->validity_a.level == VALIDITY_INVALID;
    char *why = cell->why;
    if (cell->n_failed_a + cell->n_failed_b > 0)
        (void)snprintf(why, sizeof cell->why, "failed requests: %zu in A, %zu in %c",
                       cell->n_failed_a, cell->n_failed_b, letter);
    else if (ratio->n_a == 0 || ratio->n_b == 0)
        (void)snprintf(why, sizeof cell->why, "no latencies in %c",
                       ratio->n_a == 0 ? 'A' : letter);
    else if (ratio->n_a < 2 && ratio->n_b < 2)
        (void)snprintf(why, sizeof cell->why,
                       "one repeat in A and in %c has no interval; two are the least",
                       letter);
    else if (ratio->n_a < 2 || ratio->n_b < 2)
        (void)snprintf(why, sizeof cell->why,
                       "one repeat in %c has no interval; two are the least",
                       ratio->n_a < 2 ? 'A' : letter);
    else if (invalid_a || cell->validity_b.level == VALIDITY_INVALID)
        (void)snprintf(why, sizeof cell->why, "INVALID in %c: %.290s",
                       invalid_a ? 'A' : letter,
                       invalid_a ? cell->validity_a.why : cell->validity_b.why);
}

static struct matched make_matched(const struct comparison *comparison,
                                   const struct series *a, const struct series *b) {
    struct matched cell = {.a = a,
                           .b = b,
                           .place = a->plan->place,
                           .n_failed_a = count_failed(a),
                           .n_failed_b = count_failed(b),
                           .validity_a = validity_of_series(a),
                           .validity_b = validity_of_series(b)};
    cell.speed_change = log(adjust_speed(b) / adjust_speed(a));
    cell.is_adjusted = isfinite(cell.speed_change);
    for (enum figure_id id = 0; id < N_FIGURES; id++)
        if (figures[id].compared_as != NULL)
            cell.ratios[id] = ratio_of(&cell, id, comparison->change.work);
    find_unfit(&cell, comparison->letter);
    for (enum figure_id id = 0; id < N_FIGURES && cell.why[0] != '\0'; id++)
        ratio_withhold(&cell.ratios[id]);
    return cell;
}

static int match(struct comparison *comparison) {
    const struct run *a = comparison->a, *b = comparison->b;
    comparison->cells = calloc(a->n_series + 1, sizeof *comparison->cells);
    comparison->only_a = calloc(a->n_series + 1, sizeof *comparison->only_a);
    comparison->only_b = calloc(b->n_series + 1, sizeof *comparison->only_b);
    if (comparison->cells == NULL || comparison->only_a == NULL ||
        comparison->only_b == NULL)
        return -1;
    for (size_t i = 0; i < a->n_series; i++) {
        const struct series *other = find_match(b, &a->series[i]);
        if (other != NULL)
            comparison->cells[comparison->n_cells++] =
                make_matched(comparison, &a->series[i], other);
        else
            comparison->only_a[comparison->n_only_a++] = &a->series[i];
    }
    for (size_t i = 0; i < b->n_series; i++)
        if (find_match(a, &b->series[i]) == NULL)
            comparison->only_b[comparison->n_only_b++] = &b->series[i];
    return 0;
}

/* Of one run's matched cells. */
static struct range gauge_over(const struct comparison *comparison, bool of_b,
                               metric *of) {
    const struct run *run = of_b ? comparison->b : comparison->a;
    double *values = calloc(run->n_cells + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values != NULL && i < comparison->n_cells; i++) {
        const struct matched *cell = &comparison->cells[i];
        const struct series *series = of_b ? cell->b : cell->a;
        for (size_t k = 0; k < series->n_repeats; k++)
            values[n++] = of(series->repeats[k]);
    }
    struct range range = range_of(values, n);
    free(values);
    return range;
}

static void gauge_all(struct comparison *comparison) {
    double changes[N_GAUGES];
    for (int i = 0; i < N_GAUGES; i++) {
        comparison->of_a[i] = gauge_over(comparison, false, gauges[i].of);
        comparison->of_b[i] = gauge_over(comparison, true, gauges[i].of);
        changes[i] = log(comparison->of_b[i].median / comparison->of_a[i].median);
    }
    comparison->change.speed = changes[GAUGE_SPEED];
    comparison->change.cores = changes[GAUGE_CORES];
}

static enum change opposite(enum change change) {
    return change == CHANGE_FASTER   ? CHANGE_SLOWER
           : change == CHANGE_SLOWER ? CHANGE_FASTER
                                     : change;
}

/* Each figure that has verdicts is a family with an error rate of its own. */
static int judge_all(struct comparison *comparison) {
    size_t n = comparison->n_cells;
    struct ratio **family = calloc(n + 1, sizeof *family);
    if (family == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct matched *cell = &comparison->cells[i];
        cell->ratios[FIGURE_MEAN].log_allowance =
            adjust_allowance(&comparison->change, cell->a, cell->b, cell->speed_change);
    }
    for (enum figure_id id = 0; id < N_FIGURES; id++) {
        if (!figures[id].is_judged)
            continue;
        for (size_t i = 0; i < n; i++)
            family[i] = &comparison->cells[i].ratios[id];
        ratios_judge(family, n);
        for (size_t i = 0; i < n && figures[id].better == BETTER_HIGHER; i++)
            family[i]->change = opposite(family[i]->change);
    }
    free(family);
    return 0;
}

struct comparison *comparison_make(const struct run *a, const struct run *b,
                                   char letter) {
    struct comparison *comparison = calloc(1, sizeof *comparison);
    if (comparison == NULL)
        return NULL;
    comparison->a = a;
    comparison->b = b;
    comparison->letter = letter;
    comparison->change.is_same_program = adjust_is_same_program(a, b);
    comparison->change.work = adjust_work_change(a, b);
    if (match(comparison) == 0) {
        gauge_all(comparison);
        if (judge_all(comparison) == 0)
            return comparison;
    }
    comparison_free(comparison);
    return NULL;
}

void comparison_free(struct comparison *comparison) {
    if (comparison == NULL)
        return;
    free(comparison->cells);
    free(comparison->only_a);
    free(comparison->only_b);
    free(comparison);
}
