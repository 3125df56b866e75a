/*
 * How long cells, experiments and runs take, before anything of them is measured: what is
 * to fit into a budget, and who gets how much of it. Main thread.
 */
#pragma once

#include "director/assess.h"

/*
 * `n` times so long, and no longer than a year or so: whatever users ask for, sums and
 * differences of a few hundred of these have room in 64 bits.
 */
uint64_t length_times_ns(uint64_t n, uint64_t duration_ns);

/* How long one request of the cell should take alone. */
uint64_t length_alone_ns(const struct cell_plan *cell);

/* How long the cell may take at most (of an external server, whose jobs nobody knows, at
 * least): as if the jobs computed one after the other, and
 * waited so as well where a strategy does not begin them all at once. */
uint64_t length_bound_ns(const struct cell_plan *cell);

/* About how long it usually takes: users who are served for a time need not be waited for
 * as long as the bound has it; the bound of others. */
uint64_t length_usual_ns(const struct cell_plan *cell);

/* How long one pass over the cells of the experiment takes at least, or over those that
 * are measured first (plan_is_coarse): as if all jobs of a cell ran at once. */
uint64_t length_pass_ns(const struct plan *plan, const struct planned_experiment *planned,
                        bool is_of_coarse);

/*
 * Of the time that is left when an experiment begins, by its place: its share, by its
 * weight against those of the experiments that are still to come.
 */
uint64_t length_share_ns(const struct plan *plan, unsigned experiment, uint64_t left_ns);

/*
 * About how many seconds the passes of an experiment still take from an assessment on, no
 * more than are left, where a repeat of each cell of the plan takes so many `seconds`.
 */
double length_expected_s(const struct plan *plan,
                         const struct planned_experiment *planned,
                         const struct passes *passes, const struct assessment *now,
                         const double *seconds);

/* About how many seconds the experiments behind one take, of which `left_s` are left
 * then; see above. */
double length_later_s(const struct plan *plan, unsigned experiment, double left_s,
                      const double *seconds);

/*
 * Ends the process with exit 2 when not even the passes that are always made fit into the
 * budget: how long they take at least, and what to leave out. Of a run of all
 * experiments only the first has to fit.
 */
void length_check_budget(const struct plan *plan);
