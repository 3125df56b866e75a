/*
 * Who serves best: the rows of an overview that differ in who serves and in nothing else,
 * in ranks of those that cannot be told apart. Main thread.
 */
#pragma once

#include "report/figures/overview.h"

enum { CONTEST_MAX_ROWS = 256, CONTEST_WHERE_BYTES = 160 };

/* Rows that are told together. */
struct group {
    const struct overview_row *rows[CONTEST_MAX_ROWS];
    size_t n;
};

struct contest {
    char where[CONTEST_WHERE_BYTES]; /* "16 users"; "": the run has no other place */
    char work[CONTEST_WHERE_BYTES];  /* "sleep:100ms", where there are several */
    enum figure_id by;               /* overview_ranks_by */
    struct group ranked;             /* by that figure, the best first */
    /* Parallel to it, from 0: who is not known to be worse than the first of its rank, as
     * each of a later rank is. */
    unsigned rank_of[CONTEST_MAX_ROWS];
    unsigned n_ranks; /* 1 of several rows: there is no clear winner */
    struct group out; /* in which requests failed, or whose numbers mean nothing */
};

/* Puts a row last; or where it belongs by the value of a figure, the least first. */
void group_add(struct group *group, const struct overview_row *row);
void group_insert(struct group *group, const struct overview_row *row, enum figure_id id);

bool group_has(const struct group *group, const struct overview_row *row);

/* The contests of an overview, in the order of its rows; the caller frees them. NULL when
 * memory is out. */
struct contest *contests_make(const struct overview *overview, size_t *n);

/* Of n contests, 1 at least, where most is asked for: the last one in which several are
 * ranked; else the last. */
const struct contest *contest_telling(const struct contest *contests, size_t n);

/* Who serves, with what is varied of that: "threadpool (4 threads)". Returns text. */
char *contest_who(const struct cell_parameters *cell, char *text, size_t text_bytes);

/* What that name means, "a pool of 4 threads"; "" where it says so itself. Returns text.
 */
char *contest_meaning(const struct cell_parameters *cell, char *text, size_t text_bytes);

/* Whether they differ in their places alone. */
bool contest_is_same(const struct cell_parameters *left,
                     const struct cell_parameters *right);

/* Those of one rank. */
struct group contest_rank(const struct contest *contest, unsigned rank);

/* Whether the second is known to be worse: by the 95 % intervals, by more than too little
 * to matter, and not in slowdown alone while its users waited less. */
bool contest_is_worse(const struct contest *contest, const struct overview_row *one,
                      const struct overview_row *other);

/* Whether the 95 % interval of a figure lies below another's; whether all do. */
bool row_is_below(const struct overview_row *less, const struct overview_row *more,
                  enum figure_id id);
bool group_is_below(const struct group *less, const struct group *more,
                    enum figure_id id);

/* Of the first rank: who is to be chosen, who is as quick and clearly dearer, by a fifth
 * of the CPU time or by half of the memory where that is a MiB for all users, and who is
 * not known to be near to its first or better than the next rank. */
struct advice {
    struct group best, dearer, unsure;
    enum figure_id price; /* by which the dearer are */
};
void contest_advise(const struct contest *contest, struct advice *advice);
