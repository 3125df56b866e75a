/* Curves as data of a chart and as tables; see curves.h. */
#include "report/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measured/claims/curve.h"
#include "measured/theory/scaling.h"
#include "report/data.h"

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

static const struct overview_row *row_of(const struct overview *overview,
                                         const struct series *series) {
    for (size_t i = 0; i < overview->n_rows; i++)
        if (overview->rows[i].series == series)
            return &overview->rows[i];
    return NULL;
}

static struct estimate estimate_at(const struct drawn *drawn,
                                   const struct curve_point *point) {
    const struct overview_row *row =
        point != NULL ? row_of(drawn->overview, point->series) : NULL;
    return row != NULL ? row->estimates[drawn->chart->figure]
                       : (struct estimate){NAN, {NAN, NAN}, 0};
}

static double failed_share(const struct drawn *drawn, const struct curve_point *point) {
    const struct overview_row *row = row_of(drawn->overview, point->series);
    return row != NULL && row->n_requests > 0
               ? (double)row->n_failed / (double)row->n_requests
               : 0;
}

/* In the unit that people read. */
static double shown(const struct drawn *drawn, double value) {
    double per_unit = figures[drawn->chart->figure].per_unit;
    return per_unit > 0 ? value / per_unit : value;
}

static const struct closed_model *model_of(const struct drawn *drawn,
                                           const struct curve *curve) {
    const struct contestant *contestant =
        experiment_contestant(drawn->overview->experiment, curve->who->contestant);
    bool is_known = contestant != NULL && contestant->model != NULL;
    return is_known && drawn->chart->model != NULL ? contestant->model->closed : NULL;
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
            double error = fabs(estimate_at(drawn, point).value / expected - 1);
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
static int drawn_make(const struct overview *overview, const struct chart *chart,
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

static void drawn_free(struct drawn *drawn) {
    for (size_t i = 0; i < drawn->n_lines; i++)
        free(drawn->lines[i].y);
    curves_free(&drawn->curves);
}

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
                    shown(drawn,
                          estimate_at(drawn, &drawn->curves.curves[i].points[k]).value));
    for (size_t i = 0; i < drawn->n_lines; i++)
        for (size_t k = 0; drawn->lines[i].model != NULL && k < drawn->curves.n_xs; k++)
            stretch(&range, shown(drawn, drawn->lines[i].y[k]));
    return range.low <= range.high ? range : (struct interval){0, 1};
}

static const char *title_of_axis(const struct drawn *drawn) {
    if (drawn->chart->axis_title != NULL || drawn->curves.axis == NULL)
        return drawn->chart->axis_title != NULL ? drawn->chart->axis_title : "";
    return drawn->curves.axis->meaning;
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
    data_text(out, title_of_axis(drawn));
    (void)fputc('\t', out);
    data_text(out, figure_head(drawn->chart->figure, head));
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
            (void)fprintf(out, "1\texpected with ");
            data_text(out, line->model->formula);
            if (isfinite(line->error))
                (void)fprintf(out, ": off by %.2g %% (median)", line->error * 100);
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
        struct estimate estimate = estimate_at(drawn, point);
        if (!isfinite(estimate.value)) {
            is_hole = n_put > 0;
            continue;
        }
        if (is_hole)
            (void)fputc('\n', out);
        is_hole = false;
        n_put++;
        (void)fprintf(out, "%.6g\t%.6g\t%.6g\t%.6g\t%.3g\n", point->x,
                      shown(drawn, estimate.value), shown(drawn, estimate.interval.low),
                      shown(drawn, estimate.interval.high), failed_share(drawn, point));
    }
    if (n_put == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\n");
}

static void put_contestants(const struct drawn *drawn, FILE *out) {
    data_block(out, "hue, label, last_x, last_y");
    for (size_t i = 0; i < drawn->curves.n_curves; i++) {
        const struct curve *curve = &drawn->curves.curves[i];
        double x = NAN, y = NAN;
        for (size_t k = 0; k < curve->n_points; k++) {
            double value = estimate_at(drawn, &curve->points[k]).value;
            x = isfinite(value) ? curve->points[k].x : x;
            y = isfinite(value) ? shown(drawn, value) : y;
        }
        (void)fprintf(out, "%u\t", data_hue(curve->who));
        data_text(out, curve->who->contestant_label);
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
                          shown(&drawn, drawn.lines[i].y[k]));
    }
    drawn_free(&drawn);
}

