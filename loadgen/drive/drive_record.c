/* Samples and counts of a drive; see drive_record.h. */
#include "loadgen/drive/drive_record.h"

#include <errno.h>

#include "common/clock.h"

enum { MOST_DRAWN = 1000 * 1000 };

static const uint64_t ALIKE_NS = NS_PER_MS;

void drive_record_add(struct drive_record *record, const struct load_sample *sample,
                      const struct server_report *report) {
    if (samples_add(record->result->samples, sample, report) != 0)
        record->error = -ENOMEM;
}

void drive_record_cut_off(struct drive_record *record, const struct flight *flight,
                          unsigned lane) {
    struct load_sample sample = flight_cut_off(flight, lane, record->result->elapsed_ns);
    record->result->n_cut_off++;
    drive_record_add(record, &sample, NULL);
}

void drive_record_end(struct drive_record *record) {
    if (record->n_unsent == 0)
        return;
    record->unsent.body_bytes = record->n_unsent - 1;
    drive_record_add(record, &record->unsent, NULL);
    record->n_unsent = 0;
}

void drive_record_not_sent(struct drive_record *record, const struct planned *planned,
                           uint64_t n) {
    struct load_sample sample = flight_not_sent(planned);
    uint64_t warmup_ns = record->result->warmup_ns;
    bool is_alike = record->n_unsent > 0 &&
                    sample.planned_ns - record->unsent.planned_ns < ALIKE_NS &&
                    sample_is_warmup(&sample, warmup_ns) ==
                        sample_is_warmup(&record->unsent, warmup_ns);
    if (!is_alike) {
        drive_record_end(record);
        record->unsent = sample;
    }
    record->n_unsent += n;
    record->result->n_not_sent += n;
}

/* By their rate, all up to then. */
static void reckon(struct drive_record *record, struct schedule *schedule,
                   uint64_t until_ns) {
    uint64_t at_ns;
    if (!schedule_peek(schedule, &at_ns) || at_ns >= until_ns)
        return;
    struct planned first = {.at_ns = at_ns};
    drive_record_not_sent(record, &first, schedule_skip(schedule, until_ns));
}

void drive_record_overdue(struct drive_record *record, struct schedule *schedule,
                          uint64_t until_ns) {
    uint64_t at_ns;
    for (unsigned n = 0;
         record->error == 0 && schedule_peek(schedule, &at_ns) && at_ns < until_ns; n++) {
        if (n == MOST_DRAWN) {
            uint64_t warmup_ns = record->result->warmup_ns;
            reckon(record, schedule, warmup_ns < until_ns ? warmup_ns : until_ns);
            reckon(record, schedule, until_ns);
            return;
        }
        struct planned planned = schedule_take(schedule);
        drive_record_not_sent(record, &planned, 1);
    }
}
