/*
 * Claims and how they are judged. A claim is a row of criteria: figures with the bounds
 * they must lie in. Verdict, figure, interval and the text of the rule all come from
 * those rows, so what is printed is what was judged by. Main thread.
 *
 * A criterion holds when the whole interval of its figure over the repeats lies within
 * the bounds, fails when it lies wholly outside, and is open otherwise. The interval
 * holds at every look (stats_looks_interval), so a run may look after each repeat and
 * stop when it likes. A claim is confirmed when every criterion holds, refuted when one
 * fails, else undecided; and undecided when a cell is missing or requests failed. With m
 * judged criteria each has an error of JUDGE_ERROR or, where that is less, 2 x
 * JUDGE_ERROR / m: a false verdict takes one interval that misses to one side. A row
 * about every contestant is as many criteria as there are contestants.
 */
#pragma once

#include "measured/claims/finding.h"

#define JUDGE_ERROR 0.05 /* of wrong verdicts of one claim, over a whole run */

/*
 * Every interval is wider by this share of its figure on both sides: repeats come in
 * bursts, of which a few may have seen none, and no verdict is to hang on so little.
 */
#define JUDGE_RESOLUTION 0.02

void judge(const struct run *run, const struct claim *claim, struct finding *finding);
