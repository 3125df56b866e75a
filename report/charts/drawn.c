/* What a chart of curves shows; see drawn.h. */
#include "report/charts/drawn.h"

#include <math.h>
#include <stdlib.h>

static const struct overview_row *row_of(const struct overview *overview,
                                         const struct series *series) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview->rows[i].series == series)
            return &overview->rows[i];
    return NULL;
}

struct estimate drawn_estimate(const struct drawn *drawn,
                               const struct curve_point *point) {
    const struct overview_row *row =
        point != NULL ? row_of(drawn->overview, point->series) : NULL;
    return row != NULL && row->validity.level != VALIDITY_INVALID
               ? row->estimates[drawn->chart->figure]
               : (struct estimate){NAN, {NAN, NAN}, 0};
}

double drawn_failed_share(const struct drawn *drawn, const struct curve_point *point) {
    const struct overview_row *row = row_of(drawn->overview, point->series);
    return row != NULL && row->n_requests > 0
               ? (double)row->n_failed / (double)row->n_requests
               : 0;
}

/* In the unit that people read. */
double drawn_in_unit(const struct drawn *drawn, double value) {
    double per_unit = figures[drawn->chart->figure].per_unit;
    return per_unit > 0 ? value / per_unit : value;
}

static const struct closed_model *model_of(const struct drawn *drawn,
                                           const struct curve *curve) {
    const struct contestant *contestant =
        drawn->chart->model != NULL
            ? experiment_contestant(drawn->overview->experiment, curve->who->contestant)
            : NULL;
    bool is_known = contestant != NULL && contestant->model != NULL;
    return is_known ? contestant->model->closed : NULL;
}

/* What a model (or the bound, NULL) expects of a cell: the mean over its repeats. */
static double expected_of(const struct drawn *drawn, const struct closed_model *model,
                          const struct series *series) {
    double sum = 0;
    for (size_t i = 0; i < series->n_repeats; i++) {
        struct closed_system system = closed_system_of(series->repeats[i]);
        sum += model != NULL ? drawn->chart->model(model, &system)
                             : drawn->chart->bound(&system);
    }
    return sum / (double)series->n_repeats;
}

/* The mean over the contestants that have the model, at each x; and its error. */
static void fill_line(struct drawn *drawn, struct thin_line *line) {
    const struct curves *curves = &drawn->curves;
    size_t n_errors = 0;
    double *errors = calloc(curves->n_curves * curves->n_xs + 1, sizeof *errors);
    line->y = calloc(curves->n_xs + 1, sizeof *line->y);
    for (size_t k = 0; errors != NULL && line->y != NULL && k < curves->n_xs; k++) {
        double sum = 0, n = 0;
        for (size_t i = 0; i < curves->n_curves; i++) {
            const struct curve *curve = &curves->curves[i];
            const struct curve_point *point = curve_at(curve, curves->xs[k]);
            if (point == NULL ||
                (line->model != NULL && model_of(drawn, curve) != line->model))
                continue;
            double expected = expected_of(drawn, line->model, point->series);
            double error = fabs(drawn_estimate(drawn, point).value / expected - 1);
            sum += isfinite(expected) ? expected : 0;
            n += isfinite(expected) ? 1 : 0;
            if (isfinite(error))
                errors[n_errors++] = error;
        }
        line->y[k] = n > 0 ? sum / n : NAN;
    }
    line->error = n_errors > 0 ? stats_median(errors, n_errors) : NAN;
    free(errors);
}

static void add_line(struct drawn *drawn, const struct closed_model *model) {
    for (size_t i = 0; i < drawn->n_lines; i++)
        if (drawn->lines[i].model == model)
            return;
    if (drawn->n_lines == MOST_THIN_LINES)
        return;
    struct thin_line *line = &drawn->lines[drawn->n_lines++];
    *line = (struct thin_line){.model = model};
    fill_line(drawn, line);
}

/* 0 or -ENOMEM; drawn_free in any case. */
int drawn_make(const struct overview *overview, const struct chart *chart,
               struct drawn *drawn) {
    *drawn = (struct drawn){.overview = overview, .chart = chart};
    int error = curves_make(overview->run, overview->name, chart->axis, chart->where,
                            &drawn->curves);
    for (size_t i = 0; error == 0 && i < drawn->curves.n_curves; i++) {
        const struct closed_model *model = model_of(drawn, &drawn->curves.curves[i]);
        if (model != NULL)
            add_line(drawn, model);
    }
    if (error == 0 && chart->bound != NULL)
        add_line(drawn, NULL);
    return error;
}

void drawn_free(struct drawn *drawn) {
    for (size_t i = 0; i < drawn->n_lines; i++)
        free(drawn->lines[i].y);
    curves_free(&drawn->curves);
}

const char *drawn_axis_title(const struct drawn *drawn) {
    if (drawn->chart->axis_title != NULL || drawn->curves.axis == NULL)
        return drawn->chart->axis_title != NULL ? drawn->chart->axis_title : "";
    return drawn->curves.axis->meaning;
}
