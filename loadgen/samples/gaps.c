/* Gaps of a run, and requests that they hold up; see gaps.h. */
#include "loadgen/samples/gaps.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/clock.h"

/* What is read so long after a gap had not come while it lasted: the loop has looked
 * meanwhile, or that would be a gap as well. */
static const uint64_t WELL_AFTER_NS = 30 * NS_PER_MS;

void gaps_add(struct gaps *gaps, struct gap gap) {
    if (gaps->n == gaps->n_room) {
        size_t n_room = gaps->n_room > 0 ? 2 * gaps->n_room : 16;
        struct gap *all = realloc(gaps->all, n_room * sizeof *all);
        if (all == NULL && gaps->n > 0)
            gaps->all[gaps->n - 1].to_ns = gap.to_ns;
        if (all == NULL)
            return;
        gaps->all = all;
        gaps->n_room = n_room;
    }
    gaps->all[gaps->n++] = gap;
}

void gaps_add_thread(struct gaps *gaps, const struct gaps *own, unsigned first_user) {
    assert(gaps->n_threads < GAPS_MAX_THREADS);
    gaps->threads[gaps->n_threads].first_gap = gaps->n;
    gaps->threads[gaps->n_threads++].first_user = first_user;
    for (size_t i = 0; i < own->n; i++)
        gaps_add(gaps, own->all[i]);
}

/* Of the thread whose user it is. */
static void find_thread(const struct gaps *gaps, unsigned user, size_t *first,
                        size_t *end) {
    unsigned k = gaps->n_threads;
    *first = 0;
    *end = gaps->n;
    while (k > 0 && gaps->threads[k - 1].first_user > user)
        k--;
    if (k > 0)
        *first = gaps->threads[k - 1].first_gap;
    if (k < gaps->n_threads)
        *end = gaps->threads[k].first_gap;
}

/* The first one that is not over by then. */
static size_t find_gap(const struct gaps *gaps, size_t first, size_t end,
                       uint64_t at_ns) {
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (gaps->all[middle].to_ns > at_ns)
            end = middle;
        else
            first = middle + 1;
    }
    return first;
}

/*
 * Whether the server alone could have moved the request on, once it was sent: what came
 * next, the connection or the first byte, came well after the gap. Of a body it is not
 * known when its pieces came.
 */
static bool waits_through(const struct load_sample *sample, const struct gap *gap) {
    uint64_t start_ns = sample->start_ns, next_ns = start_ns + sample->service_ns;
    if (sample->first_byte_ns > 0)
        next_ns = start_ns + sample->first_byte_ns;
    if (sample->connect_ns > 0 && start_ns + sample->connect_ns >= gap->from_ns)
        next_ns = start_ns + sample->connect_ns;
    return next_ns >= gap->to_ns + WELL_AFTER_NS;
}

static uint64_t overlap(const struct gap *gap, uint64_t from_ns, uint64_t to_ns) {
    uint64_t first_ns = gap->from_ns > from_ns ? gap->from_ns : from_ns;
    uint64_t last_ns = gap->to_ns < to_ns ? gap->to_ns : to_ns;
    return last_ns > first_ns ? last_ns - first_ns : 0;
}

uint64_t gaps_in_request(const struct gaps *gaps, const struct load_sample *sample,
                         uint64_t from_ns) {
    uint64_t end_ns = sample->start_ns + sample->service_ns, sum_ns = 0;
    size_t first, end;
    if (gaps->n == 0)
        return 0;
    find_thread(gaps, sample->user, &first, &end);
    for (size_t i = find_gap(gaps, first, end, from_ns);
         i < end && gaps->all[i].from_ns < end_ns; i++) {
        const struct gap *gap = &gaps->all[i];
        sum_ns +=
            overlap(gap, from_ns, waits_through(sample, gap) ? sample->start_ns : end_ns);
    }
    return sum_ns;
}

void gaps_free(struct gaps *gaps) {
    free(gaps->all);
    *gaps = (struct gaps){0};
}
