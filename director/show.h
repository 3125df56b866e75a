/* What there is to run, and what a run would measure, on stdout. Main thread. */
#pragma once

#include "director/plan/plan.h"

/* --list: the experiments, their cells and claims, the strategies and the axes. */
void show_list(const struct plan *plan);

/* In which order several experiments are measured, and what share of the time each has;
 * nothing of one. */
void show_order(const struct plan *plan);

/* --dry-run: the cells and how long they may take. */
void show_plan(const struct plan *plan);
