/*
 * What `juggle load` is asked to do: the values of its options. Main thread; read-only
 * once load_options_read has returned. Whatever is wrong is one line on stderr and
 * exit 2.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/options.h"
#include "loadgen/drive/search.h"
#include "loadgen/export/exports.h"
#include "loadgen/options/require.h"
#include "loadgen/options/share.h"
#include "loadgen/schedule/schedule.h"
#include "loadgen/statistics/warmup.h"
#include "loadgen/targets/hosts.h"
#include "loadgen/targets/urls.h"
#include "loadgen/transport/headers.h"
#include "loadgen/transport/transport.h"

#define LOAD_LOG "juggle.log"   /* where -l goes that names no file */
#define LOAD_NO_SEED UINT64_MAX /* draw a fresh one */
#define LOAD_SHARED_SEED 1      /* or, as all parts of a load need the same, this one */

#define LOAD_ONCE UINT64_MAX /* rounds: as many as there are URLs */

/* "100..1000/s" */
struct load_ramp {
    double from_per_s;
    double to_per_s; /* 0: there is none */
};

struct load_options {
    /* The whole load as the options say it, whatever share of it is sent; load_configure
     * adds what follows from URLs and from the members below. Once checked, `rate_per_s`
     * is also that of a schedule, or that at a ramp's start. `max_in_flight` 0: as the
     * limit of open files allows. `drain_ns` 0: what is in flight at the end is cut off.
     */
    struct drive_config config;
    struct warmup_setting warmup;
    bool benchmark, quiet, verbose, json_output, get, print;
    struct headers headers;
    const char *url, *file;
    const struct method *method; /* of URLs that name none; NULL: as it is usual */
    const char *body_path;       /* of these; NULL: none */
    const char *log_path, *mark; /* NULL: there is no log; no mark in it */
    struct exports exports;
    uint64_t epoch_ns; /* of the table of samples; 0: the start */
    struct load_ramp ramp;
    const char *schedule_path;
    struct schedule_times times; /* of that file; to be freed */
    const char *arrivals;
    struct search_setting search;
    struct share share;
    bool no_keepalive, strict;
    struct routes routes;  /* proxy NULL: none, whatever the environment says */
    const char *transport; /* NULL: the fastest one that the rest allows */
    struct requirements requirements;
};

/* Requests are sent by a schedule, not by users. */
static inline bool load_options_are_open(const struct load_options *options) {
    return options->config.plan.rate_per_s > 0 || options->ramp.to_per_s > 0 ||
           options->schedule_path != NULL || options->search.text != NULL;
}

/* Something else is to be read from stdout than statistics: a file, or a reply. */
bool load_options_take_stdout(const struct load_options *options);

/* Only errors, or only JSON, may be printed. */
static inline bool load_options_are_quiet(const struct load_options *options) {
    return options->quiet || options->json_output;
}

/*
 * Refuses options that exclude each other, and those that the command line says (`said`,
 * as options_parse has them) though this run would not heed them.
 */
void load_settings_check_choices(const struct load_options *options,
                                 const struct option_row *rows, uint64_t said);

/* Refuses two files of one name. */
void load_settings_check_outputs(const struct load_options *options);

/* Refuses values that do not fit each other, and works out what follows from the rest. */
void load_settings_complete(struct load_options *options);
