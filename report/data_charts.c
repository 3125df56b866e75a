/* The blocks of each chart's data file; see data.h and results/README.md. */
#include <math.h>
#include <stdlib.h>

#include "measured/yardstick.h"
#include "report/data.h"
#include "report/lanes.h"

enum {
    MAX_LANES_DRAWN = 24,
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
    size_t n = cell->n_answered;
    double own_us = metric_own_t_us(cell);
    for (size_t i = 0; i < n; i++)
        if (is_drawn(i + 1, n))
            (void)fprintf(out, "%u\t%zu\t%.6g\n", cell->repeat, i + 1,
                          cell->latencies_us[i] / own_us);
    if (n == 0)
        (void)fprintf(out, "%u\tNaN\tNaN\n", cell->repeat);
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

static void put_lanes(const struct lanes *lanes, const struct cell *cell, FILE *out) {
    double own_us = metric_own_t_us(cell);
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

void data_write_lanes(const struct overview *overview, const struct chart *chart,
                      FILE *out) {
    (void)chart;
    struct lanes *lanes = calloc(overview->n_rows + 1, sizeof *lanes);
    if (lanes == NULL)
        return;
    data_block(out,
               "place, label, n_lanes_drawn, n_lanes, n_processes, end_own_t, repeat");
    for (size_t i = 0; i < overview->n_rows; i++) {
        const struct cell *cell = series_typical(overview->rows[i].series);
        (void)lanes_make(cell, &lanes[i]);
        size_t n_drawn =
            lanes[i].n_lanes < MAX_LANES_DRAWN ? lanes[i].n_lanes : MAX_LANES_DRAWN;
        data_begin_panel(overview, i, out);
        (void)fprintf(out, "%zu\t%zu\t%zu\t%.6g\t%u\n", n_drawn, lanes[i].n_lanes,
                      lanes[i].n_groups, metric_end_us(cell) / metric_own_t_us(cell),
                      cell->repeat);
    }
    for (size_t i = 0; i < overview->n_rows; i++) {
        put_lanes(&lanes[i], series_typical(overview->rows[i].series), out);
        lanes_free(&lanes[i]);
    }
    free(lanes);
}

static void put_probe(double own_us, const struct sample *probe, FILE *out) {
    (void)fprintf(out, "%.6g\t%.6g\t%d\n", probe->planned_us / own_us,
                  probe->latency_us / 1000, probe->status);
}

/* Of a stretch of probes, in their order: the quickest, the slowest, the first failed. */
static void put_stretch(const struct cell *cell, size_t from, size_t to, FILE *out) {
    size_t quickest = from, slowest = from, failed = to;
    double own_us = metric_own_t_us(cell);
    for (size_t i = to; i-- > from;) {
        const struct sample *probe = &cell->probes[i];
        if (probe->latency_us <= cell->probes[quickest].latency_us)
            quickest = i;
        if (probe->latency_us >= cell->probes[slowest].latency_us)
            slowest = i;
        failed = sample_is_answered(probe) ? failed : i;
    }
    for (size_t i = from; i < to; i++)
        if (i == quickest || i == slowest || i == failed)
            put_probe(own_us, &cell->probes[i], out);
}

/* Of more than a panel has room for, what shows in it: each stretch's ends. */
static void put_probes(const struct cell *cell, FILE *out) {
    size_t n = cell->n_probes;
    size_t n_stretches = n <= 3 * MAX_STRETCHES ? n : MAX_STRETCHES;
    for (size_t i = 0; i < n_stretches; i++)
        put_stretch(cell, i * n / n_stretches, (i + 1) * n / n_stretches, out);
    if (n == 0)
        (void)fprintf(out, "NaN\tNaN\t0\n");
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
