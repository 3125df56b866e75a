/* The charts with an axis of time; see timelines.h. */
#include "report/charts/timelines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/workload/work.h"
#include "report/charts/data.h"

enum { MAX_ROWS = 12, MAX_JOBS = 2000 };

/* The requests of one cell whose worker is known: more than there is room for are left
 * out. */
struct panel {
    const struct cell *cell;
    size_t row; /* of the overview */
    struct sample jobs[MAX_JOBS];
    size_t n_jobs;
};

static int take_job(void *context, const struct sample *sample) {
    struct panel *panel = context;
    if (panel->n_jobs == MAX_JOBS)
        return 1;
    if (sample->answered && isfinite(sample->from_us) && isfinite(sample->to_us))
        panel->jobs[panel->n_jobs++] = *sample;
    return 0;
}

static int by_end(const void *left, const void *right) {
    const struct sample *a = left, *b = right;
    return a->to_us != b->to_us ? (a->to_us > b->to_us) - (a->to_us < b->to_us)
                                : (a->from_us > b->from_us) - (a->from_us < b->from_us);
}

/* Of the CPU work that a request does, what stands before its first wait. */
static double cpu_before_wait(const char *text) {
    struct work work;
    double before = 0, all = 0;
    bool has_waited = false;
    if (work_parse_kept(text, 1, &work) != 0)
        return 0;
    for (unsigned i = 0; i < work.n_steps; i++) {
        double turns = work.steps[i].kind == STEP_CPU ? (double)work.steps[i].amount : 0;
        has_waited |= work.steps[i].kind != STEP_CPU;
        all += turns;
        before += has_waited ? 0 : turns;
    }
    return all > 0 ? before / all : 0;
}

/* Several waits are drawn as one, where the first of them was. */
static void put_job(const struct sample *job, size_t row, double before, FILE *out) {
    double wait_us = isfinite(job->wait_us) ? job->wait_us : 0;
    double working_us = fmax(job->to_us - job->from_us - wait_us, 0);
    double wait_from_us = job->from_us + before * working_us;
    (void)fprintf(out, "%zu\t%.6g\t%.6g\t%.6g\t%.4g", row, job->start_us / 1e6,
                  job->from_us / 1e6, job->to_us / 1e6,
                  working_us > 0 ? fmin(1, job->cpu_us / working_us) : 0);
    if (wait_us > 0)
        (void)fprintf(out, "\t%.6g\t%.6g\n", wait_from_us / 1e6,
                      (wait_from_us + wait_us) / 1e6);
    else
        (void)fprintf(out, "\tNaN\tNaN\n");
}

/* What a reader sees in the panel. */
static const char *in_short(const struct model *model) {
    return model != NULL ? model->in_short : "";
}

/* Whether another contestant shows the like: the same strategy, with a lock or without,
 * and with fewer servers, or with as many and less to wait. */
static bool is_shown(const struct overview *overview, const size_t *order, size_t at) {
    const struct cell_parameters *own = overview->rows[order[at]].series->parameters;
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell_parameters *other = overview->rows[order[i]].series->parameters;
        if (strcmp(other->strategy, own->strategy) == 0 && other->gil == own->gil &&
            (other->processes < own->processes ||
             (other->processes == own->processes && i < at)))
            return true;
    }
    return false;
}

size_t timelines_choose(const struct overview *overview,
                        size_t rows[TIMELINES_MAX_PANELS]) {
    size_t n = 0, *order = data_in_order(overview);
    for (size_t i = 0; order != NULL && i < overview->n_rows; i++)
        if (n < TIMELINES_MAX_PANELS && !is_shown(overview, order, i) &&
            !parameters_are_external(overview->rows[order[i]].series->parameters))
            rows[n++] = order[i];
    free(order);
    return n;
}

