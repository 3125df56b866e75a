/*
 * The sizes that a contestant was measured with, as a grid: cells that differ in how many
 * workers, threads or processes serve, or in what a name in a command stands for, and in
 * nothing else, are its points. Whoever chooses what is measured next and whoever tells
 * what came out see the same grid. Main thread.
 */
#pragma once

#include "measured/external.h"
#include "measured/parameters.h"

enum { GRID_MOST_AXES = 4, GRID_MOST_VALUES = 64, GRID_MOST_POINTS = 256 };

struct grid_axis {
    char name[EXTERNAL_NAME_BYTES];    /* "workers" */
    const struct parameter *parameter; /* NULL: it is a name in the command alone */
    char values[GRID_MOST_VALUES]
               [32];                  /* ascending; as they come where one is no number */
    double numbers[GRID_MOST_VALUES]; /* the same; NAN of what is none */
    size_t n_values;
};

struct grid_point {
    size_t cell;                 /* its place among the cells that the grid was made of */
    unsigned at[GRID_MOST_AXES]; /* the place of its value along each axis */
};

struct grid {
    struct grid_axis axes[GRID_MOST_AXES]; /* each of two values at least */
    size_t n_axes;
    struct grid_point points[GRID_MOST_POINTS]; /* in the order of the cells */
    size_t n_points;
};

/*
 * The grid of those among n cells that are served as cells[first] is, but for the sizes,
 * and stand in its place (measured/parameters.h). Where nothing varies it has no axis; of
 * more than GRID_MOST_AXES the first count.
 */
void grid_make(const struct cell_parameters *const *cells, size_t n, size_t first,
               struct grid *grid);

/* The point of that cell, or with those coordinates; NULL: there is none. */
const struct grid_point *grid_of_cell(const struct grid *grid, size_t cell);
const struct grid_point *grid_at(const struct grid *grid,
                                 const unsigned at[GRID_MOST_AXES]);

/* How many steps they are apart along the axis along which they are furthest. */
unsigned grid_distance(const struct grid *grid, const struct grid_point *left,
                       const struct grid_point *right);

/* Whether it is a corner of the grid, or its middle: such points are looked at first. */
bool grid_is_coarse(const struct grid *grid, const struct grid_point *point);

/* "4 workers", "level 2". Returns text. */
char *grid_phrase(const struct grid_axis *axis, unsigned at, char *text,
                  size_t text_bytes);

/* "4 workers with 16 threads and level 2". Returns text. */
char *grid_words(const struct grid *grid, const struct grid_point *point, char *text,
                 size_t text_bytes);
