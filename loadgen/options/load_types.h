/* The kinds of options that `juggle load` has beside the common ones. */
#ifndef JUGGLE_LOADGEN_LOAD_TYPES_H
#define JUGGLE_LOADGEN_LOAD_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/options.h"

/* Where -l goes, with a file or without. */
struct log_target {
    bool *wanted;
    const char **path;
};

extern const struct option_type load_type_rounds; /* struct load_rounds */
extern const struct option_type load_type_time; /* uint64_t nanoseconds, as siege's -t */
extern const struct option_type load_type_rate; /* double, per second */
extern const struct option_type load_type_search; /* struct search_setting */
extern const struct option_type load_type_window; /* uint64_t nanoseconds */
extern const struct option_type load_type_ramp;   /* struct load_ramp */
extern const struct option_type load_type_seed;   /* uint64_t, LOAD_NO_SEED unless set */
extern const struct option_type load_type_header_value; /* const char **, into argv */
extern const struct option_type load_type_header;       /* struct load_headers, added */
extern const struct option_type load_type_log;          /* struct log_target */
/* No settings of a run, so that they are not printed and no file may hold them. */
extern const struct option_type load_type_act; /* bool, set to true */
extern const struct option_type load_type_rc;  /* const char **, points into argv */

#endif
