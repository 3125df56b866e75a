/* All samples of a thread or of a run, and its gaps, in chunks that never move. They are
 * written once and read in order. Loop thread, then main thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "loadgen/samples/sample.h"

enum { SAMPLE_COLUMNS = 18 };

struct samples;

/* Where a reader of samples is; to copy it is to remember the place. */
struct samples_reader {
    const struct samples *samples;
    size_t n_read;
    unsigned chunk;
    const unsigned char *at;
    uint64_t columns[SAMPLE_COLUMNS];
};

/* NULL when memory ran out. */
struct samples *samples_new(void);
void samples_free(struct samples *samples);

/* Keeps copies; `report` may be NULL. 0 or -ENOMEM. */
int samples_add(struct samples *samples, const struct load_sample *sample,
                const struct server_report *report);

/* How many there are, cut off and not sent included; and how many ended. */
size_t samples_count_planned(const struct samples *samples);
size_t samples_count(const struct samples *samples);

/* As text in base64, and from it: NULL where it is none, or memory ran out. The gaps are
 * not in it; to those that were read nothing may be added. Only what the same version
 * wrote can be read. */
void samples_write(const struct samples *samples, FILE *out);
struct samples *samples_parse(const char *text);

/* When their generator did not look; freed with them. */
struct gaps *samples_gaps(struct samples *samples);

/* At the first of them. Nothing may be added while they are read. */
struct samples_reader samples_read(const struct samples *samples);

/* The next one in the order they were added, whatever became of it; false after the
 * last. `report` may be NULL and is left alone when the sample has none. */
bool samples_next_planned(struct samples_reader *reader, struct load_sample *sample,
                          struct server_report *report);

/* The next one that ended. */
bool samples_next(struct samples_reader *reader, struct load_sample *sample,
                  struct server_report *report);

/* The next one that ended and is none of the warm-up. */
bool samples_next_measured(struct samples_reader *reader, uint64_t warmup_ns,
                           struct load_sample *sample);
