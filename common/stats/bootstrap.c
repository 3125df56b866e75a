/*
 * A draw is not a copy of values but a number for each block: how often it was drawn.
 * Quantiles follow from values that were sorted once, each counted as often as its block;
 * all of them from one look at the values. See bootstrap.h.
 */
#include "common/stats/bootstrap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/stats/random.h"

/* A value and the block it belongs to, counted over all groups. */
struct member {
    float value;
    unsigned block;
};

/* What is drawn with replacement: a repeat, or a block where there is one repeat. */
struct group {
    unsigned first_block, n_blocks;
    struct member *sorted; /* within `grouped` */
    size_t n_values;
};

/* The quantiles of the values that were measured or drawn, and their errors. */
struct look {
    double values[BOOTSTRAP_MOST_QUANTILES], errors[BOOTSTRAP_MOST_QUANTILES];
};

struct bootstrap {
    const double *quantiles;
    size_t n_quantiles;
    struct group *groups;
    size_t n_groups;
    struct member *all;     /* sorted */
    struct member *grouped; /* group by group, sorted within each */
    unsigned *group_of;     /* by block */
    unsigned *sizes;        /* by block: values in it */
    unsigned *times;        /* by block: how often all groups of a draw took it */
    unsigned *own_times;    /* the same of one group */
    double *figures;        /* of the groups of a draw: quantile by quantile */
    double *pivots;         /* of the draws: quantile by quantile */
    size_t n_pivots[BOOTSTRAP_MOST_QUANTILES];
    size_t n_values;
    unsigned n_blocks;
    bool in_logs;
};

static int compare_members(const void *left, const void *right) {
    float a = ((const struct member *)left)->value;
    float b = ((const struct member *)right)->value;
    return a < b ? -1 : a > b;
}

/* Between the member at `i`, up to which `seen` values were drawn, and the next one. */
static double interpolate(const struct member *sorted, size_t n_members,
                          const unsigned *times, size_t i, double seen, double rank) {
    double low = sorted[i].value, high = low, part = rank - floor(rank);
    if (seen >= floor(rank) + 2 || part == 0)
        return low;
    size_t next = i + 1;
    while (next < n_members && times[sorted[next].block] == 0)
        next++;
    if (next < n_members)
        high = sorted[next].value;
    return low + part * (high - low);
}

/*
 * The quantiles of sorted members, each there as often as its block was drawn. The k-th
 * goes to figures[k * stride].
 */
static void find_quantiles(const struct bootstrap *bootstrap, const struct member *sorted,
                           size_t n_members, const unsigned *times, double n_drawn,
                           double *figures, size_t stride) {
    double seen = 0;
    size_t k = 0, n_quantiles = bootstrap->n_quantiles;
    for (size_t i = 0; i < n_members && k < n_quantiles; i++) {
        seen += times[sorted[i].block];
        for (; k < n_quantiles; k++) {
            double rank = bootstrap->quantiles[k] * (n_drawn - 1);
            if (seen <= floor(rank))
                break;
            double figure = interpolate(sorted, n_members, times, i, seen, rank);
            figures[k * stride] = bootstrap->in_logs ? log(figure) : figure;
        }
    }
    for (; k < n_quantiles; k++)
        figures[k * stride] = NAN;
}

/* How many values the blocks first .. first + n - 1 have, taken so many times each. */
static double count_drawn(const struct bootstrap *bootstrap, unsigned first, unsigned n,
                          const unsigned *times) {
    double n_drawn = 0;
    for (unsigned block = first; block < first + n; block++)
        n_drawn += (double)times[block] * bootstrap->sizes[block];
    return n_drawn;
}

static void figures_of_group(struct bootstrap *bootstrap, const struct group *group,
                             size_t place) {
    double n_drawn =
        count_drawn(bootstrap, group->first_block, group->n_blocks, bootstrap->own_times);
    find_quantiles(bootstrap, group->sorted, group->n_values, bootstrap->own_times,
                   n_drawn, bootstrap->figures + place, bootstrap->n_groups);
}

/* The figures of all groups of the draw together, and the errors of these. */
static struct look look_at_draw(const struct bootstrap *bootstrap) {
    struct look look = {{0}, {0}};
    double n_drawn = count_drawn(bootstrap, 0, bootstrap->n_blocks, bootstrap->times);
    size_t n = bootstrap->n_groups;
    find_quantiles(bootstrap, bootstrap->all, bootstrap->n_values, bootstrap->times,
                   n_drawn, look.values, 1);
    for (size_t k = 0; k < bootstrap->n_quantiles; k++)
        look.errors[k] = stats_deviation(bootstrap->figures + k * n, n) / sqrt((double)n);
    return look;
}

static struct look draw(struct bootstrap *bootstrap, struct random *random) {
    for (unsigned block = 0; block < bootstrap->n_blocks; block++)
        bootstrap->times[block] = 0;
    for (size_t i = 0; i < bootstrap->n_groups; i++) {
        const struct group *group =
            &bootstrap->groups[random_below(random, bootstrap->n_groups)];
        unsigned *times = bootstrap->times + group->first_block;
        unsigned *own_times = bootstrap->own_times + group->first_block;
        for (unsigned j = 0; j < group->n_blocks; j++)
            own_times[j] = 0;
        for (unsigned j = 0; j < group->n_blocks; j++)
            own_times[random_below(random, group->n_blocks)]++;
        for (unsigned j = 0; j < group->n_blocks; j++)
            times[j] += own_times[j];
        figures_of_group(bootstrap, group, i);
    }
    return look_at_draw(bootstrap);
}

