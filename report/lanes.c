/* Laying out requests in lanes; see lanes.h. */
#include "report/lanes.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "measured/merged.h"
#include "report/data.h"

enum { MAX_LANES_DRAWN = 24, MAX_JOBS_DRAWN = 2000 }; /* of a panel */

/* Stamps are rounded, so one job may seem to begin just before the last one ended. */
#define ROUNDING_US 5.0

/* A lane while it is being filled. */
struct track {
    int process, thread;
    double process_from_us, thread_from_us; /* when each first took a job */
    double free_us;
    size_t lane, group; /* once they are in order */
};

static int by_start(const void *left, const void *right) {
    const struct sample *a = ((const struct bar *)left)->sample;
    const struct sample *b = ((const struct bar *)right)->sample;
    return a->from_us != b->from_us
               ? (a->from_us > b->from_us) - (a->from_us < b->from_us)
               : (a->id > b->id) - (a->id < b->id);
}

static int by_lane(const void *left, const void *right) {
    const struct bar *a = left, *b = right;
    return a->lane != b->lane ? (a->lane > b->lane) - (a->lane < b->lane)
                              : by_start(left, right);
}

static int compare(double a, double b) {
    return (a > b) - (a < b);
}

/* By worker, then by start. */
static int by_worker(const void *left, const void *right) {
    const struct sample *a = ((const struct bar *)left)->sample;
    const struct sample *b = ((const struct bar *)right)->sample;
    return a->process != b->process
               ? (a->process > b->process) - (a->process < b->process)
           : a->thread != b->thread ? (a->thread > b->thread) - (a->thread < b->thread)
                                    : by_start(left, right);
}

static int by_owner(const void *left, const void *right) {
    const struct track *a = *(struct track *const *)left;
    const struct track *b = *(struct track *const *)right;
    int order = compare(a->process_from_us, b->process_from_us);
    order = order != 0 ? order : compare(a->process, b->process);
    order = order != 0 ? order : compare(a->thread_from_us, b->thread_from_us);
    order = order != 0 ? order : compare(a->thread, b->thread);
    return order != 0 ? order : (a > b) - (a < b); /* as they were made */
}

/* When the process of the bars from this one on first took a job. */
static double first_of_process(const struct bar *bars, size_t n_bars) {
    double from_us = bars[0].sample->from_us;
    for (size_t i = 1; i < n_bars && bars[i].sample->process == bars[0].sample->process;
         i++)
        from_us = bars[i].sample->from_us < from_us ? bars[i].sample->from_us : from_us;
    return from_us;
}

/* Gives every bar its track: the first of its worker that is free by then. They are in
 * order by worker. Returns how many there are. */
static size_t fill_tracks(const struct bar *bars, size_t n_bars, struct track *tracks,
                          size_t *track_of) {
    size_t n_tracks = 0, first = 0; /* of the worker */
    double process_from_us = 0, thread_from_us = 0;
    for (size_t i = 0; i < n_bars; i++) {
        const struct sample *sample = bars[i].sample,
                            *last = i > 0 ? bars[i - 1].sample : NULL;
        bool is_same_process = last != NULL && sample->process == last->process;
        if (!is_same_process)
            process_from_us = first_of_process(bars + i, n_bars - i);
        if (!is_same_process || sample->thread != last->thread) {
            thread_from_us = sample->from_us;
            first = n_tracks;
        }
        size_t track = first;
        while (track < n_tracks && tracks[track].free_us > sample->from_us + ROUNDING_US)
            track++;
        n_tracks += track == n_tracks ? 1 : 0;
        tracks[track] = (struct track){.process = sample->process,
                                       .thread = sample->thread,
                                       .process_from_us = process_from_us,
                                       .thread_from_us = thread_from_us,
                                       .free_us = sample->to_us};
        track_of[i] = track;
    }
    return n_tracks;
}

/* Numbers the tracks from top to bottom; returns how many processes there are. */
static size_t number_tracks(struct track *tracks, size_t n_tracks,
                            struct track **ordered) {
    size_t n_groups = 0;
    for (size_t i = 0; i < n_tracks; i++)
        ordered[i] = &tracks[i];
    qsort(ordered, n_tracks, sizeof(struct track *), by_owner);
    for (size_t i = 0; i < n_tracks; i++) {
        n_groups += i == 0 || ordered[i]->process != ordered[i - 1]->process;
        ordered[i]->lane = i + 1;
        ordered[i]->group = n_groups;
    }
    return n_groups;
}

int lanes_make(const struct sample *samples, size_t n_samples, struct lanes *lanes) {
    size_t room = n_samples + 1;
    struct track *tracks = calloc(room, sizeof *tracks);
    struct track **ordered = calloc(room, sizeof *ordered);
    size_t *track_of = calloc(room, sizeof *track_of);
    *lanes = (struct lanes){.bars = calloc(room, sizeof *lanes->bars)};
    bool has_room =
        tracks != NULL && ordered != NULL && track_of != NULL && lanes->bars != NULL;
    for (size_t i = 0; has_room && i < n_samples; i++)
        if (samples[i].process != 0) /* else the worker is not known */
            lanes->bars[lanes->n_bars++].sample = &samples[i];
    if (has_room) {
        qsort(lanes->bars, lanes->n_bars, sizeof *lanes->bars, by_worker);
        lanes->n_lanes = fill_tracks(lanes->bars, lanes->n_bars, tracks, track_of);
        lanes->n_groups = number_tracks(tracks, lanes->n_lanes, ordered);
    }
    for (size_t i = 0; i < lanes->n_bars; i++) {
        lanes->bars[i].lane = tracks[track_of[i]].lane;
        lanes->bars[i].group = tracks[track_of[i]].group;
    }
    free(tracks);
    free(ordered);
    free(track_of);
    if (!has_room) {
        lanes_free(lanes);
        return -ENOMEM;
    }
    qsort(lanes->bars, lanes->n_bars, sizeof *lanes->bars, by_lane);
    return 0;
}

void lanes_free(struct lanes *lanes) {
    free(lanes->bars);
    *lanes = (struct lanes){0};
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

void lanes_write_data(const struct overview *overview, const struct chart *chart,
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
