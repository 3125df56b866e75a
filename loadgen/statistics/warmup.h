/*
 * `--warmup auto`: the end of the warm-up is found in the latencies after the run, in the
 * order in which requests were planned, by MSER-5. It calls 1 in 60 of steady runs of 500
 * requests not ended where the server is busy seven tenths of the time, and a third where
 * it is busy nine tenths. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "common/base/options.h"
#include "loadgen/drive/drive.h"

struct warmup_setting {
    uint64_t ns;   /* 0 with auto */
    bool is_found; /* auto: after the run */
};

/* DURATION or auto, into a struct warmup_setting. */
extern const struct option_type warmup_option;

/*
 * Sets the result's `warmup` and, where one was found in the first half of the successful
 * requests, its `warmup_ns`. It takes 500 of them, and 10 of each user: those of the
 * first round start all at once.
 */
void warmup_find(struct drive_result *result);

/* The line of the statistics: "Warm-up: 1.25 secs (found; 812 requests left out)". */
void warmup_print(enum warmup_verdict verdict, double warmup_s, uint64_t n_left_out,
                  FILE *out);

/* {"kind", "seconds", "left_out"}, null where none was asked for; a new reference. */
json_t *warmup_json(enum warmup_verdict verdict, double warmup_s, uint64_t n_left_out);
