/* Rows of three forms, the latencies as percentiles, and the table of all; see exports.h.
 * Rows of all files begin as the sample of a table. */
#include "loadgen/export/exports.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/options.h"
#include "common/base/secrets.h"
#include "common/stats/sample_table.h"
#include "common/stats/stats.h"
#include "loadgen/statistics/groups.h"

enum { STEPS_PER_HALVING = 5, NUMBER_BYTES = 32 };

struct row {
    struct sample sample; /* its times count from the start of the run */
    const char *target;   /* as text_of has it */
    const char *method, *protocol;
    double service_us;
    double held_up_us; /* how long the generator stood still in the request, at most */
    bool is_warmup;
};

static double us(uint64_t ns) {
    return (double)ns / (double)NS_PER_US;
}

/* Signed: a clock that is not ours may lie before the epoch. */
static double us_since(uint64_t at_ns, uint64_t epoch_ns) {
    return (double)(int64_t)(at_ns - epoch_ns) / 1e3;
}

/* `report`: what the server said of it. Times count from that moment, a monotonic one. */
static struct sample sample_of(const struct export_source *source, size_t id,
                               const struct load_sample *from,
                               const struct server_report *report, uint64_t epoch_ns) {
    double start_us = us_since(source->result->epoch_ns, epoch_ns);
    struct sample sample = sample_unknown;
    sample.id = (unsigned)id;
    sample.user = from->user;
    sample.planned_us = start_us + us(from->planned_ns);
    sample.start_us = start_us + us(from->start_ns);
    sample.connect_us = us(from->connect_ns);
    sample.first_byte_us = us(from->first_byte_ns);
    sample.latency_us = us(sample_latency_ns(from, source->result->is_open));
    sample.status = from->status;
    sample.bytes = (double)from->body_bytes;
    sample.error = sample_error_name(from->error);
    sample.answered = sample_is_answered(sample.status, sample.error);
    if (!from->has_report)
        return sample;
    sample.queue_us = report->queue_us;
    sample.run_us = report->run_us;
    sample.cpu_us = report->cpu_us;
    sample.wait_us = report->wait_us;
    if (!report->names_worker)
        return sample;
    sample.process = report->process;
    sample.thread = report->thread;
    sample.cpu = report->cpu;
    sample.from_us = us_since(report->from_ns, epoch_ns);
    sample.to_us = us_since(report->to_ns, epoch_ns);
    return sample;
}

/* `text_of` makes what a target is called in rows, once for each and not for each row: a
 * text to be freed, NULL when memory ran out. 0 or -ENOMEM. */
static int write_rows(FILE *stream, const struct export_source *source,
                      char *(*text_of)(const struct target *target),
                      void (*write_row)(FILE *stream, const struct row *row)) {
    const struct drive_result *result = source->result;
    const struct urls *urls = source->urls;
    char **texts = calloc(urls->n_targets, sizeof *texts);
    int error = texts != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; error == 0 && i < urls->n_targets; i++)
        if ((texts[i] = text_of(&urls->targets[i])) == NULL)
            error = -ENOMEM;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    struct server_report report;
    for (size_t id = 0; error == 0 && samples_next(&reader, &sample, &report); id++) {
        uint64_t from_ns = result->is_open ? sample.planned_ns : sample.start_ns;
        write_row(stream,
                  &(struct row){
                      .sample = sample_of(source, id, &sample, &report, result->epoch_ns),
                      .target = texts[sample.target],
                      .method = urls->targets[sample.target].method->name,
                      .protocol = sample_protocol_name(sample.protocol),
                      .service_us = us(sample.service_ns),
                      .held_up_us =
                          us(gaps_in_request(&result->samples->gaps, &sample, from_ns)),
                      .is_warmup = sample_is_warmup(&sample, result->warmup_ns),
                  });
    }
    for (size_t i = 0; texts != NULL && i < urls->n_targets; i++)
        free(texts[i]);
    free(texts);
    return error;
}

static const char *known(double value_us, const char *otherwise,
                         char text[NUMBER_BYTES]) {
    (void)snprintf(text, NUMBER_BYTES, "%.1f", value_us);
    return isnan(value_us) ? otherwise : text;
}

/* CSV */

/* The URL in quotes, its own ones doubled (RFC 4180). */
static char *quote_url(const struct target *target) {
    char *url = secrets_hide(target->url);
    char *quoted = url != NULL ? malloc(2 * strlen(url) + 3) : NULL, *at = quoted;
    if (quoted != NULL) {
        *at++ = '"';
        for (const char *c = url; *c != '\0'; *at++ = *c++)
            if (*c == '"')
                *at++ = '"';
        (void)strcpy(at, "\"");
    }
    free(url);
    return quoted;
}

static void put_csv(FILE *stream, const struct row *row) {
    const struct sample *sample = &row->sample;
    char queue[NUMBER_BYTES], run[NUMBER_BYTES];
    (void)fprintf(stream, "%u,%u,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%s,%d,%.0f", sample->id,
                  sample->user, row->target, sample->planned_us, sample->start_us,
                  sample->connect_us, sample->first_byte_us, sample->latency_us,
                  row->service_us, row->method, sample->status, sample->bytes);
    (void)fprintf(stream, ",%s,%s,%s,%d,%s,%.1f\n", known(sample->queue_us, "", queue),
                  known(sample->run_us, "", run),
                  sample->error != NULL ? sample->error : "", row->is_warmup,
                  row->protocol != NULL ? row->protocol : "", row->held_up_us);
}

