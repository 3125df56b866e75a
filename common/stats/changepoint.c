/* Change points of block medians; see changepoint.h. */
#include "common/stats/changepoint.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/stats/stats.h"

enum { LEAST_BLOCKS = 20, MOST_BLOCKS = 50, ENOUGH_PER_BLOCK = 50 };

static const double LEAST_SHIFT = 0.05;
static const double LEAST_DEVIATIONS = 3; /* of a level or a trend of blocks */
static const double LEAST_RANK_SCORE = 4; /* of all values; some 50 places are tried */
static const double LEAST_SCATTER = 0.01; /* of blocks that hardly differ */
static const double LATEST_START = 0.75;  /* of the blocks */
static const double DEVIATION_PER_MAD = 1.4826;

/* In logarithms: latencies scatter in proportion to their level. */
struct blocks {
    size_t n, n_per_block; /* the last block has the rest as well */
    double medians[MOST_BLOCKS];
};

static void make_blocks(struct blocks *blocks, const double *values, size_t n_values) {
    size_t n = n_values / ENOUGH_PER_BLOCK;
    blocks->n = n < LEAST_BLOCKS ? LEAST_BLOCKS : n < MOST_BLOCKS ? n : MOST_BLOCKS;
    blocks->n_per_block = n_values / blocks->n;
    for (size_t i = 0; i < blocks->n; i++) {
        size_t first = i * blocks->n_per_block;
        size_t end = i + 1 < blocks->n ? first + blocks->n_per_block : n_values;
        double median = stats_median(values + first, end - first);
        blocks->medians[i] = log(fmax(median, DBL_MIN));
    }
}

/* The scatter of blocks around their level, from neighbours: a shift is but one of them.
 */
static double scatter_of(const struct blocks *blocks) {
    double steps[MOST_BLOCKS];
    for (size_t i = 0; i + 1 < blocks->n; i++)
        steps[i] = fabs(blocks->medians[i + 1] - blocks->medians[i]);
    double scatter = stats_median(steps, blocks->n - 1) * DEVIATION_PER_MAD / sqrt(2);
    return fmax(scatter, LEAST_SCATTER);
}

/* What a segment costs: the absolute deviations from its median. */
static double cost_of(const double *medians, size_t n) {
    double sum = 0, median = stats_median(medians, n);
    for (size_t i = 0; i < n; i++)
        sum += fabs(medians[i] - median);
    return sum;
}

/* Fills where the segment that ends before each block begins, for the least total. */
static void partition(const struct blocks *blocks, size_t begins[MOST_BLOCKS + 1]) {
    double totals[MOST_BLOCKS + 1] = {0};
    /* Laplace's distribution has deviation / sqrt(2) as its scale, and 2 log n in it is
     * twice what a place and a level cost by Schwarz (1978). */
    double penalty = 2 * log((double)blocks->n) * scatter_of(blocks) / sqrt(2);
    for (size_t end = 1; end <= blocks->n; end++) {
        totals[end] = INFINITY;
        for (size_t begin = 0; begin < end; begin++) {
            double total =
                totals[begin] + cost_of(blocks->medians + begin, end - begin) + penalty;
            if (total < totals[end]) {
                totals[end] = total;
                begins[end] = begin;
            }
        }
    }
}

/* By the median absolute deviation from the median. */
static double deviation_of(const double *medians, size_t n) {
    double deviations[MOST_BLOCKS], median = stats_median(medians, n);
    for (size_t i = 0; i < n; i++)
        deviations[i] = fabs(medians[i] - median);
    return DEVIATION_PER_MAD * stats_median(deviations, n);
}

/* Are two rows of blocks at different levels? The longer one tells how blocks scatter. */
static bool differ(const double *one, size_t n_one, const double *other, size_t n_other) {
    double shift = fabs(stats_median(one, n_one) - stats_median(other, n_other));
    double deviation =
        n_one > n_other ? deviation_of(one, n_one) : deviation_of(other, n_other);
    return shift > log1p(LEAST_SHIFT) && shift > LEAST_DEVIATIONS * deviation;
}

