/*
 * The percentiles that are shown, by the load generator and by reports alike: which ones,
 * how many samples each needs, and how they are printed. To show another one, add a name
 * here and a row in percentiles.c. Main thread, after the run.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "common/stats/stats.h"

enum {
    PERCENTILE_50,
    PERCENTILE_90,
    PERCENTILE_95,
    PERCENTILE_99,
    PERCENTILE_99_9,
    PERCENTILE_MAX,
    N_PERCENTILES
};

struct percentile {
    const char *name;
    double quantile;            /* 1: the maximum */
    double seconds;             /* NAN when the samples do not carry it */
    uint64_t needed;            /* how many samples would */
    uint64_t n_longer;          /* see percentiles_censor */
    struct interval interval_s; /* 95 %; NAN where not carried, and of the maximum */
};

/* How many samples carry a quantile. */
uint64_t percentiles_samples_needed(double quantile);

/* The highest quantile that so many samples carry; NAN: not even a median. */
double percentiles_highest_carried(size_t n_values);

void percentiles_fill(struct percentile percentiles[N_PERCENTILES],
                      const double *sorted_s, size_t n_values);

/*
 * Takes back percentiles that are too low because of requests that were given up or cut
 * off: their latency is unknown, but longer than the time that they had waited,
 * `waits_s`. A percentile is too low when more of them had waited longer than its
 * quantile leaves room for above it; n_longer then says how many. `n_values`: as given to
 * percentiles_fill.
 */
void percentiles_censor(struct percentile percentiles[N_PERCENTILES], size_t n_values,
                        const double *waits_s, size_t n_waits);

/* "n/a (needs 800)", as every table says it. Returns text. */
enum { PERCENTILE_LACK_BYTES = 40 };
char *percentiles_lack(uint64_t needed, char text[PERCENTILE_LACK_BYTES]);

/* A line for each; `prefix` is "" or up to eight letters and a space. */
void percentiles_print(const struct percentile percentiles[N_PERCENTILES],
                       const char *prefix, FILE *out);

/* Seconds by name, null where not carried; a new reference. */
json_t *percentiles_json(const struct percentile percentiles[N_PERCENTILES]);

/* {"low", "high"} by name, null where not carried; a new reference. */
json_t *percentiles_intervals_json(const struct percentile percentiles[N_PERCENTILES]);
