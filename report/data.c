/* The charts there are, and the frame of their data files; see data.h. */
#include "report/data.h"

#include <math.h>
#include <string.h>

#include "common/base/files.h"
#include "measured/merged.h"
#include "report/curves.h"

/* The rows with the least and the most of a figure; NULL when no row carries it. */
struct extremes {
    const struct overview_row *least, *most;
};

static double last_slowdown(const struct overview_row *row) {
    return row->estimates[FIGURE_LAST_SLOWDOWN].value;
}

/* Of the repeat that the lanes are drawn from. */
static double typical_last(const struct overview_row *row) {
    return metric_last_slowdown(series_typical(row->series));
}

static double busy_us(const struct overview_row *row) {
    return row->estimates[FIGURE_BUSY_P50].value;
}

static struct extremes find_extremes(const struct overview *overview,
                                     double (*figure)(const struct overview_row *row)) {
    struct extremes found = {NULL, NULL};
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        if (!isfinite(figure(row)))
            continue;
        if (found.least == NULL || figure(row) < figure(found.least))
            found.least = row;
        if (found.most == NULL || figure(row) > figure(found.most))
            found.most = row;
    }
    return found;
}

static const char *label(const struct overview_row *row) {
    return row->series->parameters->label;
}

static void describe_staircase(const struct overview *overview, char *title,
                               size_t bytes) {
    struct extremes last = find_extremes(overview, last_slowdown);
    (void)snprintf(title, bytes, "Latency of each answer by rank");
    if (last.least != NULL)
        (void)snprintf(
            title, bytes,
            "The last user waited %.1f (%s) to %.1f (%s) times what a job takes",
            last_slowdown(last.least), label(last.least), last_slowdown(last.most),
            label(last.most));
}

static void describe_lanes(const struct overview *overview, char *title, size_t bytes) {
    struct extremes last = find_extremes(overview, typical_last);
    (void)snprintf(title, bytes, "Who worked when");
    if (last.least != NULL)
        (void)snprintf(
            title, bytes,
            "All were done after %.1f times a job's own time in %s, %.1f in %s",
            typical_last(last.least), label(last.least), typical_last(last.most),
            label(last.most));
}

static void describe_probes(const struct overview *overview, char *title, size_t bytes) {
    struct extremes busy = find_extremes(overview, busy_us);
    (void)snprintf(title, bytes, "How long / waited while the users' requests ran");
    char least[FIGURE_BYTES], most[FIGURE_BYTES];
    if (busy.least != NULL)
        (void)snprintf(
            title, bytes,
            "Beside the work, / waited %s ms in %s and %s ms in %s (medians)",
            figure_text(FIGURE_BUSY_P50, busy_us(busy.least), least), label(busy.least),
            figure_text(FIGURE_BUSY_P50, busy_us(busy.most), most), label(busy.most));
}

/* What a kind of chart says, and who writes its data. */
struct chart_kind {
    const char *name; /* plots/NAME.gp; NULL ends the table */
    const char *reading;
    void (*describe)(const struct overview *overview, char *title, size_t title_bytes);
    void (*write)(const struct overview *overview, const struct chart *chart,
                  FILE *out); /* blocks from 1 on */
};

static const struct chart_kind kinds[] = {
    {"staircase",
     "Each dot is an answer of one repeat, by its rank among the answers; the line is "
     "what the named model expects from the jobs' own time T and the CPUs available "
     "alone, with its mean error.",
     describe_staircase, data_write_staircase},
    {"percentiles",
     "Each line is all answers of one cell, the repeats merged: so many of them were "
     "at least as quick; the further right, the rarer. The band is the 95 % interval. A "
     "line ends where fewer than eight answers lie beyond; those are the dots, one by "
     "one, since so few carry no percentile.",
     data_describe_percentiles, data_write_percentiles},
    {"lanes",
     "One lane per worker, one bar per request, all lanes equally high. Full colour in a "
     "bar's height is the share of its time in which it computed, so equal work is equal "
     "coloured area in every panel; the thin line before a bar is time in the queue. "
     "Drawn from the repeat whose mean is the median one, of more than 2,000 requests "
     "those that ended first.",
     describe_lanes, data_write_lanes},
    {"probe",
     "Each dot is one `/`, placed at the moment it was due. Users start at 0; the shaded "
     "part lasts until the last of their requests ended; the dashed line is the median "
     "before they came. Drawn from the repeat whose mean is the median one.",
     describe_probes, data_write_probes},
    {"curve",
     "A line for each contestant, its 95 % interval as a band. A cross marks cells in "
     "which requests failed.",
     NULL, curves_write_data},
    {0},
};

/* The row of a kind; one that is not known says nothing. */
static const struct chart_kind *kind_of(const struct chart *chart) {
    const struct chart_kind *kind = kinds;
    while (kind->name != NULL && strcmp(kind->name, chart->kind) != 0)
        kind++;
    return kind;
}

const struct chart *data_charts(const struct overview *overview) {
    static const struct chart usual[] = {{.kind = "staircase"},
                                         {.kind = "percentiles"},
                                         {.kind = "lanes"},
                                         {.kind = "probe"},
                                         {0}};
    const struct experiment *experiment = overview->experiment;
    return experiment != NULL && experiment->charts != NULL ? experiment->charts : usual;
}

char *data_title(const struct overview *overview, const struct chart *chart, char *text,
                 size_t text_bytes) {
    const struct chart_kind *kind = kind_of(chart);
    (void)snprintf(text, text_bytes, "%s",
                   chart->title != NULL ? chart->title : chart->kind);
    if (chart->title == NULL && kind->describe != NULL)
        kind->describe(overview, text, text_bytes);
    return text;
}

const char *data_reading(const struct chart *chart) {
    const char *reading = kind_of(chart)->reading;
    return chart->reading != NULL ? chart->reading : reading != NULL ? reading : "";
}

char *data_name(const struct overview *overview, const struct chart *chart,
                char text[DATA_NAME_BYTES]) {
    bool is_alone = overview->run->n_experiments == 1;
    (void)snprintf(text, DATA_NAME_BYTES, "%.80s%s%s", is_alone ? "" : overview->name,
                   is_alone ? "" : "-", chart->name != NULL ? chart->name : chart->kind);
    return text;
}

int data_write(const struct overview *overview, const struct chart *chart) {
    struct whole_file file;
    char path[4096], text[512], name[DATA_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/data/%s.tsv", overview->run->folder,
                   data_name(overview, chart, name));
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    (void)fprintf(file.stream, "# title, caption\n");
    data_text(file.stream, data_title(overview, chart, text, sizeof text));
    (void)fputc('\n', file.stream);
    data_text(file.stream, overview_caption(overview, text, sizeof text));
    (void)fputc('\n', file.stream);
    if (kind_of(chart)->write != NULL)
        kind_of(chart)->write(overview, chart, file.stream);
    return files_commit(&file);
}
