/*
 * Several drives as one: of the threads of a run, and of the parts of a load that several
 * machines sent. Main thread, when all have ended.
 */
#pragma once

#include "loadgen/drive/drive.h"

struct merge_part {
    struct drive_result result;
    unsigned n_users; /* so many numbers its users have, or its lanes in an open loop */
    /* The rest is merge_parts' own. */
    unsigned first_user;
    bool has_next;
    struct samples_reader reader;
    struct load_sample sample;
    struct server_report report;
};

/*
 * Makes one result of `n` parts, at least one, whose samples stay theirs. Users are
 * numbered through, samples stand in the order of their ends, counts are sums, and what
 * tells of a generator in trouble is that of the worst. Times count from each part's own
 * start. 0 or -ENOMEM; result->samples are to be freed either way.
 */
int merge_parts(struct merge_part *parts, unsigned n, struct drive_result *result);
