/*
 * Which part of a load this process sends, and when it starts: as the command line says,
 * or the launcher that started one process for each part. Main thread, before the run.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/options.h"

struct share {
    unsigned part, n_parts; /* from 1; 0: there is no share, but the whole load */
    bool is_auto;           /* share_find fills them in */
};

/* "2/4" or "auto", into a struct share. */
extern const struct option_type share_option;

/* "+5", "1735689600.5" or "2025-01-01T00:00:00Z", into a uint64_t: nanoseconds since
 * 1970. */
extern const struct option_type start_at_option;

/*
 * With "auto": the part that Open MPI, Slurm or an indexed Job of Kubernetes says this
 * process is. Where none of them says, one line that names what is missing, and exit 2.
 */
void share_find(struct share *share);

/* Refuses a time that is over, by one line and exit 2. */
void share_check_start(uint64_t start_at_ns);
