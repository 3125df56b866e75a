/*
 * The command line of a run: what it says of the plan, and what is yet to be made cells
 * of. Main thread.
 */
#pragma once

#include "director/plan/plan.h"

enum { PLAN_MAX_SETTINGS = 64 };

struct plan_options {
    const char *experiments, *strategies, *peers, *seed, *preset;
    double precision_percent;
    uint64_t p99_ns;    /* 0: not given */
    unsigned n_repeats; /* 0: not given */
    bool is_quick, is_article;
    const char
        *settings[PLAN_MAX_SETTINGS]; /* parallel to parameter_rows[]; NULL: not given */
};

/* Reads it; a wrong one ends the process with exit 2. */
void plan_options_read(struct plan *plan, struct plan_options *options, int argc,
                       char **argv);
