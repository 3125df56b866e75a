/* What the writers of exports share. Main thread, after the run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "common/base/clock.h"
#include "loadgen/drive/drive.h"
#include "loadgen/samples/sample.h"
#include "loadgen/targets/urls.h"

/* Where everything comes from; nothing of it is taken over. */
struct export_source {
    const struct drive_result *result;
    const struct urls *urls;
    bool from_planned;       /* latencies count from the planned start */
    const json_t *head;      /* of the requests file; NULL when that is not wanted */
    bool has_table;          /* requests are in the file of --samples, not in that one */
    uint64_t table_epoch_ns; /* from which times in it count; 0: from the start */
};

/*
 * What each target is called in rows, made once and not for each of them, NULL at the
 * end. `text_of` returns a text to be freed; NULL when memory ran out, then so does this.
 */
char **export_texts_make(const struct urls *urls,
                         char *(*text_of)(const struct target *target));
void export_texts_free(char **texts);

/* How long the generator stood still while the request waited for it, at most. */
static inline uint64_t export_held_up_ns(const struct export_source *source,
                                         const struct load_sample *sample) {
    return gaps_in_request(samples_gaps(source->result->samples), sample,
                           source->from_planned ? sample->planned_ns : sample->start_ns);
}

static inline double export_us(uint64_t ns) {
    return (double)ns / (double)NS_PER_US;
}
