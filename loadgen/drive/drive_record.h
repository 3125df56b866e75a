/*
 * What becomes of the requests of a drive: its samples and counts. Loop thread.
 */
#ifndef JUGGLE_LOADGEN_DRIVE_RECORD_H
#define JUGGLE_LOADGEN_DRIVE_RECORD_H

#include <stdint.h>

#include "loadgen/drive/drive.h"
#include "loadgen/drive/flights.h"

struct drive_record {
    struct drive_result *result;
    struct load_sample unsent; /* stands for arrivals that are not kept yet */
    uint64_t n_unsent;
    int error; /* -ENOMEM once a sample could not be kept; the run must end */
};

/* `report`: the server's; may be NULL. */
void drive_record_add(struct drive_record *record, const struct load_sample *sample,
                      const struct server_report *report);

void drive_record_cut_off(struct drive_record *record, const struct flight *flight,
                          unsigned lane);

/*
 * `n` arrivals, the first of which is given. Those of a millisecond are one sample, so an
 * overload of any size takes no more than so many bytes a second.
 */
void drive_record_not_sent(struct drive_record *record, const struct planned *planned,
                           uint64_t n);

/*
 * Arrivals before `until_ns` that an open loop did not get round to are owed to the
 * reader as well. They are drawn one by one up to a million, and beyond that reckoned by
 * the rate: the run is over, and nobody wants to wait for its arithmetic.
 */
void drive_record_overdue(struct drive_record *record, struct schedule *schedule,
                          uint64_t until_ns);

/* Before anybody reads the samples. */
void drive_record_end(struct drive_record *record);

#endif
