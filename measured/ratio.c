/* Ratios and verdicts; see ratio.h. */
#include "measured/ratio.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/stats/student.h"

/* Mean of logarithms, and the squared standard error of that mean. */
struct logs {
    double mean, error_squared;
    size_t n;
};

static struct logs logs_of(const double *values, size_t n_values) {
    struct logs logs = {NAN, NAN, 0};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n_values; i++)
        if (isfinite(values[i]) && values[i] > 0) {
            sum += log(values[i]);
            logs.n++;
        }
    if (logs.n > 0)
        logs.mean = sum / (double)logs.n;
    for (size_t i = 0; i < n_values; i++)
        if (isfinite(values[i]) && values[i] > 0)
            squares += pow(log(values[i]) - logs.mean, 2);
    if (logs.n > 1)
        logs.error_squared = squares / (double)(logs.n - 1) / (double)logs.n;
    return logs;
}

/* The p value of a change beyond the allowance: 1 within it. */
static double p_value(const struct ratio *ratio) {
    double beyond = fabs(log(ratio->value)) - ratio->log_allowance;
    if (isnan(ratio->log_error) || isnan(ratio->value))
        return NAN;
    return beyond <= 0 ? 1 : student_beyond(beyond / ratio->log_error, ratio->degrees);
}

static void set_interval(struct ratio *ratio, double level) {
    double half =
        ratio->log_error > 0
            ? student_quantile(0.5 + level / 2, ratio->degrees) * ratio->log_error
            : ratio->log_error;
    double factor = exp(half + ratio->log_allowance);
    ratio->level = level;
    ratio->interval = (struct interval){ratio->value / factor, ratio->value * factor};
}

/* The ratio whose logarithm has that mean, error and degrees of freedom; with its p value
 * and interval, or none where there is no error to go by. */
static struct ratio make(const struct logs *a, const struct logs *b, double log_value,
                         double error_squared, double degrees) {
    struct ratio ratio = {.a = exp(a->mean),
                          .b = exp(b->mean),
                          .value = exp(log_value),
                          .n_a = a->n,
                          .n_b = b->n,
                          .log_error = sqrt(error_squared),
                          .degrees = degrees};
    ratio.p = p_value(&ratio);
    if (isnan(ratio.p))
        ratio_withhold(&ratio);
    else
        set_interval(&ratio, 1 - RATIO_FAMILY_ERROR);
    return ratio;
}

struct ratio ratio_make(const double *a, size_t n_a, const double *b, size_t n_b) {
    struct logs logs_a = logs_of(a, n_a), logs_b = logs_of(b, n_b);
    double both = logs_a.error_squared + logs_b.error_squared;
    double degrees = /* Satterthwaite's */
        both * both /
        (logs_a.error_squared * logs_a.error_squared / ((double)logs_a.n - 1) +
         logs_b.error_squared * logs_b.error_squared / ((double)logs_b.n - 1));
    if (both == 0) /* values that all agree */
        degrees = (double)(logs_a.n + logs_b.n) - 2;
    return make(&logs_a, &logs_b, logs_b.mean - logs_a.mean, both, degrees);
}

struct ratio ratio_make_paired(const double *a, const double *b, size_t n_pairs) {
    double *ratios = calloc(n_pairs + 1, sizeof *ratios);
    size_t n = 0;
    for (size_t i = 0; ratios != NULL && i < n_pairs; i++)
        if (isfinite(a[i]) && a[i] > 0 && isfinite(b[i]) && b[i] > 0)
            ratios[n++] = b[i] / a[i];
    struct logs logs = logs_of(ratios, n);
    struct logs logs_a = logs_of(a, n_pairs), logs_b = logs_of(b, n_pairs);
    logs_a.n = logs_b.n = n;
    free(ratios);
    return make(&logs_a, &logs_b, logs.mean, logs.error_squared, (double)n - 1);
}

void ratio_withhold(struct ratio *ratio) {
    ratio->log_error = ratio->degrees = ratio->p = ratio->level = NAN;
    ratio->interval = (struct interval){NAN, NAN};
    ratio->change = CHANGE_UNDECIDED;
}

/* Ascending p values; those without one at the end. */
static int by_p(const void *left, const void *right) {
    double a = (*(struct ratio *const *)left)->p, b = (*(struct ratio *const *)right)->p;
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

void ratios_judge(struct ratio **ratios, size_t n_ratios) {
    size_t n_judged = 0;
    for (size_t i = 0; i < n_ratios; i++) {
        ratios[i]->p = p_value(ratios[i]);
        n_judged += !isnan(ratios[i]->p);
    }
    if (n_judged > 0)
        qsort(ratios, n_ratios, sizeof *ratios, by_p);
    bool differs = true;
    double bound = RATIO_FAMILY_ERROR;
    for (size_t k = 0; k < n_judged; k++) {
        if (differs) {
            bound = RATIO_FAMILY_ERROR / (double)(n_judged - k);
            differs = ratios[k]->p < bound;
        }
        set_interval(ratios[k], 1 - bound);
        const struct interval *interval = &ratios[k]->interval;
        bool is_same =
            interval->low >= 1 - RATIO_SAME && interval->high <= 1 + RATIO_SAME;
        ratios[k]->change = is_same                ? CHANGE_SAME
                            : !differs             ? CHANGE_UNDECIDED
                            : ratios[k]->value > 1 ? CHANGE_SLOWER
                                                   : CHANGE_FASTER;
    }
}

const char *change_name(enum change change) {
    static const char *const names[] = {
        [CHANGE_UNDECIDED] = "undecided",
        [CHANGE_SAME] = "same",
        [CHANGE_FASTER] = "faster",
        [CHANGE_SLOWER] = "slower",
    };
    return names[change];
}
