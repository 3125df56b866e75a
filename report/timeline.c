/* Blocks of time; see timeline.h. */
#include "report/timeline.h"

#include <math.h>
#include <stdlib.h>

#include "common/stats/percentiles.h"
#include "measured/metric.h"
#include "report/histogram.h"

/* Enough answers for a median in each, but never so few blocks that nothing is seen. */
enum { LEAST_BLOCKS = 8, MOST_BLOCKS = 20, ANSWERS_EACH = 20 };

static double first_start_us(const struct cell *cell) {
    double first_us = NAN;
    for (size_t i = 0; i < cell->n_requests; i++)
        first_us = fmin(first_us, cell->requests[i].planned_us);
    return first_us;
}

static void place_blocks(double first_us, double end_us, size_t n_wanted,
                         struct timeline *timeline) {
    double span_us = fmax(end_us - first_us, 1);
    double width_us = histogram_round_up(span_us / (double)n_wanted);
    double from_us = floor(first_us / width_us) * width_us;
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

/* The block in which a request ended; the last one takes what ended with the load. */
static size_t block_of(const struct timeline *timeline, double end_us) {
    size_t i = 0;
    while (i + 1 < timeline->n_blocks && end_us >= timeline->blocks[i].to_us)
        i++;
    return i;
}

/* The latencies of one block, which also gets its counts; returns how many. */
static size_t collect(const struct cell *cell, const size_t *places, size_t index,
                      double *values_us, struct block *block) {
    size_t n = 0;
    for (size_t i = 0; i < cell->n_requests; i++) {
        if (places[i] != index)
            continue;
        if (sample_is_answered(&cell->requests[i]))
            values_us[n++] = cell->requests[i].latency_us;
        else
            block->n_failed++;
    }
    block->n_answered = n;
    return n;
}

void timeline_make(const struct cell *cell, struct timeline *timeline) {
    size_t n = cell->n_requests, n_wanted = n / ANSWERS_EACH;
    size_t *places = calloc(n + 1, sizeof *places);
    double *values_us = calloc(n + 1, sizeof *values_us);
    *timeline = (struct timeline){.n_blocks = 0};
    if (n == 0 || places == NULL || values_us == NULL)
        goto out;
    n_wanted = n_wanted < LEAST_BLOCKS ? LEAST_BLOCKS : n_wanted;
    n_wanted = n_wanted > MOST_BLOCKS ? MOST_BLOCKS : n_wanted;
    place_blocks(first_start_us(cell), metric_end_us(cell), n_wanted, timeline);
    for (size_t i = 0; i < n; i++)
        places[i] = block_of(timeline, sample_end_us(cell, &cell->requests[i]));
    for (size_t i = 0; i < timeline->n_blocks; i++) {
        struct block *block = &timeline->blocks[i];
        size_t n_own = collect(cell, places, i, values_us, block);
        stats_sort(values_us, n_own);
        if (n_own >= percentiles_samples_needed(0.5))
            block->p50_us = stats_quantile(values_us, n_own, 0.5);
        if (n_own > 0)
            block->max_us = values_us[n_own - 1];
    }
out:
    free(places);
    free(values_us);
}
