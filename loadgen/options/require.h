/*
 * Requirements: what the figures of a run must be ("p99<200ms", "availability>99.9").
 * They are read from the command line and judged by the statistics. A figure that the
 * samples do not carry fails its requirement. Main thread.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "common/base/options.h"
#include "loadgen/statistics/summary.h"

enum { REQUIRE_MAX = 32 };

struct require_figure; /* a row of what may be required */

struct requirement {
    const char *text; /* as it was given */
    const struct require_figure *figure;
    bool wants_less, wants_equal; /* < and >; <= and >= */
    double bound;                 /* seconds, or in the figure's own unit */
};

struct requirements {
    struct requirement items[REQUIRE_MAX];
    unsigned n;
};

/*
 * Adds a requirement to a struct requirements; the text must outlive it. A figure (p50,
 * p90, p95, p99, p99.9, max, mean: a duration; rate: answers per second; availability:
 * percent; failed: a count), one of < <= > >=, and a value. Blanks may surround both.
 */
extern const struct option_type require_option;

/* A line on stderr for each that is not met; returns how many are not. */
unsigned require_report(const struct requirements *requirements,
                        const struct summary *summary);

/* [{"rule", "figure" (null: not carried), "is_met"}]; a new reference. */
json_t *require_json(const struct requirements *requirements,
                     const struct summary *summary);
