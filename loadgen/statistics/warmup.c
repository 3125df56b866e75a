/* A warm-up that is found; see warmup.h. */
#include "loadgen/statistics/warmup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"

enum { LEAST_VALUES = 500, LEAST_PER_USER = 10, PER_BATCH = 5, LEAST_SHARE_LEFT = 10 };

static int parse_warmup(const char *text, void *target) {
    struct warmup_setting *warmup = target;
    *warmup = (struct warmup_setting){.is_found = strcmp(text, "auto") == 0};
    return warmup->is_found ? 0 : units_parse_duration(text, &warmup->ns);
}

const struct option_type warmup_option = {"auto, or " UNITS_DURATION_FORM, parse_warmup};

struct answer_time {
    uint64_t planned_ns, latency_ns;
};

/* Of those planned at the same moment, as by users who start together, any may be first.
 */
static int compare_planned(const void *left, const void *right) {
    uint64_t a = ((const struct answer_time *)left)->planned_ns;
    uint64_t b = ((const struct answer_time *)right)->planned_ns;
    return (a > b) - (a < b);
}

/*
 * MSER-5 (White 1997): of how many batches at the start the rest is free. The mean of
 * what is left has the least squared standard error: batches of another level widen it,
 * and so does leaving out too many. From the end on, with the sums of Welford (1962);
 * means of batches are of logarithms, because latencies scatter in proportion to their
 * level.
 */
static size_t find_truncation(const struct answer_time *times, size_t n_batches) {
    double mean = 0, squares = 0, least = INFINITY;
    size_t best = 0;
    for (size_t n = 1; n <= n_batches; n++) {
        double sum = 0;
        for (size_t i = 0; i < PER_BATCH; i++)
            sum +=
                log(fmax((double)times[(n_batches - n) * PER_BATCH + i].latency_ns, 1));
        double value = sum / PER_BATCH, away = value - mean;
        mean += away / (double)n;
        squares += away * (value - mean);
        double error = squares / (double)n / (double)n;
        if (n < n_batches / LEAST_SHARE_LEFT || error > least)
            continue;
        least = error;
        best = n_batches - n;
    }
    return best;
}

void warmup_find(struct drive_result *result) {
    size_t n = 0;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    struct answer_time *times = malloc((result->samples->n_ended + 1) * sizeof *times);
    while (times != NULL && samples_next(&reader, &sample, NULL))
        if (!sample_failed(&sample))
            times[n++] = (struct answer_time){
                sample.planned_ns, sample_latency_ns(&sample, result->is_open)};
    result->warmup = WARMUP_TOO_FEW;
    if (n >= LEAST_VALUES && n >= LEAST_PER_USER * (size_t)result->n_users) {
        size_t n_batches = n / PER_BATCH;
        qsort(times, n, sizeof *times, compare_planned);
        size_t best = find_truncation(times, n_batches);
        result->warmup = best == 0               ? WARMUP_NONE
                         : best <= n_batches / 2 ? WARMUP_FOUND
                                                 : WARMUP_NOT_ENDED;
        if (result->warmup == WARMUP_FOUND)
            result->warmup_ns = times[best * PER_BATCH].planned_ns;
    }
    free(times);
}

/* In the JSON and, where it is not a number that is told, on the terminal. */
static const struct {
    const char *name, *text;
} verdicts[] = {
    [WARMUP_NOT_SOUGHT] = {"given", NULL},
    [WARMUP_NONE] = {"none", "none found"},
    [WARMUP_FOUND] = {"found", NULL},
    [WARMUP_NOT_ENDED] = {"not ended", "did not end (nothing is left out)"},
    [WARMUP_TOO_FEW] = {"too few requests", "n/a (needs 500 requests, and 10 per user)"},
};

void warmup_print(enum warmup_verdict verdict, double warmup_s, uint64_t n_left_out,
                  FILE *out) {
    if (verdict == WARMUP_FOUND)
        (void)fprintf(out, "Warm-up:\t\t%12.2f secs (found; %llu requests left out)\n",
                      warmup_s, (unsigned long long)n_left_out);
    else if (verdict != WARMUP_NOT_SOUGHT)
        (void)fprintf(out, "Warm-up:\t\t         %s\n", verdicts[verdict].text);
    else if (n_left_out > 0)
        (void)fprintf(out, "Warm-up, left out:\t%12llu\n",
                      (unsigned long long)n_left_out);
}

json_t *warmup_json(enum warmup_verdict verdict, double warmup_s, uint64_t n_left_out) {
    if (verdict == WARMUP_NOT_SOUGHT && !(warmup_s > 0))
        return json_null();
    return json_pack("{s:s, s:f, s:I}", "kind", verdicts[verdict].name, "seconds",
                     warmup_s, "left_out", (json_int_t)n_left_out);
}
