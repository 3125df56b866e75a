/* The repeats of one cell, in order; see run.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measured/run.h"

static int compare_repeats(const void *left, const void *right) {
    unsigned a = (*(struct cell *const *)left)->repeat;
    unsigned b = (*(struct cell *const *)right)->repeat;
    return (a > b) - (a < b);
}

/* Moves the repeats that are not steady behind the others, when there are enough of
 * these.
 */
static int set_aside(struct series *series) {
    size_t n_clean = 0, n_behind = 0;
    for (size_t i = 0; i < series->n_repeats; i++)
        n_clean += cell_is_steady(series->repeats[i]);
    if (n_clean < RUN_LEAST_CLEAN || n_clean == series->n_repeats)
        return 0;
    struct cell **behind = calloc(series->n_repeats, sizeof *behind);
    if (behind == NULL)
        return -ENOMEM;
    n_clean = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        struct cell *cell = series->repeats[i];
        if (cell_is_steady(cell))
            series->repeats[n_clean++] = cell;
        else
            behind[n_behind++] = cell;
    }
    memcpy(series->repeats + n_clean, behind, n_behind * sizeof(struct cell *));
    series->n_repeats = n_clean;
    series->n_set_aside = n_behind;
    free(behind);
    return 0;
}

int series_order(struct series *series) {
    qsort(series->repeats, series->n_repeats, sizeof *series->repeats, compare_repeats);
    return set_aside(series);
}

const struct cell *series_repeat(const struct series *series, unsigned repeat) {
    for (size_t i = 0; i < series->n_repeats; i++)
        if (series->repeats[i]->repeat == repeat)
            return series->repeats[i];
    return NULL;
}
