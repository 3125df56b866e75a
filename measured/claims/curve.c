/* Curves of contestants along an axis, and their reductions; see curve.h. */
#include "measured/claims/curve.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct curve *find_or_add(struct curves *curves, const struct series *series) {
    for (size_t i = 0; i < curves->n_curves; i++)
        if (strcmp(curves->curves[i].who->contestant, series->parameters->contestant) ==
            0)
            return &curves->curves[i];
    struct curve *curve = &curves->curves[curves->n_curves++];
    *curve = (struct curve){.who = series->parameters, .place = series->plan->place};
    return curve;
}

/* Puts x where it belongs in an ascending array of n values; the place it has there. */
static size_t place_of(const struct curve *curve, double x) {
    size_t at = 0;
    while (at < curve->n_points && curve->points[at].x < x)
        at++;
    return at;
}

static int add_point(struct curve *curve, double x, const struct series *series) {
    size_t at = place_of(curve, x);
    if (at < curve->n_points && curve->points[at].x == x)
        return 0;
    struct curve_point *longer =
        realloc(curve->points, (curve->n_points + 1) * sizeof *longer);
    if (longer == NULL)
        return -ENOMEM;
    memmove(longer + at + 1, longer + at, (curve->n_points - at) * sizeof *longer);
    longer[at] = (struct curve_point){x, series};
    curve->points = longer;
    curve->n_points++;
    return 0;
}

/* Every x of any curve, once. */
static int gather_xs(struct curves *curves) {
    size_t n = 0;
    for (size_t i = 0; i < curves->n_curves; i++)
        n += curves->curves[i].n_points;
    curves->xs = calloc(n + 1, sizeof *curves->xs);
    if (curves->xs == NULL)
        return -ENOMEM;
    n = 0;
    for (size_t i = 0; i < curves->n_curves; i++)
        for (size_t k = 0; k < curves->curves[i].n_points; k++)
            curves->xs[n++] = curves->curves[i].points[k].x;
    stats_sort(curves->xs, n);
    for (size_t i = 0; i < n; i++)
        if (curves->n_xs == 0 || curves->xs[curves->n_xs - 1] < curves->xs[i])
            curves->xs[curves->n_xs++] = curves->xs[i];
    return 0;
}

bool curve_takes(const char *where, const struct cell_parameters *cell) {
    for (const char *word = where; word != NULL && *word != '\0';) {
        char key[64], text[PARAMETER_BYTES];
        size_t length = strcspn(word, " "), key_length = strcspn(word, "=");
        (void)snprintf(key, sizeof key, "%.*s", (int)key_length, word);
        const struct parameter *parameter = parameter_find(key);
        if (parameter == NULL || key_length >= length)
            return false;
        const char *value = parameter_text(cell, parameter, text);
        if (strlen(value) != length - key_length - 1 ||
            strncmp(value, word + key_length + 1, strlen(value)) != 0)
            return false;
        word += length + strspn(word + length, " ");
    }
    return true;
}

int curves_make(const struct run *run, const char *experiment, const char *axis,
                const char *where, struct curves *curves) {
    *curves = (struct curves){.axis = parameter_find(axis)};
    curves->curves = calloc(run->n_series + 1, sizeof *curves->curves);
    int error = curves->curves != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; curves->axis != NULL && error == 0 && i < run->n_series; i++) {
        const struct series *series = &run->series[i];
        double x = parameter_number(series->parameters, curves->axis);
        if (strcmp(series->parameters->experiment, experiment) == 0 && x > 0 &&
            curve_takes(where, series->parameters))
            error = add_point(find_or_add(curves, series), x, series);
    }
    if (error == 0)
        error = gather_xs(curves);
    if (error != 0)
        curves_free(curves);
    return error;
}

void curves_free(struct curves *curves) {
    for (size_t i = 0; i < curves->n_curves; i++)
        free(curves->curves[i].points);
    free(curves->curves);
    free(curves->xs);
    *curves = (struct curves){0};
}

const struct curve_point *curve_at(const struct curve *curve, double x) {
    size_t at = place_of(curve, x);
    return at < curve->n_points && curve->points[at].x == x ? &curve->points[at] : NULL;
}

bool along_covers(const struct along *along, double x, double unit) {
    return along == NULL || (along->from == 0 && along->to == 0) ||
           (x / unit >= along->from && x / unit <= along->to);
}

double curve_mean(const struct line *line, const struct along *along) {
    (void)along;
    return line->n > 0 ? stats_mean(line->y, line->n) : NAN;
}

static size_t place_of_most(const struct line *line, double sign) {
    size_t at = 0;
    for (size_t i = 1; i < line->n; i++)
        at = sign * line->y[i] > sign * line->y[at] ? i : at;
    return at;
}

double curve_least(const struct line *line, const struct along *along) {
    (void)along;
    return line->n > 0 ? line->y[place_of_most(line, -1)] : NAN;
}

double curve_most(const struct line *line, const struct along *along) {
    (void)along;
    return line->n > 0 ? line->y[place_of_most(line, 1)] : NAN;
}

double curve_argmax(const struct line *line, const struct along *along) {
    (void)along;
    size_t at = place_of_most(line, 1);
    return line->n > 0 ? line->x[at] / line->unit[at] : NAN;
}

double curve_slope(const struct line *line, const struct along *along) {
    (void)along;
    return line->n > 1 ? stats_fit_line(line->x, line->y, line->n).slope : NAN;
}

double curve_knee(const struct line *line, const struct along *along) {
    size_t i = 0;
    while (i + 1 < line->n && line->y[i] > 0) {
        double doublings = log2(line->x[i + 1] / line->x[i]);
        double growth = pow(line->y[i + 1] / line->y[i], 1 / doublings) - 1; /* of one */
        if (!(growth >= along->share))
            break;
        i++;
    }
    if (i + 1 >= line->n || !(line->y[0] > 0) || !(line->y[i] > 0))
        return NAN;
    size_t end = line->y[i + 1] > line->y[i] ? i + 1 : i;
    return line->x[0] * line->y[end] / line->y[0] / line->unit[end];
}

double curve_crossing(const struct line *line, const struct along *along) {
    (void)along;
    for (size_t i = 0; i + 1 < line->n; i++) {
        double here = log(line->y[i]), there = log(line->y[i + 1]);
        if (!(here * there <= 0) || here == there)
            continue;
        double share = here / (here - there);
        double x = line->x[i] * pow(line->x[i + 1] / line->x[i], share);
        return x / (line->unit[i] * pow(line->unit[i + 1] / line->unit[i], share));
    }
    return NAN;
}
