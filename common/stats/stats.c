/* Statistics over plain arrays; see stats.h. */
#include "common/stats/stats.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/stats/random.h"
#include "common/stats/student.h"

static int compare_values(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/*
 * Radix sort, least digit first, for as many values as a run has requests: comparing them
 * would take longer than anything else that statistics do.
 */
enum { DIGIT_BITS = 11, N_DIGITS = 6, N_BUCKETS = 1 << DIGIT_BITS, LEAST_RADIX = 1000 };

/* What doubles are looked at as, and changed, in their place. */
typedef uint64_t __attribute__((may_alias)) bits;

static unsigned digit_of(uint64_t key, unsigned digit) {
    return (unsigned)(key >> (digit * DIGIT_BITS)) & (N_BUCKETS - 1);
}

/* One pass, from keys to sorted. False: all have the same digit, so nothing moved. */
static bool sort_by_digit(const bits *keys, bits *sorted, size_t n, unsigned digit) {
    size_t starts[N_BUCKETS] = {0}, start = 0;
    for (size_t i = 0; i < n; i++)
        starts[digit_of(keys[i], digit)]++;
    if (starts[digit_of(keys[0], digit)] == n)
        return false;
    for (unsigned bucket = 0; bucket < N_BUCKETS; bucket++) {
        size_t count = starts[bucket];
        starts[bucket] = start;
        start += count;
    }
    for (size_t i = 0; i < n; i++)
        sorted[starts[digit_of(keys[i], digit)]++] = keys[i];
    return true;
}

/* By keys: bits whose order as whole numbers is that of the values. */
void stats_sort(double *values, size_t n) {
    static const uint64_t sign = UINT64_C(1) << 63;
    bits *all = (void *)values,
         *room = n >= LEAST_RADIX ? malloc(n * sizeof *room) : NULL;
    bits *keys = all, *other = room;
    if (room == NULL) {
        if (n > 1)
            qsort(values, n, sizeof *values, compare_values);
        return;
    }
    for (size_t i = 0; i < n; i++)
        keys[i] = keys[i] & sign ? ~keys[i] : keys[i] | sign;
    for (unsigned digit = 0; digit < N_DIGITS; digit++)
        if (sort_by_digit(keys, other, n, digit)) {
            bits *sorted = other;
            other = keys;
            keys = sorted;
        }
    for (size_t i = 0; i < n; i++)
        all[i] = keys[i] & sign ? keys[i] & ~sign : ~keys[i];
    free(room);
}

double stats_mean(const double *values, size_t n_values) {
    double sum = 0;
    for (size_t i = 0; i < n_values; i++)
        sum += values[i];
    return n_values > 0 ? sum / (double)n_values : NAN;
}

double stats_deviation(const double *values, size_t n_values) {
    if (n_values < 2)
        return NAN;
    double mean = stats_mean(values, n_values), squares = 0;
    for (size_t i = 0; i < n_values; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return sqrt(squares / (double)(n_values - 1));
}

double stats_quantile(const double *sorted, size_t n_values, double q) {
    if (n_values == 0)
        return NAN;
    double position = q * (double)(n_values - 1);
    size_t below = (size_t)position;
    if (below + 1 >= n_values)
        return sorted[n_values - 1];
    double share = position - (double)below;
    return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

/* How likely it is that `k` of n events happen, each with probability q. */
static double binomial(size_t n, size_t k, double q) {
    int sign;
    double logarithm = lgamma_r((double)n + 1, &sign) - lgamma_r((double)k + 1, &sign) -
                       lgamma_r((double)(n - k) + 1, &sign);
    return exp(logarithm + (double)k * log(q) + (double)(n - k) * log1p(-q));
}

/*
 * The largest rank r with P(B < r) <= 2.5 %, B binomial in n and q; 0: there is none.
 * Sums from so far below the mean that what lies beyond is nothing in a double.
 */
static size_t low_rank(size_t n, double q) {
    double start = (double)n * q - 12 * sqrt((double)n * q * (1 - q)) - 40;
    size_t k = start > 0 ? (size_t)start : 0;
    double probability = binomial(n, k, q), sum = probability;
    while (sum <= 0.025 && k < n) {
        probability *= (double)(n - k) / (double)(k + 1) * (q / (1 - q));
        sum += probability;
        k++;
    }
    return k;
}

struct interval stats_quantile_interval(const double *sorted, size_t n_values, double q) {
    size_t low = n_values > 0 ? low_rank(n_values, q) : 0;
    size_t high = n_values > 0 ? low_rank(n_values, 1 - q) : 0; /* from above */
    if (low == 0 || high == 0)
        return (struct interval){NAN, NAN};
    return (struct interval){sorted[low - 1], sorted[n_values - high]};
}

/* Moves the value of that rank to its place, what is smaller before it and what is larger
 * behind it (Hoare's FIND): a fifth of what sorting takes. Pivots are drawn, because
 * those at fixed places take forever for some orders. */
static void place(double *values, ptrdiff_t n, ptrdiff_t rank) {
    struct random random;
    random_seed(&random, 1);
    for (ptrdiff_t low = 0, high = n - 1; low < high;) {
        double pivot = values[low + (ptrdiff_t)random_below(&random, high - low + 1)];
        ptrdiff_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i > j)
                break;
            double swapped = values[i];
            values[i++] = values[j];
            values[j--] = swapped;
        }
        if (rank <= j)
            high = j;
        else if (rank >= i)
            low = i;
        else
            return;
    }
}

double stats_median(const double *values, size_t n_values) {
    size_t rank = (n_values - 1) / 2;
    double *all = n_values > 0 ? malloc(n_values * sizeof *all) : NULL;
    if (all == NULL)
        return NAN;
    memcpy(all, values, n_values * sizeof *all);
    place(all, (ptrdiff_t)n_values, (ptrdiff_t)rank);
    double median = all[rank], next = INFINITY;
    for (size_t i = rank + 1; n_values % 2 == 0 && i < n_values; i++)
        next = all[i] < next ? all[i] : next;
    free(all);
    return n_values % 2 == 0 ? median + (next - median) / 2 : median;
}

struct outliers stats_outliers(const double *sorted, size_t n_values) {
    struct outliers found = {.low = NAN, .high = NAN};
    double median = stats_quantile(sorted, n_values, 0.5), distance = NAN;
    double *distances = calloc(n_values + 1, sizeof *distances);
    for (size_t i = 0; distances != NULL && i < n_values; i++)
        distances[i] = fabs(sorted[i] - median);
    if (distances != NULL)
        distance = stats_median(distances, n_values);
    free(distances);
    if (n_values < STATS_OUTLIER_LEAST_VALUES || !(distance > 0))
        return found;
    double reach = STATS_OUTLIER_Z * distance / 0.6745;
    found.low = median - reach;
    found.high = median + reach;
    while (found.n_low < n_values && sorted[found.n_low] < found.low)
        found.n_low++;
    while (found.n_high < n_values && sorted[n_values - 1 - found.n_high] > found.high)
        found.n_high++;
    return found;
}

/* So many standard errors to both sides of the mean. */
static struct interval interval_of(const double *values, size_t n_values, double t,
                                   bool is_ratio) {
    double mean = stats_mean(values, n_values);
    double half = t * stats_deviation(values, n_values) / sqrt((double)n_values);
    double factor = exp(half / mean);
    return is_ratio ? (struct interval){mean / factor, mean * factor}
                    : (struct interval){mean - half, mean + half};
}

struct interval stats_mean_interval(const double *values, size_t n_values,
                                    bool is_ratio) {
    double t = n_values < 2 ? NAN : student_quantile(0.975, (double)n_values - 1);
    return interval_of(values, n_values, t, is_ratio);
}

/*
 * Solves sqrt(c / (n + c)) x (1 - n t^2 / ((n + c)(n - 1 + t^2)))^(-n/2) = 1 / error for
 * t: the likelihood ratio of stats.h as a function of Student's t, with c the prior.
 */
double stats_looks_quantile(size_t n_values, double error) {
    double n = (double)n_values, c = STATS_LOOKS_PRIOR;
    if (n_values < 2)
        return INFINITY;
    double k = pow((n + c) / (c * error * error), 1 / n);
    double left = n + c - k * c;
    return left > 0 ? sqrt((k - 1) * (n + c) * (n - 1) / left) : INFINITY;
}

struct interval stats_looks_interval(const double *values, size_t n_values, double error,
                                     bool is_ratio) {
    double t = stats_looks_quantile(n_values, error);
    return isfinite(t) ? interval_of(values, n_values, t, is_ratio)
                       : (struct interval){is_ratio ? 0 : -INFINITY, INFINITY};
}

struct line_fit stats_fit_line(const double *x, const double *y, size_t n_values) {
    double mean_x = stats_mean(x, n_values), mean_y = stats_mean(y, n_values);
    double xx = 0, xy = 0, yy = 0;
    for (size_t i = 0; i < n_values; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    if (n_values < 2 || xx == 0)
        return (struct line_fit){NAN, NAN, NAN};
    double slope = xy / xx;
    return (struct line_fit){
        .slope = slope,
        .intercept = mean_y - slope * mean_x,
        .r_squared = yy == 0 ? 1 : xy * xy / (xx * yy),
    };
}

double stats_uniform_distance(const double *sorted, size_t n_values, double low,
                              double high) {
    if (n_values == 0)
        return NAN;
    double n = (double)n_values, largest = 0;
    for (size_t i = 0; i < n_values; i++) {
        double expected = fmin(fmax((sorted[i] - low) / (high - low), 0), 1);
        double above = (double)(i + 1) / n - expected, below = expected - (double)i / n;
        largest = fmax(largest, fmax(above, below));
    }
    return largest;
}

double stats_exponential_distance(const double *sorted, size_t n_values, double mean) {
    if (n_values == 0)
        return NAN;
    double n = (double)n_values, sum = 0;
    for (size_t i = 0; i < n_values; i++) {
        /* Of small values none is lost; 0 counts as the least that a clock shows. */
        double below = fmax(-expm1(-sorted[i] / mean), 1e-16);
        sum += (double)(2 * i + 1) * (log(below) - sorted[n_values - 1 - i] / mean);
    }
    return -n - sum / n;
}
