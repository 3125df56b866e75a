/*
 * The counting loop: the CPU work of every job, and the yardstick of the machine.
 * One turn is one step of a dependent chain that no optimiser may fold, so twice the
 * turns take twice the time.
 */
#pragma once

#include <stdint.h>

/* Counts to `turns` and returns it. Any thread; about one turn a clock cycle. */
uint64_t counting_loop(uint64_t turns);

/*
 * Turns per millisecond of one loop alone: the fastest of several short trials, since
 * whatever else runs can only slow a trial down. Takes about `budget_ns`.
 */
double counting_calibrate(uint64_t budget_ns);

/*
 * The fastest of several calibrations, with a pause of as long as each between them:
 * until one agrees within 2 % with the fastest before it, and `most` at the most; what
 * disturbs a virtual CPU may last for a second, and then all trials of one calibration
 * are slow.
 */
double counting_calibrate_until_agreed(uint64_t budget_ns, unsigned most);

/*
 * The same for a machine that may be busy: takes many short samples spread evenly over
 * `span_ns`, and returns the fastest rate that several samples agree on, because a single
 * one may be an error of the clock. Samples are of CPU time, so other processes on the
 * same CPU do not slow them down, and a neighbour on the same core only if it is there
 * all the time.
 */
double counting_calibrate_spread(uint64_t span_ns);

/*
 * Effective cores E: `n_loops` bare loops at once against one alone, each of
 * `turns` turns. E = sum over the loops of (time of one alone / its time), so a machine
 * whose CPUs share a core, a quota or a busy host shows fewer than nproc says. One alone
 * is the faster of two, before and after the others, in CPU time: one that was disturbed
 * would make more of the cores than there is. NAN where it comes out above n_loops by
 * more than 2 %, which cannot be: the loops alone were disturbed after all. Uses threads;
 * call it only while the process has no other work. NAN when threads cannot be made.
 * `alone_ns`, when given, gets the time of the loop that ran alone.
 */
double counting_effective_cores(unsigned n_loops, uint64_t turns, uint64_t *alone_ns);
