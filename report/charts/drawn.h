/*
 * A chart of curves with all that it shows: the curves, and the thin lines of models and
 * bounds with how far off they are. The picture's data, the tables and the sentences are
 * made of it. Main thread.
 */
#pragma once

#include "measured/claims/curve.h"
#include "report/figures/overview.h"

/* A model that contestants share, or the bound, along the axis. */
enum { MOST_THIN_LINES = 8 };

struct thin_line {
    const struct closed_model *model; /* NULL: the bound */
    double *y;                        /* at each x of the curves; NAN: it says nothing */
    double error; /* median over points of |measured - model| / model */
};

/* A chart of curves with all that is drawn. */
struct drawn {
    const struct overview *overview;
    const struct chart *chart;
    struct curves curves;
    struct thin_line lines[MOST_THIN_LINES];
    size_t n_lines;
};

/* 0 or -ENOMEM; drawn_free in any case. */
int drawn_make(const struct overview *overview, const struct chart *chart,
               struct drawn *drawn);
void drawn_free(struct drawn *drawn);

/* Of the chart's figure, in the unit of files; its value is NAN where there is no point,
 * or one whose figures mean nothing (measured/validity.h). */
struct estimate drawn_estimate(const struct drawn *drawn,
                               const struct curve_point *point);

/* Of the requests of a point, the share that failed. */
double drawn_failed_share(const struct drawn *drawn, const struct curve_point *point);

/* A value of the figure in the unit that people read. */
double drawn_in_unit(const struct drawn *drawn, double value);

const char *drawn_axis_title(const struct drawn *drawn);
