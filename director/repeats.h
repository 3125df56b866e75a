/*
 * The repeats of a run, experiment by experiment and pass by pass. Each experiment has
 * its share of the budget by its weight, and what it does not need goes to the next. The
 * first passes are over all cells, in shuffled order, so that a machine that drifts
 * drifts under all of them alike; with a budget the later ones are over the cells that
 * decide most (assess.h), until there is nothing left to decide or the time is up. A lone
 * job is timed between cells all the while (works.h). Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "director/assess.h"
#include "director/measure.h"
#include "director/plan/plan.h"
#include "director/works.h"

/* What is measured, with what, and how far it is. */
struct repeats {
    struct plan *plan;
    struct measure_setting setting;
    struct works works;
    bool is_broken[PLAN_MAX_CELLS]; /* its server or work failed: not tried again */
    /* Of each cell in its last repeat, with what was done before it; 0: none yet. */
    uint64_t took_ns[PLAN_MAX_CELLS];
    uint64_t idle_since_ns;       /* when the last one was done */
    struct machine_state machine; /* as it was last seen; T alone is that of a work */
    uint64_t cores_seen_ns;       /* when its CPUs were last measured */
    uint64_t deadline_ns, end_ns; /* of the experiment, of all; no cell begins that would
                                     end later; 0: none */
    double expected_s;            /* about how long the experiment still takes */
    uint64_t loaded_ns;           /* time in which load was running */
    unsigned n_passes;            /* begun of this experiment */
    unsigned n_ended;             /* of all experiments; the last may be cut off */
    unsigned n_failed;            /* cells that did not come about, and notes */
    json_t *notes;                /* about servers: "contestant" and "why" */
    json_t *failures;             /* of them: "cell", "repeat" and "why" */
    json_t *left_out;             /* experiments for which no time was left, and "why" */
    struct run *known;            /* what was measured, without its latencies */
    struct overview *so_far;      /* the rows of the live table; NULL: none */
    struct assessment assessment;
    const char
        *stopped_by; /* "repeats", "decided", "undecidable", "budget", "interrupt" */
};

/*
 * Times the counting loops of external servers whose paths have {turns}, once for all
 * contestants of a peer, sets the turns of works, and starts timing lone jobs of them. A
 * server or a work that cannot be timed is said, and not measured. 0; -EINTR; or -errno
 * and a line in `why`.
 */
int repeats_time_alone(struct repeats *repeats, char why[WHY_BYTES]);

/* Effective cores and the speed of one loop alone, now. */
void repeats_measure_cores(struct repeats *repeats, unsigned n_rounds);

/* Measures all there is to measure into the setting's folder, and says why it stopped. */
void repeats_measure(struct repeats *repeats);
