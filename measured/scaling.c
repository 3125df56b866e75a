/* Linear least squares for Amdahl's law and the universal scalability law; see scaling.h.
 */
#include "measured/scaling.h"

#include <math.h>
#include <stdlib.h>

#include "common/student.h"

/* N / X = p0 + p1 (N - 1) + p2 N (N - 1), with p0 = 1 / of_one, p1 = a p0, p2 = b p0. */
enum { N_TERMS = 3 };

static double term(size_t k, double n) {
    return k == 0 ? 1 : k == 1 ? n - 1 : n * (n - 1);
}

/* Normal equations of the terms in use; `inverse` of their matrix is kept for errors. */
struct equations {
    double p[N_TERMS], inverse[N_TERMS][N_TERMS];
};

/* Gauss and Jordan on the matrix beside the identity. False: it has no inverse. */
static bool invert(double matrix[N_TERMS][N_TERMS], double inverse[N_TERMS][N_TERMS]) {
    for (size_t i = 0; i < N_TERMS; i++)
        for (size_t k = 0; k < N_TERMS; k++)
            inverse[i][k] = i == k;
    for (size_t i = 0; i < N_TERMS; i++) {
        double pivot = matrix[i][i]; /* of a positive definite matrix: none is 0 */
        if (!(pivot > 0))
            return false;
        for (size_t k = 0; k < N_TERMS; k++) {
            matrix[i][k] /= pivot;
            inverse[i][k] /= pivot;
        }
        for (size_t row = 0; row < N_TERMS; row++) {
            double factor = matrix[row][i];
            for (size_t k = 0; row != i && k < N_TERMS; k++) {
                matrix[row][k] -= factor * matrix[i][k];
                inverse[row][k] -= factor * inverse[i][k];
            }
        }
    }
    return true;
}

/* Weights make errors relative: both sides of an equation times X / N. */
static bool solve(const double *n, const double *throughput, size_t n_points,
                  const bool uses[N_TERMS], struct equations *equations) {
    double matrix[N_TERMS][N_TERMS] = {{0}}, right[N_TERMS] = {0};
    for (size_t i = 0; i < n_points; i++) {
        double weight = throughput[i] / n[i];
        for (size_t row = 0; row < N_TERMS; row++) {
            double own = uses[row] ? weight * term(row, n[i]) : 0;
            right[row] += own;
            for (size_t k = 0; k < N_TERMS; k++)
                matrix[row][k] += uses[k] ? own * weight * term(k, n[i]) : 0;
        }
    }
    for (size_t k = 0; k < N_TERMS; k++)
        matrix[k][k] = uses[k] ? matrix[k][k] : 1;
    if (!invert(matrix, equations->inverse))
        return false;
    for (size_t row = 0; row < N_TERMS; row++) {
        equations->p[row] = 0;
        for (size_t k = 0; k < N_TERMS; k++)
            equations->p[row] += equations->inverse[row][k] * right[k];
    }
    return equations->p[0] > 0;
}

/* The interval of p[k] / p[0]. */
static struct interval interval_of(const struct equations *equations, size_t k,
                                   double variance, double degrees) {
    double p0 = equations->p[0], ratio = equations->p[k] / p0;
    double relative = (equations->inverse[k][k] - 2 * ratio * equations->inverse[0][k] +
                       ratio * ratio * equations->inverse[0][0]) /
                      (p0 * p0);
    double half = student_quantile(0.975, degrees) * sqrt(fmax(0, variance * relative));
    return (struct interval){ratio - half, ratio + half};
}

static struct scaling make_fit(const struct equations *equations,
                               const bool uses[N_TERMS], const double *n,
                               const double *throughput, size_t n_points) {
    double *errors = calloc(n_points, sizeof *errors), squares = 0, n_used = 0;
    struct scaling fit = {.of_one = 1 / equations->p[0],
                          .a = equations->p[1] / equations->p[0],
                          .b = equations->p[2] / equations->p[0],
                          .a_interval = {NAN, NAN},
                          .b_interval = {NAN, NAN},
                          .error = NAN};
    for (size_t i = 0; errors != NULL && i < n_points; i++) {
        double expected = scaling_throughput(&fit, n[i]);
        squares += pow(throughput[i] / expected - 1, 2);
        errors[i] = fabs(throughput[i] / expected - 1);
    }
    for (size_t k = 0; k < N_TERMS; k++)
        n_used += uses[k];
    double degrees = (double)n_points - n_used;
    if (uses[1])
        fit.a_interval = interval_of(equations, 1, squares / degrees, degrees);
    if (uses[2])
        fit.b_interval = interval_of(equations, 2, squares / degrees, degrees);
    if (errors != NULL)
        fit.error = stats_median(errors, n_points);
    free(errors);
    return fit;
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
static struct scaling fit_law(const double *n, const double *throughput, size_t n_points,
                              bool has_b) {
    static const bool laws[][N_TERMS] = {{true, true, true},
                                         {true, true, false},
                                         {true, false, true},
                                         {true, false, false}};
    struct scaling best = {NAN, NAN, NAN, {NAN, NAN}, {NAN, NAN}, NAN};
    if (!are_enough(n, throughput, n_points))
        return best;
    for (size_t i = has_b ? 0 : 1; i < sizeof laws / sizeof *laws; i++) {
        struct equations equations;
        if ((laws[i][2] && !has_b) ||
            !solve(n, throughput, n_points, laws[i], &equations) || equations.p[1] < 0 ||
            equations.p[2] < 0)
            continue;
        struct scaling fit = make_fit(&equations, laws[i], n, throughput, n_points);
        if (!isfinite(best.error) || (i == 2 && fit.error < best.error))
            best = fit;
        if (i == 0)
            break;
    }
    return best;
}

struct scaling scaling_fit_amdahl(const double *n, const double *throughput,
                                  size_t n_points) {
    return fit_law(n, throughput, n_points, false);
}

struct scaling scaling_fit_usl(const double *n, const double *throughput,
                               size_t n_points) {
    return fit_law(n, throughput, n_points, true);
}

double scaling_throughput(const struct scaling *fit, double n) {
    return fit->of_one * n / (1 + fit->a * (n - 1) + fit->b * n * (n - 1));
}

double scaling_peak(const struct scaling *fit) {
    return fit->b > 0 ? sqrt(fmax(0, 1 - fit->a) / fit->b) : INFINITY;
}
