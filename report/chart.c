/* The charts there are, the frame of their data files, and gnuplot without a shell; see
 * charts.h. */
#include "report/chart.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/files.h"
#include "common/children/children.h"
#include "measured/claims/curve.h"
#include "measured/merged.h"
#include "report/curves.h"
#include "report/data.h"
#include "report/lanes.h"

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
     describe_lanes, lanes_write_data},
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

/* From a chart on, the first that has cells, where it says which it is about. */
static const struct chart *first_with_cells(const struct overview *overview,
                                            const struct chart *chart) {
    for (; chart->kind != NULL && chart->where != NULL; chart++)
        for (size_t i = 0; i < overview->n_rows; i++)
            if (curve_takes(chart->where, overview->rows[i].series->parameters))
                return chart;
    return chart;
}

const struct chart *chart_next(const struct overview *overview,
                               const struct chart *chart) {
    return first_with_cells(overview, chart + 1);
}

const struct chart *chart_list(const struct overview *overview) {
    static const struct chart usual[] = {{.kind = "staircase"},
                                         {.kind = "percentiles"},
                                         {.kind = "lanes"},
                                         {.kind = "probe"},
                                         {0}};
    const struct experiment *experiment = overview->experiment;
    bool has_own = experiment != NULL && experiment->charts != NULL;
    return first_with_cells(overview, has_own ? experiment->charts : usual);
}

char *chart_title(const struct overview *overview, const struct chart *chart, char *text,
                  size_t text_bytes) {
    const struct chart_kind *kind = kind_of(chart);
    (void)snprintf(text, text_bytes, "%s",
                   chart->title != NULL ? chart->title : chart->kind);
    if (chart->title == NULL && kind->describe != NULL)
        kind->describe(overview, text, text_bytes);
    return text;
}

const char *chart_reading(const struct chart *chart) {
    const char *reading = kind_of(chart)->reading;
    return chart->reading != NULL ? chart->reading : reading != NULL ? reading : "";
}

char *chart_name(const struct overview *overview, const struct chart *chart,
                 char text[CHART_NAME_BYTES]) {
    bool is_alone = overview->run->n_experiments == 1;
    (void)snprintf(text, CHART_NAME_BYTES, "%.80s%s%s", is_alone ? "" : overview->name,
                   is_alone ? "" : "-", chart->name != NULL ? chart->name : chart->kind);
    return text;
}

int chart_write(const struct overview *overview, const struct chart *chart) {
    struct whole_file file;
    char path[4096], text[512], name[CHART_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/data/%s.tsv", overview->run->folder,
                   chart_name(overview, chart, name));
    int error = files_begin_own(&file, path);
    if (error != 0)
        return error;
    (void)fprintf(file.stream, "# title, caption\n");
    data_text(file.stream, chart_title(overview, chart, text, sizeof text));
    (void)fputc('\n', file.stream);
    data_text(file.stream, overview_caption(overview, text, sizeof text));
    (void)fputc('\n', file.stream);
    if (kind_of(chart)->write != NULL)
        kind_of(chart)->write(overview, chart, file.stream);
    return files_commit(&file);
}

static const uint64_t LIMIT_NS = 60 * NS_PER_S; /* for one picture, which takes one */

enum { TAIL_BYTES = 16 };

/* A form of picture and the bytes that it ends with, white space behind them apart. */
static const struct form {
    const char *name, *ending;
    size_t ending_bytes;
} forms[] = {
    {"svg", "</svg>", 6},
    {"png", "IEND\xae\x42\x60\x82", 8},
};

enum { N_FORMS = sizeof forms / sizeof *forms };

static bool holds_scripts(const char *folder, char *absolute, size_t absolute_bytes) {
    char path[PATH_MAX + 16], real[PATH_MAX];
    if (realpath(folder, real) == NULL)
        return false;
    (void)snprintf(path, sizeof path, "%s/style.gp", real);
    return access(path, R_OK) == 0 &&
           (size_t)snprintf(absolute, absolute_bytes, "%s", real) < absolute_bytes;
}

static int find_scripts(char *folder, size_t folder_bytes) {
    static const char *const places[] = {"../plots", "../../plots",
                                         "../share/juggle/plots"};
    char binary[PATH_MAX], place[PATH_MAX + 64];
    const char *given = getenv("JUGGLE_PLOTS");
    if (given != NULL)
        return holds_scripts(given, folder, folder_bytes) ? 0 : -ENOENT;
    ssize_t length = readlink("/proc/self/exe", binary, sizeof binary - 1);
    if (length < 0)
        return -ENOENT;
    binary[length] = '\0';
    *strrchr(binary, '/') = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(place, sizeof place, "%s/%s", binary, places[i]);
        if (holds_scripts(place, folder, folder_bytes))
            return 0;
    }
    return -ENOENT;
}

/* What gnuplot draws goes through us into a file, so that no failed write is missed. */
struct picture {
    struct whole_file file;
    char tail[TAIL_BYTES]; /* the last bytes so far */
};

static int take(void *context, const char *bytes, size_t n_bytes) {
    struct picture *picture = context;
    size_t n_new = n_bytes < TAIL_BYTES ? n_bytes : TAIL_BYTES;
    memmove(picture->tail, picture->tail + n_new, TAIL_BYTES - n_new);
    memcpy(picture->tail + TAIL_BYTES - n_new, bytes + n_bytes - n_new, n_new);
    errno = EIO;
    return fwrite(bytes, 1, n_bytes, picture->file.stream) == n_bytes ? 0 : -errno;
}

