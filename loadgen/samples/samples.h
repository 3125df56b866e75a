/* All samples of a thread or of a run, and its gaps, in chunks that never move. They are
 * written once and read in order. Loop thread, then main thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "loadgen/samples/sample.h"

enum { SAMPLE_COLUMNS = 18, SAMPLE_CHUNKS = 32 };

struct samples {
    size_t n_planned, n_ended; /* cut off and not sent included; those that ended */
    struct gaps gaps;          /* when their generator did not look */
    /* The rest is for the functions below. */
    struct sample_chunk {
        unsigned char *bytes, *end, *to; /* filled up to `end` of `to` */
    } chunks[SAMPLE_CHUNKS];
    unsigned n_chunks;
    uint64_t last[SAMPLE_COLUMNS]; /* of the sample added last */
};

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

/* As text in base64, and from it: NULL where it is none, or memory ran out. The gaps are
 * not in it; to those that were read nothing may be added. Only what the same version
 * wrote can be read. */
void samples_write(const struct samples *samples, FILE *out);
struct samples *samples_parse(const char *text);

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
