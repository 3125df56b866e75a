/* The charts there are, and the frame of their data files; see chart.h. */
#include "report/charts/chart.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/error.h"
#include "common/base/files.h"
#include "common/base/options.h"
#include "common/base/text.h"
#include "measured/claims/curve.h"
#include "report/charts/curves.h"
#include "report/charts/data.h"
#include "report/charts/drawn.h"
#include "report/charts/grids.h"
#include "report/charts/headline.h"
#include "report/charts/timelines.h"
#include "report/charts/waits.h"

/* What a kind of chart says, and who writes its data. */
struct chart_kind {
    const char *name;    /* plots/NAME.gp; NULL ends the table */
    const char *heading; /* of its section in the report; NULL: its title */
    const char *word;    /* what it shows, in a sentence beside the picture */
    const char *reading; /* how to read it, within the picture */
    headline *describe;
    headline *explain; /* what else has to be said of this run; NULL: nothing */
    bool (*is_known)(const struct overview *overview); /* NULL: of every run */
    void (*write)(const struct overview *overview, const struct chart *chart,
                  FILE *out); /* blocks from 1 on */
};

static bool knows_pages(const struct overview *overview) {
    size_t n = 0;
    for (size_t i = 0; i < overview->n_rows; i++)
        n += overview->rows[i].busy.n;
    return n > 0;
}

static bool knows_jobs(const struct overview *overview) {
    size_t rows[TIMELINES_MAX_PANELS];
    return timelines_choose(overview, rows) > 0;
}

/* Along an axis of the chart's own, or along the sizes of pools. */
static void write_curves(const struct overview *overview, const struct chart *chart,
                         FILE *out) {
    if (chart->axis != NULL)
        curves_write_data(overview, chart, out);
    else
        grids_write_curves(overview, out);
}

static const struct chart_kind kinds[] = {
    {"waits", "How long each user waited",
     "Every user of every strategy as a dot on one axis of time.",
     "A dot is a wait: the median of the repeats, the line their range.", headline_waits,
     waits_explain, NULL, waits_write_waits},
    {"lanes", "What each request went through",
     "When each request waited for its turn, when it was worked on, and how much of that "
     "time it computed.",
     "A row for each user (at most 12, evenly chosen) in the order of finishing, in the "
     "repeat whose mean is the median one.",
     headline_lanes, NULL, knows_jobs, timelines_write_lanes},
    {"probe", "The home page meanwhile",
     "How long somebody waited who only wanted the home page while the others were "
     "served.",
     "A dot is one request for the home page, at the moment at which it was due, in the "
     "repeat whose mean is the median one; a cross failed. Median and longest are of all "
     "repeats. The dashed line is the median before the users came. Lower is better.",
     headline_probe, NULL, knows_pages, timelines_write_probes},
    {"staircase", "The waits in order",
     "The same waits by the order of the answers, repeat by repeat, beside what theory "
     "expects.",
     "A dot is an answer of one repeat. A straight rise is a queue, a flat line means "
     "that all end together, steps are a pool.",
     headline_staircase, waits_explain_staircase, NULL, waits_write_staircase},
    {"percentiles", "How many waited how long",
     "How many users waited at least how long: of averages one does not see the slow "
     "ones.",
     "All answers of all repeats. The highest and the lowest line have their 95 % "
     "intervals as bands. Dots are the slowest answers, one by one. Lower is better.",
     headline_percentiles, NULL, NULL, waits_write_percentiles},
    {"curve", NULL,
     "A figure against what was varied, a line for each strategy with its 95 % interval.",
     "A line for each strategy, its 95 % interval as a band, or as thin strokes where it "
     "is wide. A cross marks cells in which "
     "requests failed.",
     grids_headline, NULL, NULL, write_curves},
    {"map", "Which sizes serve best",
     "How many requests were answered a second with each pair of sizes.",
     "The number is how many requests were answered a second: the more, the stronger "
     "the colour. Thick frame: the size to choose; thin: not told from the best; no "
     "colour: too slow, or failed. p99: 99 answers in 100 took no longer.",
     grids_headline, NULL, NULL, grids_write_map},
    {0},
};