static void write_cell(const struct drawn *drawn, const struct curve_point *point,
                       struct document *document) {
    char text[FIGURE_BYTES], failed[32] = "";
    struct estimate estimate = estimate_at(drawn, point);
    if (point != NULL && failed_share(drawn, point) > 0)
        (void)snprintf(failed, sizeof failed, " (%.2g %% failed)",
                       failed_share(drawn, point) * 100);
    document_cell(document, "%s%s",
                  figure_text(drawn->chart->figure, estimate.value, text), failed);
}

/* "a 0.02 (0.01 to 0.03)". */
static void put_coefficient(const char *name, double value,
                            const struct interval *interval, char *text, size_t bytes) {
    int length = snprintf(text, bytes, "%s %.2g", name, value);
    if (isfinite(interval->low) && length > 0 && (size_t)length < bytes)
        (void)snprintf(text + length, bytes - (size_t)length, " (%.2g to %.2g)",
                       fmax(0, interval->low), interval->high);
}

void curves_write_table(const struct overview *overview, const struct chart *chart,
                        struct document *document) {
    struct drawn drawn;
    char head[FIGURE_BYTES];
    if (drawn_make(overview, chart, &drawn) != 0)
        return;
    document_paragraph(document, "%s, by %s:", figure_head(chart->figure, head),
                       title_of_axis(&drawn));
    document_table_begin(document);
    document_head(document, "contestant");
    for (size_t i = 0; i < drawn.curves.n_xs; i++)
        document_head(document, "%.6g", drawn.curves.xs[i]);
    for (size_t i = 0; i < drawn.curves.n_curves; i++) {
        const struct curve *curve = &drawn.curves.curves[i];
        document_cell(document, "%s", curve->who->contestant_label);
        for (size_t k = 0; k < drawn.curves.n_xs; k++)
            write_cell(&drawn, curve_at(curve, drawn.curves.xs[k]), document);
    }
    document_table_end(document);
    drawn_free(&drawn);
}

/* Fits of each curve with points enough. */
static void write_fits(const struct drawn *drawn, struct document *document) {
    for (size_t i = 0; i < drawn->curves.n_curves; i++) {
        const struct curve *curve = &drawn->curves.curves[i];
        double *x = calloc(2 * curve->n_points + 1, sizeof *x);
        double *y = x != NULL ? x + curve->n_points : NULL;
        char amdahl_a[80], a[80], b[80];
        size_t n = 0;
        for (size_t k = 0; x != NULL && k < curve->n_points; k++) {
            x[n] = curve->points[k].x;
            y[n] = estimate_at(drawn, &curve->points[k]).value;
            n += isfinite(y[n]) ? 1 : 0;
        }
        struct scaling amdahl = scaling_fit_amdahl(x, y, n);
        struct scaling usl = scaling_fit_usl(x, y, n);
        free(x);
        if (!isfinite(amdahl.a) || !isfinite(usl.a))
            continue;
        put_coefficient("serial share", amdahl.a, &amdahl.a_interval, amdahl_a,
                        sizeof amdahl_a);
        put_coefficient("contention", usl.a, &usl.a_interval, a, sizeof a);
        put_coefficient("coherency", usl.b, &usl.b_interval, b, sizeof b);
        document_paragraph(
            document,
            "Fits to %s: Amdahl's law with %s, off by %.2g %% (median); "
            "the universal scalability law with %s and %s, off by %.2g %%.",
            curve->who->contestant_label, amdahl_a, amdahl.error * 100, a, b,
            usl.error * 100);
    }
}

/* At how many CPUs of the server the load generator had others. */
static void write_whose_cpus(const struct drawn *drawn, struct document *document) {
    char own[200] = "", shared[200] = "";
    for (size_t k = 0; k < drawn->curves.n_xs; k++)
        for (size_t i = 0; i < drawn->curves.n_curves; i++) {
            const struct curve_point *point =
                curve_at(&drawn->curves.curves[i], drawn->curves.xs[k]);
            if (point == NULL)
                continue;
            bool is_apart = point->series->repeats[0]->window.generator_apart;
            char *list = is_apart ? own : shared;
            size_t length = strlen(list);
            (void)snprintf(list + length, sizeof own - length, "%s%.6g",
                           length > 0 ? ", " : "", drawn->curves.xs[k]);
            break;
        }
    if (own[0] != '\0')
        document_paragraph(document, "The load generator had CPUs of its own at %s.",
                           own);
    if (shared[0] != '\0')
        document_paragraph(document, "The load generator shared the server's CPUs at %s.",
                           shared);
}

