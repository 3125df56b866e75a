/*
 * What was found of a claim, in words: headline, figures, intervals, rule, evidence and
 * what is missing, all made from the rows that it was judged by. Main thread.
 */
#pragma once

#include "measured/claims/criterion.h"

/* What is not applicable was not measured on a machine, or with a work, that it is about;
 * or its cells were not chosen. It is no finding and not counted. */
enum verdict { CONFIRMED, REFUTED, UNDECIDED, NOT_APPLICABLE };

const char *verdict_name(enum verdict verdict);

/* A criterion that neither holds nor fails yet, for one of its names. */
struct open_criterion {
    const struct criterion *row;
    const char *name; /* of the run's */
    double n_more;    /* repeats; see below */
};

enum { FINDING_MOST_OPEN = 64 };

struct finding {
    enum verdict verdict;
    /* What decided it, or keeps it open, in daily words: "the last user waited 1.8 times
     * as long as with a process each; the claim allows at most 1.33". */
    char headline[256];
    char figure[320];   /* every figure: "1 - R2 0.003; served in order 1" */
    char interval[320]; /* "1 - R2 0.002 to 0.004; ...", or that there is none yet */
    char why[224];      /* undecided, not applicable: what is missing; else "" */
    char rule[900];     /* what confirms and what refutes, with its numbers */
    /* Which cells, repeats and how many samples it rests on, and which are left out. */
    char evidence[512];
    /*
     * Undecided: about how many more repeats would decide it, and how many seconds those
     * of its cells that are open take. INFINITY: so close to a bound that none will.
     */
    double n_more, more_s;
    size_t n_open; /* of FINDING_MOST_OPEN; more are not counted */
    struct open_criterion open[FINDING_MOST_OPEN];
};

/* About how many more repeats of that cell would decide what is open; 0: it is known. */
double finding_more(const struct finding *finding, const struct cell_parameters *cell);

/* The later one says more of the verdict. */
enum outcome { UNKNOWN, HOLDS, OPEN, FAILS };

/* A criterion, for one of those that it is about, over all repeats that carry it. */
struct measured {
    const char *name; /* of a cell or a contestant */
    size_t n_names;   /* how many the row is about */
    size_t n;
    double value, deviation;  /* the deviation on the scale of the interval */
    struct interval interval; /* holds at every look */
    enum outcome outcome;
};

/* Each adds to the finding what its name says; those about a row take it, and what was
 * measured of it. `error` is that of one interval. */
void finding_rule(const struct claim *claim, double error, struct finding *finding);
void finding_cite(const struct run *run, const struct criterion *row,
                  struct finding *finding);
void finding_figure(const struct criterion *row, const struct measured *measured,
                    struct finding *finding);
void finding_headline(const struct run *run, const struct criterion *row,
                      const struct measured *measured, struct finding *finding);

/* Why a row has no value: what was not measured, or lacks what it is judged by. */
void finding_explain_unknown(const struct run *run, const struct claim *claim,
                             const struct criterion *row, const char *name,
                             struct finding *finding);

/* What an undecided one lacks, from n_more and more_s, unless `why` says it. */
void finding_explain_open(struct finding *finding);
