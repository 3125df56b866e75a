/* Linear least squares for Amdahl's law and the universal scalability law; see scaling.h.
 */
#include "measured/theory/scaling.h"

#include <math.h>
#include <stdlib.h>

#include "common/stats/student.h"

/* N / X = p0 + p1 (N - 1) + p2 N (N - 1), with p0 = 1 / of_one, p1 = a p0, p2 = b p0. */
enum { N_TERMS = 3 };

static double term(size_t k, double n) {
    return k == 0 ? 1 : k == 1 ? n - 1 : n * (n - 1);
}

/* By cofactors, as the matrix is symmetric. False: it has no inverse. */
static bool invert(double m[N_TERMS][N_TERMS], double inverse[N_TERMS][N_TERMS]) {
    for (size_t i = 0; i < N_TERMS; i++)
        for (size_t k = 0; k < N_TERMS; k++) {
            size_t i1 = (i + 1) % N_TERMS, i2 = (i + 2) % N_TERMS;
            size_t k1 = (k + 1) % N_TERMS, k2 = (k + 2) % N_TERMS;
            inverse[i][k] = m[i1][k1] * m[i2][k2] - m[i1][k2] * m[i2][k1];
        }
    double determinant = 0;
    for (size_t k = 0; k < N_TERMS; k++)
        determinant += m[0][k] * inverse[0][k];
    for (size_t i = 0; i < N_TERMS; i++)
        for (size_t k = 0; k < N_TERMS; k++)
            inverse[i][k] /= determinant;
    return determinant > 0;
}

/* The interval of p[k] / p[0]. */
static struct interval interval_of(const double p[N_TERMS],
                                   double inverse[N_TERMS][N_TERMS], size_t k,
                                   double variance, double degrees) {
    double ratio = p[k] / p[0];
    double relative =
        (inverse[k][k] - 2 * ratio * inverse[0][k] + ratio * ratio * inverse[0][0]) /
        (p[0] * p[0]);
    double half = student_quantile(0.975, degrees) * sqrt(fmax(0, variance * relative));
    return (struct interval){ratio - half, ratio + half};
}

static double throughput_at(const struct scaling *fit, double n) {
    return fit->of_one * n / (1 + fit->a * (n - 1) + fit->b * n * (n - 1));
}

/*
 * The fit with those terms, by normal equations. Weights make errors relative: both sides
 * of an equation times X / N. False: there is none, or with a coefficient below 0.
 */
static bool fit_terms(const double *n, const double *throughput, size_t n_points,
                      const bool uses[N_TERMS], struct scaling *fit) {
    double matrix[N_TERMS][N_TERMS] = {{0}}, inverse[N_TERMS][N_TERMS];
    double right[N_TERMS] = {0}, p[N_TERMS] = {0}, squares = 0;
    double degrees = (double)n_points - uses[0] - uses[1] - uses[2];
    for (size_t i = 0; i < n_points; i++)
        for (size_t row = 0; row < N_TERMS; row++) {
            double weight = throughput[i] / n[i];
            double own = uses[row] ? weight * term(row, n[i]) : 0;
            right[row] += own;
            for (size_t k = 0; k < N_TERMS; k++)
                matrix[row][k] += uses[k] ? own * weight * term(k, n[i]) : 0;
        }
    for (size_t k = 0; k < N_TERMS; k++)
        matrix[k][k] = uses[k] ? matrix[k][k] : 1;
    if (!invert(matrix, inverse))
        return false;
    for (size_t row = 0; row < N_TERMS; row++)
        for (size_t k = 0; k < N_TERMS; k++)
            p[row] += inverse[row][k] * right[k];
    double *errors = calloc(n_points, sizeof *errors);
    if (errors == NULL || !(p[0] > 0) || p[1] < 0 || p[2] < 0) {
        free(errors);
        return false;
    }
    *fit = (struct scaling){.of_one = 1 / p[0], .a = p[1] / p[0], .b = p[2] / p[0]};
    for (size_t i = 0; i < n_points; i++) {
        errors[i] = fabs(throughput[i] / throughput_at(fit, n[i]) - 1);
        squares += errors[i] * errors[i];
    }
    fit->error = stats_median(errors, n_points);
    free(errors);
    struct interval none = {NAN, NAN};
    double variance = squares / degrees;
    fit->a_interval = uses[1] ? interval_of(p, inverse, 1, variance, degrees) : none;
    fit->b_interval = uses[2] ? interval_of(p, inverse, 2, variance, degrees) : none;
    return true;
}

static bool are_enough(const double *n, const double *throughput, size_t n_points) {
    size_t n_different = 0;
    for (size_t i = 0; i < n_points; i++) {
        size_t k = 0;
        if (!(n[i] > 0) || !(throughput[i] > 0))
            return false;
        while (k < i && n[k] != n[i])
            k++;
        n_different += k == i;
    }
    return n_different >= SCALING_LEAST_POINTS;
}

/* Of the laws with some terms left out, the first whose coefficients are all 0 or more:
 * with both, then the better of those with one, then neither. */
struct scaling scaling_fit(enum scaling_law law, const double *n,
                           const double *throughput, size_t n_points) {
    static const bool laws[][N_TERMS] = {{true, true, true},
                                         {true, true, false},
                                         {true, false, true},
                                         {true, false, false}};
    struct scaling best = {NAN, NAN, NAN, {NAN, NAN}, {NAN, NAN}, NAN}, fit;
    if (!are_enough(n, throughput, n_points))
        return best;
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        if ((laws[i][2] && law == SCALING_AMDAHL) ||
            !fit_terms(n, throughput, n_points, laws[i], &fit))
            continue;
        if (!isfinite(best.error) || (i == 2 && fit.error < best.error))
            best = fit;
        if (i == 0)
            break;
    }
    return best;
}
