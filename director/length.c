/* How long a run may take; see length.h. */
#include "director/length.h"

#include <math.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/units.h"
#include "strategies/strategy.h"

/* What a cell takes besides its jobs: starting, probing the idle server, stopping. */
static const uint64_t CELL_OVERHEAD_NS = 600 * NS_PER_MS;
static const uint64_t EXTERNAL_NS = 1 * NS_PER_S; /* more, for lone requests */

static const uint64_t STOP_LIMIT_NS = 10 * NS_PER_S; /* as measure.c has it */

static const uint64_t MOST_NS = UINT64_C(1) << 55; /* 417 days */

uint64_t length_times_ns(uint64_t n, uint64_t duration_ns) {
    uint64_t product;
    bool is_too_long = __builtin_mul_overflow(n, duration_ns, &product);
    return is_too_long || product > MOST_NS ? MOST_NS : product;
}

uint64_t length_alone_ns(const struct cell_plan *cell) {
    return cell->cpu_ns + cell->wait_ns;
}

static bool begins_all(const char *strategy) {
    const struct strategy_entry *entry = strategies;
    while (entry->name != NULL && strcmp(entry->name, strategy) != 0)
        entry++;
    return entry->name != NULL && entry->strategy->begins_all;
}

static uint64_t overhead_ns(const struct cell_plan *cell) {
    return CELL_OVERHEAD_NS +
           (parameters_are_external(&cell->parameters) ? EXTERNAL_NS : 0);
}

uint64_t length_bound_ns(const struct cell_plan *cell) {
    const struct cell_parameters *parameters = &cell->parameters;
    double n_scheduled = parameters->rate_per_s * parameters->duration_s;
    double window_ns = parameters->duration_s * (double)NS_PER_S;
    uint64_t n_at_once = parameters->users + (uint64_t)fmin(n_scheduled, (double)MOST_NS);
    uint64_t n_waits = begins_all(parameters->strategy) ? 1 : n_at_once;
    uint64_t round_ns = length_times_ns(n_at_once, cell->cpu_ns) +
                        length_times_ns(n_waits, cell->wait_ns);
    if (window_ns <= 0)
        return overhead_ns(cell) + length_times_ns(parameters->rounds, round_ns);
    /* What is in flight then is awaited, by the server as well. */
    double after_ns = parameters->drain_s * (double)NS_PER_S + (double)STOP_LIMIT_NS;
    after_ns = fmin(after_ns, (double)round_ns);
    return overhead_ns(cell) + (uint64_t)fmin(window_ns + after_ns, (double)MOST_NS);
}

uint64_t length_usual_ns(const struct cell_plan *cell) {
    static const uint64_t TIMED_OVERHEAD_NS = 350 * NS_PER_MS;
    uint64_t bound_ns = length_bound_ns(cell);
    uint64_t window_ns =
        (uint64_t)fmin(cell->parameters.duration_s * (double)NS_PER_S, (double)MOST_NS);
    if (window_ns == 0)
        return bound_ns;
    return TIMED_OVERHEAD_NS + window_ns + (bound_ns - overhead_ns(cell) - window_ns) / 4;
}

uint64_t length_pass_ns(const struct plan *plan, const struct planned_experiment *planned,
                        bool is_of_coarse) {
    uint64_t least_ns = 0;
    for (unsigned i = 0; i < planned->n_cells; i++) {
        const struct cell_plan *cell = &plan->cells[planned->first_cell + i];
        double window_ns = cell->parameters.duration_s * (double)NS_PER_S;
        uint64_t rounds_ns =
            length_times_ns(cell->parameters.rounds, length_alone_ns(cell));
        if (cell->skipped == NULL &&
            (!is_of_coarse || plan_is_coarse(plan, planned, planned->first_cell + i)))
            least_ns +=
                overhead_ns(cell) +
                (window_ns > 0 ? (uint64_t)fmin(window_ns, (double)MOST_NS) : rounds_ns);
    }
    return least_ns;
}

