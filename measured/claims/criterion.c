/* Rows of claims, and their values by repeat; see criterion.h. */
#include "measured/claims/criterion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/options.h"

static bool is_every(const char *name) {
    return strcmp(name, EVERY_CONTESTANT) == 0;
}

/*
 * Claims are about strategies, and about an external server that says which cell it
 * stands for: by that cell's name every such server is meant, by its own only itself.
 * Where it is measured along an axis it stands for none, as no cell has that name then.
 */
static bool means_external(const struct criterion *row, const char *name,
                           const struct cell_parameters *cell) {
    return name != NULL && row->along == NULL && cell->as != NULL &&
           cell->as[0] != '\0' && strcmp(cell->label, cell->contestant_label) == 0 &&
           (strcmp(name, cell->as) == 0 ||
            (strcmp(name, cell->contestant) == 0 && strcmp(row->cell, cell->as) == 0));
}

bool criterion_means(const struct criterion *row, const char *name,
                     const struct cell_parameters *cell) {
    const struct along *along = row->along;
    if (parameters_are_external(cell))
        return means_external(row, name, cell);
    if (name == NULL || along == NULL)
        return name != NULL && strcmp(name, cell->name) == 0;
    if (strcmp(along->experiment, cell->experiment) != 0 ||
        !curve_takes(along->where, cell))
        return false;
    if (!is_every(name))
        return strcmp(name, cell->contestant) == 0;
    return along->but == NULL || !options_list_names(along->but, cell->contestant);
}

const struct series *criterion_next(const struct run *run, const struct criterion *row,
                                    const char *name, const struct series *after) {
    const struct series *end = run->series + run->n_series;
    const struct series *next = after != NULL ? after + 1 : run->series;
    while (next < end && !criterion_means(row, name, next->parameters))
        next++;
    return next < end ? next : NULL;
}

/* Where on the axis it is; 1 of a row about one cell, NAN where there is no such axis. */
static double place_of(const struct criterion *row, const struct cell_parameters *cell) {
    if (row->along == NULL)
        return 1;
    const struct parameter *axis = parameter_find(row->along->axis);
    return axis != NULL ? parameter_number(cell, axis) : NAN;
}

bool criterion_is_about(const struct criterion *row, const char *name,
                        const struct cell_parameters *cell) {
    bool is_in_units = row->along != NULL && row->along->per != NULL;
    return (criterion_means(row, name, cell) || criterion_means(row, row->other, cell)) &&
           (is_in_units || along_covers(row->along, place_of(row, cell), 1));
}

bool claim_is_about(const struct claim *claim, const struct cell_parameters *cell) {
    const struct criterion *row = claim->criteria;
    while (row->what != NULL &&
           (row->kind == APPLIES || !criterion_is_about(row, row->cell, cell)))
        row++;
    return row->what != NULL;
}

size_t criterion_names(const struct run *run, const struct criterion *row,
                       const char *names[MAX_CONTESTANTS]) {
    size_t n = 0;
    for (size_t i = 0; i < run->n_series && n < MAX_CONTESTANTS; i++) {
        const struct cell_parameters *cell = run->series[i].parameters;
        bool has_own = is_every(row->cell) || parameters_are_external(cell);
        const char *name = has_own ? cell->contestant : row->cell;
        size_t k = 0;
        while (k < n && strcmp(names[k], name) != 0)
            k++;
        if (k == n && criterion_means(row, row->cell, cell))
            names[n++] = name;
    }
    if (n == 0 && !is_every(row->cell))
        names[n++] = row->cell;
    return n;
}

static double unit_of(const struct along *along, const struct cell *cell) {
    return along != NULL && along->per != NULL ? along->per(cell) : 1;
}

bool criterion_bears(const struct criterion *row, const struct cell *cell) {
    return (row->along != NULL && row->along->of_failures) || metric_n_failed(cell) == 0;
}

bool criterion_admits(const struct claim *claim, const struct criterion *row,
                      const struct cell *cell) {
    for (const struct criterion *gate = claim->criteria; gate->what != NULL; gate++) {
        if (gate->kind != ADMITS ||
            !criterion_means(gate, gate->cell, &cell->parameters) ||
            !along_covers(gate->along, place_of(gate, &cell->parameters),
                          unit_of(gate->along, cell)))
            continue;
        double figure = gate->figure(cell);
        if (!(figure >= gate->low && figure <= gate->high))
            return false;
    }
    return criterion_bears(row, cell);
}