void curves_write_fits(const struct overview *overview, const struct chart *chart,
                       struct document *document) {
    struct drawn drawn;
    if (!chart->has_fits || drawn_make(overview, chart, &drawn) != 0)
        return;
    write_fits(&drawn, document);
    if (strcmp(chart->axis, "cpus") == 0)
        write_whose_cpus(&drawn, document);
    drawn_free(&drawn);
}

/* "50 answers a second", or of a second one in the same sentence "50". */
static const char *say_figure(enum figure_id id, double value, bool is_second, char *text,
                              size_t text_bytes) {
    static const struct {
        enum figure_id id;
        const char *before, *unit, *behind;
        double per_unit;
    } words[] = {{FIGURE_THROUGHPUT, "", "", " answers a second", 1},
                 {FIGURE_MEAN, "a mean wait of ", " s", "", 1e6},
                 {FIGURE_P50, "a median wait of ", " ms", "", 1e3},
                 {FIGURE_CPUS_BUSY, "", "", " CPUs busy", 1},
                 {FIGURE_CONTENTION, "a contention of ", "", "", 1},
                 {FIGURE_MEMORY_PER_USER, "", " KiB", " of memory a user", 1024}};
    char number[FIGURE_BYTES];
    const char *unit = figures[id].unit != NULL ? figures[id].unit : "";
    (void)snprintf(text, text_bytes, "%s%s%s%s%s", is_second ? "" : figures[id].label,
                   is_second ? "" : " ", figure_text(id, value, number),
                   unit[0] != '\0' ? " " : "", unit);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].id == id)
            (void)snprintf(text, text_bytes, "%s%s%s%s", is_second ? "" : words[i].before,
                           figure_rounded(value / words[i].per_unit, number),
                           words[i].unit, is_second ? "" : words[i].behind);
    return text;
}

/* The contestants with the least and the most at one x; how many have a value there. */
static size_t find_extremes(const struct drawn *drawn, double x,
                            const struct curve *extremes[2],
                            struct estimate estimates[2]) {
    size_t n = 0;
    for (size_t i = 0; i < drawn->curves.n_curves; i++) {
        const struct curve *curve = &drawn->curves.curves[i];
        struct estimate estimate = estimate_at(drawn, curve_at(curve, x));
        if (!isfinite(estimate.value))
            continue;
        for (int end = 0; end < 2; end++) {
            bool is_further = end == 0 ? estimate.value < estimates[0].value
                                       : estimate.value > estimates[1].value;
            if (n > 0 && !is_further)
                continue;
            extremes[end] = curve;
            estimates[end] = estimate;
        }
        n++;
    }
    return n;
}

char *curves_say(const struct overview *overview, const struct chart *chart, char *text,
                 size_t text_bytes) {
    struct drawn drawn;
    const struct curve *ends[2];
    struct estimate estimates[2] = {{.value = NAN}, {.value = NAN}};
    char x[32], with[64], low[96], high[96];
    text[0] = '\0';
    if (drawn_make(overview, chart, &drawn) != 0)
        return text;
    size_t k = drawn.curves.n_xs;
    while (k > 0 && find_extremes(&drawn, drawn.curves.xs[k - 1], ends, estimates) < 2)
        k--;
    if (k > 0) {
        (void)snprintf(x, sizeof x, "%.6g", drawn.curves.xs[k - 1]);
        (void)parameter_phrase(drawn.curves.axis, x, with, sizeof with);
        (void)say_figure(chart->figure, estimates[0].value, false, low, sizeof low);
        (void)say_figure(chart->figure, estimates[1].value, true, high, sizeof high);
        if (estimates[0].interval.high < estimates[1].interval.low)
            (void)snprintf(text, text_bytes, "With %s: %s under %s and %s under %s.",
                           with, low, ends[0]->who->contestant_label, high,
                           ends[1]->who->contestant_label);
        else
            (void)snprintf(text, text_bytes,
                           "With %s: %s to %s; no difference could be seen.", with, low,
                           high);
    }
    drawn_free(&drawn);
    return text;
}
