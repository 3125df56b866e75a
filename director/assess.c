/* Asks the judge; see assess.h. */
#include "director/assess.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats/student.h"
#include "measured/figures.h"

/* Of a server of which no own T is known by its mean latency; of an INVALID cell nothing
 * is. */
static double known_within(const struct series *series) {
    if (series_validity(series).level == VALIDITY_INVALID)
        return INFINITY;
    struct estimate mean = figure_estimate(series, FIGURE_SLOWDOWN);
    if (!isfinite(mean.value))
        mean = figure_estimate(series, FIGURE_MEAN);
    double half = (mean.interval.high - mean.interval.low) / 2;
    return mean.n_repeats > 1 ? half / mean.value : INFINITY;
}

/* How long its last repeat took. */
static double last_seconds(const struct series *series) {
    return series->repeats[series->n_repeats - 1]->window.server_seconds;
}

/*
 * About how many more repeats bring the mean within `precision` if they scatter as they
 * did: INFINITY of more than MOST_USEFUL. The word of a few is not taken for many.
 */
static double repeats_to(double precision, const struct series *series) {
    enum { ENOUGH_TO_DESPAIR = 6, MOST_USEFUL = 60 };
    double n_now = (double)series->n_repeats, n_more = 1;
    double wanted = precision / known_within(series) *
                    student_quantile(0.975, n_now - 1) / sqrt(n_now);
    while (
        n_more <= MOST_USEFUL &&
        !(student_quantile(0.975, n_now + n_more - 1) / sqrt(n_now + n_more) <= wanted))
        n_more++;
    if (n_now < ENOUGH_TO_DESPAIR)
        return fmin(n_more, ENOUGH_TO_DESPAIR - n_now);
    return n_more > MOST_USEFUL ? INFINITY : n_more;
}

