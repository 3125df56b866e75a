/* A warm-up that is found; see warmup.h. */
#include "loadgen/statistics/warmup.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"

enum { LEAST_PER_USER = 10 };

static int parse_warmup(const char *text, void *target) {
    const struct warmup_target *warmup = target;
    *warmup->warmup_ns = 0;
    *warmup->is_found = strcmp(text, "auto") == 0;
    return *warmup->is_found ? 0 : units_parse_duration(text, warmup->warmup_ns);
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

/* The successful, in the order in which they were planned; returns how many. */
static size_t collect(const struct samples *samples, bool from_planned,
                      struct answer_time *times) {
    size_t n = 0;
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next(&reader, &sample, NULL))
        if (!sample_failed(&sample))
            times[n++] = (struct answer_time){sample.planned_ns,
                                              sample_latency_ns(&sample, from_planned)};
    qsort(times, n, sizeof *times, compare_planned);
    return n;
}

void warmup_find(struct drive_result *result, unsigned n_users) {
    size_t n_samples = samples_count(result->samples);
    struct answer_time *times = malloc((n_samples + 1) * sizeof *times);
    double *latencies = malloc((n_samples + 1) * sizeof *latencies);
    result->warmup = CHANGEPOINT_TOO_FEW;
    if (times == NULL || latencies == NULL)
        goto out;
    size_t n = collect(result->samples, n_users == 0, times);
    for (size_t i = 0; i < n; i++)
        latencies[i] = (double)times[i].latency_ns;
    if (n < LEAST_PER_USER * (size_t)n_users)
        goto out;
    struct changepoint found = changepoint_find(latencies, n);
    result->warmup = found.verdict;
    if (found.verdict == CHANGEPOINT_FOUND)
        result->warmup_ns = times[found.first_steady].planned_ns;
out:
    free(times);
    free(latencies);
}

const char *warmup_name(enum changepoint_verdict verdict) {
    static const char *const names[] = {
        [CHANGEPOINT_NOT_SOUGHT] = "given",
        [CHANGEPOINT_NONE] = "none",
        [CHANGEPOINT_FOUND] = "found",
        [CHANGEPOINT_NOT_ENDED] = "not ended",
        [CHANGEPOINT_TOO_FEW] = "too few requests",
    };
    return names[verdict];
}

void warmup_print(enum changepoint_verdict verdict, double warmup_s, uint64_t n_left_out,
                  FILE *out) {
    static const char *const texts[] = {
        [CHANGEPOINT_NONE] = "none found",
        [CHANGEPOINT_NOT_ENDED] = "did not end (nothing is left out)",
        [CHANGEPOINT_TOO_FEW] = "n/a (needs 200 requests, and 10 per user)",
    };
    if (verdict == CHANGEPOINT_FOUND)
        (void)fprintf(out, "Warm-up:\t\t%12.2f secs (found; %llu requests left out)\n",
                      warmup_s, (unsigned long long)n_left_out);
    else if (verdict != CHANGEPOINT_NOT_SOUGHT)
        (void)fprintf(out, "Warm-up:\t\t         %s\n", texts[verdict]);
    else if (n_left_out > 0)
        (void)fprintf(out, "Warm-up, left out:\t%12llu\n",
                      (unsigned long long)n_left_out);
}

json_t *warmup_json(enum changepoint_verdict verdict, double warmup_s,
                    uint64_t n_left_out) {
    if (verdict == CHANGEPOINT_NOT_SOUGHT && !(warmup_s > 0))
        return json_null();
    return json_pack("{s:s, s:f, s:I}", "kind", warmup_name(verdict), "seconds", warmup_s,
                     "left_out", (json_int_t)n_left_out);
}
