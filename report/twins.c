/* Cells against themselves; see twins.h. */
#include "report/twins.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/fields.h"
#include "measured/metric.h"

/* At the speed of one turn a microsecond, where the cell says how fast it was. */
static double mean_at_one_speed(const struct cell *cell) {
    double mean_us = cell_mean_us_at(cell, 1);
    return isfinite(mean_us) ? mean_us : metric_mean_us(cell);
}

/* The means of both in the repeats that both have. */
static struct ratio compare_repeats(const struct series *cell,
                                    const struct series *twin) {
    double *means = calloc(2 * cell->n_repeats + 1, sizeof *means);
    double *others = means != NULL ? means + cell->n_repeats : NULL;
    size_t n = 0;
    for (size_t i = 0; means != NULL && i < cell->n_repeats; i++) {
        const struct cell *other = series_repeat(twin, cell->repeats[i]->repeat);
        if (other == NULL)
            continue;
        means[n] = mean_at_one_speed(cell->repeats[i]);
        others[n++] = mean_at_one_speed(other);
    }
    struct ratio ratio = ratio_make_paired(means, others, n);
    struct ratio *alone[] = {&ratio};
    ratios_judge(alone, 1);
    free(means);
    return ratio;
}

struct twin twin_compare(const struct run *run, size_t index) {
    const struct series *twin = &run->twins[index];
    const struct series *cell = run_find(run, twin->twin_of);
    if (cell == NULL)
        return (struct twin){twin->parameters->label, ratio_make(NULL, 0, NULL, 0)};
    return (struct twin){cell->parameters->label, compare_repeats(cell, twin)};
}

static const char *meaning(const struct twin *twin) {
    if (isnan(twin->ratio.interval.low))
        return "undecided: it takes two repeats";
    switch (twin->ratio.change) {
    case CHANGE_SAME:
        return "same";
    case CHANGE_UNDECIDED:
        return "undecided: no difference shown, none as small as 3 % ruled out";
    default:
        return "DIFFERENT, so differences of that size mean nothing in this run";
    }
}

char *twin_text(const struct twin *twin, char *text, size_t text_bytes) {
    const struct interval *interval = &twin->ratio.interval;
    char figures[64] = "no figure";
    if (!isnan(interval->low))
        (void)snprintf(figures, sizeof figures, "%.3f (%.3f .. %.3f)", twin->ratio.value,
                       interval->low, interval->high);
    (void)snprintf(text, text_bytes, "A/A: %s against itself: %s, %s", twin->label,
                   figures, meaning(twin));
    return text;
}

json_t *twins_json(const struct run *run) {
    json_t *list = json_array();
    for (size_t i = 0; i < run->n_twins; i++) {
        struct twin twin = twin_compare(run, i);
        (void)json_array_append_new(
            list,
            json_pack("{s:s, s:s, s:o, s:o, s:o, s:i, s:s}", "name",
                      run->twins[i].parameters->name, "twin_of", run->twins[i].twin_of,
                      "ratio", fields_number(twin.ratio.value), "low",
                      fields_number(twin.ratio.interval.low), "high",
                      fields_number(twin.ratio.interval.high), "n_repeats",
                      (int)twin.ratio.n_a, "verdict", change_name(twin.ratio.change)));
    }
    return list;
}