/* Cells of that name, which are measured so many times more. */
static void want(const struct plan *plan, const char *name, double n_more,
                 struct assessment *assessment) {
    for (unsigned i = 0; i < plan->n_cells; i++) {
        const struct cell_plan *cell = &plan->cells[i];
        bool is_it = strcmp(cell->parameters.name, name) == 0;
        bool is_twin = cell->twin_of != NULL && strcmp(cell->twin_of, name) == 0;
        if ((!is_it && !is_twin) || cell->skipped != NULL)
            continue;
        assessment->n_more[i] = fmax(assessment->n_more[i], n_more);
        if (assessment->is_wanted[i])
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
                     series_validity(series).level == VALIDITY_INVALID;
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
            want(plan, cell->parameters.name, 1, assessment);
        if (own.n_repeats == 0 && cell->skipped == NULL &&
            (nearest == 0 || steps < nearest))
            nearest = steps;
    }
    bool is_next = assessment->n_wanted == 0 && best != NULL;
    for (size_t i = 0; is_next && i < grid->n_points; i++)
        if (series[i] == NULL && grid_distance(grid, best, &grid->points[i]) == nearest)
            want(plan, plan->cells[first + grid->points[i].cell].parameters.name, 1,
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

/* What INVALID repeats were to tell is measured again, unless they are the rule. */
static void assess_invalid(const struct run *run, const struct plan *plan,
                           const struct planned_experiment *planned, double left_s,
                           struct assessment *assessment) {
    enum { MOST_MORE = 3 };
    for (unsigned i = 0; i < planned->n_cells; i++) {
        const char *name = plan->cells[planned->first_cell + i].parameters.name;
        const struct series *series = run_find(run, name);
        size_t n = series != NULL ? series->n_repeats + series->n_left_out : 0, n_bad = 0;
        for (size_t k = 0; k < n; k++)
            n_bad += validity_of_cell(series->repeats[k]).level == VALIDITY_INVALID;
        size_t n_good = n - n_bad;
        bool is_short = n_good < planned->n_repeats || n_bad >= n_good;
        if (n_bad > 0 && is_short && n_bad < n_good + MOST_MORE &&
            last_seconds(series) <= left_s)
            want(plan, name, 1, assessment);
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
        bool is_valid =
            series != NULL && series_validity(series).level != VALIDITY_INVALID;
        double n_more = is_valid && within > plan->precision
                            ? repeats_to(plan->precision, series)
                            : 0;
        bool is_in_reach = n_more > 0 && n_more * last_seconds(series) <= left_s;
        if (is_in_reach)
            assessment->n_more[i] = fmax(assessment->n_more[i], n_more);
        if (is_in_reach && within > widest_within) {
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
        want(plan, widest, 1, assessment);
    assessment->is_given_up |= assessment->n_unmet > 0;
}

/* Of the time left, what an estimate by a few repeats may say and still be tried. */
static const double MAY_TAKE = 3;

static int compare_seconds(const void *a, const void *b) {
    const struct finding *one = a, *other = b;
    return (one->more_s > other->more_s) - (one->more_s < other->more_s);
}

/*
 * The cells that open claims are open for: those of the claim that takes least, and of
 * the next as long as there is time for all of them. What there is no time for waits
 * until the others are decided.
 */
static void assess_claims(const struct run *known, const struct plan *plan,
                          const struct planned_experiment *planned, double left_s,
                          struct assessment *assessment) {
    enum { MOST = 64 };
    struct run part = run_part(known, planned->name);
    struct finding open[MOST] = {0}, *last = open;
    double needed_s = 0;
    for (const struct claim *claim = planned->experiment->claims;
         claim->id != NULL && last < open + MOST; claim++) {
        judge(&part, claim, last);
        assessment->n_claims += last->verdict != NOT_APPLICABLE;
        assessment->n_decided += last->verdict == CONFIRMED || last->verdict == REFUTED;
        last += last->verdict == UNDECIDED && !isinf(last->n_more);
    }
    qsort(open, (size_t)(last - open), sizeof *open, compare_seconds);
    for (const struct finding *finding = open; finding < last; finding++) {
        needed_s += finding->more_s;
        if (finding->more_s > MAY_TAKE * left_s) {
            assessment->is_given_up = true;
            break;
        }
        if (finding > open && needed_s > left_s)
            break;
        for (unsigned i = 0; i < planned->n_cells; i++) {
            const struct cell_parameters *cell =
                &plan->cells[planned->first_cell + i].parameters;
            double n_more = finding_more(finding, cell);
            if (n_more > 0)
                want(plan, cell->name, n_more, assessment);
        }
    }
}

void assess(const struct run *known, const struct plan *plan,
            const struct planned_experiment *planned, double left_s,
            struct assessment *assessment) {
    *assessment = (struct assessment){.worst = -1};
    assess_claims(known, plan, planned, left_s, assessment);
    if (plan->budget_ns > 0) {
        assess_invalid(known, plan, planned, left_s, assessment);
        assess_grids(known, plan, planned, assessment);
    }
    assess_precision(known, plan, planned, MAY_TAKE * left_s, assessment);
}

const char *assess_pass(const struct run *known, const struct plan *plan,
                        const struct planned_experiment *planned,
                        const struct passes *passes, struct assessment *next) {
    unsigned end = planned->first_cell + planned->n_cells;
    assess(known, plan, planned, passes->left_s, next);
    if (passes->n >= planned->n_repeats &&
        (plan->budget_ns == 0 || passes->n >= PLAN_MAX_PASSES))
        return "repeats";
    bool is_asked = passes->n < planned->n_repeats;
    next->n_wanted = 0;
    for (unsigned i = planned->first_cell; i < end; i++) {
        bool is_due = is_asked && plan->cells[i].skipped == NULL &&
                      (!passes->is_short || plan_is_coarse(plan, planned, i));
        next->is_wanted[i] = (next->is_wanted[i] || is_due) && !passes->is_broken[i];
        next->n_wanted += next->is_wanted[i];
    }
    return next->n_wanted > 0  ? NULL
           : is_asked          ? "repeats"
           : next->is_given_up ? "undecidable"
                               : "decided";
}
