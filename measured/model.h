/*
 * What theory expects of n requests that come at once, from T and E of the same repeat
 * alone: nothing is fitted to the points a model is drawn over. Main thread.
 */
#ifndef JUGGLE_MEASURED_MODEL_H
#define JUGGLE_MEASURED_MODEL_H

#include "measured/cell.h"

struct model {
    const char *formula; /* "k T": of the k-th answer */
    const char *meaning; /* one sentence */
    /* Latency of the k-th answer in T, k from 1; NAN when the cell is not of that shape.
     */
    double (*latency_t)(const struct cell *cell, size_t rank);
};

extern const struct model model_in_turn;       /* k T */
extern const struct model model_interleaved;   /* n T */
extern const struct model model_shared;        /* n T / E */
extern const struct model model_split_servers; /* n T / min(E, servers) */
extern const struct model model_steps;         /* T max(1, W / E) per W answers */

/* Mean over ranks of |measured - model| / model; NAN when either is missing. */
double model_error(const struct model *model, const struct cell *cell);

/* The mean latency that the model expects, in T. */
double model_mean_t(const struct model *model, const struct cell *cell);

/*
 * Mean latency of the W answers of one step of a pool (from 1), by what model_steps
 * expects; NAN when that step is not whole.
 */
double model_step_ratio(const struct cell *cell, size_t step);

#endif