void timelines_write_lanes(const struct overview *overview, const struct chart *chart,
                           FILE *out) {
    (void)chart;
    struct panel *panels = calloc(TIMELINES_MAX_PANELS, sizeof *panels);
    size_t rows[TIMELINES_MAX_PANELS];
    size_t n_panels = panels != NULL ? timelines_choose(overview, rows) : 0;
    for (size_t i = 0; i < n_panels; i++) {
        struct panel *panel = &panels[i];
        panel->row = rows[i];
        panel->cell = series_typical(overview->rows[rows[i]].series);
        if (!panel->cell->clocks_differ)
            (void)cell_visit(panel->cell, CELL_REQUESTS, take_job, panel);
        qsort(panel->jobs, panel->n_jobs, sizeof *panel->jobs, by_end);
    }
    data_block(out, "hue, label, note, end_s, n_rows, n_jobs, repeat");
    for (size_t i = 0; i < n_panels; i++) {
        const struct panel *panel = &panels[i];
        size_t n = panel->n_jobs;
        data_begin_panel(overview, panel->row, out);
        data_text(out, n > 0 ? in_short(overview->rows[panel->row].model)
                       : panel->cell->clocks_differ
                           ? "not known: two machines' clocks differ"
                           : "the server did not say who worked");
        (void)fprintf(out, "\t%.6g\t%zu\t%zu\t%u\n",
                      n > 0 ? panel->jobs[n - 1].to_us / 1e6 : 0,
                      n == 0         ? 1
                      : n < MAX_ROWS ? n
                                     : MAX_ROWS,
                      n, panel->cell->repeat);
    }
    if (n_panels == 0)
        (void)fprintf(out, "1\tnobody\t\t0\t1\t0\t0\n");
    for (size_t i = 0; i < n_panels; i++) {
        const struct panel *panel = &panels[i];
        size_t n = panel->n_jobs, n_rows = n < MAX_ROWS ? n : MAX_ROWS;
        double before = cpu_before_wait(panel->cell->parameters.work);
        data_block(out, "row, asked_s, from_s, to_s, computing_share, wait_from_s, "
                        "wait_to_s");
        for (size_t k = 0; k < n_rows; k++)
            put_job(&panel->jobs[n_rows > 1 ? k * (n - 1) / (n_rows - 1) : 0], k + 1,
                    before, out);
        if (n == 0)
            (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\n");
    }
    free(panels);
}

enum { MAX_STRETCHES = 300 }; /* of a panel of probes, each with three at most */

/* Of a stretch of probes: the quickest, the slowest and the first that failed. */
struct stretch {
    const struct cell *cell;
    FILE *out;
    size_t n_stretches, n_begun, n_taken; /* probes taken, of all stretches */
    struct shown {
        size_t place; /* from 1; 0: there is none */
        struct sample probe;
    } shown[3];
};

/* In their order, each once. */
static void end_stretch(struct stretch *stretch) {
    for (size_t last = 0;;) {
        const struct shown *next = NULL;
        for (size_t i = 0; i < 3; i++)
            if (stretch->shown[i].place > last &&
                (next == NULL || stretch->shown[i].place < next->place))
                next = &stretch->shown[i];
        if (next == NULL)
            break;
        last = next->place;
        (void)fprintf(stretch->out, "%.6g\t%.6g\t%d\n", next->probe.planned_us / 1e6,
                      next->probe.latency_us / 1e6, next->probe.status);
    }
    for (size_t i = 0; i < 3; i++)
        stretch->shown[i].place = 0;
}

static int take_probe(void *context, const struct sample *probe) {
    struct stretch *stretch = context;
    struct shown *quickest = &stretch->shown[0], *slowest = &stretch->shown[1],
                 *failed = &stretch->shown[2];
    struct shown shown = {++stretch->n_taken, *probe};
    if (quickest->place == 0 || probe->latency_us < quickest->probe.latency_us)
        *quickest = shown;
    if (slowest->place == 0 || probe->latency_us > slowest->probe.latency_us)
        *slowest = shown;
    if (failed->place == 0 && !probe->answered)
        *failed = shown;
    if (stretch->n_taken ==
        (stretch->n_begun + 1) * stretch->cell->n_probes / stretch->n_stretches) {
        end_stretch(stretch);
        stretch->n_begun++;
    }
    return 0;
}

/* Of more than a panel has room for, what shows in it: each stretch's ends. */
static void put_probes(const struct cell *cell, FILE *out) {
    size_t n = cell->n_probes;
    struct stretch stretch = {.cell = cell,
                              .out = out,
                              .n_stretches = n <= 3 * MAX_STRETCHES ? n : MAX_STRETCHES};
    if (n == 0)
        (void)fprintf(out, "NaN\tNaN\t0\n");
    else
        (void)cell_visit(cell, CELL_PROBES, take_probe, &stretch);
}

void timelines_write_probes(const struct overview *overview, const struct chart *chart,
                            FILE *out) {
    (void)chart;
    data_block(out, "hue, label, note, end_s, idle_p50_s, repeat");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        char median[FIGURE_BYTES], most[FIGURE_BYTES], note[256] = "nobody asked for it";
        const struct estimate *estimates = overview->rows[i].estimates;
        if (isfinite(estimates[FIGURE_BUSY_MAX].value))
            (void)snprintf(note, sizeof note, "median %s, longest %s",
                           figure_time(estimates[FIGURE_BUSY_P50].value, median),
                           figure_time(estimates[FIGURE_BUSY_MAX].value, most));
        data_begin_panel(overview, i, out);
        data_text(out, note);
        (void)fprintf(out, "\t%.6g\t%.4g\t%u\n", metric_end_us(cell) / 1e6,
                      cell_probe_median_us(cell, false) / 1e6, cell->repeat);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        data_block(out, "planned_s, latency_s, status");
        put_probes(cell, out);
    }
}
