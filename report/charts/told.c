/* Curves as tables and sentences; see told.h. */
#include "report/charts/told.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measured/theory/scaling.h"
#include "report/charts/drawn.h"

static void write_cell(const struct drawn *drawn, const struct curve_point *point,
                       struct document *document) {
    char text[FIGURE_BYTES], failed[32] = "";
    struct estimate estimate = drawn_estimate(drawn, point);
    if (point != NULL && drawn_failed_share(drawn, point) > 0)
        (void)snprintf(failed, sizeof failed, " (%.2g %% failed)",
                       drawn_failed_share(drawn, point) * 100);
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

void told_write_table(const struct overview *overview, const struct chart *chart,
                      struct document *document) {
    struct drawn drawn;
    char head[FIGURE_BYTES];
    if (drawn_make(overview, chart, &drawn) != 0)
        return;
    document_paragraph(document, "%s, by %s:", figure_head(chart->figure, head),
                       drawn_axis_title(&drawn));
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
        struct estimate estimate = drawn_estimate(drawn, curve_at(curve, x));
        if (!isfinite(estimate.value) ||
            drawn_failed_share(drawn, curve_at(curve, x)) > 0)
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

char *told_say(const struct overview *overview, const struct chart *chart, char *text,
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
