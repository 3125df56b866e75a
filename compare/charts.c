/* Data of the charts that lay runs over each other; see charts.h. */
#include "compare/charts.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "common/base/fields.h"
#include "common/base/files.h"
#include "measured/merged.h"
#include "report/chart.h"
#include "report/data.h"

enum { MAX_POINTS = 150 }; /* of one repeat or one curve */

/* To add a chart, add a row to `overlays` and a script in plots/. */
struct overlay {
    const char *name;    /* of its script and files; NULL: the end */
    const char *reading; /* how to read it */
    void (*describe)(const struct pair *pairs, size_t n_pairs, char *title,
                     size_t title_bytes);
    void (*write)(const struct pair *pairs, size_t n_pairs, FILE *out);
};

static size_t count(const struct pair *pairs, size_t n_pairs, enum change change) {
    size_t n = 0;
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++)
            n += pairs[i].comparison->cells[k].ratios[FIGURE_MEAN].change == change;
    return n;
}

static void describe_verdicts(const struct pair *pairs, size_t n_pairs, char *title,
                              size_t title_bytes) {
    char who[64];
    if (n_pairs == 1)
        (void)snprintf(who, sizeof who, "%c against A", pairs[0].comparison->letter);
    else
        (void)snprintf(who, sizeof who, "%zu runs against A", n_pairs);
    (void)snprintf(
        title, title_bytes, "%s: %zu slower, %zu faster, %zu the same, %zu undecided",
        who, count(pairs, n_pairs, CHANGE_SLOWER), count(pairs, n_pairs, CHANGE_FASTER),
        count(pairs, n_pairs, CHANGE_SAME), count(pairs, n_pairs, CHANGE_UNDECIDED));
}

/* Names the cell whose mean differs most, as a ratio. */
static void describe_most(const struct pair *pairs, size_t n_pairs, char *title,
                          size_t title_bytes) {
    const struct matched *most = NULL;
    char letter = 'B', ratio[PAIR_TEXT_BYTES];
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++) {
            const struct matched *cell = &pairs[i].comparison->cells[k];
            if (isnan(matched_seconds(cell)->value) ||
                (most != NULL && fabs(log(matched_seconds(cell)->value)) <=
                                     fabs(log(matched_seconds(most)->value))))
                continue;
            most = cell;
            letter = pairs[i].comparison->letter;
        }
    (void)snprintf(title, title_bytes, "Latency by percentile");
    if (most != NULL)
        (void)snprintf(title, title_bytes,
                       "What moved most is %s: its mean is %s times as long in %c (%s)",
                       most->a->parameters->label,
                       pair_ratio(matched_seconds(most)->value, ratio), letter,
                       change_name(matched_seconds(most)->change));
}

/* The k-th of n is drawn, from 1: of more than there is room for, the ends and evenly. */
static bool is_drawn(size_t k, size_t n) {
    return n <= MAX_POINTS || k == 1 || k == n ||
           k * MAX_POINTS / n != (k - 1) * MAX_POINTS / n;
}

/* An empty line between repeats, so that lines do not join them. */
static void put_ranks(const struct series *series, FILE *out) {
    for (size_t i = 0; i < series->n_repeats; i++) {
        const struct cell *cell = series->repeats[i];
        double *sorted_us = latencies_sorted_us(&cell->latencies);
        size_t n = cell->latencies.n;
        if (i > 0)
            (void)fputc('\n', out);
        for (size_t k = 0; sorted_us != NULL && k < n; k++)
            if (is_drawn(k + 1, n))
                (void)fprintf(out, "%u\t%zu\t%.6g\n", cell->repeat, k + 1,
                              sorted_us[k] / 1e6);
        if (n == 0)
            (void)fprintf(out, "%u\tNaN\tNaN\n", cell->repeat);
        free(sorted_us);
    }
}

static void write_staircases(const struct pair *pairs, size_t n_pairs, FILE *out) {
    char text[PAIR_TEXT_BYTES], interval[PAIR_TEXT_BYTES];
    data_block(out, "place, label, run, verdict, ratio, interval");
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++) {
            const struct matched *cell = &pairs[i].comparison->cells[k];
            (void)fprintf(out, "%zu\t", cell->place);
            data_text(out, cell->a->parameters->label);
            (void)fprintf(out, "\t%c\t%s\t%s\t%s\n", pairs[i].comparison->letter,
                          change_name(matched_seconds(cell)->change),
                          pair_ratio(matched_seconds(cell)->value, text),
                          pair_interval(matched_seconds(cell), interval));
        }
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++) {
            data_block(out, "of A: repeat, rank, latency_s");
            put_ranks(pairs[i].comparison->cells[k].a, out);
            data_block(out, "of the other run: repeat, rank, latency_s");
            put_ranks(pairs[i].comparison->cells[k].b, out);
        }
}

/*
 * All answered requests of all repeats together: the k-th of n stands at k / (n + 1).
 * Thinned evenly on the axis that is drawn, where 90, 99 and 99.9 % are equally far.
 */