/* The first block from which on the level is that of the end; 0: all are. */
static size_t find_steady(const struct blocks *blocks) {
    const double *medians = blocks->medians;
    size_t begins[MOST_BLOCKS + 1] = {0};
    partition(blocks, begins);
    size_t last = begins[blocks->n], steady = last;
    for (size_t end = last; end > 0; end = begins[end]) {
        size_t begin = begins[end];
        if (!differ(medians + begin, end - begin, medians + last, blocks->n - last))
            steady = begin;
    }
    if (steady == 0 || differ(medians, steady, medians + steady, blocks->n - steady))
        return steady;
    return 0;
}

struct ranked {
    double value;
    bool is_before;
};

static int compare_ranked(const void *left, const void *right) {
    double a = ((const struct ranked *)left)->value;
    double b = ((const struct ranked *)right)->value;
    return (a > b) - (a < b);
}

/* The rank sum of those before, ties sharing their ranks. */
static double rank_sum(const struct ranked *sorted, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i, n_before = 0;
        for (; end < n && sorted[end].value == sorted[i].value; end++)
            n_before += sorted[end].is_before;
        sum += (double)n_before * ((double)(i + 1 + end) / 2);
        i = end;
    }
    return sum;
}

/* How many standard deviations the rank sum is from chance; NAN without memory. Ties make
 * the deviation less than is reckoned here, so the score is on the safe side. */
static double rank_score(const double *values, size_t n_before, size_t n_values) {
    struct ranked *sorted = malloc(n_values * sizeof *sorted);
    if (sorted == NULL)
        return NAN;
    for (size_t i = 0; i < n_values; i++)
        sorted[i] = (struct ranked){values[i], i < n_before};
    qsort(sorted, n_values, sizeof *sorted, compare_ranked);
    double m = (double)n_before, n = (double)(n_values - n_before);
    double away = rank_sum(sorted, n_values) - m * (m + n + 1) / 2;
    free(sorted);
    return fabs(away) / sqrt(m * n * (m + n + 1) / 12);
}

/* Do blocks still move, up or down? By the signs of all pairs, and by a line. */
static bool is_trending(const double *medians, size_t n_blocks) {
    double place[MOST_BLOCKS], signs = 0, n = (double)n_blocks;
    for (size_t i = 0; i < n_blocks; i++) {
        place[i] = (double)i;
        for (size_t k = 0; k < i; k++)
            signs += (medians[i] > medians[k]) - (medians[i] < medians[k]);
    }
    double score = fabs(signs) / sqrt(n * (n - 1) * (2 * n + 5) / 18);
    double change = fabs(stats_fit_line(place, medians, n_blocks).slope) * (n - 1);
    return score > LEAST_DEVIATIONS && change > log1p(LEAST_SHIFT);
}

struct changepoint changepoint_find(const double *values, size_t n_values) {
    struct blocks blocks;
    if (n_values < CHANGEPOINT_LEAST_VALUES)
        return (struct changepoint){CHANGEPOINT_TOO_FEW, 0};
    make_blocks(&blocks, values, n_values);
    size_t steady = find_steady(&blocks);
    if (steady > 0) {
        double score = rank_score(values, steady * blocks.n_per_block, n_values);
        if (isnan(score))
            return (struct changepoint){CHANGEPOINT_TOO_FEW, 0};
        steady = score > LEAST_RANK_SCORE ? steady + 1 : 0;
    }
    if ((double)steady > LATEST_START * (double)blocks.n ||
        is_trending(blocks.medians + steady, blocks.n - steady))
        return (struct changepoint){CHANGEPOINT_NOT_ENDED, 0};
    if (steady == 0)
        return (struct changepoint){CHANGEPOINT_NONE, 0};
    return (struct changepoint){CHANGEPOINT_FOUND, steady * blocks.n_per_block};
}
