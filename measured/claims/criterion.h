/*
 * What a claim is judged by: rows of figures with the bounds they must lie in, and their
 * values, one for each repeat. A row is about a cell by its name, or about curves: a
 * contestant, or every one, along an axis (measured/claims/curve.h). Main thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "measured/claims/curve.h"

/* In place of a contestant's name: the row must hold of each of them by itself. */
#define EVERY_CONTESTANT "*"

enum criterion_kind {
    JUDGED,
    APPLIES, /* outside the bounds the claim is about something else */
    ADMITS,  /* repeats of the cell outside the bounds are not judged by */
    TOLD,    /* judges nothing: what a person asks first of a claim that holds */
};

struct criterion {
    const char *what; /* "CPUs kept busy"; NULL ends the row */
    const char *unit; /* behind the number: "own T", "× forking's", "" */
    const char
        *cell; /* whose figure: a cell's name; with `along` a contestant's, or every */
    metric *figure;
    const char *other; /* figure is divided by that of this one in the same repeat */
    double low, high;  /* bounds; -INFINITY or INFINITY where there is none */
    enum criterion_kind kind;
    bool is_share;       /* may be near 0: its interval is not on a logarithmic scale */
    const char *refusal; /* APPLIES: what is said outside: "this work waits" */
    const struct along *along; /* NULL: of one cell */
    /* The figure in daily words: "the last of # users waited * times as long". `*` stands
     * for it, "* %" for it in hundredths, `#` for the cell's users, `@` for the
     * contestant. NULL: `what` and `unit` have to do. */
    const char *says;
};

struct claim {
    const char *id;   /* "blocking-is-linear"; NULL ends a table of claims */
    const char *text; /* the claim in one sentence */
    const struct criterion *criteria;
};

/* Whether that cell tells what becomes of a row, for one of its names, or of a claim. */
bool criterion_is_about(const struct criterion *row, const char *name,
                        const struct cell_parameters *cell);
bool claim_is_about(const struct claim *claim, const struct cell_parameters *cell);

/*
 * Whether a row that names `name`, a cell, a contestant or every one, means that cell; or
 * an external server that stands for the cell so called.
 */
bool criterion_means(const struct criterion *row, const char *name,
                     const struct cell_parameters *cell);

/* The next measured one that it means by that name, behind `after`, or the first where
 * that is NULL; NULL: there is none. */
const struct series *criterion_next(const struct run *run, const struct criterion *row,
                                    const char *name, const struct series *after);

/*
 * Those that a row is about, `other` apart: the cell's name, each external server that
 * stands for it, or every contestant that the run measured and the row does not leave
 * out. The row must hold of each. At most MAX_CONTESTANTS; returns how many.
 */
enum { MAX_CONTESTANTS = 64 };
size_t criterion_names(const struct run *run, const struct criterion *row,
                       const char *names[MAX_CONTESTANTS]);

/* Whether none of its requests failed, unless the row is about that. */
bool criterion_bears(const struct criterion *row, const struct cell *cell);

/* Whether a repeat of a cell may be judged by: by figures that say nothing of the claim,
 * and none of its requests failed unless the row is about that. */
bool criterion_admits(const struct claim *claim, const struct criterion *row,
                      const struct cell *cell);

/*
 * The values of a row for one of its names, one for each repeat that carries it. A point
 * whose requests failed in every repeat is left out of the curve; a repeat carries the
 * row when all other points of it may be judged by. Fills *values, which the caller
 * frees; returns how many, 0 without memory.
 */
size_t criterion_values(const struct run *run, const struct claim *claim,
                        const struct criterion *row, const char *name, double **values);
