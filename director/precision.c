/* Asks the reader of results folders; see precision.h. */
#include "director/precision.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "measured/metric.h"
#include "measured/run.h"

static unsigned count_clean(const struct series *series) {
    unsigned n_clean = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n_clean += cell_is_steady(series->repeats[i]);
    return n_clean;
}

static double known_within(const struct series *series) {
    struct estimate mean = estimate_series(series, metric_mean_t);
    double half = (mean.interval.high - mean.interval.low) / 2;
    return mean.n_repeats > 1 ? half / mean.value : INFINITY;
}

int precision_read(const char *folder, double wanted, struct precision *precision) {
    char why[512];
    struct run *run = run_read(folder, why, sizeof why);
    if (run == NULL)
        return -EINVAL;
    *precision = (struct precision){.worst = -1, .n_clean = UINT_MAX};
    for (size_t i = 0; i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        double within = known_within(series);
        unsigned n_clean = count_clean(series);
        precision->n_unmet += !(within <= wanted);
        precision->n_clean = n_clean < precision->n_clean ? n_clean : precision->n_clean;
        if (within <= precision->worst)
            continue;
        precision->worst = within;
        (void)snprintf(precision->label, sizeof precision->label, "%s",
                       series->parameters->label);
    }
    int error = run->n_series > 0 ? 0 : -ENODATA;
    run_free(run);
    return error;
}