/* Cuts a repeat into blocks; as one group, or each block as its own. */
static void add_repeat(struct bootstrap *bootstrap, const struct bootstrap_repeat *repeat,
                       bool apart) {
    /* Longer than what neighbours have in common, and yet many of them. */
    size_t length = (size_t)ceil(2 * cbrt((double)repeat->n_values));
    size_t n_blocks = repeat->n_values / length;
    for (size_t i = 0; i < repeat->n_values; i++) {
        size_t block = i / length < n_blocks ? i / length : n_blocks - 1;
        unsigned number = bootstrap->n_blocks + (unsigned)block;
        if (i == 0 || (apart && i % length == 0 && i / length < n_blocks))
            bootstrap->groups[bootstrap->n_groups++] =
                (struct group){.first_block = number,
                               .n_blocks = apart ? 1 : (unsigned)n_blocks,
                               .sorted = &bootstrap->grouped[bootstrap->n_values]};
        bootstrap->group_of[number] = (unsigned)bootstrap->n_groups - 1;
        bootstrap->all[bootstrap->n_values++] =
            (struct member){repeat->values[i], number};
        bootstrap->sizes[number]++;
        bootstrap->in_logs = bootstrap->in_logs && repeat->values[i] > 0;
    }
    bootstrap->n_blocks += (unsigned)n_blocks;
}

/* Room for `n_values` and everything else; false: there is none. A block is never shorter
 * than two values. */
static bool allocate(struct bootstrap *bootstrap, size_t n_values, size_t n_repeats,
                     unsigned n_draws) {
    size_t most = n_repeats + n_values / 2, n = bootstrap->n_quantiles;
    bootstrap->groups = calloc(most, sizeof *bootstrap->groups);
    bootstrap->all = calloc(2 * n_values, sizeof *bootstrap->all);
    bootstrap->group_of = calloc(4 * most, sizeof *bootstrap->group_of);
    bootstrap->figures = calloc(n * (most + n_draws), sizeof *bootstrap->figures);
    if (bootstrap->groups == NULL || bootstrap->all == NULL ||
        bootstrap->group_of == NULL || bootstrap->figures == NULL)
        return false;
    bootstrap->grouped = bootstrap->all + n_values;
    bootstrap->sizes = bootstrap->group_of + most;
    bootstrap->times = bootstrap->sizes + most;
    bootstrap->own_times = bootstrap->times + most;
    bootstrap->pivots = bootstrap->figures + n * most;
    return true;
}

static void estimate(struct bootstrap *bootstrap, unsigned n_draws, uint64_t seed,
                     struct bootstrap_result *results) {
    struct random random;
    size_t n_quantiles = bootstrap->n_quantiles;
    for (unsigned block = 0; block < bootstrap->n_blocks; block++) /* what was measured */
        bootstrap->times[block] = bootstrap->own_times[block] = 1;
    for (size_t i = 0; i < bootstrap->n_groups; i++)
        figures_of_group(bootstrap, &bootstrap->groups[i], i);
    struct look measured = look_at_draw(bootstrap);
    random_seed(&random, seed);
    for (unsigned i = 0; i < n_draws; i++) {
        struct look drawn = draw(bootstrap, &random);
        for (size_t k = 0; k < n_quantiles; k++)
            if (drawn.errors[k] > 0) /* none says nothing of how far off it is */
                bootstrap->pivots[k * n_draws + bootstrap->n_pivots[k]++] =
                    fabs(drawn.values[k] - measured.values[k]) / drawn.errors[k];
    }
    for (size_t k = 0; k < n_quantiles; k++) {
        double *pivots = bootstrap->pivots + k * n_draws;
        double value = measured.values[k], half = 0;
        stats_sort(pivots, bootstrap->n_pivots[k]);
        if (measured.errors[k] > 0)
            half =
                measured.errors[k] * stats_quantile(pivots, bootstrap->n_pivots[k], 0.95);
        results[k] =
            bootstrap->in_logs
                ? (struct bootstrap_result){exp(value),
                                            {exp(value - half), exp(value + half)}}
                : (struct bootstrap_result){value, {value - half, value + half}};
    }
}

void bootstrap_quantiles(const struct bootstrap_repeat *repeats, size_t n_repeats,
                         const double *quantiles, size_t n_quantiles, unsigned n_draws,
                         uint64_t seed, struct bootstrap_result *results) {
    struct bootstrap bootstrap = {
        .quantiles = quantiles, .n_quantiles = n_quantiles, .in_logs = true};
    bool has_enough = n_repeats > 0 && n_quantiles <= BOOTSTRAP_MOST_QUANTILES;
    size_t n_values = 0;
    for (size_t k = 0; k < n_quantiles; k++)
        results[k] = (struct bootstrap_result){NAN, {NAN, NAN}};
    for (size_t i = 0; i < n_repeats; i++) {
        has_enough = has_enough && repeats[i].n_values >= BOOTSTRAP_LEAST_VALUES;
        n_values += repeats[i].n_values;
    }
    if (has_enough && allocate(&bootstrap, n_values, n_repeats, n_draws)) {
        for (size_t i = 0; i < n_repeats; i++)
            add_repeat(&bootstrap, &repeats[i], n_repeats == 1);
        qsort(bootstrap.all, bootstrap.n_values, sizeof *bootstrap.all, compare_members);
        for (size_t i = 0; i < n_values; i++) { /* groups so are sorted as well */
            const struct member *member = &bootstrap.all[i];
            struct group *group = &bootstrap.groups[bootstrap.group_of[member->block]];
            group->sorted[group->n_values++] = *member;
        }
        estimate(&bootstrap, n_draws, seed, results);
    }
    free(bootstrap.groups);
    free(bootstrap.all);
    free(bootstrap.group_of);
    free(bootstrap.figures);
}
