/*
 * A draw is not a copy of values but a number for each block: how often it was drawn.
 * Means follow from the blocks' sums; quantiles from values that were sorted once, each
 * counted as often as its block. See bootstrap.h.
 */
#include "common/stats/bootstrap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/stats/random.h"

/* A value and the block it belongs to, counted over all groups. */
struct member {
    double value;
    unsigned block;
};

/* What is drawn with replacement: a repeat, or a block where there is one repeat. */
struct group {
    unsigned first_block, n_blocks;
    struct member *sorted; /* within `all` */
    size_t n_values;
};

struct bootstrap {
    struct bootstrap_figure figure;
    struct group *groups;
    size_t n_groups;
    struct member *all;    /* group by group, sorted within each */
    struct member *merged; /* sorted; quantiles alone */
    double *sums;          /* by block */
    unsigned *sizes;       /* by block: values in it */
    unsigned *times;       /* by block: how often all groups of a draw took it */
    unsigned *own_times;   /* the same of one group */
    double *figures;       /* of the groups of a draw */
    double *pivots;        /* of the draws */
    size_t n_values;
    unsigned n_blocks;
    bool in_logs;
};

static int compare_members(const void *left, const void *right) {
    double a = ((const struct member *)left)->value;
    double b = ((const struct member *)right)->value;
    return a < b ? -1 : a > b;
}

/* Longer than what neighbours have in common, and yet many of them. */
static size_t block_length(size_t n_values) {
    return (size_t)ceil(2 * cbrt((double)n_values));
}

/* The quantile of sorted members, each there as often as its block was drawn. */
static double weighted_quantile(const struct member *sorted, size_t n_members,
                                const unsigned *times, double n_drawn, double q) {
    double rank = q * (n_drawn - 1), seen = 0;
    for (size_t i = 0; i < n_members; i++) {
        seen += times[sorted[i].block];
        if (seen <= floor(rank))
            continue;
        double low = sorted[i].value, high = low, part = rank - floor(rank);
        size_t next = i;
        if (seen < floor(rank) + 2 && part > 0) {
            do
                next++;
            while (next < n_members && times[sorted[next].block] == 0);
            if (next < n_members)
                high = sorted[next].value;
        }
        return low + part * (high - low);
    }
    return NAN;
}

/* The figure of the blocks first .. first + n - 1, taken so many times each. */
static double figure_of(const struct bootstrap *bootstrap, unsigned first, unsigned n,
                        const unsigned *times, const struct member *sorted,
                        size_t n_members) {
    double sum = 0, n_drawn = 0;
    for (unsigned block = first; block < first + n; block++) {
        sum += times[block] * bootstrap->sums[block];
        n_drawn += (double)times[block] * bootstrap->sizes[block];
    }
    double figure =
        bootstrap->figure.kind == BOOTSTRAP_MEAN
            ? sum / n_drawn
            : weighted_quantile(sorted, n_members, times, n_drawn, bootstrap->figure.q);
    return bootstrap->in_logs ? log(figure) : figure;
}

static double figure_of_all(const struct bootstrap *bootstrap, const unsigned *times) {
    return figure_of(bootstrap, 0, bootstrap->n_blocks, times, bootstrap->merged,
                     bootstrap->n_values);
}

static double error_of(const struct bootstrap *bootstrap) {
    return stats_deviation(bootstrap->figures, bootstrap->n_groups) /
           sqrt((double)bootstrap->n_groups);
}

static double figure_of_group(const struct bootstrap *bootstrap,
                              const struct group *group) {
    return figure_of(bootstrap, group->first_block, group->n_blocks, bootstrap->own_times,
                     group->sorted, group->n_values);
}

/* The figure and error of what was measured: every block once. */
static double measure(struct bootstrap *bootstrap, double *error) {
    for (unsigned block = 0; block < bootstrap->n_blocks; block++)
        bootstrap->times[block] = bootstrap->own_times[block] = 1;
    for (size_t i = 0; i < bootstrap->n_groups; i++)
        bootstrap->figures[i] = figure_of_group(bootstrap, &bootstrap->groups[i]);
    *error = error_of(bootstrap);
    return figure_of_all(bootstrap, bootstrap->times);
}

/* The same of one draw. */
static double draw(struct bootstrap *bootstrap, struct random *random, double *error) {
    for (unsigned block = 0; block < bootstrap->n_blocks; block++)
        bootstrap->times[block] = 0;
    for (size_t i = 0; i < bootstrap->n_groups; i++) {
        const struct group *group =
            &bootstrap->groups[random_below(random, bootstrap->n_groups)];
        for (unsigned j = 0; j < group->n_blocks; j++)
            bootstrap->own_times[group->first_block + j] = 0;
        for (unsigned j = 0; j < group->n_blocks; j++)
            bootstrap
                ->own_times[group->first_block + random_below(random, group->n_blocks)]++;
        for (unsigned j = 0; j < group->n_blocks; j++)
            bootstrap->times[group->first_block + j] +=
                bootstrap->own_times[group->first_block + j];
        bootstrap->figures[i] = figure_of_group(bootstrap, group);
    }
    *error = error_of(bootstrap);
    return figure_of_all(bootstrap, bootstrap->times);
}

