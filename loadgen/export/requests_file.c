/* The file of every request; see requests_file.h. */
#include "loadgen/export/requests_file.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/secrets.h"
#include "loadgen/export/sample_rows.h"

/* Everything a row needs beside its sample. */
struct writer {
    FILE *stream;
    char **targets; /* their keys in a row, with a comma before them */
    const struct export_source *source;
};

static void write_or_null(FILE *stream, const char *key, double value_us) {
    if (isnan(value_us))
        (void)fprintf(stream, ",\"%s\":null", key);
    else
        (void)fprintf(stream, ",\"%s\":%.1f", key, value_us);
}

static void write_worker(const struct writer *writer,
                         const struct server_report *report) {
    if (report == NULL || !report->names_worker) {
        (void)fputs(",\"worker\":null", writer->stream);
        return;
    }
    /* Signed: a clock that is not ours may lie before our epoch. */
    uint64_t epoch_ns = writer->source->result->epoch_ns;
    double from_us = (double)(int64_t)(report->from_ns - epoch_ns) / 1e3;
    double to_us = (double)(int64_t)(report->to_ns - epoch_ns) / 1e3;
    (void)fprintf(writer->stream,
                  ",\"worker\":{\"process\":%d,\"thread\":%d,\"cpu\":%d,\"from_us\":%.1f,"
                  "\"to_us\":%.1f,\"cpu_us\":%.1f,\"wait_us\":%.1f}",
                  report->process, report->thread, report->cpu, from_us, to_us,
                  report->cpu_us, report->wait_us);
}

/* `report`: NULL when the server said nothing. */
static void write_request(const struct writer *writer, size_t id,
                          const struct load_sample *sample,
                          const struct server_report *report) {
    FILE *stream = writer->stream;
    (void)fprintf(stream,
                  "{\"id\":%zu,\"user\":%u%s,\"planned_us\":%.1f,"
                  "\"start_us\":%.1f,\"connect_us\":%.1f,\"first_byte_us\":%.1f,"
                  "\"latency_us\":%.1f,\"service_us\":%.1f,\"status\":%d,"
                  "\"bytes\":%" PRIu64,
                  id, sample->user, writer->targets[sample->target],
                  export_us(sample->planned_ns), export_us(sample->start_ns),
                  export_us(sample->connect_ns), export_us(sample->first_byte_ns),
                  export_us(sample_latency_ns(sample, writer->source->from_planned)),
                  export_us(sample->service_ns), sample->status, sample->body_bytes);
    write_or_null(stream, "queue_us", report != NULL ? report->queue_us : NAN);
    write_or_null(stream, "run_us", report != NULL ? report->run_us : NAN);
    write_worker(writer, report);
    if (sample_is_warmup(sample, writer->source->result->warmup_ns))
        (void)fputs(",\"warmup\":true", stream);
    const char *protocol = sample_protocol_name(sample->protocol);
    if (protocol != NULL)
        (void)fprintf(stream, ",\"protocol\":\"%s\"", protocol);
    else
        (void)fputs(",\"protocol\":null", stream);
    uint64_t held_up_ns = export_held_up_ns(writer->source, sample);
    if (held_up_ns > 0)
        (void)fprintf(stream, ",\"held_up_us\":%.1f", export_us(held_up_ns));
    const char *error = sample_error_name(sample->error);
    if (error != NULL)
        (void)fprintf(stream, ",\"error\":\"%s\"}", error);
    else
        (void)fputs(",\"error\":null}", stream);
}

static void write_requests(const struct writer *writer) {
    struct samples_reader reader = samples_read(writer->source->result->samples);
    struct load_sample sample;
    struct server_report report;
    for (size_t id = 0; samples_next(&reader, &sample, &report); id++) {
        (void)fputs(id == 0 ? "\n" : ",\n", writer->stream);
        write_request(writer, id, &sample, sample.has_report ? &report : NULL);
    }
}

static char *keys_of(const struct target *target) {
    json_t *json = secrets_json(target->url);
    char *url = json_dumps(json, JSON_ENCODE_ANY), *keys = NULL;
    if (url != NULL &&
        asprintf(&keys, ",\"method\":\"%s\",\"url\":%s", target_method(target), url) < 0)
        keys = NULL;
    free(url);
    json_decref(json);
    return keys;
}

/* The object without its last brace. */
static int write_head(FILE *stream, const json_t *head) {
    char *text = json_dumps(head, JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (text == NULL)
        return -ENOMEM;
    (void)fprintf(stream, "%.*s", (int)strlen(text) - 1, text);
    free(text);
    return 0;
}

int requests_file_write(FILE *stream, const struct export_source *source) {
    struct writer writer = {stream, export_texts_make(source->urls, keys_of), source};
    int error = writer.targets != NULL ? write_head(stream, source->head) : -ENOMEM;
    if (error == 0 && source->has_table) {
        (void)fprintf(stream, ",\"samples\":%zu}\n", sample_rows_count(source));
    } else if (error == 0) {
        (void)fputs(",\"requests\":[", stream);
        write_requests(&writer);
        (void)fputs("\n]}\n", stream);
    }
    export_texts_free(writer.targets);
    return error;
}
