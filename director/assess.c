/* Asks the judge; see assess.h. */
#include "director/assess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/stats/student.h"
#include "measured/figures.h"
#include "measured/validity.h"

/* Of a server of which no own T is known by its mean latency. */
static double known_within(const struct series *series) {
    struct estimate mean = figure_estimate(series, FIGURE_SLOWDOWN);
    if (!isfinite(mean.value))
        mean = figure_estimate(series, FIGURE_MEAN);
    double half = (mean.interval.high - mean.interval.low) / 2;
    return mean.n_repeats > 1 ? half / mean.value : INFINITY;
}

/*
 * About how many seconds of repeats bring the mean within `precision` if they scatter as
 * they did: INFINITY of more than MOST_USEFUL repeats, but not by the word of a few.
 */
static double seconds_to(double precision, const struct series *series) {
    enum { ENOUGH_TO_DESPAIR = 6, MOST_USEFUL = 60 };
    double n_now = (double)series->n_repeats, n_more = 1;
    double wanted = precision / known_within(series) *
                    student_quantile(0.975, n_now - 1) / sqrt(n_now);
    while (
        n_more <= MOST_USEFUL &&
        !(student_quantile(0.975, n_now + n_more - 1) / sqrt(n_now + n_more) <= wanted))
        n_more++;
    if (n_more > MOST_USEFUL)
        n_more = n_now < ENOUGH_TO_DESPAIR ? ENOUGH_TO_DESPAIR - n_now : INFINITY;
    return n_more * series->repeats[series->n_repeats - 1]->window.server_seconds;
}

static void want(const struct plan *plan, const char *name,
                 struct assessment *assessment) {
    for (unsigned i = 0; i < plan->n_cells; i++) {
        const struct cell_plan *cell = &plan->cells[i];
        bool is_it = strcmp(cell->parameters.name, name) == 0;
        bool is_twin = cell->twin_of != NULL && strcmp(cell->twin_of, name) == 0;
        if ((!is_it && !is_twin) || assessment->is_wanted[i] || cell->skipped != NULL)
            continue;
        assessment->is_wanted[i] = true;
        assessment->n_wanted++;
    }
}

/* Sizes within this of each other are alike: none of them is out. */
static const double ALIKE = 1.05;

static struct estimate answers_of(const struct series *series) {
    return figure_estimate(series, FIGURE_THROUGHPUT);
}

/* Whether requests failed, the numbers mean nothing, or users clearly waited for longer
 * than they may. */
static bool breaks(const struct series *series, double p99_us) {
    metric *const waits[] = {metric_p50_us, metric_p99_us};
    bool is_broken = estimate_series(series, metric_failed_share, true).value > 0 ||
                     validity_of_series(series).level == VALIDITY_INVALID;
    for (size_t i = 0; i < 2 && p99_us > 0; i++)
        is_broken |= estimate_series(series, waits[i], false).interval.low > p99_us;
    return is_broken;
}

/* Whether that may be, by the waits that the repeats carry. */
static bool may_break(const struct series *series, double p99_us) {
    struct estimate own = estimate_series(series, metric_p99_us, false);
    return p99_us > 0 && own.interval.high > p99_us;
}

/* Whether that many answers are clearly fewer than the best has. */
static bool is_worse(const struct estimate *own, const struct estimate *best) {
    return own->interval.high < best->interval.low && own->value * ALIKE < best->value;
}

/*
 * The points of a grid: those that are out, and those that the next pass is to be over.
 * These are the points that may be the best as long as they are not known within the
 * precision, and what was not measured yet around the best, or of the coarse points
 * where there is none; once that is nothing, what was not measured and is nearest to it.
 */
