/* Rows of claims, and their values by repeat; see criterion.h. */
#include "measured/claims/criterion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/options.h"

static bool is_every(const char *name) {
    return strcmp(name, EVERY_CONTESTANT) == 0;
}

static bool is_left_out(const struct along *along, const char *contestant) {
    return along->but != NULL && options_list_names(along->but, contestant);
}

/* Whether a row that names `name` means that cell. */
static bool means(const struct criterion *row, const char *name,
                  const struct cell_parameters *cell) {
    const struct along *along = row->along;
    if (name == NULL || along == NULL)
        return name != NULL && strcmp(name, cell->name) == 0;
    if (strcmp(along->experiment, cell->experiment) != 0 ||
        !curve_takes(along->where, cell))
        return false;
    return is_every(name) ? !is_left_out(along, cell->contestant)
                          : strcmp(name, cell->contestant) == 0;
}

/* Whether it is on the row's part of the axis, as far as its parameters tell. */
static bool is_on_part(const struct criterion *row, const struct cell_parameters *cell) {
    const struct along *along = row->along;
    const struct parameter *axis = along != NULL ? parameter_find(along->axis) : NULL;
    return axis == NULL || along->per != NULL ||
           along_covers(along, parameter_number(cell, axis), 1);
}

bool claim_is_about(const struct claim *claim, const struct cell_parameters *cell) {
    for (const struct criterion *row = claim->criteria; row->what != NULL; row++)
        if (row->kind != APPLIES && is_on_part(row, cell) &&
            (means(row, row->cell, cell) || means(row, row->other, cell)))
            return true;
    return false;
}

size_t criterion_names(const struct run *run, const struct criterion *row,
                       const char *names[MAX_CONTESTANTS]) {
    size_t n = 0;
    names[0] = row->cell;
    if (row->along == NULL || !is_every(row->cell))
        return 1;
    for (size_t i = 0; i < run->n_series && n < MAX_CONTESTANTS; i++) {
        const struct cell_parameters *cell = run->series[i].parameters;
        size_t k = 0;
        while (k < n && strcmp(names[k], cell->contestant) != 0)
            k++;
        if (k == n && means(row, row->cell, cell))
            names[n++] = cell->contestant;
    }
    return n;
}

bool criterion_is_planned(const struct run *run, const struct criterion *row,
                          const char *name) {
    if (row->along == NULL)
        return run_plans(run, name);
    const json_t *list = json_object_get(run->info, "cells");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *planned = json_object_get(json_array_get(list, i), "parameters");
        const struct cell_parameters cell = {
            .experiment = fields_get_text(planned, "experiment", ""),
            .contestant = fields_get_text(planned, "contestant", ""),
        };
        if (means(row, name, &cell))
            return true;
    }
    return false;
}

size_t criterion_series(const struct run *run, const struct criterion *row,
                        const char *name, const struct series **series, size_t max) {
    size_t n = 0;
    for (size_t i = 0; i < run->n_series && n < max; i++)
        if (means(row, name, run->series[i].parameters))
            series[n++] = &run->series[i];
    return n;
}

static double unit_of(const struct along *along, const struct cell *cell) {
    return along->per != NULL ? along->per(cell) : 1;
}

/* Whether a row that admits is about that cell: by its name, or its part of a curve. */
static bool is_about(const struct criterion *row, const struct cell *cell) {
    if (!means(row, row->cell, &cell->parameters))
        return false;
    if (row->along == NULL)
        return true;
    const struct parameter *axis = parameter_find(row->along->axis);
    return axis != NULL &&
           along_covers(row->along, parameter_number(&cell->parameters, axis),
                        unit_of(row->along, cell));
}

bool criterion_bears(const struct criterion *row, const struct cell *cell) {
    return (row->along != NULL && row->along->of_failures) || metric_n_failed(cell) == 0;
}

bool criterion_admits(const struct claim *claim, const struct criterion *row,
                      const struct cell *cell) {
    for (const struct criterion *gate = claim->criteria; gate->what != NULL; gate++) {
        if (gate->kind != ADMITS || !is_about(gate, cell))
            continue;
        double figure = gate->figure(cell);
        if (!(figure >= gate->low && figure <= gate->high))
            return false;
    }
    return criterion_bears(row, cell);
}

/* The figure of one repeat of one cell; NAN when it, or its other, is not to be had. */
static double figure_of(const struct claim *claim, const struct criterion *row,
                        const struct cell *cell, const struct series *other) {
    if (cell == NULL || !criterion_admits(claim, row, cell))
        return NAN;
    if (row->other == NULL)
        return row->figure(cell);
    const struct cell *against =
        other != NULL ? series_repeat(other, cell->repeat) : NULL;
    if (against == NULL || !criterion_admits(claim, row, against))
        return NAN;
    return row->figure(cell) / row->figure(against);
}

