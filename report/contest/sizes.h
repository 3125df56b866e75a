/*
 * Which sizes of pools serve best: the rows of a contest by how many requests they answer
 * a second, of those that keep the run's objective (--p99) where it has one. Each row is
 * told from the best by 95 % intervals: those not told apart from it are equals where
 * they are near, and the cheapest of them is advised. Main thread.
 */
#pragma once

#include "measured/grid.h"
#include "report/contest/contest.h"

struct sizes {
    const struct contest *contest;
    double p99_us; /* the objective; NAN: there is none */
    /* Where there is one: who keeps it, who does not, and who cannot be told. */
    struct group kept, broken, unknown;
    enum figure_id slow; /* p99; where all are too slow, the last that all carry */
    /* Those who may be advised, the most answers first: who keeps it, else who may, else
     * all by how slow they are, the least first; and of these who cannot be told from the
     * first: those near to it, and those that vary too much. */
    struct group ranked, equals, unsure;
    const struct overview_row *best; /* the cheapest of the equals; NULL: nobody */
    bool is_tie;                     /* nobody was told apart */
    struct group all;                /* of the contest: ranked, and out of it */
    bool is_alone;                   /* they are all of one contestant */
    struct grid grid;                /* of the best one's; `cell` counts those */
    const struct grid_point *point;  /* the best in it */
};

/* Whether it is what a contest is about: a grid of three points or more, whose users ask
 * again and again, and nobody beside it; or an objective. Then `sizes` is filled. */
bool sizes_make(const struct overview *overview, const struct contest *contest,
                struct sizes *sizes);

/* "4 workers with 16 threads"; behind who serves where several do. Returns text. */
char *sizes_name(const struct sizes *sizes, const struct overview_row *row, char *text,
                 size_t text_bytes);
