/*
 * May the numbers of a run be believed? A table of checks, each a figure with two
 * bounds; the worst of those that the run carries is the verdict. A check that a short
 * run does not carry says so and spoils nothing, but a run of so few answers that they
 * carry not even a median is SUSPECT, and one without any is INVALID. Main thread, after
 * the run.
 */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "loadgen/statistics/validity_checks.h"

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

/* The verdict, a line for each check that is not valid, and one for those not carried. */
void validity_print(const struct validity *validity, FILE *out);

/* {"verdict", "reasons": [{"check", "verdict", "figure", "rule"}]}; a new reference. */
json_t *validity_json(const struct validity *validity);