uint64_t length_share_ns(const struct plan *plan, unsigned experiment, uint64_t left_ns) {
    double all = 0;
    for (unsigned i = experiment; i < plan->n_experiments; i++)
        all += plan->experiments[i].weight;
    return all > 0
               ? (uint64_t)((double)left_ns * plan->experiments[experiment].weight / all)
               : left_ns / (plan->n_experiments - experiment);
}

/*
 * How many repeats a cell takes until nothing is wanted of it, where there is a budget:
 * as many as it took here until claims and means were decided. Users are spread anew over
 * several servers in each repeat, so that these take all that there is time for.
 */
static double usual_repeats(const struct cell_plan *cell) {
    return cell->parameters.processes > 1 ? 40 : 3;
}

/* With a part of the time left for what scatters more than it usually does. */
static double with_reserve(double needed_s, double left_s, double part) {
    return fmin(needed_s, left_s) + part * fmax(0, left_s - needed_s);
}

double length_expected_s(const struct plan *plan,
                         const struct planned_experiment *planned,
                         const struct passes *passes, const struct assessment *now,
                         const double *seconds) {
    bool has_budget = plan->budget_ns > 0;
    double n_asked = fmax(0, (double)planned->n_repeats - passes->n), needed_s = 0;
    for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
         i++) {
        /* One repeat tells nothing of how much a cell scatters, and a few little of
         * several servers. */
        double n_usual = usual_repeats(&plan->cells[i]) - passes->n;
        double n_more = passes->n < 2 ? n_usual : now->n_more[i];
        if (plan->cells[i].parameters.processes > 1 && n_more > 0)
            n_more = fmax(n_more, n_usual);
        if (plan->cells[i].skipped == NULL && !passes->is_broken[i])
            needed_s += seconds[i] * (has_budget ? fmax(n_asked, n_more) : n_asked);
    }
    return has_budget
               ? with_reserve(needed_s, passes->left_s, 0.25 / (2 + fmax(1, passes->n)))
               : needed_s;
}

double length_later_s(const struct plan *plan, unsigned experiment, double left_s,
                      const double *seconds) {
    bool has_budget = plan->budget_ns > 0;
    double all_s = 0;
    while (++experiment < plan->n_experiments) {
        const struct planned_experiment *planned = &plan->experiments[experiment];
        double needed_s = 0;
        for (unsigned i = planned->first_cell; i < planned->first_cell + planned->n_cells;
             i++)
            if (plan->cells[i].skipped == NULL)
                needed_s += seconds[i] * (has_budget ? usual_repeats(&plan->cells[i])
                                                     : planned->n_repeats);
        if (has_budget) {
            uint64_t left_ns = (uint64_t)(fmax(0, left_s - all_s) * (double)NS_PER_S);
            needed_s = with_reserve(needed_s,
                                    (double)length_share_ns(plan, experiment, left_ns) /
                                        (double)NS_PER_S,
                                    0.1);
        }
        all_s += needed_s;
    }
    return all_s;
}

void length_check_budget(const struct plan *plan) {
    uint64_t least_ns = 0;
    char least[32], budget[32];
    unsigned n_cells = 0;
    for (unsigned i = 0; i < (plan->is_of_all ? 1 : plan->n_experiments); i++) {
        least_ns += length_pass_ns(plan, &plan->experiments[i], true);
        for (unsigned k = 0; k < plan->experiments[i].n_cells; k++)
            n_cells += plan_is_coarse(plan, &plan->experiments[i],
                                      plan->experiments[i].first_cell + k);
    }
    if (plan->budget_ns == 0 || least_ns <= plan->budget_ns)
        return;
    error_exit(
        "run: measuring each of %u cells once takes %s at least, and the budget is "
        "%s; name fewer values or --strategies, shorten --seconds, or give "
        "--budget %.0fm",
        n_cells, units_format_duration(least_ns, least),
        units_format_duration(plan->budget_ns, budget),
        ceil(2.2 * (double)least_ns / (60 * (double)NS_PER_S)));
}