/* Whether a point has a value in any repeat, admitted or not; else it is a hole. */
static bool is_carried(const struct criterion *row, const struct series *series,
                       const struct series *other) {
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct cell *cell = series->repeats[i];
        const struct cell *against =
            other != NULL ? series_repeat(other, cell->repeat) : NULL;
        if (criterion_bears(row, cell) && isfinite(row->figure(cell)) &&
            (row->other == NULL || (against != NULL && criterion_bears(row, against) &&
                                    isfinite(row->figure(against)))))
            return true;
    }
    return false;
}

/* A part of a curve, and of the other's, that every repeat judged by must have. */
struct part {
    const struct series **series, **others;
    double *x, *y, *unit;
    size_t n;
};

static void part_free(struct part *part) {
    free(part->series);
    free(part->others);
    free(part->x);
    free(part->y);
    free(part->unit);
}

static bool part_begin(struct part *part, size_t n_points) {
    *part = (struct part){
        calloc(n_points, sizeof *part->series), calloc(n_points, sizeof *part->others),
        calloc(n_points, sizeof *part->x),      calloc(n_points, sizeof *part->y),
        calloc(n_points, sizeof *part->unit),   0};
    return part->series != NULL && part->others != NULL && part->x != NULL &&
           part->y != NULL && part->unit != NULL;
}

/* What one of x is worth at a point: the mean over repeats. */
static double mean_unit(const struct along *along, const struct series *series) {
    return along->per != NULL ? estimate_series(series, along->per, false).value : 1;
}

static void add_point(struct part *part, const struct criterion *row,
                      const struct curve_point *point, const struct curve *other) {
    const struct curve_point *against = other != NULL ? curve_at(other, point->x) : NULL;
    const struct series *others = against != NULL ? against->series : NULL;
    if (!along_covers(row->along, point->x, mean_unit(row->along, point->series)) ||
        !is_carried(row, point->series, others))
        return;
    part->series[part->n] = point->series;
    part->others[part->n] = others;
    part->x[part->n++] = point->x;
}

/* The curve in one repeat as one number. */
static double reduce_repeat(struct part *part, const struct claim *claim,
                            const struct criterion *row, unsigned repeat) {
    for (size_t i = 0; i < part->n; i++) {
        const struct cell *cell = series_repeat(part->series[i], repeat);
        part->y[i] = figure_of(claim, row, cell, part->others[i]);
        part->unit[i] = cell != NULL ? unit_of(row->along, cell) : NAN;
        if (!isfinite(part->y[i]) || !(part->unit[i] > 0))
            return NAN;
    }
    const struct line line = {part->x, part->y, part->unit, part->n};
    return part->n > 0 ? row->along->reduce(&line, row->along) : NAN;
}

static unsigned last_repeat(const struct part *part) {
    unsigned last = 0;
    for (size_t i = 0; i < part->n; i++) {
        const struct series *series = part->series[i];
        unsigned own = series->repeats[series->n_repeats - 1]->repeat;
        last = own > last ? own : last;
    }
    return last;
}

static size_t values_of_curve(const struct run *run, const struct claim *claim,
                              const struct criterion *row, const char *name,
                              double **values) {
    struct curves curves;
    struct part part = {0};
    size_t n = 0;
    if (curves_make(run, row->along->experiment, row->along->axis, row->along->where,
                    &curves) != 0)
        return 0;
    const struct curve *curve = curves_find(&curves, name);
    const struct curve *other =
        row->other != NULL ? curves_find(&curves, row->other) : NULL;
    if (curve != NULL && part_begin(&part, curve->n_points))
        for (size_t i = 0; i < curve->n_points; i++)
            add_point(&part, row, &curve->points[i], other);
    *values = calloc(last_repeat(&part) + 1, sizeof **values);
    for (unsigned repeat = 1; *values != NULL && repeat <= last_repeat(&part); repeat++) {
        (*values)[n] = reduce_repeat(&part, claim, row, repeat);
        n += isfinite((*values)[n]) ? 1 : 0;
    }
    part_free(&part);
    curves_free(&curves);
    return n;
}

size_t criterion_values(const struct run *run, const struct claim *claim,
                        const struct criterion *row, const char *name, double **values) {
    *values = NULL;
    if (row->along != NULL)
        return values_of_curve(run, claim, row, name, values);
    const struct series *series = run_find(run, name);
    const struct series *other = row->other != NULL ? run_find(run, row->other) : NULL;
    size_t n = 0, n_repeats = series != NULL ? series->n_repeats : 0;
    *values = calloc(n_repeats + 1, sizeof **values);
    for (size_t i = 0; *values != NULL && i < n_repeats; i++) {
        (*values)[n] = figure_of(claim, row, series->repeats[i], other);
        n += isfinite((*values)[n]) ? 1 : 0;
    }
    return n;
}
