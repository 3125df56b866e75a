/*
 * Fits of how throughput grows with CPUs or users, to be called fits wherever they are
 * shown: their coefficients come from the points that they are drawn over.
 *
 *   C(N) = N / (1 + a (N - 1) + b N (N - 1)),   throughput = C(N) x that of one
 *
 * b = 0 is Amdahl's law (1967), with `a` the serial share; with b it is the universal
 * scalability law (Gunther 1993): `a` is contention for what is shared, b the cost of
 * keeping its copies the same. N / throughput is a polynomial of N, so this is linear
 * least squares, of relative errors as noise is about so many percent; coefficients are
 * held to 0 or more. Any thread.
 */
#pragma once

#include <stddef.h>

#include "common/stats/stats.h"

enum { SCALING_LEAST_POINTS = 6 };

struct scaling {
    double of_one; /* throughput of N = 1, fitted as well */
    double a, b;
    struct interval a_interval, b_interval; /* 95 %, by the delta method; NAN of a
                                               coefficient that was held to 0 */
    double error;                           /* median of |measured - fit| / fit */
};

enum scaling_law { SCALING_AMDAHL, SCALING_USL };

/*
 * Of points with n > 0 and throughput > 0; all NAN of fewer than SCALING_LEAST_POINTS
 * different ones, or where no law of that form goes through them.
 */
struct scaling scaling_fit(enum scaling_law law, const double *n,
                           const double *throughput, size_t n_points);