/* A cell that a row is about, and that of the row's other at the same place. */
struct point {
    double x;
    const struct series *series, *other;
};

/*
 * The figure of a point in one repeat; NAN when it, or its other, is not to be had. With
 * `claim` those alone that may be judged by count, else all that bear the row.
 */
static double figure_of(const struct claim *claim, const struct criterion *row,
                        const struct point *point, unsigned repeat) {
    const struct series *both[] = {point->series, point->other};
    double figures[2] = {NAN, 1};
    for (size_t i = 0; i < (row->other != NULL ? 2 : 1); i++) {
        const struct cell *cell = both[i] != NULL ? series_repeat(both[i], repeat) : NULL;
        if (cell == NULL || !(claim != NULL ? criterion_admits(claim, row, cell)
                                            : criterion_bears(row, cell)))
            return NAN;
        figures[i] = row->figure(cell);
    }
    return figures[0] / figures[1];
}

/* Whether the row looks at a point: one without a value in any repeat is a hole. */
static bool counts(const struct criterion *row, const struct point *point) {
    const struct along *along = row->along;
    double unit = along != NULL && along->per != NULL
                      ? estimate_series(point->series, along->per, false).value
                      : 1;
    bool is_carried = false;
    for (size_t i = 0; i < point->series->n_repeats; i++)
        is_carried |=
            isfinite(figure_of(NULL, row, point, point->series->repeats[i]->repeat));
    return is_carried && along_covers(along, point->x, unit);
}

/* The points of a row for one of its names, ascending in x; of several at the same x the
 * first that counts. `points` has room for every series. */
static size_t find_points(const struct run *run, const struct criterion *row,
                          const char *name, struct point *points) {
    size_t n = 0;
    for (const struct series *series = NULL;
         (series = criterion_next(run, row, name, series)) != NULL;) {
        struct point point = {.x = place_of(row, series->parameters), .series = series};
        size_t at = n;
        if (!(point.x > 0))
            continue;
        do
            point.other = criterion_next(run, row, row->other, point.other);
        while (point.other != NULL && place_of(row, point.other->parameters) != point.x);
        while (at > 0 && points[at - 1].x > point.x)
            at--;
        if ((at > 0 && points[at - 1].x == point.x) || !counts(row, &point))
            continue;
        memmove(points + at + 1, points + at, (n - at) * sizeof *points);
        points[at] = point;
        n++;
    }
    return n;
}

/* One repeat of the points as one number; `room` is for three numbers of each. */
static double reduce_repeat(const struct claim *claim, const struct criterion *row,
                            const struct point *points, size_t n_points, double *room,
                            unsigned repeat) {
    double *x = room, *y = x + n_points, *unit = y + n_points;
    for (size_t i = 0; i < n_points; i++) {
        x[i] = points[i].x;
        y[i] = figure_of(claim, row, &points[i], repeat);
        if (!isfinite(y[i]))
            return NAN;
        unit[i] = unit_of(row->along, series_repeat(points[i].series, repeat));
        if (!(unit[i] > 0))
            return NAN;
    }
    const struct line line = {x, y, unit, n_points};
    return row->along != NULL ? row->along->reduce(&line, row->along) : y[0];
}

size_t criterion_values(const struct run *run, const struct claim *claim,
                        const struct criterion *row, const char *name, double **values) {
    struct point *points = calloc(run->n_series + 1, sizeof *points);
    size_t n_points = points != NULL ? find_points(run, row, name, points) : 0, n = 0;
    double *room = calloc(3 * n_points + 1, sizeof *room);
    unsigned last = 0;
    for (size_t i = 0; i < n_points; i++) {
        const struct series *series = points[i].series;
        unsigned own = series->repeats[series->n_repeats - 1]->repeat;
        last = own > last ? own : last;
    }
    *values = calloc(last + 1, sizeof **values);
    for (unsigned k = 1; room != NULL && *values != NULL && k <= last; k++) {
        (*values)[n] = reduce_repeat(claim, row, points, n_points, room, k);
        n += isfinite((*values)[n]);
    }
    free(points);
    free(room);
    return n;
}