static void assess_grid(const struct run *run, const struct plan *plan, unsigned first,
                        const struct grid *grid, struct assessment *assessment) {
    const struct series *series[GRID_MOST_POINTS] = {NULL};
    const struct grid_point *best = NULL;
    struct estimate most = {.value = -1};
    unsigned nearest = 0;
    for (size_t i = 0; i < grid->n_points; i++) {
        const char *name = plan->cells[first + grid->points[i].cell].parameters.name;
        series[i] = run_find(run, name);
        if (series[i] == NULL || breaks(series[i], plan->p99_us) ||
            !(answers_of(series[i]).value > most.value))
            continue;
        most = answers_of(series[i]);
        best = &grid->points[i];
    }
    for (size_t i = 0; i < grid->n_points; i++) {
        const struct cell_plan *cell = &plan->cells[first + grid->points[i].cell];
        struct estimate own =
            series[i] != NULL ? answers_of(series[i]) : (struct estimate){.value = NAN};
        bool *is_out = &assessment->is_out[first + grid->points[i].cell];
        *is_out = own.n_repeats > 1 && best != NULL &&
                  (is_worse(&own, &most) || breaks(series[i], plan->p99_us));
        bool is_known = own.n_repeats > 1 && known_within(series[i]) <= plan->precision &&
                        !may_break(series[i], plan->p99_us);
        unsigned steps = best != NULL ? grid_distance(grid, best, &grid->points[i])
                         : grid_is_coarse(grid, &grid->points[i]) ? 1
                                                                  : 2;
        if (own.n_repeats > 0 ? !*is_out && !is_known : steps <= 1)
            want(plan, cell->parameters.name, assessment);
        if (own.n_repeats == 0 && cell->skipped == NULL &&
            (nearest == 0 || steps < nearest))
            nearest = steps;
    }
    bool is_next = assessment->n_wanted == 0 && best != NULL;
    for (size_t i = 0; is_next && i < grid->n_points; i++)
        if (series[i] == NULL && grid_distance(grid, best, &grid->points[i]) == nearest)
            want(plan, plan->cells[first + grid->points[i].cell].parameters.name,
                 assessment);
}

/* Each grid once: with its first cell. */
static void assess_grids(const struct run *run, const struct plan *plan,
                         const struct planned_experiment *planned,
                         struct assessment *assessment) {
    struct grid grid;
    for (unsigned i = 0; i < planned->n_cells; i++) {
        plan_grid(plan, planned, planned->first_cell + i, &grid);
        if (grid.n_axes > 0 && grid.points[0].cell == i)
            assess_grid(run, plan, planned->first_cell, &grid, assessment);
    }
}

static void assess_precision(const struct run *run, const struct plan *plan,
                             const struct planned_experiment *planned, double left_s,
                             struct assessment *assessment) {
    const char *widest = NULL; /* of those that the time left brings within */
    double widest_within = -1;
    assessment->worst = -1;
    for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
         i++) {
        const struct series *series = run_find(run, plan->cells[i].parameters.name);
        double within = series != NULL ? known_within(series) : INFINITY;
        if (plan->cells[i].twin_of != NULL || plan->cells[i].skipped != NULL ||
            assessment->is_out[i])
            continue;
        assessment->n_unmet += !(within <= plan->precision);
        if (series != NULL && within > plan->precision && within > widest_within &&
            !(seconds_to(plan->precision, series) > left_s)) {
            widest_within = within;
            widest = plan->cells[i].parameters.name;
        }
        if (within <= assessment->worst)
            continue;
        assessment->worst = within;
        (void)snprintf(assessment->label, sizeof assessment->label, "%s",
                       plan->cells[i].parameters.label);
    }
    if (assessment->n_wanted == 0 && widest != NULL)
        want(plan, widest, assessment);
    assessment->is_given_up |= assessment->n_unmet > 0;
}

void assess(const struct run *known, const struct plan *plan,
            const struct planned_experiment *planned, double left_s,
            struct assessment *assessment) {
    const struct claim *claim = planned->experiment->claims;
    struct run part = run_part(known, planned->name);
    *assessment = (struct assessment){.worst = -1};
    for (; claim->id != NULL; claim++) {
        struct finding finding;
        judge(&part, claim, &finding);
        if (finding.verdict == NOT_APPLICABLE)
            continue;
        assessment->n_claims++;
        assessment->n_decided += finding.verdict != UNDECIDED;
        if (finding.verdict != UNDECIDED || isinf(finding.n_more))
            continue;
        assessment->is_given_up |= finding.more_s > left_s;
        for (unsigned i = 0; i < planned->n_cells && finding.more_s <= left_s; i++) {
            const struct cell_parameters *cell =
                &plan->cells[planned->first_cell + i].parameters;
            if (claim_is_about(claim, cell))
                want(plan, cell->name, assessment);
        }
    }
    if (plan->budget_ns > 0)
        assess_grids(known, plan, planned, assessment);
    assess_precision(known, plan, planned, left_s, assessment);
}
