/* Requests as rows; see rows.h. Rows of all files begin as the sample of a table. */
#include "loadgen/export/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/secrets.h"
#include "common/stats/sample_table.h"
#include "loadgen/samples/sample.h"

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

/* `report`: what the server said of it. */
static struct sample sample_of(const struct export_source *source, size_t id,
                               const struct load_sample *from,
                               const struct server_report *report) {
    uint64_t epoch_ns = source->result->epoch_ns;
    struct sample sample = sample_unknown;
    sample.id = (unsigned)id;
    sample.user = from->user;
    sample.planned_us = us(from->planned_ns);
    sample.start_us = us(from->start_ns);
    sample.connect_us = us(from->connect_ns);
    sample.first_byte_us = us(from->first_byte_ns);
    sample.latency_us = us(sample_latency_ns(from, source->from_planned));
    sample.status = from->status;
    sample.bytes = (double)from->body_bytes;
    sample.error = sample_error_name(from->error);
    sample.answered = sample_is_answered(sample.status, sample.error);
    if (!from->has_report)
        return sample;
    sample.queue_us = report->queue_us;
    sample.run_us = report->run_us;
    if (!report->names_worker)
        return sample;
    sample.process = report->process;
    sample.thread = report->thread;
    sample.cpu = report->cpu;
    /* Signed: a clock that is not ours may lie before our epoch. */
    sample.from_us = (double)(int64_t)(report->from_ns - epoch_ns) / 1e3;
    sample.to_us = (double)(int64_t)(report->to_ns - epoch_ns) / 1e3;
    sample.cpu_us = report->cpu_us;
    sample.wait_us = report->wait_us;
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
    size_t n_texts = 0;
    while (texts != NULL && n_texts < urls->n_targets &&
           (texts[n_texts] = text_of(&urls->targets[n_texts])) != NULL)
        n_texts++;
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    struct server_report report;
    for (size_t id = 0;
         n_texts == urls->n_targets && samples_next(&reader, &sample, &report); id++) {
        uint64_t from_ns = source->from_planned ? sample.planned_ns : sample.start_ns;
        write_row(stream, &(struct row){
                              .sample = sample_of(source, id, &sample, &report),
                              .target = texts[sample.target],
                              .method = target_method(&urls->targets[sample.target]),
                              .protocol = sample_protocol_name(sample.protocol),
                              .service_us = us(sample.service_ns),
                              .held_up_us = us(gaps_in_request(
                                  samples_gaps(result->samples), &sample, from_ns)),
                              .is_warmup = sample_is_warmup(&sample, result->warmup_ns),
                          });
    }
    int error = n_texts == urls->n_targets ? 0 : -ENOMEM;
    while (n_texts > 0)
        free(texts[--n_texts]);
    free(texts);
    return error;
}

/* CSV */

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

static void put_known(FILE *stream, double value_us) {
    if (isnan(value_us))
        (void)fputc(',', stream);
    else
        (void)fprintf(stream, ",%.1f", value_us);
}

static void put_csv(FILE *stream, const struct row *row) {
    const struct sample *sample = &row->sample;
    (void)fprintf(stream, "%u,%u,%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%s,%d,%.0f", sample->id,
                  sample->user, row->target, sample->planned_us, sample->start_us,
                  sample->connect_us, sample->first_byte_us, sample->latency_us,
                  row->service_us, row->method, sample->status, sample->bytes);
    put_known(stream, sample->queue_us);
    put_known(stream, sample->run_us);
    (void)fprintf(stream, ",%s,%d,%s,%.1f\n", sample->error != NULL ? sample->error : "",
                  row->is_warmup, row->protocol != NULL ? row->protocol : "",
                  row->held_up_us);
}

int rows_write_csv(FILE *stream, const struct export_source *source) {
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
        asprintf(&keys, ",\"method\":\"%s\",\"url\":%s", target_method(target), url) < 0)
        keys = NULL;
    free(url);
    json_decref(json);
    return keys;
}

static void put_number_or_null(FILE *stream, const char *key, double value_us) {
    if (isnan(value_us))
        (void)fprintf(stream, ",\"%s\":null", key);
    else
        (void)fprintf(stream, ",\"%s\":%.1f", key, value_us);
}

static void put_text_or_null(FILE *stream, const char *key, const char *text) {
    const char *quote = text != NULL ? "\"" : "";
    (void)fprintf(stream, ",\"%s\":%s%s%s", key, quote, text != NULL ? text : "null",
                  quote);
}

static void put_json(FILE *stream, const struct row *row) {
    const struct sample *sample = &row->sample;
    (void)fprintf(stream,
                  "%s{\"id\":%u,\"user\":%u%s,\"planned_us\":%.1f,\"start_us\":%.1f,"
                  "\"connect_us\":%.1f,\"first_byte_us\":%.1f,\"latency_us\":%.1f,"
                  "\"service_us\":%.1f,\"status\":%d,\"bytes\":%.0f",
                  sample->id == 0 ? "\n" : ",\n", sample->id, sample->user, row->target,
                  sample->planned_us, sample->start_us, sample->connect_us,
                  sample->first_byte_us, sample->latency_us, row->service_us,
                  sample->status, sample->bytes);
    put_number_or_null(stream, "queue_us", sample->queue_us);
    put_number_or_null(stream, "run_us", sample->run_us);
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

/* How many rows the table has. */
static size_t count_measured(const struct drive_result *result) {
    struct samples_reader reader = samples_read(result->samples);
    struct load_sample sample;
    size_t n = 0;
    while (samples_next_measured(&reader, result->warmup_ns, &sample))
        n++;
    return n;
}

int rows_write_json(FILE *stream, const struct export_source *source) {
    char *head = json_dumps(source->head, JSON_COMPACT | JSON_REAL_PRECISION(12));
    int error = 0;
    if (head == NULL)
        return -ENOMEM;
    (void)fprintf(stream, "%.*s", (int)strlen(head) - 1, head); /* without its brace */
    free(head);
    if (source->has_table) {
        (void)fprintf(stream, ",\"samples\":%zu}\n", count_measured(source->result));
    } else {
        (void)fputs(",\"requests\":[", stream);
        error = write_rows(stream, source, keys_of, put_json);
        (void)fputs("\n]}\n", stream);
    }
    return error;
}

/* The table */

int rows_write_table(FILE *stream, const struct export_source *source) {
    const struct drive_result *result = source->result;
    struct samples_reader reader = samples_read(result->samples);
    double offset_us =
        source->table_epoch_ns != 0
            ? (double)(int64_t)(result->epoch_ns - source->table_epoch_ns) / 1e3
            : 0;
    struct load_sample sample;
    struct server_report report;
    sample_table_begin(stream);
    for (size_t id = 0; samples_next(&reader, &sample, &report); id++) {
        if (sample_is_warmup(&sample, result->warmup_ns))
            continue;
        struct sample row = sample_of(source, id, &sample, &report);
        row.planned_us += offset_us;
        row.start_us += offset_us;
        row.from_us += offset_us;
        row.to_us += offset_us;
        sample_table_put(stream, &row);
    }
    return 0;
}
