/* CSV and percentile tables, and the table of all kinds; see exports.h. */
#include "loadgen/export/exports.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/secrets.h"
#include "common/stats/stats.h"
#include "loadgen/export/requests_file.h"
#include "loadgen/export/sample_rows.h"

/* The URL in quotes, its own ones doubled (RFC 4180). */
static char *quote_url(const struct target *target) {
    char *url = secrets_hide(target->url), *quoted = NULL;
    size_t n_bytes = 0;
    FILE *out = url != NULL ? open_memstream(&quoted, &n_bytes) : NULL;
    if (out != NULL) {
        (void)fputc('"', out);
        for (const char *c = url; *c != '\0'; c++)
            (void)fputs(*c == '"' ? "\"\"" : (char[]){*c, '\0'}, out);
        (void)fputc('"', out);
    }
    free(url);
    if (out == NULL || fclose(out) == 0)
        return quoted;
    free(quoted);
    return NULL;
}

static void write_known(FILE *stream, double value_us) {
    if (isnan(value_us))
        (void)fputc(',', stream);
    else
        (void)fprintf(stream, ",%.1f", value_us);
}

static int write_csv(FILE *stream, const struct export_source *source) {
    const struct samples *samples = source->result->samples;
    const struct target *targets = source->urls->targets;
    char **urls = export_texts_make(source->urls, quote_url);
    if (urls == NULL)
        return -ENOMEM;
    (void)fputs("id,user,url,planned_us,start_us,connect_us,first_byte_us,latency_us,"
                "service_us,method,status,bytes,queue_us,run_us,error,warmup,protocol,"
                "held_up_us\n",
                stream);
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    struct server_report report;
    for (size_t id = 0; samples_next(&reader, &sample, &report); id++) {
        const char *error = sample_error_name(sample.error);
        (void)fprintf(stream, "%zu,%u,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%s,%d,%" PRIu64,
                      id, sample.user, urls[sample.target], export_us(sample.planned_ns),
                      export_us(sample.start_ns), export_us(sample.connect_ns),
                      export_us(sample.first_byte_ns),
                      export_us(sample_latency_ns(&sample, source->from_planned)),
                      export_us(sample.service_ns),
                      target_method(&targets[sample.target]), sample.status,
                      sample.body_bytes);
        write_known(stream, sample.has_report ? report.queue_us : NAN);
        write_known(stream, sample.has_report ? report.run_us : NAN);
        const char *protocol = sample_protocol_name(sample.protocol);
        (void)fprintf(stream, ",%s,%d,%s,%.1f\n", error != NULL ? error : "",
                      sample_is_warmup(&sample, source->result->warmup_ns),
                      protocol != NULL ? protocol : "",
                      export_us(export_held_up_ns(source, &sample)));
    }
    export_texts_free(urls);
    return 0;
}

/* Of the successful after the warm-up, sorted; NULL without memory. */
static double *sorted_latencies_ms(const struct export_source *source,
                                   size_t *n_latencies) {
    const struct samples *samples = source->result->samples;
    double *latencies_ms = malloc((samples_count(samples) + 1) * sizeof *latencies_ms);
    *n_latencies = 0;
    if (latencies_ms == NULL)
        return NULL;
    struct samples_reader reader = samples_read(samples);
    struct load_sample sample;
    while (samples_next_measured(&reader, source->result->warmup_ns, &sample))
        if (!sample_failed(&sample))
            latencies_ms[(*n_latencies)++] =
                (double)sample_latency_ns(&sample, source->from_planned) /
                (double)NS_PER_MS;
    stats_sort(latencies_ms, *n_latencies);
    return latencies_ms;
}

/* Five steps for each halving of what is left above, as HdrHistogram's own default. */
static void write_percentiles(FILE *stream, const double *sorted_ms, size_t n) {
    static const int n_steps = 5;
    size_t n_up_to = 0;
    for (double level = 0; n > 0;) {
        size_t rank = (size_t)fmax(1, ceil(level * (double)n));
        if (rank >= n)
            break;
        while (n_up_to < n && sorted_ms[n_up_to] <= sorted_ms[rank - 1])
            n_up_to++;
        (void)fprintf(stream, "%12.3f %2.12f %10zu %14.2f\n", sorted_ms[rank - 1], level,
                      n_up_to, 1 / (1 - level));
        level += 1 / (n_steps * exp2(floor(log2(1 / (1 - level))) + 1));
    }
    if (n > 0)
        (void)fprintf(stream, "%12.3f %2.12f %10zu\n", sorted_ms[n - 1], 1., n);
}

/* The values are exact, so there are no buckets to tell of. */
static int write_histogram(FILE *stream, const struct export_source *source) {
    size_t n;
    double *sorted_ms = sorted_latencies_ms(source, &n);
    if (sorted_ms == NULL)
        return -ENOMEM;
    (void)fprintf(stream, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
                  "1/(1-Percentile)");
    write_percentiles(stream, sorted_ms, n);
    (void)fprintf(stream,
                  "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n"
                  "#[Max     = %12.3f, Total count    = %12zu]\n"
                  "#[Buckets = %12d, SubBuckets     = %12d]\n",
                  n > 0 ? stats_mean(sorted_ms, n) : 0,
                  n > 1 ? stats_deviation(sorted_ms, n) : 0, n > 0 ? sorted_ms[n - 1] : 0,
                  n, 0, 0);
    free(sorted_ms);
    return 0;
}

static const struct {
    const char *option;
    int (*write)(FILE *stream, const struct export_source *source);
} kinds[N_EXPORTS] = {
    [EXPORT_CSV] = {"csv", write_csv},
    [EXPORT_HISTOGRAM] = {"histogram", write_histogram},
    [EXPORT_JSON] = {"json", requests_file_write},
    [EXPORT_SAMPLES] = {"samples", sample_rows_write},
};

static void abandon_first(struct exports *exports, int n) {
    for (int i = 0; i < n; i++)
        if (exports->paths[i] != NULL)
            files_abandon(&exports->files[i]);
}

void exports_begin(struct exports *exports) {
    for (int i = 0; i < N_EXPORTS; i++) {
        int error = exports->paths[i] != NULL
                        ? files_begin(&exports->files[i], exports->paths[i])
                        : 0;
        if (error == 0)
            continue;
        abandon_first(exports, i);
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

void exports_abandon(struct exports *exports) {
    abandon_first(exports, N_EXPORTS);
}