/* The row of a kind; one that is not known says nothing. */
static const struct chart_kind *kind_of(const struct chart *chart) {
    const struct chart_kind *kind = kinds;
    while (kind->name != NULL && strcmp(kind->name, chart->kind) != 0)
        kind++;
    return kind;
}

/* Whether a usual chart of curves shows every cell, along an axis that varies alone. */
static bool has_all_cells(const struct overview *overview, const struct chart *chart) {
    struct drawn drawn;
    size_t n = 0;
    int error = drawn_make(overview, chart, &drawn);
    for (size_t i = 0; i < drawn.curves.n_curves; i++)
        n += drawn.curves.curves[i].n_points;
    bool is_line = error == 0 && drawn.curves.n_xs > 1 && n == overview->n_rows;
    drawn_free(&drawn);
    return is_line;
}

/* From a chart on, the first that has something to show. */
static const struct chart *first_with_cells(const struct overview *overview,
                                            const struct chart *chart) {
    bool is_own = overview->experiment != NULL && overview->experiment->charts != NULL;
    for (; chart->kind != NULL; chart++) {
        bool (*is_known)(const struct overview *overview) = kind_of(chart)->is_known;
        bool has_cells = chart->where == NULL;
        for (size_t i = 0; !has_cells && i < overview->n_rows; i++)
            has_cells = curve_takes(chart->where, overview->rows[i].series->parameters);
        if (has_cells && (is_known == NULL || is_known(overview)) &&
            (is_own || chart->axis == NULL || has_all_cells(overview, chart)))
            return chart;
    }
    return chart;
}

const struct chart *chart_next(const struct overview *overview,
                               const struct chart *chart) {
    return chart->kind == NULL ? chart : first_with_cells(overview, chart + 1);
}

const struct chart *chart_list(const struct overview *overview) {
    static const char of_sizes[] =
        "Answers a second, a line for each value of the other size, its 95 % interval as "
        "a band, or as thin strokes where it is wide. A cross marks cells in which "
        "requests failed.";
    static const struct chart all[] = {
        {.kind = "map"},
        {.kind = "curve",
         .name = "sizes",
         .title = "What more of a size brings",
         .reading = of_sizes},
        {.kind = "curve",
         .name = "latency",
         .title = "Mean wait, by the number of users",
         .axis = "users",
         .axis_title = "users",
         .figure = FIGURE_MEAN,
         .is_log = true},
        {.kind = "curve",
         .name = "throughput",
         .title = "Answers a second, by the number of users",
         .axis = "users",
         .axis_title = "users",
         .figure = FIGURE_THROUGHPUT,
         .is_log = true},
        {.kind = "curve",
         .name = "latency",
         .title = "Mean wait, by the requests a second",
         .axis = "rate_per_s",
         .axis_title = "requests a second",
         .figure = FIGURE_MEAN,
         .is_log = true},
        {.kind = "waits"},
        {.kind = "lanes"},
        {.kind = "probe"},
        {.kind = "staircase"},
        {.kind = "percentiles"},
        {0}};
    const struct experiment *experiment = overview->experiment;
    if (experiment != NULL && experiment->charts != NULL)
        return first_with_cells(overview, experiment->charts);
    return first_with_cells(overview,
                            all + 2 - grids_n_axes(overview)); /* without sizes */
}

char *chart_title(const struct overview *overview, const struct chart *chart, char *text,
                  size_t text_bytes) {
    const struct chart_kind *kind = kind_of(chart);
    (void)snprintf(text, text_bytes, "%s",
                   chart->title != NULL ? chart->title : chart->kind);
    if (chart->axis != NULL)
        curves_describe(overview, chart, text, text_bytes);
    else if (chart->title == NULL && kind->describe != NULL)
        kind->describe(overview, text, text_bytes);
    return text;
}

const char *chart_heading(const struct overview *overview, const struct chart *chart,
                          char *text, size_t text_bytes) {
    const char *heading = kind_of(chart)->heading;
    return chart->title != NULL ? chart->title
           : heading != NULL    ? heading
                                : chart_title(overview, chart, text, text_bytes);
}

