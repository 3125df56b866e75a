/* Curves as tables and sentences; see told.h. */
#include "report/charts/told.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "measured/theory/scaling.h"
#include "report/charts/data.h"
#include "report/charts/drawn.h"

static void write_cell(const struct drawn *drawn, const struct curve_point *point,
                       double in_own_unit, struct document *document) {
    char text[FIGURE_BYTES], failed[32] = "";
    struct estimate estimate = drawn_estimate(drawn, point);
    if (point != NULL && drawn_failed_share(drawn, point) > 0)
        (void)snprintf(failed, sizeof failed, " (%.2g %% failed)",
                       drawn_failed_share(drawn, point) * 100);
    document_cell(document, "%s%s", figure_rounded(estimate.value / in_own_unit, text),
                  failed);
}

/* "a 0.02 (0.01 to 0.03)". */
static void put_coefficient(const char *name, double value,
                            const struct interval *interval, char *text, size_t bytes) {
    (void)snprintf(text, bytes, "%s %.2g", name, value);
    if (isfinite(interval->low))
        text_append(text, bytes, " (%.2g to %.2g)", fmax(0, interval->low),
                    interval->high);
}

void told_write_table(const struct overview *overview, const struct chart *chart,
                      bool in_words, struct document *document) {
    struct drawn drawn;
    char name[DATA_NAME_BYTES];
    struct shown_unit unit = overview_unit(overview, chart->figure);
    if (drawn_make(overview, chart, &drawn) != 0)
        return;
    document_paragraph(document, "%s%s%s, by %s:", figures[chart->figure].label,
                       unit.name[0] != '\0' ? ", " : "", unit.name,
                       drawn_axis_title(&drawn));
    document_table_begin(document);
    document_head(document, "%s", overview_who(overview));
    for (size_t i = 0; i < drawn.curves.n_xs; i++)
        document_head(document, "%.6g", drawn.curves.xs[i]);
    for (size_t i = 0; i < drawn.curves.n_curves; i++) {
        const struct curve *curve = &drawn.curves.curves[i];
        document_cell(document, "%s",
                      in_words ? data_name_of_curve(curve, name)
                               : curve->who->contestant_label);
        for (size_t k = 0; k < drawn.curves.n_xs; k++)
            write_cell(&drawn, curve_at(curve, drawn.curves.xs[k]), unit.in_own_unit,
                       document);
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
            y[n] = drawn_estimate(drawn, &curve->points[k]).value;
            n += isfinite(y[n]) ? 1 : 0;
        }
        struct scaling amdahl = scaling_fit(SCALING_AMDAHL, x, y, n);
        struct scaling usl = scaling_fit(SCALING_USL, x, y, n);
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
            text_append(list, sizeof own, "%s%.6g", list[0] != '\0' ? ", " : "",
                        drawn->curves.xs[k]);
            break;
        }
    if (own[0] != '\0')
        document_paragraph(document, "The load generator had CPUs of its own at %s.",
                           own);
    if (shared[0] != '\0')
        document_paragraph(document, "The load generator shared the server's CPUs at %s.",
                           shared);
}

void told_write_fits(const struct overview *overview, const struct chart *chart,
                     struct document *document) {
    struct drawn drawn;
    if (!chart->has_fits || drawn_make(overview, chart, &drawn) != 0)
        return;
    write_fits(&drawn, document);
    if (strcmp(chart->axis, "cpus") == 0)
        write_whose_cpus(&drawn, document);
    drawn_free(&drawn);
}