/* Cuts a repeat into blocks; as one group, or each block as its own. */
static void add_repeat(struct bootstrap *bootstrap, const struct bootstrap_repeat *repeat,
                       bool apart) {
    size_t length = block_length(repeat->n_values);
    size_t n_blocks = repeat->n_values / length;
    struct group *group = &bootstrap->groups[bootstrap->n_groups];
    for (size_t i = 0; i < repeat->n_values; i++) {
        size_t block = i / length < n_blocks ? i / length : n_blocks - 1;
        unsigned number = bootstrap->n_blocks + (unsigned)block;
        if (i == 0 || (apart && i % length == 0 && i / length < n_blocks)) {
            group = &bootstrap->groups[bootstrap->n_groups++];
            *group = (struct group){.first_block = number,
                                    .n_blocks = apart ? 1 : (unsigned)n_blocks,
                                    .sorted = &bootstrap->all[bootstrap->n_values]};
        }
        bootstrap->all[bootstrap->n_values++] =
            (struct member){repeat->values[i], number};
        bootstrap->sums[number] += repeat->values[i];
        bootstrap->sizes[number]++;
        bootstrap->in_logs = bootstrap->in_logs && repeat->values[i] > 0;
        group->n_values++;
    }
    bootstrap->n_blocks += (unsigned)n_blocks;
}

static void sort_members(struct bootstrap *bootstrap) {
    if (bootstrap->figure.kind == BOOTSTRAP_MEAN)
        return;
    for (size_t i = 0; i < bootstrap->n_values; i++)
        bootstrap->merged[i] = bootstrap->all[i];
    qsort(bootstrap->merged, bootstrap->n_values, sizeof *bootstrap->merged,
          compare_members);
    for (size_t i = 0; i < bootstrap->n_groups; i++)
        qsort(bootstrap->groups[i].sorted, bootstrap->groups[i].n_values,
              sizeof *bootstrap->groups[i].sorted, compare_members);
}

/* Room for everything; a block is never shorter than two values. */
static bool allocate(struct bootstrap *bootstrap, size_t n_repeats, size_t n_values,
                     unsigned n_draws) {
    size_t most = n_repeats + n_values / 2;
    bootstrap->groups = calloc(most, sizeof *bootstrap->groups);
    bootstrap->all = calloc(n_values, sizeof *bootstrap->all);
    bootstrap->merged = calloc(n_values, sizeof *bootstrap->merged);
    bootstrap->sums = calloc(most, sizeof *bootstrap->sums);
    bootstrap->sizes = calloc(most, sizeof *bootstrap->sizes);
    bootstrap->times = calloc(most, sizeof *bootstrap->times);
    bootstrap->own_times = calloc(most, sizeof *bootstrap->own_times);
    bootstrap->figures = calloc(most, sizeof *bootstrap->figures);
    bootstrap->pivots = calloc(n_draws + 1, sizeof *bootstrap->pivots);
    return bootstrap->groups != NULL && bootstrap->all != NULL &&
           bootstrap->merged != NULL && bootstrap->sums != NULL &&
           bootstrap->sizes != NULL && bootstrap->times != NULL &&
           bootstrap->own_times != NULL && bootstrap->figures != NULL &&
           bootstrap->pivots != NULL;
}

static void release(struct bootstrap *bootstrap) {
    free(bootstrap->groups);
    free(bootstrap->all);
    free(bootstrap->merged);
    free(bootstrap->sums);
    free(bootstrap->sizes);
    free(bootstrap->times);
    free(bootstrap->own_times);
    free(bootstrap->figures);
    free(bootstrap->pivots);
}

static struct bootstrap_result estimate(struct bootstrap *bootstrap, unsigned n_draws,
                                        uint64_t seed) {
    struct random random;
    double error, value = measure(bootstrap, &error);
    size_t n_pivots = 0;
    random_seed(&random, seed);
    for (unsigned i = 0; i < n_draws; i++) {
        double drawn_error, drawn = draw(bootstrap, &random, &drawn_error);
        if (drawn_error > 0) /* all the same says nothing of how far off they are */
            bootstrap->pivots[n_pivots++] = fabs(drawn - value) / drawn_error;
    }
    stats_sort(bootstrap->pivots, n_pivots);
    double half =
        error > 0 ? error * stats_quantile(bootstrap->pivots, n_pivots, 0.95) : 0;
    struct bootstrap_result result = {value, {value - half, value + half}};
    if (bootstrap->in_logs)
        result =
            (struct bootstrap_result){exp(value), {exp(value - half), exp(value + half)}};
    return result;
}

struct bootstrap_result bootstrap_estimate(const struct bootstrap_repeat *repeats,
                                           size_t n_repeats,
                                           struct bootstrap_figure figure,
                                           unsigned n_draws, uint64_t seed) {
    struct bootstrap_result result = {NAN, {NAN, NAN}};
    struct bootstrap bootstrap = {.figure = figure, .in_logs = true};
    size_t n_values = 0;
    for (size_t i = 0; i < n_repeats; i++) {
        if (repeats[i].n_values < BOOTSTRAP_LEAST_VALUES)
            return result;
        n_values += repeats[i].n_values;
    }
    if (n_values > 0 && allocate(&bootstrap, n_repeats, n_values, n_draws)) {
        for (size_t i = 0; i < n_repeats; i++)
            add_repeat(&bootstrap, &repeats[i], n_repeats == 1);
        sort_members(&bootstrap);
        result = estimate(&bootstrap, n_draws, seed);
    }
    release(&bootstrap);
    return result;
}
