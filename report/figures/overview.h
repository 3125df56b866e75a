/*
 * What a run says of one experiment, computed once from its files: one row per cell and
 * one finding per claim. The terminal, the JSON files and the report print it, and
 * compute nothing. A run of several experiments is a chain of overviews. Main thread.
 */
#pragma once

#include "experiments/experiment.h"
#include "measured/figures.h"
#include "measured/merged.h"
#include "measured/validity.h"

struct overview_row {
    const struct series *series;
    const struct cell_plan *plan; /* the series' own, and its repeats: what is kept of */
    size_t n_repeats;             /* one that is gone, for overview_update */
    const struct model *model;    /* NULL: theory says nothing of this cell */
    struct estimate estimates[N_FIGURES];
    struct estimate model_error; /* a share */
    struct probe_sums idle, busy;
    struct merged merged; /* all repeats together */
    struct percentile percentiles[N_PERCENTILES];
    struct outliers
        outliers; /* among the merged latencies, in seconds; none is removed */
    size_t n_outlying_repeats; /* by their mean slowdown */
    size_t n_requests, n_failed;
    struct validity validity;
    char split[256]; /* "6 + 4, 5 + 5": by repeat; "" with one server */
};

/* What the machine was worth while it all was measured, over all repeats of all cells. */
struct machine_figures {
    struct range t_alone_us, cores, cpus_available;
    double cpus_allowed;               /* NAN: not known */
    double others_share, stolen_share; /* of all CPUs' time, on average; NAN: not known */
};

struct overview {
    const struct run *run;
    const char *name;                    /* of the experiment */
    const struct experiment *experiment; /* NULL: not one of this juggle's */
    struct overview_row *rows;
    size_t n_rows;
    struct finding *findings; /* parallel to the experiment's claims */
    size_t n_findings;
    struct machine_figures machine; /* of the run */
    struct overview *next; /* of the run's next experiment; NULL: it was the last */
};

/* Of every experiment of the run. NULL when memory is out. Release with overview_free
 * before the run. */
struct overview *overview_make(const struct run *run);
void overview_free(struct overview *first);

/*
 * Of a run that is being measured: the rows of one experiment and nothing else. `before`,
 * which may be NULL, are those of the last time and gone afterwards: what has no new
 * repeat is taken over, so that the cost is that of what is new. NULL when memory is out.
 */
struct overview *overview_update(struct overview *before, const struct run *run,
                                 const char *name);

/*
 * Functions with a `first` are about all experiments of the run.
 */

/* How many findings have that verdict. */
size_t overview_count(const struct overview *first, enum verdict verdict);

/* How many seconds more the findings that are open need, by their repeats so far, in
 * whole tens: what --budget has to be; 0: none is open, or more repeats do not decide it.
 */
double overview_seconds_to_decide(const struct overview *first);

/* Whether anything is claimed. */
bool overview_has_findings(const struct overview *first);

/* Whether one of its rows is of an external server, each of which does work of its own.
 */
bool overview_has_servers(const struct overview *overview);

/*
 * "2 of 30 requests are outliers (modified z above 14.8: above 812 ms), kept", and the
 * same of repeats; "" when there are none. Returns text.
 */
char *overview_outliers(const struct overview_row *row, char *text, size_t text_bytes);

/* The same of values in seconds. */
char *outliers_text(const struct outliers *outliers, size_t n_values, char *text,
                    size_t text_bytes);

/* The least and the most of a parameter in an experiment, which is an unsigned at that
 * offset of struct cell_parameters; most 0 of no cell. */
struct span {
    unsigned least, most;
};
struct span overview_span(const struct overview *overview, size_t offset);

/* What everything is sorted and ranked by, the least first: the slowdown; the mean wait
 * where jobs take nothing, or where somebody serves who is no strategy, and so does not
 * do the same work. */
enum figure_id overview_ranks_by(const struct overview *overview);

/* What stands over the names in a table: "strategy", or "server" where some are the
 * user's own. */
const char *overview_who(const struct overview *overview);

/* "10 users", or "1 to 64 users" of an experiment that varies them; of an open loop "20
 * to 150 requests a second". Returns text. */
char *overview_users(const struct overview *overview, char *text, size_t text_bytes);

/* "3 to 64 repeats" of a cell. Returns text. */
char *overview_repeats(const struct overview *overview, char *text, size_t text_bytes);

/* "10 users at once, cpu:200ms; 2 CPUs of Intel ...; 9 repeats". Returns text. */
char *overview_caption(const struct overview *overview, char *text, size_t text_bytes);

/* Whether any row has the figure. */
bool overview_carries(const struct overview *overview, enum figure_id id);

/* The unit that every wait of the experiment is told in: seconds, or milliseconds where
 * nobody waits for as long as 0.1 s on average. */
struct shown_unit {
    const char *name;   /* "s" */
    double in_own_unit; /* so many of the unit of files are one of it */
};
const struct shown_unit *overview_wait_unit(const struct overview *overview);
/* That unit of a figure in seconds; seconds of one in milliseconds that no row has less
 * than a second of; and of every other its own: a column of numbers has one. */
struct shown_unit overview_unit(const struct overview *overview, enum figure_id id);

/* A value of the figure in that unit, with it, in two digits, and of figures in
 * milliseconds in seconds from one on: "0.33 s", "133 ms", "1.3 s"; a throughput without.
 * Both return text. */
char *overview_value(const struct overview *overview, enum figure_id id, double value,
                     char text[FIGURE_BYTES]);
/* Two of them: "0.33 to 0.57 s", "133 ms to 1.3 s"; one where they are told alike. */
char *overview_values(const struct overview *overview, enum figure_id id, double from,
                      double to, char text[FIGURE_BYTES]);

/* The figure of a row in that unit, in two digits: "0.33"; of an amount whose interval
 * reaches 0 the upper limit: "<0.12"; of an INVALID cell "-", and why stands below the
 * table (report/trust.h); told: with the unit. Both return text. */
char *overview_rounded(const struct overview *overview, const struct overview_row *row,
                       enum figure_id id, char text[FIGURE_BYTES]);
char *overview_told(const struct overview *overview, const struct overview_row *row,
                    enum figure_id id, char text[FIGURE_BYTES]);
