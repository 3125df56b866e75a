/* run.json: what a run is, before anything is measured. Main thread. */
#pragma once

#include <jansson.h>

#include "director/plan.h"

/* What is known once the machine was calibrated. */
struct calibrated {
    const char *started_at;                           /* UTC, ISO 8601 */
    double turns_per_ms, effective_cores, t_alone_us; /* NAN: not known */
};

/* Machine and versions alone, a new reference. */
json_t *describe_now(void);

/* A new reference; NULL when out of memory. */
json_t *describe_run(const struct plan *plan, const struct calibrated *calibrated,
                     int argc, char **argv);
