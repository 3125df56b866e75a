/*
 * Where a series settles: has it a warm-up, and is that over? The values are cut into
 * blocks of equal counts; the blocks' medians are divided into segments by the dynamic
 * programme of optimal partitioning (Jackson et al. 2005, which PELT prunes: Killick,
 * Fearnhead, Eckley 2012), as Barrett et al. (Virtual Machine Warmup Blows Hot and Cold,
 * OOPSLA 2017) do for iterations, but with absolute deviations from medians, so that
 * a single stall is no change. The series is steady from the first segment on that is at
 * the level of the last one; a spell in the middle is no warm-up.
 *
 * Waits at a busy server hang together over more than a block and may look like a change
 * where there is none: in 1 of 200 queues of 5,000 requests that are steady and busy
 * seven tenths of the time, in 16 at nine tenths. Any thread.
 */
#ifndef JUGGLE_COMMON_CHANGEPOINT_H
#define JUGGLE_COMMON_CHANGEPOINT_H

#include <stddef.h>

enum { CHANGEPOINT_LEAST_VALUES = 200 };

enum changepoint_verdict {
    CHANGEPOINT_NOT_SOUGHT,
    CHANGEPOINT_NONE,      /* steady from the first value on */
    CHANGEPOINT_FOUND,     /* steady from a later one on */
    CHANGEPOINT_NOT_ENDED, /* still changing at the end, or in its last quarter */
    CHANGEPOINT_TOO_FEW,   /* values, or memory */
};

struct changepoint {
    enum changepoint_verdict verdict;
    size_t first_steady; /* index of a value; 0 unless found */
};

/*
 * Values above 0 in the order of time. A change counts when both levels differ by more
 * than 5 % and by more than three robust deviations of the blocks' medians, and when the
 * rank sum of the values before it (Mann, Whitney 1947) is four standard deviations from
 * what chance expects: in a series that only scatters, with two humps or a long tail,
 * that leaves next to none. What is steady must have no trend by ranks (Mann 1945) of
 * three standard deviations and 5 %. The block in which the change may lie counts as
 * before it.
 */
struct changepoint changepoint_find(const double *values, size_t n_values);

#endif
