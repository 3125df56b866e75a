/*
 * Two runs are made at different times, and the machine may have another speed in each,
 * or in one repeat of either. What it did is taken out of the figures where the cells
 * themselves say how fast their CPU steps ran, and allowed for where they do not. Main
 * thread.
 */
#pragma once

#include <stdbool.h>

#include "measured/run.h"

/* From run A to run B, as logarithms. */
struct machine_change {
    bool is_same_program; /* both say that they were measured by the same binary */
    double speed;         /* of the machine's own speed; NAN: not known */
    double cores;         /* of its effective cores; NAN: not known */
    /* By how much B's work has more turns than A's calibration would have given it: 0
     * where turns and no durations were asked for, or where it is not known. */
    double work;
};

/* What run.json tells of it: the program and the work. */
struct machine_change adjust_change(const struct run *a, const struct run *b);

/* Turns of all CPU steps of a cell's work; 0 when there are none, NAN when unreadable. */
double adjust_turns(const struct series *series);

/* Turns per microsecond of a cell's CPU steps, the median of its repeats; NAN when one of
 * them does not say or nothing computes. */
double adjust_speed(const struct series *series);

/*
 * What log(latency) may have changed by although the program did not. Where the cells
 * say by how much their CPU steps changed their speed, latencies are adjusted to one
 * speed: nothing, or, when it may be another program, what is unexplained of that
 * change. Others (NAN): the machine's speed moved, and work that was asked for as a
 * duration followed its calibration; where the speed is not known the latter is allowed
 * for alone. Work that does not compute has nothing of either.
 */
double adjust_allowance(const struct machine_change *change, const struct series *a,
                        const struct series *b, double cell_speed);
