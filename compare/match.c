/* Matching of cells, and their verdicts; see match.h. */
#include "compare/match.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/adjust.h"
#include "measured/yardstick.h"

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

static struct ratio ratio_of(const struct matched *cell, metric *figure) {
    size_t n_a = cell->a->n_repeats, n_b = cell->b->n_repeats;
    double *values = calloc(n_a + n_b, sizeof *values);
    if (values == NULL)
        return ratio_make(NULL, 0, NULL, 0);
    for (size_t i = 0; i < n_a; i++)
        values[i] = figure(cell->a->repeats[i]);
    for (size_t i = 0; i < n_b; i++)
        values[n_a + i] = figure(cell->b->repeats[i]);
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
    const struct ratio *ratio = &cell->seconds;
    const bool invalid_a = cell->validity_a.verdict == VALIDITY_INVALID;
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
    else if (invalid_a || cell->validity_b.verdict == VALIDITY_INVALID)
        (void)snprintf(why, sizeof cell->why, "INVALID in %c: %s",
                       invalid_a ? 'A' : letter,
                       invalid_a ? cell->validity_a.why : cell->validity_b.why);
}

static struct matched make_matched(const struct comparison *comparison,
                                   const struct series *a, const struct series *b) {
    char letter = comparison->letter;
    struct matched cell = {.a = a,
                           .b = b,
                           .place = a->place,
                           .n_failed_a = count_failed(a),
                           .n_failed_b = count_failed(b),
                           .validity_a = validity_of_series(a),
                           .validity_b = validity_of_series(b)};
    cell.speed_change = adjust_speed_change(&cell);
    cell.is_adjusted = isfinite(cell.speed_change);
    cell.seconds = cell.is_adjusted ? adjust_ratio(&cell, comparison->work_change)
                                    : ratio_of(&cell, metric_mean_us);
    cell.slowdown = ratio_of(&cell, metric_slowdown);
    cell.cpu = ratio_of(&cell, metric_cpu_per_request_us);
    cell.busy = ratio_of(&cell, metric_cpus_busy);
    cell.own_t = ratio_of(&cell, metric_own_t_us);
    find_unfit(&cell, letter);
    if (cell.why[0] != '\0') {
        ratio_withhold(&cell.seconds);
        ratio_withhold(&cell.slowdown);
        ratio_withhold(&cell.cpu);
        ratio_withhold(&cell.busy);
        ratio_withhold(&cell.own_t);
    }
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

/* Of one run's matched cells, what the machine was just before each repeat. */
static struct gauge gauge_of(const struct comparison *comparison, bool of_b,
                             metric *figure) {
    const struct run *run = of_b ? comparison->b : comparison->a;
    struct gauge gauge = {NAN, NAN, NAN};
    double *values = calloc(run->n_cells + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values != NULL && i < comparison->n_cells; i++) {
        const struct matched *cell = &comparison->cells[i];
        const struct series *series = of_b ? cell->b : cell->a;
        for (size_t k = 0; k < series->n_repeats; k++) {
            values[n] = figure(series->repeats[k]);
            n += isfinite(values[n]) ? 1 : 0;
        }
    }
    if (n > 0) {
        stats_sort(values, n);
        gauge = (struct gauge){stats_quantile(values, n, 0.5), values[0], values[n - 1]};
    }
    free(values);
    return gauge;
}

static struct gauges gauges_of(const struct comparison *comparison, bool of_b) {
    return (struct gauges){
        gauge_of(comparison, of_b, metric_t_alone_us),
        gauge_of(comparison, of_b, metric_machine_cores),
        gauge_of(comparison, of_b, metric_turns_per_ms),
    };
}

/* Both kinds of verdict, each with the error rate of the whole family. */
static int judge_all(struct comparison *comparison) {
    size_t n = comparison->n_cells;
    struct ratio **ratios = calloc(2 * n + 1, sizeof *ratios);
    if (ratios == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct matched *cell = &comparison->cells[i];
        cell->seconds.log_allowance = adjust_allowance(comparison, cell);
        ratios[i] = &cell->seconds;
        ratios[n + i] = &cell->slowdown;
    }
    ratios_judge(ratios, n);
    ratios_judge(ratios + n, n);
    free(ratios);
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
    comparison->is_same_program = adjust_is_same_program(a, b);
    comparison->work_change = adjust_work_change(a, b);
    if (match(comparison) == 0) {
        comparison->of_a = gauges_of(comparison, false);
        comparison->of_b = gauges_of(comparison, true);
        comparison->speed_change = log(comparison->of_b.turns_per_ms.median /
                                       comparison->of_a.turns_per_ms.median);
        comparison->cores_change =
            log(comparison->of_b.cores.median / comparison->of_a.cores.median);
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
