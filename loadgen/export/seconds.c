/* A run second by second; see seconds.h. */
#include "loadgen/export/seconds.h"

#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/fields.h"
#include "common/stats/percentiles.h"
#include "common/stats/stats.h"

struct second {
    uint64_t n_started, n_ended, n_failed;
    size_t first_latency, n_latencies; /* of the successful that ended in it */
};

struct series {
    struct second *seconds;
    size_t n_seconds;
    double *latencies_s; /* second by second */
};

/* What came a little after the end counts as of the last second. */
static struct second *second_at(const struct series *series, uint64_t at_ns) {
    size_t index = (size_t)(at_ns / NS_PER_S);
    return &series->seconds[index < series->n_seconds ? index : series->n_seconds - 1];
}

static void count(struct series *series, const struct samples *samples) {
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_planned(&reader, &sample, NULL)) {
        struct second *second = second_at(series, sample.start_ns + sample.service_ns);
        second_at(series, sample.start_ns)->n_started += sample.fate != SAMPLE_NOT_SENT;
        if (sample.fate != SAMPLE_ENDED)
            continue;
        second->n_ended++;
        second->n_failed += sample_failed(&sample);
    }
}

static void place_latencies(struct series *series, const struct samples *samples,
                            bool from_planned) {
    size_t first = 0;
    for (size_t i = 0; i < series->n_seconds; i++) {
        series->seconds[i].first_latency = first;
        first += series->seconds[i].n_ended - series->seconds[i].n_failed;
    }
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL)) {
        if (sample_failed(&sample))
            continue;
        struct second *second = second_at(series, sample.start_ns + sample.service_ns);
        series->latencies_s[second->first_latency + second->n_latencies++] =
            clock_seconds(sample_latency_ns(&sample, from_planned));
    }
}

static json_t *make_row(const struct series *series, size_t index, uint64_t n_in_flight) {
    const struct second *second = &series->seconds[index];
    double *latencies_s = series->latencies_s + second->first_latency;
    struct percentile percentiles[N_PERCENTILES];
    stats_sort(latencies_s, second->n_latencies);
    percentiles_fill(percentiles, latencies_s, second->n_latencies);
    return json_pack("[I, I, I, I, o, o, o, I]", (json_int_t)index,
                     (json_int_t)second->n_started, (json_int_t)second->n_ended,
                     (json_int_t)second->n_failed,
                     fields_number(1e6 * percentiles[PERCENTILE_50].seconds),
                     fields_number(1e6 * percentiles[PERCENTILE_99].seconds),
                     fields_number(1e6 * percentiles[PERCENTILE_MAX].seconds),
                     (json_int_t)n_in_flight);
}

json_t *seconds_json(const struct drive_result *result, bool from_planned) {
    struct series series = {.n_seconds = (size_t)(result->elapsed_ns / NS_PER_S) + 1};
    json_t *rows = NULL;
    series.seconds = calloc(series.n_seconds, sizeof *series.seconds);
    series.latencies_s =
        malloc((samples_count(result->samples) + 1) * sizeof *series.latencies_s);
    if (series.seconds == NULL || series.latencies_s == NULL)
        goto out;
    count(&series, result->samples);
    place_latencies(&series, result->samples, from_planned);
    rows = json_array();
    uint64_t n_in_flight = 0; /* when the second is over */
    for (size_t i = 0; i < series.n_seconds; i++) {
        n_in_flight += series.seconds[i].n_started - series.seconds[i].n_ended;
        (void)json_array_append_new(rows, make_row(&series, i, n_in_flight));
    }
out:
    free(series.seconds);
    free(series.latencies_s);
    if (rows == NULL)
        return NULL;
    return json_pack("{s:[s, s, s, s, s, s, s, s], s:o}", "columns", "second", "started",
                     "ended", "failed", "p50_us", "p99_us", "max_us", "in_flight", "rows",
                     rows);
}
