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
 * JUDGE_ERROR / m: a false verdict takes one interval that misses to one side.
 */
#ifndef JUGGLE_MEASURED_JUDGE_H
#define JUGGLE_MEASURED_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "measured/metric.h"

#define JUDGE_ERROR 0.05 /* of wrong verdicts of one claim, over a whole run */

/*
 * Every interval is wider by this share of its figure on both sides: repeats come in
 * bursts, of which a few may have seen none, and no verdict is to hang on so little.
 */
#define JUDGE_RESOLUTION 0.02

/* What is not applicable was not measured on a machine, or with a work, that it is about;
 * or its cells were not chosen. It is no finding and not counted. */
enum verdict { CONFIRMED, REFUTED, UNDECIDED, NOT_APPLICABLE };

enum criterion_kind {
    JUDGED,
    APPLIES, /* outside the bounds the claim is about something else */
    ADMITS,  /* repeats of the cell outside the bounds are not judged by */
};

struct criterion {
    const char *what; /* "CPUs kept busy"; NULL ends the row */
    const char *unit; /* behind the number: "own T", "× forking's", "" */
    const char *cell; /* whose figure */
    metric *figure;
    const char *other; /* figure is divided by that of this cell in the same repeat */
    double low, high;  /* bounds; -INFINITY or INFINITY where there is none */
    enum criterion_kind kind;
    bool is_share;       /* may be near 0: its interval is not on a logarithmic scale */
    const char *refusal; /* APPLIES: what is said outside: "this work waits" */
};

struct claim {
    const char *id;   /* "blocking-is-linear"; NULL ends a table of claims */
    const char *text; /* the claim in one sentence */
    const struct criterion *criteria;
};

struct finding {
    enum verdict verdict;
    /* What decided it, or keeps it open: "CPUs kept busy 0.98, at most 1.05". */
    char headline[160];
    char figure[320];   /* every figure: "1 - R2 0.003; served in order 1" */
    char interval[320]; /* "1 - R2 0.002 to 0.004; ...", or that there is none yet */
    char why[224];      /* undecided, not applicable: what is missing; else "" */
    char rule[900];     /* what confirms and what refutes, with its numbers */
    char evidence[256]; /* which cells, repeats and how many samples it rests on */
    /*
     * Undecided: about how many more repeats of its cells would decide it, and how many
     * seconds they take. INFINITY: so close to a bound that none will.
     */
    double n_more, more_s;
};

const char *verdict_name(enum verdict verdict);

void judge(const struct run *run, const struct claim *claim, struct finding *finding);

/* Whether the claim is about that cell. */
bool claim_is_about(const struct claim *claim, const char *cell);

#endif
