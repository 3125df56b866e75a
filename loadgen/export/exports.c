/* The table of all kinds, and the latencies as percentiles; see exports.h. */
#include "loadgen/export/exports.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/error.h"
#include "common/stats/stats.h"
#include "loadgen/statistics/groups.h"

enum { STEPS_PER_HALVING = 5 };

/* Five steps for each halving of what is left above, as HdrHistogram's own default. The
 * values are exact, so there are no buckets to tell of. */
static int write_histogram(FILE *stream, const struct export_source *source) {
    const struct drive_result *result = source->result;
    size_t n = 0, n_up_to = 0;
    double *sorted = groups_latencies(result, result->warmup_ns, source->from_planned,
                                      NULL, NULL, &n, 1);
    if (sorted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        sorted[i] *= 1e3; /* milliseconds from here on */
    (void)fprintf(stream, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                  "1/(1-Percentile)");
    for (double level = 0, rank; (rank = fmax(1, ceil(level * (double)n))) < (double)n;) {
        double value = sorted[(size_t)rank - 1];
        while (n_up_to < n && sorted[n_up_to] <= value)
            n_up_to++;
        (void)fprintf(stream, "%12.3f %2.12f %10zu %14.2f\n", value, level, n_up_to,
                      1 / (1 - level));
        level += 1 / (STEPS_PER_HALVING * exp2(floor(log2(1 / (1 - level))) + 1));
    }
    if (n > 0)
        (void)fprintf(stream, "%12.3f %2.12f %10zu\n", sorted[n - 1], 1., n);
    (void)fprintf(stream,
                  "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
                  "#[Max     = %12.3f, Total count    = %12zu]\n"
                  "#[Buckets = %12d, SubBuckets     = %12d]\n",
                  n > 0 ? stats_mean(sorted, n) : 0,
                  n > 1 ? stats_deviation(sorted, n) : 0, n > 0 ? sorted[n - 1] : 0, n, 0,
                  0);
    free(sorted);
    return 0;
}

static const struct {
    const char *option;
    int (*write)(FILE *stream, const struct export_source *source);
} kinds[N_EXPORTS] = {
    [EXPORT_CSV] = {"csv", rows_write_csv},
    [EXPORT_HISTOGRAM] = {"histogram", write_histogram},
    [EXPORT_JSON] = {"json", rows_write_json},
    [EXPORT_SAMPLES] = {"samples", rows_write_table},
};

void exports_abandon(struct exports *exports) {
    for (int i = 0; i < N_EXPORTS; i++)
        if (exports->files[i].stream != NULL)
            files_abandon(&exports->files[i]);
}

void exports_begin(struct exports *exports) {
    for (int i = 0; i < N_EXPORTS; i++) {
        int error = exports->paths[i] != NULL
                        ? files_begin(&exports->files[i], exports->paths[i])
                        : 0;
        if (error == 0)
            continue;
        exports_abandon(exports);
        error_exit("load: cannot write --%s '%s': %s; name a file in a folder that is "
                   "there and may be written",
                   kinds[i].option, exports->paths[i], strerror(-error));
    }
}

unsigned exports_write(struct exports *exports, const struct export_source *source) {
    unsigned n_unwritten = 0;
    for (int i = 0; i < N_EXPORTS; i++) {
        if (exports->paths[i] == NULL)
            continue;
        int error = kinds[i].write(exports->files[i].stream, source);
        if (error == 0)
            error = files_commit(&exports->files[i]);
        else
            files_abandon(&exports->files[i]);
        if (error == 0)
            continue;
        const char *path = exports->paths[i];
        error_print("load: cannot write '%s': %s",
                    files_is_standard(path) ? "stdout" : path, strerror(-error));
        n_unwritten++;
    }
    return n_unwritten;
}