static int write_csv(FILE *stream, const struct export_source *source) {
    (void)fputs("id,user,url,planned_us,start_us,connect_us,first_byte_us,latency_us,"
                "service_us,method,status,bytes,queue_us,run_us,error,warmup,protocol,"
                "held_up_us\n",
                stream);
    return write_rows(stream, source, quote_url, put_csv);
}

/* JSON */

/* What each row says of its target, with a comma before it. */
static char *keys_of(const struct target *target) {
    json_t *json = secrets_json(target->url);
    char *url = json_dumps(json, JSON_ENCODE_ANY), *keys = NULL;
    if (url != NULL &&
        asprintf(&keys, ",\"method\":\"%s\",\"url\":%s", target->method->name, url) < 0)
        keys = NULL;
    free(url);
    json_decref(json);
    return keys;
}

static void put_text_or_null(FILE *stream, const char *key, const char *text) {
    if (text == NULL)
        (void)fprintf(stream, ",\"%s\":null", key);
    else
        (void)fprintf(stream, ",\"%s\":\"%s\"", key, text);
}

static void put_json(FILE *stream, const struct row *row) {
    const struct sample *sample = &row->sample;
    char queue[NUMBER_BYTES], run[NUMBER_BYTES];
    (void)fprintf(stream,
                  "%s{\"id\":%u,\"user\":%u%s,\"planned_us\":%.1f,\"start_us\":%.1f,"
                  "\"connect_us\":%.1f,\"first_byte_us\":%.1f,\"latency_us\":%.1f,"
                  "\"service_us\":%.1f,\"status\":%d,\"bytes\":%.0f,"
                  "\"queue_us\":%s,\"run_us\":%s",
                  sample->id == 0 ? "\n" : ",\n", sample->id, sample->user, row->target,
                  sample->planned_us, sample->start_us, sample->connect_us,
                  sample->first_byte_us, sample->latency_us, row->service_us,
                  sample->status, sample->bytes, known(sample->queue_us, "null", queue),
                  known(sample->run_us, "null", run));
    if (isnan(sample->from_us)) /* no worker is named */
        (void)fputs(",\"worker\":null", stream);
    else
        (void)fprintf(stream,
                      ",\"worker\":{\"process\":%d,\"thread\":%d,\"cpu\":%d,"
                      "\"from_us\":%.1f,\"to_us\":%.1f,\"cpu_us\":%.1f,\"wait_us\":%.1f}",
                      sample->process, sample->thread, sample->cpu, sample->from_us,
                      sample->to_us, sample->cpu_us, sample->wait_us);
    if (row->is_warmup)
        (void)fputs(",\"warmup\":true", stream);
    put_text_or_null(stream, "protocol", row->protocol);
    if (row->held_up_us > 0)
        (void)fprintf(stream, ",\"held_up_us\":%.1f", row->held_up_us);
    put_text_or_null(stream, "error", sample->error);
    (void)fputc('}', stream);
}

int exports_write_json(FILE *stream, const struct export_source *source) {
    char *head = json_dumps(source->head, JSON_COMPACT | JSON_REAL_PRECISION(12));
    int error = 0;
    if (head == NULL)
        return -ENOMEM;
    (void)fprintf(stream, "%.*s", (int)strlen(head) - 1, head); /* without its brace */
    free(head);
    if (source->has_table || source->is_part) {
        struct samples_reader reader = samples_read(source->result->samples);
        struct load_sample sample;
        size_t n = 0;
        while (samples_next_measured(&reader, source->result->warmup_ns, &sample))
            n++;
        (void)fprintf(stream, ",\"samples\":%zu", n);
        if (source->is_part) {
            (void)fputs(",\"samples_base64\":\"", stream);
            samples_write(source->result->samples, stream);
            (void)fputc('"', stream);
        }
        (void)fputs("}\n", stream);
    } else {
        (void)fputs(",\"requests\":[", stream);
        error = write_rows(stream, source, keys_of, put_json);
        (void)fputs("\n]}\n", stream);
    }
    return error;
}

static int write_table(FILE *stream, const struct export_source *source) {
    const struct drive_result *result = source->result;
    uint64_t table_epoch_ns = source->table_epoch_ns;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    struct server_report report;
    sample_table_begin(stream);
    for (size_t id = 0; samples_next(&reader, &sample, &report); id++) {
        if (sample_is_warmup(&sample, result->warmup_ns))
            continue;
        struct sample row =
            sample_of(source, id, &sample, &report,
                      table_epoch_ns != 0 ? table_epoch_ns : result->epoch_ns);
        sample_table_put(stream, &row);
    }
    return 0;
}

/* Percentiles */

/* Five steps for each halving of what is left above, as HdrHistogram's own default. The
 * values are exact, so there are no buckets to tell of. */
static int write_histogram(FILE *stream, const struct export_source *source) {
    const struct drive_result *result = source->result;
    size_t n = 0, n_up_to = 0;
    double *sorted = groups_latencies(result, result->warmup_ns, NULL, NULL, &n, 1);
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

/* Files */

static const struct {
    const char *option;
    int (*write)(FILE *stream, const struct export_source *source);
} kinds[N_EXPORTS] = {
    [EXPORT_CSV] = {"csv", write_csv},
    [EXPORT_HISTOGRAM] = {"histogram", write_histogram},
    [EXPORT_JSON] = {"json", exports_write_json},
    [EXPORT_SAMPLES] = {"samples", write_table},
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
        error_exit("%s: cannot write --%s '%s': %s; name a file in a folder that is "
                   "there and may be written",
                   options_command_name(), kinds[i].option, exports->paths[i],
                   strerror(-error));
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
        error_print("%s: cannot write '%s': %s", options_command_name(),
                    files_is_standard(path) ? "stdout" : path, strerror(-error));
        n_unwritten++;
    }
    return n_unwritten;
}
