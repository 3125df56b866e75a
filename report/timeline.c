/* Blocks of time; see timeline.h. */
#include "report/timeline.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/stats/percentiles.h"
#include "common/stats/stats.h"
#include "measured/sums.h"
#include "report/histogram.h"

/* Enough answers for a median in each, but never so few blocks that nothing is seen. */
enum { LEAST_BLOCKS = 8, MOST_BLOCKS = 20, ANSWERS_EACH = 20 };

/* A request that ended. */
struct ended {
    double end_us;
    float latency_us; /* NAN: it failed */
    unsigned block;
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
static unsigned block_of(const struct timeline *timeline, double end_us) {
    unsigned i = 0;
    while (i + 1 < timeline->n_blocks && end_us >= timeline->blocks[i].to_us)
        i++;
    return i;
}

/* The latencies of one block, which also gets its counts; returns how many. */
static size_t collect(const struct timeline_maker *maker, unsigned index,
                      double *values_us, struct block *block) {
    size_t n = 0;
    for (size_t i = 0; i < maker->n; i++) {
        if (maker->ended[i].block != index)
            continue;
        if (isfinite(maker->ended[i].latency_us))
            values_us[n++] = maker->ended[i].latency_us;
        else
            block->n_failed++;
    }
    block->n_answered = n;
    return n;
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
    for (size_t i = 0; i < n; i++)
        maker->ended[i].block = block_of(timeline, maker->ended[i].end_us);
    for (unsigned i = 0; i < timeline->n_blocks; i++) {
        struct block *block = &timeline->blocks[i];
        size_t n_own = collect(maker, i, values_us, block);
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
