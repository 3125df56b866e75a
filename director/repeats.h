/*
 * The repeats of a run, experiment by experiment and pass by pass. Each experiment has
 * its share of the budget by its weight, and what it does not need goes to the next. The
 * first passes are over all cells, in shuffled
 * order, so that a machine that drifts drifts under all of them alike; with a budget the
 * later ones are over the cells that decide most (assess.h), until there is nothing left
 * to decide or the time is up. A lone job is timed between cells all the while. Main
 * thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/workload/work.h"
#include "director/assess.h"
#include "director/measure.h"
#include "director/plan.h"

/* A work of the run: its lone server, and what a lone job of it took last. */
struct lone_work {
    const char *asked;              /* "cpu:200ms" */
    char text[WORK_MAX_TEXT_BYTES]; /* with CPU steps in turns */
    uint64_t cpu_ns, alone_ns; /* what a job should take alone, computing and in all */
    bool is_of_unknown_length; /* it has a declared step */
    const char *strategy;      /* that answers lone requests */
    struct server server;
    double t_alone_us; /* NAN: not known */
    uint64_t seen_ns;  /* when it was last timed */
};

enum { REPEATS_MAX_WORKS = 16 };

/* What is measured, with what, and how far it is. */
struct repeats {
    struct plan *plan;
    struct measure_setting setting;
    struct lone_work works[REPEATS_MAX_WORKS]; /* the first is that of the first cell */
    unsigned n_works;
    struct lone_work *work_of[PLAN_MAX_CELLS]; /* NULL: of an external server */
    bool is_broken[PLAN_MAX_CELLS];            /* its server failed: not tried again */
    uint64_t took_ns[PLAN_MAX_CELLS]; /* of each cell in its last repeat; 0: none yet */
    struct machine_state machine;     /* as it was last seen; T alone is that of a work */
    uint64_t cores_seen_ns;           /* when its CPUs were last measured */
    uint64_t deadline_ns;             /* no cell begins that would end later; 0: none */
    uint64_t loaded_ns;               /* time in which load was running */
    bool is_short;           /* this experiment has no time for all of its grids twice */
    unsigned n_passes;       /* begun of this experiment */
    unsigned n_ended;        /* of all experiments; the last may be cut off */
    unsigned n_failed;       /* cells that did not come about, and notes */
    json_t *notes;           /* about servers: "contestant" and "why" */
    json_t *failures;        /* of them: "cell", "repeat" and "why" */
    json_t *left_out;        /* experiments for which no time was left, and "why" */
    struct run *known;       /* what was measured, without its latencies */
    struct overview *so_far; /* the rows of the live table; NULL: none */
    struct assessment assessment;
    const char
        *stopped_by; /* "repeats", "decided", "undecidable", "budget", "interrupt" */
};

/* The works of the cells with their CPU steps in turns, by `turns_per_ms`. 0, or -EINVAL
 * and a line in `why`. */
int repeats_set_turns(struct repeats *repeats, double turns_per_ms, char why[WHY_BYTES]);

/*
 * Times the counting loops of external servers whose paths have {turns}, once for all
 * contestants of a peer, and sets the turns of their works. A server that cannot be timed
 * is said, and not measured. 0; -EINTR; or -EINVAL and a line in `why`.
 */
int repeats_time_loops(struct repeats *repeats, char why[WHY_BYTES]);

/*
 * Starts the servers for lone jobs and times some; where those of the first work take
 * something else than was asked for, the turns are set right once. 0; -EINTR; or -errno
 * and a line in `why`.
 */
int repeats_start_lone(struct repeats *repeats, char why[WHY_BYTES]);

/* Ends them. */
void repeats_stop_lone(struct repeats *repeats);

/* Effective cores and the speed of one loop alone, now. */
void repeats_measure_cores(struct repeats *repeats, unsigned n_rounds);

/* Measures all there is to measure into the setting's folder, and says why it stopped. */
void repeats_measure(struct repeats *repeats);
