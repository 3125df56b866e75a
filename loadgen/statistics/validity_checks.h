/*
 * The checks of validity.h: what each computes from a run, and its bounds. A warm-up is
 * left out. Main thread, after the run. To add a check, add a row.
 */
#pragma once

#include "loadgen/drive/drive.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/statistics/summary.h"

struct validity_run {
    const struct schedule_plan *plan;
    const struct drive_result *result;
    const struct summary *summary;
};

/* The runs that a check is for; elsewhere it means nothing and is left out. */
enum validity_mode {
    VALIDITY_BOTH, /* closed and open loops */
    VALIDITY_CLOSED,
    VALIDITY_OPEN,
    VALIDITY_WARMUP_SOUGHT,
    VALIDITY_CUT_OFF, /* something was */
};

struct validity_check {
    const char *name; /* NULL ends the table */
    enum validity_mode mode;
    /* Grows as the run gets worse; NAN where it is too short or too small to carry it. */
    double (*figure)(const struct validity_run *run);
    double suspect_above, invalid_above;
    const char *meaning; /* of the figure */
    const char *needs;   /* what a run must have to carry it */
};

extern const struct validity_check validity_checks[];
