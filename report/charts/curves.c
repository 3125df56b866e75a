/* Curves as data of a picture; see curves.h. */
#include "report/charts/curves.h"

#include <math.h>
#include <string.h>

#include "common/base/text.h"
#include "report/charts/data.h"
#include "report/charts/drawn.h"

/* The least and the most of what has to be in the picture. */
static void stretch(struct interval *range, double value) {
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static struct interval range_of_y(const struct drawn *drawn) {
    struct interval range = {INFINITY, -INFINITY};
    for (size_t i = 0; i < drawn->curves.n_curves; i++)
        for (size_t k = 0; k < drawn->curves.curves[i].n_points; k++)
            stretch(&range,
                    drawn_in_unit(
                        drawn,
                        drawn_estimate(drawn, &drawn->curves.curves[i].points[k]).value));
    for (size_t i = 0; i < drawn->n_lines; i++)
        for (size_t k = 0; drawn->lines[i].model != NULL && k < drawn->curves.n_xs; k++)
            stretch(&range, drawn_in_unit(drawn, drawn->lines[i].y[k]));
    return range.low <= range.high ? range : (struct interval){0, 1};
}

/* An axis that spans three doublings or more is logarithmic. */
static void put_axes(const struct drawn *drawn, FILE *out) {
    const struct curves *curves = &drawn->curves;
    char head[FIGURE_BYTES];
    double first = curves->n_xs > 0 ? curves->xs[0] : 1;
    double last = curves->n_xs > 0 ? curves->xs[curves->n_xs - 1] : 1;
    bool log_x = last >= 8 * first;
    struct interval y = range_of_y(drawn);
    bool log_y = drawn->chart->is_log && y.low > 0;
    double pad_x = log_x ? pow(last / first, 0.02) : fmax(0.02 * (last - first), 0.05);
    double low_y = log_y ? y.low / 1.4 : fmin(0, y.low * 1.15);
    double top_y = log_y ? y.high * 1.4 : y.high > 0 ? y.high * 1.15 : 1;
    data_block(out, "x_title, y_title, x_is_log, y_is_log, x_low, x_high, y_low, y_high, "
                    "n_thin_lines");
    data_text(out, drawn_axis_title(drawn));
    (void)fputc('\t', out);
    data_text(out, drawn->chart->figure == FIGURE_THROUGHPUT
                       ? "answers a second"
                       : figure_head(drawn->chart->figure, head));
    (void)fprintf(out, "\t%d\t%d\t%.6g\t%.6g\t%.6g\t%.6g\t%zu\n", log_x, log_y,
                  log_x ? first / pad_x : first - pad_x,
                  log_x ? last * pad_x : last + pad_x, low_y, top_y, drawn->n_lines);
    data_block(out, "x_tick");
    for (size_t i = 0; i < curves->n_xs; i++)
        (void)fprintf(out, "%.6g\n", curves->xs[i]);
    if (curves->n_xs == 0)
        (void)fprintf(out, "1\n");
}

static void put_names_of_lines(const struct drawn *drawn, FILE *out) {
    data_block(out, "kind, text");
    for (size_t i = 0; i < drawn->n_lines; i++) {
        const struct thin_line *line = &drawn->lines[i];
        if (line->model == NULL) {
            (void)fprintf(out, "2\tnobody passes ");
            data_text(out, drawn->chart->bound_formula);
        } else {
            (void)fprintf(out, "1\ttheory: ");
            data_text(out, line->model->formula);
            if (isfinite(line->error))
                (void)fprintf(out, ", off by %.2g %%", line->error * 100);
        }
        (void)fputc('\n', out);
    }
    if (drawn->n_lines == 0)
        (void)fprintf(out, "0\tnone\n");
}

/* One contestant; a hole is an empty line, which breaks the line that is drawn. */
static void put_curve(const struct drawn *drawn, const struct curve *curve, FILE *out) {
    size_t n_put = 0;
    bool is_hole = false;
    data_block(out, "x, y, y_low, y_high, failed_share");
    for (size_t i = 0; i < drawn->curves.n_xs; i++) {
        const struct curve_point *point = curve_at(curve, drawn->curves.xs[i]);
        struct estimate estimate = drawn_estimate(drawn, point);
        if (!isfinite(estimate.value)) {
            is_hole = n_put > 0;
            continue;
        }
        if (is_hole)
            (void)fputc('\n', out);
        is_hole = false;
        n_put++;
        (void)fprintf(out, "%.6g\t%.6g\t%.6g\t%.6g\t%.3g\n", point->x,
                      drawn_in_unit(drawn, estimate.value),
                      drawn_in_unit(drawn, estimate.interval.low),
                      drawn_in_unit(drawn, estimate.interval.high),
                      drawn_failed_share(drawn, point));
    }
    if (n_put == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\n");
}

static void put_contestants(const struct drawn *drawn, FILE *out) {
    data_block(out, "hue, label, last_x, last_y");
    for (size_t i = 0; i < drawn->curves.n_curves; i++) {
        const struct curve *curve = &drawn->curves.curves[i];
        double x = NAN, y = NAN;
        char name[DATA_NAME_BYTES];
        for (size_t k = 0; k < curve->n_points; k++) {
            double value = drawn_estimate(drawn, &curve->points[k]).value;
            x = isfinite(value) ? curve->points[k].x : x;
            y = isfinite(value) ? drawn_in_unit(drawn, value) : y;
        }
        (void)fprintf(out, "%u\t", data_hue(drawn->overview, curve->who));
        data_text(out, data_name_of_curve(curve, name));
        (void)fprintf(out, "\t%.6g\t%.6g\n", x, y);
    }
    if (drawn->curves.n_curves == 0)
        (void)fprintf(out, "1\tnobody\tNaN\tNaN\n");
}

void curves_write_data(const struct overview *overview, const struct chart *chart,
                       FILE *out) {
    struct drawn drawn;
    if (drawn_make(overview, chart, &drawn) != 0)
        return;
    put_contestants(&drawn, out);
    put_axes(&drawn, out);
    put_names_of_lines(&drawn, out);
    for (size_t i = 0; i < drawn.curves.n_curves; i++)
        put_curve(&drawn, &drawn.curves.curves[i], out);
    if (drawn.curves.n_curves == 0)
        put_curve(&drawn, &(struct curve){0}, out);
    for (size_t i = 0; i < drawn.n_lines; i++) {
        data_block(out, "x, y");
        for (size_t k = 0; k < drawn.curves.n_xs; k++)
            (void)fprintf(out, "%.6g\t%.6g\n", drawn.curves.xs[k],
                          drawn_in_unit(&drawn, drawn.lines[i].y[k]));
    }
    drawn_free(&drawn);
}

/* The contestants with the least and the most at one x; false: there are no two. */
static bool find_ends(const struct drawn *drawn, double x, const struct curve *ends[2],
                      double values[2]) {
    ends[0] = ends[1] = NULL;
    for (size_t i = 0; i < drawn->curves.n_curves; i++) {
        const struct curve_point *point = curve_at(&drawn->curves.curves[i], x);
        double value = drawn_estimate(drawn, point).value;
        if (!isfinite(value) || drawn_failed_share(drawn, point) > 0)
            continue;
        for (int end = 0; end < 2; end++)
            if (ends[end] == NULL ||
                (end == 0 ? value < values[end] : value > values[end])) {
                ends[end] = &drawn->curves.curves[i];
                values[end] = value;
            }
    }
    return ends[0] != ends[1];
}

/* How a contestant's figure changes from the first x to the last. */
struct change {
    const struct curve *curve;
    double from, to, times;   /* NAN: that is not known */
    struct interval interval; /* of how many times */
};

static struct change change_of(const struct drawn *drawn, const struct curve *curve) {
    const struct curve_point *ends[] = {
        curve_at(curve, drawn->curves.xs[0]),
        curve_at(curve, drawn->curves.xs[drawn->curves.n_xs - 1])};
    struct estimate from = drawn_estimate(drawn, ends[0]),
                    to = drawn_estimate(drawn, ends[1]);
    struct change change = {
        curve,
        from.value,
        to.value,
        to.value / from.value,
        {to.interval.low / from.interval.high, to.interval.high / from.interval.low}};
    for (size_t i = 0; i < 2; i++)
        if (ends[i] == NULL || drawn_failed_share(drawn, ends[i]) > 0)
            change.times = NAN;
    return change;
}

static bool is_seen(const struct change *change) {
    return change->interval.low > 1 || change->interval.high < 1;
}

/* "kitchen rises from 50 to 97", "kitchen stays at 50". */
static void tell_change(const struct drawn *drawn, const struct change *change,
                        char *title, size_t bytes) {
    static const double AS_GOOD_AS_STILL = 1.05;
    bool is_still = !is_seen(change) || fabs(log(change->times)) < log(AS_GOOD_AS_STILL);
    char values[FIGURE_BYTES];
    text_append(title, bytes, "%s %s%s", change->curve->who->contestant_label,
                is_still            ? "stays at "
                : change->times > 1 ? "rises from "
                                    : "falls from ",
                overview_values(drawn->overview, drawn->chart->figure,
                                is_still ? change->to : change->from, change->to,
                                values));
}

/* "Answers a second" of "Answers a second, by the number of users". */
static char *name_figure(const struct chart *chart, char text[FIGURE_BYTES]) {
    const char *title =
        chart->title != NULL ? chart->title : figures[chart->figure].label;
    const char *end = strstr(title, ", by ");
    (void)snprintf(text, FIGURE_BYTES, "%.*s",
                   (int)(end != NULL ? (size_t)(end - title) : strlen(title)), title);
    return text;
}

/* "Answers a second, from 1 to 16 users: ...": who changes most, and who least where that
 * is seen; false: no change is. */
static bool tell_changes(const struct drawn *drawn, char *title, size_t bytes) {
    const struct curves *curves = &drawn->curves;
    struct change most = {.times = NAN}, least = most;
    char x[32], to[64], what[FIGURE_BYTES];
    for (size_t i = 0; curves->n_xs > 1 && i < curves->n_curves; i++) {
        struct change own = change_of(drawn, &curves->curves[i]);
        double size = fabs(log(own.times));
        if (!isfinite(size))
            continue;
        most = size <= fabs(log(most.times)) ? most : own;
        least = size >= fabs(log(least.times)) ? least : own;
    }
    if (!isfinite(most.times) || !is_seen(&most))
        return false;
    (void)snprintf(x, sizeof x, "%.6g", curves->xs[curves->n_xs - 1]);
    (void)parameter_phrase(curves->axis, x, to, sizeof to);
    (void)snprintf(title, bytes, "%s, from %.6g to %s: ", name_figure(drawn->chart, what),
                   curves->xs[0], to);
    tell_change(drawn, &most, title, bytes);
    if (least.interval.high < most.interval.low ||
        most.interval.high < least.interval.low) {
        text_append(title, bytes, ", ");
        tell_change(drawn, &least, title, bytes);
    }
    return true;
}

void curves_describe(const struct overview *overview, const struct chart *chart,
                     char *title, size_t title_bytes) {
    struct drawn drawn;
    const struct curve *ends[2];
    double values[2] = {NAN, NAN};
    char x[32], with[64], least[FIGURE_BYTES], most[FIGURE_BYTES], what[FIGURE_BYTES];
    if (drawn_make(overview, chart, &drawn) == 0 &&
        !tell_changes(&drawn, title, title_bytes)) {
        size_t k = drawn.curves.n_xs;
        while (k > 0 && !find_ends(&drawn, drawn.curves.xs[k - 1], ends, values))
            k--;
        if (k > 0) {
            (void)snprintf(x, sizeof x, "%.6g", drawn.curves.xs[k - 1]);
            (void)parameter_phrase(drawn.curves.axis, x, with, sizeof with);
            (void)snprintf(title, title_bytes, "%s, with %s: %s with %s, %s with %s",
                           name_figure(chart, what), with,
                           overview_value(overview, chart->figure, values[0], least),
                           ends[0]->who->contestant_label,
                           overview_value(overview, chart->figure, values[1], most),
                           ends[1]->who->contestant_label);
        }
    }
    drawn_free(&drawn);
}
