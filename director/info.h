/*
 * run.json: what a run is, written before anything is measured, and read again by one
 * that goes on. Then the plan is what the file says, on the same calibration, and what
 * was measured is not measured again. Main thread.
 */
#pragma once

#include <jansson.h>

#include "director/plan/plan.h"

/* What is known once the machine was calibrated. */
struct calibrated {
    const char *started_at;                           /* UTC, ISO 8601 */
    double turns_per_ms, effective_cores, t_alone_us; /* NAN: not known */
};

/* A new reference; NULL when out of memory. */
json_t *info_describe(struct plan *plan, const struct calibrated *calibrated, int argc,
                      char **argv);

/* What was settled when the run began. */
struct resumed {
    json_t *info; /* its run.json; the texts of the plan live in it */
    const char *started_at;
    double turns_per_ms;
    double measured_s; /* how long its cells took in all */
};

/*
 * Fills the plan from FOLDER/run.json; the budget is what was left of it and what
 * experiments take that were left out, unless the plan has one already. Ends the process
 * with exit 2 and the reason when there is no run, when it cannot be read, or when
 * machine or program are others than those it began with: `anyway` goes on then, and
 * run.json keeps what was different under "resumed".
 */
void info_resume(struct plan *plan, const char *folder, bool anyway,
                 struct resumed *resumed);

/* Whether that repeat of the cell was measured. */
bool info_has_cell(const char *folder, const struct cell_plan *cell, unsigned repeat);
