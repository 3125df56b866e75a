/*
 * What theory expects of n requests that come at once, from the cell's own T and the CPUs
 * that it could have had: nothing is fitted to the points a model is drawn over. Main
 * thread.
 */
#pragma once

#include "measured/theory/closed.h"

/* What the models are about: n requests that come at once. */
struct burst {
    bool is_one, only_computes; /* else nothing is expected */
    struct closed_system at_once;
};

struct burst burst_of(const struct cell *cell);

struct model {
    const char *formula;  /* "k T": of the k-th answer */
    const char *in_short; /* beside a picture: "one after the other" */
    const char *meaning;  /* one sentence */
    enum { IN_TURN, AT_ONCE, IN_STEPS } order;
    const struct closed_model *closed; /* the same of users who ask again */
};

/* T is own T here, A the CPUs available (cell_cpus). */
extern const struct model model_in_turn;       /* k T */
extern const struct model model_interleaved;   /* n T */
extern const struct model model_shared;        /* n T / A */
extern const struct model model_split_servers; /* n T / min(A, servers) */
extern const struct model model_steps;         /* T max(1, W / A) per W answers */

/* Slowdown of the k-th answer, k from 1; NAN when the burst is not of that shape. */
double model_slowdown(const struct model *model, const struct burst *burst, size_t rank);

/* Mean over ranks of |measured - model| / model; NAN when either is missing. */
double model_error(const struct model *model, const struct cell *cell);
