/*
 * The repeats of a run: every cell in each, T and E before and after, and whether there
 * is to be another one. Repeats are the outer loop and cells are shuffled within each, so
 * that a machine that drifts drifts under all of them alike. Main thread.
 */
#ifndef JUGGLE_DIRECTOR_REPEATS_H
#define JUGGLE_DIRECTOR_REPEATS_H

#include <stdint.h>

#include "common/work.h"
#include "director/measure.h"
#include "director/plan.h"
#include "director/precision.h"

/* What is measured, with what, and how far it is. */
struct repeats {
    struct plan *plan;
    struct measure_setting setting;
    struct work work; /* CPU steps in turns: the same for every cell */
    char work_text[WORK_MAX_TEXT_BYTES];
    double turns_per_ms;
    uint64_t fetch_ns;                /* how long a fetch takes */
    uint64_t took_ns[PLAN_MAX_CELLS]; /* of each cell in its last repeat; 0: none yet */
    unsigned n_begun, n_done; /* repeats; done: to their end, T and E after them */
    unsigned n_failed;        /* cells and files that did not come about */
    struct precision precision;
    const char *stopped_by; /* "repeats", "precision", "budget" or "interrupt" */
};

/* How long one request alone should take. */
uint64_t repeats_alone_ns(const struct repeats *repeats);

/*
 * Effective cores: the median of three rounds of loops half as long as one job, within
 * what is long enough to mean something. Fills in the speed of a loop alone, the fastest
 * of the rounds (NAN: not known).
 */
double repeats_measure_cores(const struct repeats *repeats, double *turns_per_ms);

/* Measures all there is to measure into the setting's folder, and says why it stopped. */
void repeats_measure(struct repeats *repeats);

#endif
