/*
 * The A/A test of a run: a cell that was measured twice under two names. What differs
 * between the two is the error of the method. Main thread.
 */
#ifndef JUGGLE_REPORT_TWINS_H
#define JUGGLE_REPORT_TWINS_H

#include <stddef.h>

#include <jansson.h>

#include "measured/ratio.h"
#include "measured/run.h"

struct twin {
    const char *label; /* of the cell that it repeats */
    /* Of mean latencies at one speed of the machine, twin by cell, repeat by repeat. */
    struct ratio ratio;
};

/* The i-th twin of the run. */
struct twin twin_compare(const struct run *run, size_t index);

/* "A/A: processing against itself: 1.003 (0.981 .. 1.026), same". Returns text. */
char *twin_text(const struct twin *twin, char *text, size_t text_bytes);

/* An array of all twins for summary.json; a new reference. */
json_t *twins_json(const struct run *run);

#endif
