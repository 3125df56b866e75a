/*
 * The statistics of comparing, and nothing else: the ratio of two rows of figures with
 * its interval, and the verdicts of all that are judged together.
 *
 * A figure has one value per repeat, as a repeat has a server of its own. The ratio is
 * that of geometric means, tested by Welch's t (1947) on logarithms with Satterthwaite's
 * degrees of freedom. Of several ratios Holm's step-down (1979) keeps the chance that any
 * is called faster or slower by mistake at 5 %: the k-th smallest of m p values is held
 * against 5 % / (m - k + 1), and from the first that is not below, that bound stays. The
 * interval of each is at the level of its bound, so that it and the verdict cannot
 * disagree. Any thread.
 */
#pragma once

#include <stddef.h>

#include "common/stats/stats.h"

/* Of all cells together; and what is within it is called the same. */
#define RATIO_FAMILY_ERROR 0.05
#define RATIO_SAME 0.03

enum change { CHANGE_UNDECIDED, CHANGE_SAME, CHANGE_FASTER, CHANGE_SLOWER };

const char *change_name(enum change change);

/* Of B's figure to A's. */
struct ratio {
    double a, b;          /* geometric means over the repeats; NAN: no such figure */
    double value;         /* b / a */
    size_t n_a, n_b;      /* repeats that carry the figure */
    double log_error;     /* standard error of log(value); NAN with one repeat a side */
    double degrees;       /* of freedom, by Satterthwaite */
    double log_allowance; /* what log(value) may be without any change: >= 0 */
    double p;             /* of two sides, beyond the allowance; NAN: no interval */
    double level;         /* of the interval; NAN: none */
    struct interval interval; /* widened by the allowance on both sides */
    enum change change;
};

/*
 * From the values of A and of B; what is not finite and above 0 is not counted. The
 * interval is at 95 %, nothing is judged yet.
 */
struct ratio ratio_make(const double *a, size_t n_a, const double *b, size_t n_b);

/*
 * From values of A and B that were measured in the same repeats, the i-th with the i-th:
 * what drifts under both alike is not in their ratio. Student's t on the logarithms of
 * the ratios. The interval is at 95 %, nothing is judged yet.
 */
struct ratio ratio_make_paired(const double *a, const double *b, size_t n_pairs);

/*
 * Makes it one that cannot be judged: neither interval nor p value, undecided.
 */
void ratio_withhold(struct ratio *ratio);

/*
 * Judges ratios together: sets p, level, interval and change of each by its allowance.
 * Those without an interval stay undecided and count for nothing. Reorders the array of
 * pointers.
 */
void ratios_judge(struct ratio **ratios, size_t n_ratios);
