/* Samples of a run as rows; see sample_rows.h. */
#include "loadgen/export/sample_rows.h"

#include "common/stats/sample_table.h"

/* `offset_us`: from the epoch of the table to that of the run. */
static struct sample row_of(const struct export_source *source, size_t id,
                            const struct load_sample *sample, double offset_us) {
    const char *error = sample_error_name(sample->error);
    struct sample row = sample_unknown;
    row.id = (unsigned)id;
    row.user = sample->user;
    row.planned_us = export_us(sample->planned_ns) + offset_us;
    row.start_us = export_us(sample->start_ns) + offset_us;
    row.connect_us = export_us(sample->connect_ns);
    row.first_byte_us = export_us(sample->first_byte_ns);
    row.latency_us = export_us(sample_latency_ns(sample, source->from_planned));
    row.status = sample->status;
    row.bytes = (double)sample->body_bytes;
    row.error = error;
    row.answered = sample_is_answered(sample->status, error);
    return row;
}

/* What the server said of it. Its clock may be another's, and lie before our epoch. */
static void add_report(const struct export_source *source,
                       const struct server_report *report, double offset_us,
                       struct sample *row) {
    uint64_t epoch_ns = source->result->epoch_ns;
    row->queue_us = report->queue_us;
    row->run_us = report->run_us;
    if (!report->names_worker)
        return;
    row->process = report->process;
    row->thread = report->thread;
    row->cpu = report->cpu;
    row->from_us = (double)(int64_t)(report->from_ns - epoch_ns) / 1e3 + offset_us;
    row->to_us = (double)(int64_t)(report->to_ns - epoch_ns) / 1e3 + offset_us;
    row->cpu_us = report->cpu_us;
    row->wait_us = report->wait_us;
}

int sample_rows_write(FILE *stream, const struct export_source *source) {
    struct samples_reader reader = samples_read(source->result->samples);
    uint64_t epoch_ns = source->result->epoch_ns;
    double offset_us = source->table_epoch_ns != 0
                           ? (double)(int64_t)(epoch_ns - source->table_epoch_ns) / 1e3
                           : 0;
    struct load_sample sample;
    struct server_report report;
    sample_table_begin(stream);
    for (size_t id = 0; samples_next(&reader, &sample, &report); id++) {
        if (sample_is_warmup(&sample, source->result->warmup_ns))
            continue;
        struct sample row = row_of(source, id, &sample, offset_us);
        if (sample.has_report)
            add_report(source, &report, offset_us, &row);
        sample_table_put(stream, &row);
    }
    return 0;
}

size_t sample_rows_count(const struct export_source *source) {
    struct samples_reader reader = samples_read(source->result->samples);
    struct load_sample sample;
    size_t n = 0;
    while (samples_next_measured(&reader, source->result->warmup_ns, &sample))
        n++;
    return n;
}