static void put_percentiles(const struct series *series, FILE *out) {
    struct merged merged;
    double last = -1;
    size_t n = merged_make(series, &merged) == 0 ? merged.n_values : 0;
    double end = log10((double)n + 1);
    for (size_t k = 1; k <= n; k++) {
        double at = -log10(1 - (double)k / (double)(n + 1));
        if (n > MAX_POINTS && k < n && at - last < end / MAX_POINTS)
            continue;
        last = at;
        (void)fprintf(out, "%.7g\t%.6g\n", 100.0 * (double)k / (double)(n + 1),
                      merged.sorted_s[k - 1]);
    }
    if (n == 0)
        (void)fprintf(out, "NaN\tNaN\n");
    merged_free(&merged);
}

static void write_percentiles(const struct pair *pairs, size_t n_pairs, FILE *out) {
    data_block(out, "panel, label, n_cells");
    for (size_t i = 0; i < n_pairs; i++)
        (void)fprintf(out, "%zu\t%c against A\t%zu\n", i + 1, pairs[i].comparison->letter,
                      pairs[i].comparison->n_cells);
    data_block(out, "panel, place, label");
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++) {
            const struct matched *cell = &pairs[i].comparison->cells[k];
            (void)fprintf(out, "%zu\t%zu\t", i + 1, cell->place);
            data_text(out, cell->a->parameters->label);
            (void)fputc('\n', out);
        }
    for (size_t i = 0; i < n_pairs; i++)
        for (size_t k = 0; k < pairs[i].comparison->n_cells; k++) {
            data_block(out, "of A: percentile, latency_s");
            put_percentiles(pairs[i].comparison->cells[k].a, out);
            data_block(out, "of the other run: percentile, latency_s");
            put_percentiles(pairs[i].comparison->cells[k].b, out);
        }
}

static const struct overlay overlays[] = {
    {"compare-staircase",
     "Each dot is an answer of one repeat, by its rank among the answers: coloured of "
     "the run that is held against A, whose repeats are the grey lines. Beside the name "
     "stands the verdict on the mean, its ratio and its interval.",
     describe_verdicts, write_staircases},
    {"compare-percentiles",
     "The share of requests (on an axis where 90, 99 and 99.9 % are equally far from "
     "each other) that took no longer than so long. Dashed: A; solid: the run that is "
     "held "
     "against it. All repeats are merged; the right end of a line rests on few requests.",
     describe_most, write_percentiles},
    {0},
};

/* The end of a long path, as that is where runs differ. */
static const char *tail_of(const char *path) {
    enum { MOST = 48 };
    size_t length = strlen(path);
    return length > MOST ? path + length - MOST : path;
}

static void put_caption(const struct pair *pairs, size_t n_pairs, FILE *out) {
    char text[256];
    for (size_t i = 0; i <= n_pairs; i++) {
        const struct run *run =
            i == 0 ? pairs[0].comparison->a : pairs[i - 1].comparison->b;
        (void)snprintf(text, sizeof text, "%s%c: %s, %.16s", i > 0 ? ";  " : "",
                       i == 0 ? 'A' : pairs[i - 1].comparison->letter,
                       tail_of(run->folder_shown),
                       fields_get_text(run->info, "started_at", "no date"));
        data_text(out, text);
    }
    (void)fputc('\n', out);
}

static int write_one(const struct overlay *overlay, const struct pair *pairs,
                     size_t n_pairs, const char *folder) {
    struct whole_file file;
    char path[4200], title[512];
    (void)snprintf(path, sizeof path, "%s/data/%s.tsv", folder, overlay->name);
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    overlay->describe(pairs, n_pairs, title, sizeof title);
    (void)fprintf(file.stream, "# title, caption\n");
    data_text(file.stream, title);
    (void)fputc('\n', file.stream);
    put_caption(pairs, n_pairs, file.stream);
    overlay->write(pairs, n_pairs, file.stream);
    return files_commit(&file);
}

int charts_write(const struct pair *pairs, size_t n_pairs, const char *folder) {
    static const char *const inside[] = {"data", "charts"};
    char path[4200];
    int error = 0;
    for (size_t i = 0; i < sizeof inside / sizeof *inside && error == 0; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, inside[i]);
        error = files_make_own_folder(path);
    }
    for (const struct overlay *o = overlays; o->name != NULL && error == 0; o++)
        error = write_one(o, pairs, n_pairs, folder);
    return error;
}

int charts_draw(const char *folder) {
    struct drawing drawings[8] = {{.script = NULL}};
    size_t n = 0;
    for (const struct overlay *o = overlays; o->name != NULL; o++, n++) {
        (void)snprintf(drawings[n].name, sizeof drawings[n].name, "%s", o->name);
        drawings[n].script = o->name;
    }
    return chart_draw(folder, drawings, n, "compare again");
}

void charts_put(struct document *document, const struct pair *pairs, size_t n_pairs) {
    char title[512], path[128];
    document_heading(document, 2, "Charts");
    for (const struct overlay *o = overlays; o->name != NULL; o++) {
        o->describe(pairs, n_pairs, title, sizeof title);
        (void)snprintf(path, sizeof path, "charts/%s.svg", o->name);
        document_heading(document, 3, "%s", title);
        document_paragraph(document, "%s", o->reading);
        document_image(document, path, title);
    }
}