const char *chart_word(const struct chart *chart) {
    const char *word = kind_of(chart)->word;
    return chart->reading != NULL ? chart->reading : word != NULL ? word : "";
}

char *chart_name(const struct overview *overview, const struct chart *chart,
                 char text[CHART_NAME_BYTES]) {
    bool is_alone = overview->run->n_experiments == 1;
    (void)snprintf(text, CHART_NAME_BYTES, "%.80s%s%s", is_alone ? "" : overview->name,
                   is_alone ? "" : "-", chart->name != NULL ? chart->name : chart->kind);
    return text;
}

/* Of formulas that are drawn: a chart may stand alone. */
static const char letters[] =
    " N is the number of users, T what a job takes by itself, A "
    "the CPUs available, W the workers of a pool.";

/* All of a chart's table; `title` is its own. */
static void put_data(const struct overview *overview, const struct chart *chart,
                     const char *title, FILE *out) {
    const char *reading =
        chart->reading != NULL ? chart->reading : kind_of(chart)->reading;
    char caption[1600], more[512];
    (void)overview_caption(overview, caption, sizeof caption);
    text_append(caption, sizeof caption, ". %s%s", reading != NULL ? reading : "",
                chart->bound != NULL ? letters : "");
    if (kind_of(chart)->explain != NULL) {
        kind_of(chart)->explain(overview, more, sizeof more);
        text_append(caption, sizeof caption, "%s", more);
    }
    data_texts(title, caption, out);
    if (kind_of(chart)->write != NULL)
        kind_of(chart)->write(overview, chart, out);
}

int chart_write(const struct overview *overview, const struct chart *chart) {
    struct whole_file file;
    char path[4096], text[512], name[CHART_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/data/%s.tsv", overview->run->folder,
                   chart_name(overview, chart, name));
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    put_data(overview, chart, chart_title(overview, chart, text, sizeof text),
             file.stream);
    return files_commit(&file);
}

/* The chart of that name and its overview; else says which there are. */
static const struct chart *find_chart(const struct overview *first, const char *name,
                                      const struct overview **whose) {
    enum { MOST = 64 };
    char own[MOST][CHART_NAME_BYTES], list[1024] = "";
    const char *names[MOST + 1] = {NULL};
    size_t n = 0;
    for (*whose = first; *whose != NULL; *whose = (*whose)->next)
        for (const struct chart *chart = chart_list(*whose); chart->kind != NULL;
             chart = chart_next(*whose, chart)) {
            names[n] = chart_name(*whose, chart, own[n]);
            if (strcmp(names[n], name) == 0)
                return chart;
            text_append(list, sizeof list, "%s%s", list[0] != '\0' ? ", " : "", names[n]);
            n += n + 1 < MOST;
        }
    names[n] = NULL;
    error_print("report: there is no chart '%s' of this run; %sthere are %s", name,
                options_suggest(name, "", names, sizeof *names), list);
    return NULL;
}

int chart_export(const struct overview *first, const char *name, const char *title,
                 const struct picture_form *form, const char *path) {
    char table[] = "/tmp/juggle-chart-XXXXXX", own[512];
    char why[5000] = "its data could not be written";
    const struct overview *overview;
    const struct chart *chart = find_chart(first, name, &overview);
    if (chart == NULL)
        return -EINVAL;
    int descriptor = mkstemp(table);
    FILE *out = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (out == NULL) {
        error_print("report: %s: %s", table, strerror(errno));
        return -EIO;
    }
    if (title == NULL)
        title = chart_title(overview, chart, own, sizeof own);
    put_data(overview, chart, title, out);
    bool is_bad = ferror(out) != 0;
    int error = fclose(out) == 0 && !is_bad
                    ? picture_draw(table, chart->kind, title, form, path, why, sizeof why)
                    : -EIO;
    (void)unlink(table);
    if (error == -ENOENT)
        error_print("report: gnuplot is missing; install it (Debian: gnuplot-nox)");
    else if (error != 0)
        error_print("report: no chart '%s': %s", name, why);
    return error;
}
