/* Bins, blocks of time and bars; see bins.h. */
#include "report/cell/bins.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/stats/percentiles.h"
#include "common/stats/stats.h"
#include "measured/sums.h"

#define LOGARITHMIC_FROM 20.0

/* Edges within a decade, from few to many. */
static const struct {
    size_t n;
    double steps[6];
} decades[] = {{6, {1, 1.5, 2, 3, 5, 7}}, {3, {1, 2, 5}}, {1, {1}}};

enum { N_DECADES = sizeof decades / sizeof *decades };

double histogram_round_up(double value) {
    double decade = pow(10, floor(log10(value)));
    static const double steps[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && steps[i] * decade < value * (1 - 1e-9))
        i++;
    return steps[i] * decade;
}

static void make_linear(double low, double high, size_t n_values, struct histogram *h) {
    double span = high > low ? high - low : fmax(fabs(low), 1) / 10;
    /* More bins than as few values deserve would hold one each. */
    size_t wanted = n_values < 20 ? 8 : n_values < 200 ? 12 : 20;
    double width = histogram_round_up(span / (double)wanted);
    double first = floor(low / width + 1e-9);
    size_t n = 1;
    while (n < MAX_BINS && (first + (double)n) * width <= high)
        n++;
    for (size_t i = 0; i <= n; i++)
        h->edges[i] = (first + (double)i) * width;
    h->n_bins = n;
}

/* Edges of that many a decade from `low` to beyond `high`; false: more than there is room
 * for. */
static bool place_edges(double low, double high, size_t spacing, struct histogram *h) {
    double decade = pow(10, floor(log10(low)));
    size_t n_edges = 0;
    for (size_t i = 0;; i++) {
        double edge = decade * pow(10, (double)(i / decades[spacing].n)) *
                      decades[spacing].steps[i % decades[spacing].n];
        if (n_edges > 0 && edge <= low)
            n_edges = 0; /* it was not the last one below */
        if (n_edges == MAX_BINS + 1)
            return false;
        h->edges[n_edges++] = edge;
        if (edge > high)
            break;
    }
    h->n_bins = n_edges - 1;
    return h->n_bins > 0;
}

void histogram_make(const double *sorted, size_t n_values, struct histogram *histogram) {
    *histogram = (struct histogram){0};
    if (n_values == 0)
        return;
    double low = sorted[0], high = sorted[n_values - 1];
    for (size_t i = 0; i < N_DECADES && !histogram->is_logarithmic; i++)
        histogram->is_logarithmic = low > 0 && high / low >= LOGARITHMIC_FROM &&
                                    place_edges(low, high, i, histogram);
    if (!histogram->is_logarithmic)
        make_linear(low, high, n_values, histogram);
    for (size_t i = 0, bin = 0; i < n_values; i++) {
        while (bin + 1 < histogram->n_bins && sorted[i] >= histogram->edges[bin + 1])
            bin++;
        histogram->counts[bin]++;
    }
}

void histogram_print_bar(double share, int width, FILE *out) {
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int n_eighths = share > 0 ? (int)lround(fmin(share, 1) * width * 8) : 0;
    n_eighths = share > 0 && n_eighths == 0 ? 1 : n_eighths;
    (void)fputs(n_eighths > 0 ? "  " : "", out);
    for (int i = 0; i < n_eighths / 8; i++)
        (void)fputs("█", out);
    (void)fprintf(out, "%s\n", eighths[n_eighths % 8]);
}

/* Enough answers for a median in each, but never so few blocks that nothing is seen. */
enum { LEAST_BLOCKS = 8, MOST_BLOCKS = 20, ANSWERS_EACH = 20 };

/* A request that ended. */
struct ended {
    double end_us;
    float latency_us; /* NAN: it failed */
    unsigned block;   /* 0 until there are some */
};

int timeline_take(void *context, const struct sample *sample) {
    struct timeline_maker *maker = context;
    double end_us = sample_end_us(sample, maker->open_loop);
    if (maker->n == maker->room) {
        size_t room = maker->room == 0 ? 64 : 2 * maker->room;
        struct ended *ended = realloc(maker->ended, room * sizeof *ended);
        if (ended == NULL)
            return -ENOMEM;
        maker->ended = ended;
        maker->room = room;
    }
    bool is_first = maker->n == 0;
    maker->first_us =
        is_first ? sample->planned_us : fmin(maker->first_us, sample->planned_us);
    maker->end_us = is_first ? end_us : fmax(maker->end_us, end_us);
    maker->ended[maker->n++] =
        (struct ended){end_us, sample->answered ? (float)sample->latency_us : NAN, 0};
    return 0;
}

static void place_blocks(double first_us, double end_us, size_t n_wanted,
                         struct timeline *timeline) {
    double span_us = fmax(end_us - first_us, 1);
    double width_us = histogram_round_up(span_us / (double)n_wanted);
    double from_us = floor(first_us / width_us + 1e-2) * width_us; /* times are rounded */
    while (timeline->n_blocks < MAX_BLOCKS && from_us < end_us) {
        timeline->blocks[timeline->n_blocks++] = (struct block){
            .from_us = from_us,
            .to_us = fmin(from_us + width_us, end_us),
            .p50_us = NAN,
            .max_us = NAN,
        };
        from_us += width_us;
    }
    /* A short rest would show rates that a few answers make by chance. */
    size_t last = timeline->n_blocks - 1;
    if (last > 0 &&
        timeline->blocks[last].to_us - timeline->blocks[last].from_us < width_us / 2) {
        timeline->blocks[last - 1].to_us = end_us;
        timeline->n_blocks--;
    }
}

void timeline_make(struct timeline_maker *maker, struct timeline *timeline) {
    size_t n = maker->n, n_wanted = n / ANSWERS_EACH;
    double *values_us = calloc(n + 1, sizeof *values_us);
    *timeline = (struct timeline){.n_blocks = 0};
    if (n == 0 || values_us == NULL)
        goto out;
    n_wanted = n_wanted < LEAST_BLOCKS ? LEAST_BLOCKS : n_wanted;
    n_wanted = n_wanted > MOST_BLOCKS ? MOST_BLOCKS : n_wanted;
    place_blocks(maker->first_us, maker->end_us, n_wanted, timeline);
    for (size_t i = 0; i < n; i++) /* the last one takes what ended with the load */
        while (maker->ended[i].block + 1 < timeline->n_blocks &&
               maker->ended[i].end_us >= timeline->blocks[maker->ended[i].block].to_us)
            maker->ended[i].block++;
    for (unsigned i = 0; i < timeline->n_blocks; i++) {
        struct block *block = &timeline->blocks[i];
        size_t n_own = 0;
        for (size_t k = 0; k < n; k++) {
            if (maker->ended[k].block != i)
                continue;
            if (isfinite(maker->ended[k].latency_us))
                values_us[n_own++] = maker->ended[k].latency_us;
            else
                block->n_failed++;
        }
        block->n_answered = n_own;
        stats_sort(values_us, n_own);
        if (n_own >= percentiles_samples_needed(0.5))
            block->p50_us = stats_quantile(values_us, n_own, 0.5);
        if (n_own > 0)
            block->max_us = values_us[n_own - 1];
    }
out:
    free(maker->ended);
    *maker = (struct timeline_maker){0};
    free(values_us);
}
