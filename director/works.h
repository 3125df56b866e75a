/*
 * The works of the cells of a run, with their CPU steps in turns, and what a lone job of
 * each takes: a server for it lives as long as the run, so that timing one between cells
 * costs no start. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/clock.h"
#include "common/workload/work.h"
#include "director/measure.h"
#include "director/plan/plan.h"

enum { WORKS_MOST = 16 };

/* How long any load may take, at the least, before it is given up. */
#define WORKS_PATIENCE_NS (60 * NS_PER_S)

/* A work of the run: its lone server, and what a lone job of it took last. */
struct lone_work {
    const char *asked;              /* "cpu:200ms" */
    char text[WORK_MAX_TEXT_BYTES]; /* with CPU steps in turns */
    uint64_t cpu_ns, alone_ns; /* what a job should take alone, computing and in all */
    bool is_of_unknown_length; /* it has a declared step */
    const char *strategy;      /* that answers lone requests */
    struct server server;
    double t_alone_us; /* NAN: not known */
    bool was_timed;    /* some time */
    uint64_t seen_ns;  /* when it was last timed */
};

struct works {
    struct plan *plan;
    struct measure_setting *setting;
    struct lone_work all[WORKS_MOST]; /* the first is that of the first cell */
    unsigned n;
    struct lone_work *of[PLAN_MAX_CELLS]; /* NULL: of an external server */
};

/* The works of the cells with their CPU steps in turns, by `turns_per_ms`, which the
 * setting gets. 0, or -EINVAL and a line in `why`. */
int works_set_turns(struct works *works, double turns_per_ms, char why[WHY_BYTES]);

/*
 * Starts the servers for lone jobs and times some; where those of the first work take
 * something else than was asked for, the turns are set right once. 0; -EINTR; -ENODATA as
 * below, of the first work; or -errno and a line in `why`.
 */
int works_start(struct works *works, char why[WHY_BYTES]);

/* Ends them. */
void works_stop(struct works *works);

/*
 * Times a lone job of a work again, when the last time was long ago. 0; -EINTR; -ENODATA
 * and a line in `why` when none was ever answered, so that its cells cannot be measured;
 * or another -errno and a line: then its T alone is not known, and another server waits.
 */
int works_look(struct works *works, struct lone_work *work, char why[WHY_BYTES]);
