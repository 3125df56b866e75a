/*
 * What a run says, computed once from its files: one row per cell and one finding per
 * claim. The terminal, the JSON files and the report print it, and compute nothing.
 * Main thread.
 */
#ifndef JUGGLE_REPORT_OVERVIEW_H
#define JUGGLE_REPORT_OVERVIEW_H

#include "experiments/experiment.h"
#include "measured/merged.h"
#include "measured/validity.h"

/* Latencies of `/` over all repeats of a cell, merged; NAN when none were taken. */
struct probe_figures {
    size_t n_probes;
    double p50_us, max_us; /* the median is NAN of fewer than a percentile needs */
};

enum { MAX_SERVERS = 64 }; /* of one cell that are told apart */

struct overview_row {
    const struct series *series;
    const struct model *model; /* NULL: theory says nothing of this cell */
    struct estimate mean_us, first_us, last_us;
    struct estimate mean_t, first_t, last_t;
    struct estimate cpu_per_request_us, memory_per_user_bytes;
    double peak_threads, peak_processes; /* of any repeat; NAN: not known */
    struct estimate model_error;         /* a share */
    struct probe_figures idle, busy;
    struct merged merged; /* all repeats together */
    struct percentile percentiles[N_PERCENTILES];
    struct outliers
        outliers; /* among the merged latencies, in seconds; none is removed */
    size_t n_outlying_repeats; /* by their mean latency in T */
    size_t n_requests, n_failed;
    struct validity validity;
    char split[256]; /* "6 + 4, 5 + 5": by repeat; "" with one server */
};

struct range {
    double median, low, high;
};

/* A repeat that was not steady: T or E moved by more than CELL_MAX_DRIFT while it ran, or
 * nobody knows. */
struct drift {
    unsigned repeat;
    bool is_set_aside; /* no figure rests on it (measured/run.h) */
    char text[160];    /* "T 201 -> 214 ms (+6.5 %), E 1.80 -> 1.71 (-5.0 %)" */
};

struct overview {
    const struct run *run;
    const struct experiment *experiment; /* NULL: not one of this juggle's */
    struct overview_row *rows;
    size_t n_rows;
    struct finding *findings; /* parallel to the experiment's claims */
    size_t n_findings;
    struct range t_us, effective_cores; /* over the repeats */
    struct drift *drifts;               /* one for each repeat that was not steady */
    size_t n_drifts;
    size_t n_repeats; /* of the cell that has most */
    bool has_published;
};

/* NULL when memory is out. Release with overview_free before the run. */
struct overview *overview_make(const struct run *run);
void overview_free(struct overview *overview);

/* Writes summary.json and findings.json into the run's folder. 0 or -errno. */
int overview_write(const struct overview *overview);

/* How many findings have that verdict. */
size_t overview_count(const struct overview *overview, enum verdict verdict);

/*
 * "2 of 30 requests are outliers (modified z above 14.8: above 812 ms), kept", and the
 * same of repeats; "" when there are none. Returns text.
 */
char *overview_outliers(const struct overview_row *row, char *text, size_t text_bytes);

/* "2 CPUs of Intel ..., E = 1.4 (1.3 .. 1.6), T = 201 ms, ...". Returns text. */
char *overview_caption(const struct overview *overview, char *text, size_t text_bytes);

#endif
