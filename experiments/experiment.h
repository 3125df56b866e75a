/*
 * An experiment is one file in this folder: its question, who is compared (contestants),
 * what is varied (settings with several values are its axes), and how the claims it
 * settles are judged. `make` finds the file; EXPERIMENT.c defines
 * `const struct experiment experiment_EXPERIMENT`. Its cells are contestants x values of
 * the axes, without the holes that it leaves (director/plan/matrix.h makes them).
 *
 * Settings are words KEY=VALUE with blanks between them. A key is one of
 * common/base/parameters.h, by its key or its option's name; a value may be a list 1,2,5,
 * or for counts a range 1..64: all of it up to eight values, else doubling from the first
 * and with the last. In values CPUS is the number of usable CPUs (10CPUS ten times it),
 * SERVERS the same but at least two, USERS twice the CPUs but at least ten, EXECUTOR four
 * more than the CPUs but at most 32, as CPython's default executor has. What the command
 * line says of a key wins over a contestant's settings, those over the preset's,
 * those over the experiment's.
 *
 * Experiments are the only place, beside the strategies themselves, where a strategy is
 * called by its name: a claim is about somebody. Main thread.
 */
#pragma once

#include <math.h>
#include <stddef.h>

#include "measured/claims/judge.h"
#include "measured/figures.h"
#include "measured/run.h"
#include "measured/theory/model.h"

/* Who serves: a strategy with its settings. */
struct contestant {
    const char *name;  /* fit for a file name; NULL ends a table */
    const char *label; /* for people; %u in it becomes the number of server processes */
    const char *strategy;
    const char *settings;       /* "gil=yes processes=SERVERS accept=shared" */
    const struct model *model;  /* what theory expects of it; NULL: nothing */
    struct published published; /* what was published of it; all 0: nothing */
    enum hues { HUES_OF_LOOP, HUES_OF_THREADS, HUES_OF_PROCESSES } hues; /* its colours */
};

/* Other settings and another length, by a name that is an option of `run`. All have
 * "quick", of a minute, and "short", their share of a run of all in five minutes. */
struct preset {
    const char *name; /* "quick"; NULL ends a table */
    const char *settings;
    unsigned n_repeats;     /* at least, or exactly without a budget */
    double budget_s;        /* 0: none */
    bool has_twin;          /* with an A/A cell: the last one once more */
    const char *leaves_out; /* contestants that it does not measure, "a,b"; NULL: none */
};

/* Every strategy by its own name, and threads under a GIL, with what theory expects of
 * each: for experiments that compare strategies along an axis. */
extern const struct contestant contestants_of_strategies[];

/* Those claims of the article's that a server of anybody's settles which stands for its
 * cells (`as` in measured/external.h), and says nothing of its jobs. */
extern const struct claim claims_of_servers[];

/* A chart of the experiment's own. */
struct chart {
    const char *kind; /* "curve", or another script of plots/; NULL ends a table */
    const char *name; /* of its files: "throughput"; NULL: the kind's */
    /* Of curves: what is compared, in plain words; how to read it; a figure along an
     * axis, which is a parameter by its key. NULL: the kind's own words. */
    const char *title, *reading;
    const char *axis, *axis_title; /* NULL: the parameter's meaning */
    const char *where;             /* of which cells: "work=fetch"; NULL: all.
                                      Without any there is no chart */
    enum figure_id figure;
    bool is_log; /* the figure's scale */
    /* Drawn thin, in the unit of files: what the models of the contestants expect, and
     * what nobody can pass, with its formula; NULL: nothing. */
    double (*model)(const struct closed_model *model, const struct closed_system *system);
    double (*bound)(const struct closed_system *system);
    const char *bound_formula;
    bool has_fits; /* Amdahl's law and the universal scalability law below its table */
};

struct experiment {
    const char *question;
    const char *settings;         /* "work=cpu:200ms users=USERS rounds=1" */
    const struct preset *presets; /* the first is the usual one */
    const struct contestant *contestants;
    /* Contestants, and strategies that are none of them, which get no cell, "a,b". All
     * other strategies do: a new one is measured wherever nobody thought of it. */
    const char *leaves_out;
    /* Of the servers' host; NULL: there are none. */
    bool (*is_hole)(const struct cell_parameters *cell, unsigned usable_cpus);
    /* Why a cell is beyond what its contestant is measured to, which the report says;
     * NULL: it is not. */
    const char *(*why_not)(const struct cell_parameters *cell);
    double probe_every_us;      /* `/` is asked for so often meanwhile; 0: not at all */
    const char *alone;          /* the strategy whose lone request measures T */
    const struct claim *claims; /* id NULL at the end */
    const struct chart *charts; /* NULL: the usual ones */
};

struct experiment_entry {
    const char *name;
    const struct experiment *experiment;
};

/* Bounds of a criterion, and rows of them. `along` NULL: of one cell. */
#define AT_LEAST(low) (low), INFINITY
#define AT_MOST(high) -INFINITY, (high)
#define BETWEEN(low, high) (low), (high)
#define FIGURE(what, unit, whose, figure, bounds, along, says)                           \
    { what, unit, whose, figure, NULL, bounds, JUDGED, false, NULL, along, says }
#define AGAINST(other, what, unit, whose, figure, bounds, along, says)                   \
    { what, unit, whose, figure, other, bounds, JUDGED, false, NULL, along, says }
#define SHARE(what, unit, whose, figure, bounds, says)                                   \
    { what, unit, whose, figure, NULL, bounds, JUDGED, true, NULL, NULL, says }
#define TELL(what, unit, whose, figure, says)                                            \
    {                                                                                    \
        what, unit, whose, figure, NULL, -INFINITY, INFINITY, TOLD, false, NULL, NULL,   \
            says                                                                         \
    }
#define ABOUT(what, whose, figure, bounds, refusal, along)                               \
    { what, "", whose, figure, NULL, bounds, APPLIES, false, refusal, along, NULL }
#define WHILE(what, whose, figure, bounds, along)                                        \
    { what, "", whose, figure, NULL, bounds, ADMITS, false, NULL, along, NULL }
#define ABOUT_COMPUTING(whose, along)                                                    \
    ABOUT("steps that wait", whose, metric_n_waiting_steps, AT_MOST(0),                  \
          "it is about work that only computes", along)
#define ABOUT_SEVERAL(cpus, whose, along)                                                \
    ABOUT("CPUs", whose, cpus, AT_LEAST(1.5), "it is about a machine with 2 CPUs", along)

/* CPUs that the server may use, and which share of them other programs left. */
metric cpus_allowed, available_share;

/* Every experiment, sorted by name, name NULL at the end. Generated by make. */
extern const struct experiment_entry experiments[];

/*
 * What stands behind the name of who serves, its label, for a reader who does not know
 * it: "a pool of 2 processes"; and what is typed to have it: "processing",
 * "threading --gil". Of a strategy that is in no table of glosses the words are its
 * label.
 */
struct gloss {
    char words[96], typed[96];
};
struct gloss experiment_gloss(const struct cell_parameters *who);

/* Whether an option changes how a strategy serves: the size of a pool matters only where
 * there is one, and --workers to a pool of threads only without --threads. Of a strategy
 * that is in no table of glosses it is assumed. */
bool experiment_heeds(const char *strategy, const char *option, bool are_threads_given);

/* NULL: there is none of that name. */
const struct experiment *experiment_find(const char *name);

/* The contestant of an experiment by its name, NULL when it is a strategy of nobody's. */
const struct contestant *experiment_contestant(const struct experiment *experiment,
                                               const char *name);
