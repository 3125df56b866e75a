/*
 * May the numbers of a run be believed? A table of checks (validity_checks.c), each a
 * figure with two bounds; the worst of those that the run carries is the verdict. A check
 * that a short run does not carry says so and spoils nothing, but a run of so few answers
 * that they carry not even a median is SUSPECT, and one without any is INVALID. A warm-up
 * is left out. Main thread, after the run. To add a check, add a row.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

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
    /* What happened, what it does to the numbers, and what to do; %s is the figure. */
    const char *says;
    enum { SAID_AS_SHARE, SAID_AS_NUMBER } said_as;
};

extern const struct validity_check validity_checks[];

/* From good to bad. */
enum verdict { VERDICT_NOT_CARRIED, VERDICT_VALID, VERDICT_SUSPECT, VERDICT_INVALID };

enum { VALIDITY_MAX_CHECKS = 24 };

struct validity_reason {
    const struct validity_check *check;
    double figure; /* NAN: not carried */
    enum verdict verdict;
};

struct validity {
    enum verdict verdict;
    struct validity_reason reasons[VALIDITY_MAX_CHECKS]; /* of the run's mode */
    unsigned n_reasons;
};

void validity_judge(struct validity *validity, const struct validity_run *run);

/* "VALID" */
const char *validity_name(enum verdict verdict);

/* The verdict, and of each check that is not passed what to do; with `all` also those
 * that were not carried. */
void validity_print(const struct validity *validity, bool all, FILE *out);

/* {"verdict", "reasons": [{"check", "verdict", "figure", "rule", "says"}]}, "says" of
 * what was not passed; a new reference. */
json_t *validity_json(const struct validity *validity);
