/* Asks the judge; see assess.h. */
#include "director/assess.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measured/figures.h"

static double known_within(const struct series *series) {
    struct estimate mean = figure_estimate(series, FIGURE_SLOWDOWN);
    double half = (mean.interval.high - mean.interval.low) / 2;
    return mean.n_repeats > 1 ? half / mean.value : INFINITY;
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

static void want_cells_of(const struct plan *plan, const struct claim *claim,
                          struct assessment *assessment) {
    for (unsigned i = 0; i < plan->n_cells; i++)
        if (claim_is_about(claim, &plan->cells[i].parameters))
            want(plan, plan->cells[i].parameters.name, assessment);
}

/* Judges the claims; wants the cells of open ones that `left_s` seconds may decide. */
static void assess_claims(const struct run *run, const struct plan *plan,
                          const struct experiment *experiment, double left_s,
                          struct assessment *assessment) {
    for (const struct claim *claim = experiment->claims; claim->id != NULL; claim++) {
        struct finding finding;
        judge(run, claim, &finding);
        if (finding.verdict == NOT_APPLICABLE)
            continue;
        assessment->n_claims++;
        assessment->n_decided += finding.verdict != UNDECIDED;
        if (finding.verdict == UNDECIDED && !isinf(finding.n_more) &&
            !(finding.more_s > left_s))
            want_cells_of(plan, claim, assessment);
    }
}

static void assess_precision(const struct run *run, const struct plan *plan,
                             const struct planned_experiment *planned,
                             struct assessment *assessment) {
    const char *widest = NULL;
    assessment->worst = -1;
    for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
         i++) {
        const struct series *series = run_find(run, plan->cells[i].parameters.name);
        double within = series != NULL ? known_within(series) : INFINITY;
        if (plan->cells[i].twin_of != NULL || plan->cells[i].skipped != NULL)
            continue;
        assessment->n_unmet += !(within <= plan->precision);
        if (within <= assessment->worst)
            continue;
        assessment->worst = within;
        widest = plan->cells[i].parameters.name;
        (void)snprintf(assessment->label, sizeof assessment->label, "%s",
                       plan->cells[i].parameters.label);
    }
    if (assessment->n_wanted == 0 && assessment->worst > plan->precision)
        want(plan, widest, assessment);
}

void assess(const struct run *known, const struct plan *plan,
            const struct planned_experiment *planned, double left_s,
            struct assessment *assessment) {
    *assessment = (struct assessment){.worst = -1};
    assess_claims(known, plan, planned->experiment, left_s, assessment);
    assess_precision(known, plan, planned, assessment);
}
