/*
 * Claims and how they are judged. A claim is a row of criteria: figures with the bounds
 * they must lie in. Verdict, figure, interval and the text of the rule all come from
 * those rows, so what is printed is what was judged by. Main thread.
 *
 * With two repeats or more a criterion holds when the whole 95 % interval over repeats
 * lies within the bounds, fails when it lies wholly outside, and is open otherwise. One
 * repeat has no interval: JUDGE_ALONE_MARGIN of the figure on either side stands in.
 * A claim is confirmed when every criterion holds, refuted when one fails, else
 * undecided; and undecided when a condition does not hold, a cell is missing, or requests
 * failed.
 */
#ifndef JUGGLE_MEASURED_JUDGE_H
#define JUGGLE_MEASURED_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "measured/metric.h"

#define JUDGE_ALONE_MARGIN 0.10

enum verdict { CONFIRMED, REFUTED, UNDECIDED };

struct criterion {
    const char *what; /* "slope"; NULL ends the row */
    const char *unit; /* behind the number: "T per rank", "" */
    const char *cell; /* whose figure */
    metric *figure;
    const char *other; /* figure is divided by that of this cell in the same repeat */
    double low, high;  /* bounds; -INFINITY or INFINITY where there is none */
    bool is_condition; /* outside the bounds nothing is claimed, nothing refuted */
};

struct claim {
    const char *id;   /* "blocking-is-linear"; NULL ends a table of claims */
    const char *text; /* the claim in one sentence */
    const struct criterion *criteria;
};

struct finding {
    enum verdict verdict;
    char figure[256];   /* "slope 1.00 T per rank; mean 1.00 of (n + 1) / 2 T" */
    char interval[256]; /* "slope 0.99 .. 1.01; ...", or that one repeat has none */
    char why[224];      /* undecided: which figure left it so; else "" */
    char rule[640];     /* what confirms and what refutes, with its numbers */
    char evidence[256]; /* which cells, repeats and how many samples it rests on */
};

const char *verdict_name(enum verdict verdict);

void judge(const struct run *run, const struct claim *claim, struct finding *finding);

#endif
