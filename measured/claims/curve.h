/*
 * A figure along an axis: the cells of an experiment that differ in one parameter, one
 * curve for each contestant; and what one number a curve comes to. The axis is a
 * parameter by its key ("users"); x is its value. A cell that was not measured is a hole:
 * the curve goes on without it. Main thread.
 */
#pragma once

#include <stdbool.h>

#include "measured/merged.h"

struct curve_point {
    double x;
    const struct series *series;
};

struct curve {
    const struct cell_parameters *who; /* of its first point: contestant and label */
    unsigned place;                    /* of the contestant: its colour in charts */
    struct curve_point *points;        /* ascending in x, owned */
    size_t n_points;
};

struct curves {
    const struct parameter *axis;
    struct curve *curves; /* in the order of contestants in the run, owned */
    size_t n_curves;
    double *xs; /* every x that a curve has, ascending, owned */
    size_t n_xs;
};

/*
 * The curves of that experiment of a run; none when no parameter is called that. `where`
 * is "KEY=VALUE ..." of the cells that count, where another parameter varies as well;
 * NULL: all. Of cells of one contestant at the same x the first counts. 0 or -ENOMEM.
 * Release with curves_free, before the run.
 */
int curves_make(const struct run *run, const char *experiment, const char *axis,
                const char *where, struct curves *curves);
void curves_free(struct curves *curves);

/* Whether a cell is one of those that `where` asks for. */
bool curve_takes(const char *where, const struct cell_parameters *cell);

/* NULL: a hole. */
const struct curve_point *curve_at(const struct curve *curve, double x);

/* One repeat of a curve, or the ratio of two: x ascending and above 0. */
struct line {
    const double *x, *y;
    const double *unit; /* what one of x is worth at each point: 1 unless asked for */
    size_t n;
};

/*
 * Which part of a curve counts, and what becomes of it. With `per`, x is told in units of
 * that figure of each cell: from = 2 with CPUs allowed is from two users for each CPU on.
 */
struct along {
    const char *experiment, *axis, *where; /* as curves_make */
    double (*reduce)(const struct line *line, const struct along *along);
    metric *per;      /* NULL: x as it is */
    double from, to;  /* both 0: all of it */
    double share;     /* of curve_knee */
    const char *but;  /* where all contestants are meant: not these, "a,b" */
    bool of_failures; /* cells with failed requests count as well: it is about them */
};

/* Whether that x counts, of which one is worth `unit`; any does where `along` is NULL. */
bool along_covers(const struct along *along, double x, double unit);

typedef double reduction(const struct line *line, const struct along *along);

/* The mean, the least and the most y; with from = to it is y at that x. */
reduction curve_mean, curve_least, curve_most;

/* Of the least-squares line of y on x. */
reduction curve_slope;

/*
 * The x where growth ends: y would have come there from the first point on, had it grown
 * in proportion to x, to what it is at the end of the first stretch on which doubling x
 * adds less than `share` to it. In a closed system that is the saturation point, where
 * the asymptotes N / D and m / D cross (Denning, Buzen 1978); a coarse axis does not move
 * it. The first x when y never grows; NAN when it still grows at the last, or is not
 * above 0.
 */
reduction curve_knee;

/* The x where y, a ratio of two contestants, first passes 1: on the straight line between
 * two points with log x and log y. NAN: nowhere. */
reduction curve_crossing;

/* The x with the most y. */
reduction curve_argmax;
