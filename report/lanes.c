/* Laying out requests in lanes; see lanes.h. */
#include "report/lanes.h"

#include <errno.h>
#include <stdlib.h>

/* Stamps are rounded, so one job may seem to begin just before the last one ended. */
#define ROUNDING_US 5.0

/* A lane while it is being filled. */
struct track {
    int process, thread;
    double free_from_us;
    double process_from_us, thread_from_us; /* when each first took a job */
    size_t made;                            /* how many tracks there were before */
    size_t lane, group;                     /* once they are in order */
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

static int by_owner(const void *left, const void *right) {
    const struct track *a = *(struct track *const *)left;
    const struct track *b = *(struct track *const *)right;
    int order = compare(a->process_from_us, b->process_from_us);
    order = order != 0 ? order : compare(a->process, b->process);
    order = order != 0 ? order : compare(a->thread_from_us, b->thread_from_us);
    order = order != 0 ? order : compare(a->thread, b->thread);
    return order != 0 ? order : (a->made > b->made) - (a->made < b->made);
}

/* The track that can take this job, a new one when none is free. */
static struct track *find_track(struct track *tracks, size_t *n_tracks,
                                const struct sample *sample) {
    double process_from_us = sample->from_us, thread_from_us = process_from_us;
    for (size_t i = 0; i < *n_tracks; i++) {
        struct track *track = &tracks[i];
        if (track->process != sample->process)
            continue;
        process_from_us = track->process_from_us;
        if (track->thread != sample->thread)
            continue;
        thread_from_us = track->thread_from_us;
        if (track->free_from_us <= sample->from_us + ROUNDING_US)
            return track;
    }
    tracks[*n_tracks] = (struct track){.process = sample->process,
                                       .thread = sample->thread,
                                       .process_from_us = process_from_us,
                                       .thread_from_us = thread_from_us,
                                       .made = *n_tracks};
    return &tracks[(*n_tracks)++];
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

/* The samples whose worker is known, in the order in which they were taken. */
static void collect_bars(const struct cell *cell, struct lanes *lanes) {
    for (size_t i = 0; i < cell->n_requests; i++)
        if (cell->requests[i].process != 0)
            lanes->bars[lanes->n_bars++].sample = &cell->requests[i];
    qsort(lanes->bars, lanes->n_bars, sizeof *lanes->bars, by_start);
}

int lanes_make(const struct cell *cell, struct lanes *lanes) {
    size_t room = cell->n_requests + 1;
    struct track *tracks = calloc(room, sizeof *tracks);
    struct track **ordered = calloc(room, sizeof *ordered), **track_of = NULL;
    *lanes = (struct lanes){.bars = calloc(room, sizeof *lanes->bars)};
    track_of = calloc(room, sizeof *track_of);
    int error = -ENOMEM;
    if (tracks == NULL || ordered == NULL || track_of == NULL || lanes->bars == NULL)
        goto out;
    collect_bars(cell, lanes);
    for (size_t i = 0; i < lanes->n_bars; i++) {
        const struct sample *sample = lanes->bars[i].sample;
        track_of[i] = find_track(tracks, &lanes->n_lanes, sample);
        track_of[i]->free_from_us = sample->to_us;
    }
    lanes->n_groups = number_tracks(tracks, lanes->n_lanes, ordered);
    for (size_t i = 0; i < lanes->n_bars; i++) {
        lanes->bars[i].lane = track_of[i]->lane;
        lanes->bars[i].group = track_of[i]->group;
    }
    qsort(lanes->bars, lanes->n_bars, sizeof *lanes->bars, by_lane);
    error = 0;
out:
    free(tracks);
    free(ordered);
    free(track_of);
    if (error != 0)
        lanes_free(lanes);
    return error;
}

void lanes_free(struct lanes *lanes) {
    free(lanes->bars);
    *lanes = (struct lanes){0};
}
