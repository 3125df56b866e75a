/* The blocks of each chart's data file; see data.h and results/README.md. */
#include <math.h>
#include <stdlib.h>

#include "measured/merged.h"
#include "report/data.h"
#include "report/lanes.h"

enum {
    MAX_LANES_DRAWN = 24,
    MAX_JOBS_DRAWN = 2000, /* in the lanes of a panel */
    MAX_RANKS_DRAWN = 150,
    MAX_STRETCHES = 300, /* of a panel of probes, each with three at most */
};

void data_begin_panel(const struct overview *overview, size_t index, FILE *out) {
    const struct series *series = overview->rows[index].series;
    (void)fprintf(out, "%u\t", series->place);
    data_text(out, series->parameters->label);
    (void)fputc('\t', out);
}

/* Of more ranks than a panel has room for, as many as it has: evenly, the ends as well.
 */
static bool is_drawn(size_t rank, size_t n_ranks) {
    return n_ranks <= MAX_RANKS_DRAWN || rank == 1 || rank == n_ranks ||
           rank * MAX_RANKS_DRAWN / n_ranks != (rank - 1) * MAX_RANKS_DRAWN / n_ranks;
}

static void put_latencies(const struct cell *cell, FILE *out) {
    size_t n = cell->latencies.n;
    double own_us = metric_own_t_us(cell);
    double *sorted_us = latencies_sorted_us(&cell->latencies);
    for (size_t i = 0; sorted_us != NULL && i < n; i++)
        if (is_drawn(i + 1, n))
            (void)fprintf(out, "%u\t%zu\t%.6g\n", cell->repeat, i + 1,
                          sorted_us[i] / own_us);
    if (n == 0)
        (void)fprintf(out, "%u\tNaN\tNaN\n", cell->repeat);
    free(sorted_us);
}

/* What the model expects of each rank: the mean over repeats, each with its own CPUs. */
static void put_model(const struct overview_row *row, FILE *out) {
    const struct series *series = row->series;
    size_t n_ranks = series->repeats[0]->n_requests, n_repeats = series->n_repeats;
    struct burst *bursts = calloc(n_repeats, sizeof *bursts);
    for (size_t i = 0; bursts != NULL && i < n_repeats; i++)
        bursts[i] = burst_of(series->repeats[i]);
    for (size_t rank = 1; bursts != NULL && rank <= n_ranks; rank++) {
        double sum = row->model != NULL ? 0 : NAN;
        if (!is_drawn(rank, n_ranks))
            continue;
        for (size_t i = 0; row->model != NULL && i < n_repeats; i++)
            sum += row->model->slowdown(&bursts[i], rank);
        (void)fprintf(out, "%zu\t%.6g\n", rank, sum / (double)n_repeats);
    }
    free(bursts);
}

void data_write_staircase(const struct overview *overview, const struct chart *chart,
                          FILE *out) {
    (void)chart;
    data_block(out, "place, label, model, model_error_percent, n_ranks");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        data_begin_panel(overview, i, out);
        data_text(out, row->model != NULL ? row->model->formula : "no model");
        (void)fprintf(out, "\t%.3g\t%zu\n", row->model_error.value * 100,
                      row->series->repeats[0]->n_requests);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct overview_row *row = &overview->rows[i];
        data_block(out, "repeat, rank, slowdown");
        for (size_t k = 0; k < row->series->n_repeats; k++)
            put_latencies(row->series->repeats[k], out);
        data_block(out, "rank, model_slowdown");
        put_model(row, out);
    }
}

static void put_bar(double own_us, const struct bar *bar, FILE *out) {
    const struct sample *sample = bar->sample;
    double duration_us = fmax(sample->to_us - sample->from_us, 1);
    double wait_us = isfinite(sample->wait_us) ? sample->wait_us : 0;
    (void)fprintf(out, "%zu\t%u\t%.6g\t%.6g\t%.6g\t%.4g\t%.4g\n", bar->lane, sample->id,
                  sample->start_us / own_us, sample->from_us / own_us,
                  sample->to_us / own_us, fmin(1, sample->cpu_us / duration_us),
                  fmin(1, wait_us / duration_us));
}

