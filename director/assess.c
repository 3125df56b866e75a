/* Asks the judge; see assess.h. */
#include "director/assess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/stats/student.h"
#include "measured/figures.h"

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
        if (plan->cells[i].twin_of != NULL || plan->cells[i].skipped != NULL)
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
    *assessment = (struct assessment){.worst = -1};
    for (; claim->id != NULL; claim++) {
        struct finding finding;
        judge(known, claim, &finding);
        if (finding.verdict == NOT_APPLICABLE)
            continue;
        assessment->n_claims++;
        assessment->n_decided += finding.verdict != UNDECIDED;
        if (finding.verdict != UNDECIDED || isinf(finding.n_more))
            continue;
        assessment->is_given_up |= finding.more_s > left_s;
        for (unsigned i = 0; i < plan->n_cells && finding.more_s <= left_s; i++)
            if (claim_is_about(claim, &plan->cells[i].parameters))
                want(plan, plan->cells[i].parameters.name, assessment);
    }
    assess_precision(known, plan, planned, left_s, assessment);
}