static bool is_whole(const struct picture *picture, const struct form *form) {
    size_t end = TAIL_BYTES;
    while (end > 0 && strchr("\n\r ", picture->tail[end - 1]) != NULL &&
           picture->tail[end - 1] != '\0')
        end--;
    return end >= form->ending_bytes && memcmp(picture->tail + end - form->ending_bytes,
                                               form->ending, form->ending_bytes) == 0;
}

/* The last line that names a place in a script, where gnuplot gave up; else the first. */
static void find_complaint(char *complaints, char *line, size_t line_bytes) {
    char *rest = complaints, *next;
    while ((next = strsep(&rest, "\n")) != NULL) {
        next += strspn(next, " \t^");
        if (next[0] != '\0' && (line[0] == '\0' || strstr(next, "line ") != NULL))
            (void)snprintf(line, line_bytes, "%s", next);
    }
}

/* Runs gnuplot to its end, the picture going into `picture`. 0 or -errno, with `why`. */
static int run(const char *scripts, const char *const *words, const struct form *form,
               struct picture *picture, char *why, size_t why_bytes) {
    struct child_task task = {.words = words,
                              .folder = scripts,
                              .limit_ns = LIMIT_NS,
                              .take = take,
                              .context = picture};
    int status = 0, error = children_run(&task, &status);
    why[0] = '\0';
    if (error == -ETIMEDOUT)
        (void)snprintf(why, why_bytes, "gnuplot had not ended after %u s",
                       (unsigned)(LIMIT_NS / NS_PER_S));
    if (error != 0)
        return error;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && is_whole(picture, form))
        return 0;
    find_complaint(task.complaints, why, why_bytes);
    if (WIFSIGNALED(status))
        (void)snprintf(why, why_bytes, "gnuplot was ended by signal %d",
                       WTERMSIG(status));
    else if (why[0] == '\0')
        (void)snprintf(why, why_bytes, "gnuplot drew no whole picture");
    return -EIO;
}

/* One picture; errors as chart_draw's, with a line in `why`. */
static int draw_as(const char *scripts, const char *results,
                   const struct drawing *drawing, const struct form *form, char *why,
                   size_t why_bytes) {
    char script[128], data[PATH_MAX + 64], path[PATH_MAX + 64], reason[512] = "";
    struct picture picture = {.tail = {0}};
    const char *name = drawing->name;
    (void)snprintf(script, sizeof script, "%s.gp", drawing->script);
    (void)snprintf(data, sizeof data, "%s/data/%s.tsv", results, name);
    (void)snprintf(path, sizeof path, "%s/charts/%s.%s", results, name, form->name);
    const char *words[] = {"gnuplot",  "-c",          script, data,
                           form->name, "/dev/stdout", NULL};
    int unwritten = files_begin_own(&picture.file, path), error = 0;
    if (unwritten == 0) {
        error = run(scripts, words, form, &picture, reason, sizeof reason);
        if (error == 0)
            unwritten = files_commit(&picture.file);
        else
            files_abandon(&picture.file);
    }
    if (reason[0] != '\0')
        (void)snprintf(why, why_bytes, "plots/%s (%s): %s", script, form->name, reason);
    else
        (void)snprintf(why, why_bytes, "charts/%s.%s: %s", name, form->name,
                       strerror(unwritten != 0 ? -unwritten : -error));
    return unwritten != 0 ? -EIO : error;
}

/* Every form of one chart. */
static int draw(const char *scripts, const char *results, const struct drawing *drawing,
                char *why, size_t why_bytes) {
    int error = 0;
    for (size_t i = 0; i < N_FORMS && error == 0; i++)
        error = draw_as(scripts, results, drawing, &forms[i], why, why_bytes);
    return error;
}

int chart_draw(const char *folder, const struct drawing *drawings, size_t n_drawings,
               const char *later) {
    char scripts[PATH_MAX], results[PATH_MAX], why[1024];
    if (find_scripts(scripts, sizeof scripts) != 0) {
        error_print("no charts: the plots/ folder is not to be found; set JUGGLE_PLOTS "
                    "to it, then %s",
                    later);
        return -EIO;
    }
    if (realpath(folder, results) == NULL) {
        error_print("no charts: %s: %s", folder, strerror(errno));
        return -EIO;
    }
    int result = 0;
    for (size_t i = 0; i < n_drawings; i++) {
        const char *name = drawings[i].name;
        int error = draw(scripts, results, &drawings[i], why, sizeof why);
        if (error == -ENOENT)
            error_print("no charts: gnuplot is missing; install it (Debian: "
                        "gnuplot-nox), then %s",
                        later);
        else if (error == -EINTR)
            error_print("interrupted: %s and the charts after it are not drawn; to draw "
                        "them, %s",
                        name, later);
        else if (error != 0)
            error_print("no chart '%s': %s; mend it, then %s", name, why, later);
        if (error == -ENOENT || error == -EINTR)
            return error;
        result = error != 0 ? -EIO : result;
        if (error == -ETIMEDOUT) /* the others would take as long, one after the other */
            break;
    }
    return result;
}
