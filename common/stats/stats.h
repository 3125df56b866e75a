/*
 * Statistics over plain arrays; nothing here allocates for the caller. Every function
 * takes values in any order unless it says sorted, and answers NAN where the number of
 * values does not carry the figure. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct interval {
    double low, high; /* NAN when fewer than two values carry it */
};

/* A least-squares line y = slope x + intercept, and how much of y it explains. */
struct line_fit {
    double slope, intercept, r_squared;
};

void stats_sort(double *values, size_t n);

double stats_mean(const double *values, size_t n_values);

/* With n - 1 in the denominator. */
double stats_deviation(const double *values, size_t n_values);

/*
 * The q-quantile (0 <= q <= 1) of sorted values, by linear interpolation between order
 * statistics (Hyndman, Fan 1996, type 7).
 */
double stats_quantile(const double *sorted, size_t n_values, double q);

/*
 * The 95 % confidence interval of the q-quantile (0 < q < 1) of independent values, from
 * two of the sorted ones: how many lie below the quantile is binomial, whatever their
 * distribution (David, Nagaraja 2003, Order Statistics, 7.1). At most 2.5 % are left out
 * on either side; NAN where so few values cannot do that.
 */
struct interval stats_quantile_interval(const double *sorted, size_t n_values, double q);

/* The median of unsorted values; works on a copy. */
double stats_median(const double *values, size_t n_values);

/*
 * Outliers of sorted values: those whose modified z score, 0.6745 x |value - median| /
 * median of these distances (Iglewicz, Hoaglin 1993), is above STATS_OUTLIER_Z. That
 * bound is hyperfine's: ten robust deviations of normal values. Of fewer than
 * STATS_OUTLIER_LEAST_VALUES, or when half of them are equal, no score tells anything.
 */
#define STATS_OUTLIER_Z 14.8
enum { STATS_OUTLIER_LEAST_VALUES = 10 };
struct outliers {
    size_t n_low, n_high; /* values below `low`, above `high` */
    double low, high;     /* where they begin; NAN: not carried */
};
struct outliers stats_outliers(const double *sorted, size_t n_values);

/*
 * The 95 % confidence interval of the mean of independent values, by Student's t:
 * mean +- t(0.975, n - 1) x deviation / sqrt(n). `is_ratio`: of values that are all above
 * 0, on the logarithmic scale, to which the deviation is carried by the delta method:
 * mean x exp(-+ t x deviation / (sqrt(n) x mean)). Neither limit then falls below 0, and
 * a ratio and its inverse get the same interval.
 */
struct interval stats_mean_interval(const double *values, size_t n_values, bool is_ratio);

/*
 * Intervals that hold at every look: with probability 1 - error the true mean lies in all
 * of them, however many values there come to be and whenever somebody looks and decides
 * to go on or to stop. So a run may measure until a claim is decided without paying for
 * each look. For normal values of unknown deviation, from the mixture of likelihood
 * ratios over effect sizes N(0, 1 / STATS_LOOKS_PRIOR) with the deviation integrated out
 * (Lai 1976, Annals of Statistics 4(2); Wang, Ramdas 2025, Sequential Analysis 44(1)):
 * such a ratio is a martingale of mean 1, and by Ville's inequality it reaches 1 / error
 * with probability `error` at the most. The prior makes them narrow from four values on.
 */
#define STATS_LOOKS_PRIOR 0.1

/*
 * What takes the place of Student's quantile in them: half the width is so many standard
 * errors of the mean. INFINITY where so few values never decide.
 */
double stats_looks_quantile(size_t n_values, double error);

/*
 * Such an interval of the mean, `is_ratio` as in stats_mean_interval; -INFINITY ..
 * INFINITY (0 .. INFINITY) of too few.
 */
struct interval stats_looks_interval(const double *values, size_t n_values, double error,
                                     bool is_ratio);

struct line_fit stats_fit_line(const double *x, const double *y, size_t n_values);

/*
 * The Kolmogorov-Smirnov distance of sorted values from the uniform distribution over
 * low .. high: the largest difference between the share of values up to a point and that
 * expected there. 0 .. 1.
 */
double stats_uniform_distance(const double *sorted, size_t n_values, double low,
                              double high);

/*
 * Anderson and Darling's A squared (1954) of sorted values against the exponential
 * distribution of that mean, which is known and not estimated. Of sets of five or more
 * values that are exponential, one in twenty and one in a hundred exceed these (Stephens
 * 1974, case 0). A value that was rounded to 0 counts as one just above.
 */
#define STATS_ANDERSON_DARLING_5_PERCENT 2.492
#define STATS_ANDERSON_DARLING_1_PERCENT 3.857
double stats_exponential_distance(const double *sorted, size_t n_values, double mean);