/* One row per process: its number, and its first and last lane. */
static void put_groups(const struct lanes *lanes, FILE *out) {
    size_t group = 0, first = 0, last = 0;
    for (size_t i = 0; i < lanes->n_bars; i++) {
        if (lanes->bars[i].group != group) {
            if (group > 0)
                (void)fprintf(out, "%zu\t%zu\t%zu\n", group, first, last);
            group = lanes->bars[i].group;
            first = lanes->bars[i].lane;
        }
        last = lanes->bars[i].lane;
    }
    if (group > 0)
        (void)fprintf(out, "%zu\t%zu\t%zu\n", group, first, last);
    else
        (void)fprintf(out, "NaN\tNaN\tNaN\n");
}

static void put_lanes(const struct lanes *lanes, double own_us, FILE *out) {
    data_block(out, "lane, id, asked_own_t, from_own_t, to_own_t, computing_share, "
                    "waiting_share");
    for (size_t i = 0; i < lanes->n_bars; i++)
        if (lanes->bars[i].lane <= MAX_LANES_DRAWN)
            put_bar(own_us, &lanes->bars[i], out);
    if (lanes->n_bars == 0)
        (void)fprintf(out, "NaN\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\n");
    data_block(out, "process, first_lane, last_lane");
    put_groups(lanes, out);
}

/* The requests of one panel: more than it has room for are left out. */
struct panel {
    struct sample samples[MAX_JOBS_DRAWN];
    size_t n;
    double end_us;
    bool open_loop;
    struct lanes lanes;
};

static int take_job(void *context, const struct sample *sample) {
    struct panel *panel = context;
    if (panel->n == MAX_JOBS_DRAWN)
        return 1;
    panel->samples[panel->n++] = *sample;
    panel->end_us = fmax(panel->end_us, sample_end_us(sample, panel->open_loop));
    return 0;
}

void data_write_lanes(const struct overview *overview, const struct chart *chart,
                      FILE *out) {
    (void)chart;
    struct panel *panels = calloc(overview->n_rows + 1, sizeof *panels);
    if (panels == NULL)
        return;
    data_block(out,
               "place, label, n_lanes_drawn, n_lanes, n_processes, end_own_t, repeat");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        struct panel *panel = &panels[i];
        struct lanes *lanes = &panel->lanes;
        *panel = (struct panel){.end_us = NAN, .open_loop = cell->open_loop};
        (void)cell_visit(cell, CELL_REQUESTS, take_job, panel);
        (void)lanes_make(panel->samples, panel->n, lanes);
        size_t n_drawn =
            lanes->n_lanes < MAX_LANES_DRAWN ? lanes->n_lanes : MAX_LANES_DRAWN;
        data_begin_panel(overview, i, out);
        (void)fprintf(out, "%zu\t%zu\t%zu\t%.6g\t%u\n", n_drawn, lanes->n_lanes,
                      lanes->n_groups, panel->end_us / metric_own_t_us(cell),
                      cell->repeat);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        put_lanes(&panels[i].lanes, metric_own_t_us(cell), out);
        lanes_free(&panels[i].lanes);
    }
    free(panels);
}

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
    double own_us = metric_own_t_us(stretch->cell);
    for (size_t last = 0;;) {
        const struct shown *next = NULL;
        for (size_t i = 0; i < 3; i++)
            if (stretch->shown[i].place > last &&
                (next == NULL || stretch->shown[i].place < next->place))
                next = &stretch->shown[i];
        if (next == NULL)
            break;
        last = next->place;
        (void)fprintf(stretch->out, "%.6g\t%.6g\t%d\n", next->probe.planned_us / own_us,
                      next->probe.latency_us / 1000, next->probe.status);
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

void data_write_probes(const struct overview *overview, const struct chart *chart,
                       FILE *out) {
    (void)chart;
    data_block(out,
               "place, label, end_own_t, busy_p50_ms, busy_max_ms, idle_p50_ms, repeat");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        data_begin_panel(overview, i, out);
        (void)fprintf(out, "%.6g\t%.4g\t%.4g\t%.4g\t%u\n",
                      metric_end_us(cell) / metric_own_t_us(cell),
                      cell_probe_median_us(cell, true) / 1000,
                      metric_busy_max_us(cell) / 1000,
                      cell_probe_median_us(cell, false) / 1000, cell->repeat);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        data_block(out, "planned_own_t, latency_ms, status");
        put_probes(cell, out);
    }
}
