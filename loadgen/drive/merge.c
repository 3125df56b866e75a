/* Sums, maxima and a merge by the time of the ends; see merge.h. */
#include "loadgen/drive/merge.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

static void go_on(struct merge_part *part) {
    part->has_next = samples_next_planned(&part->reader, &part->sample, &part->report);
}

/* The part whose next sample ended first; NULL when none has one. */
static struct merge_part *find_next(struct merge_part *parts, unsigned n) {
    struct merge_part *next = NULL;
    uint64_t least_ns = UINT64_MAX;
    for (struct merge_part *part = parts; part < parts + n; part++) {
        uint64_t end_ns = part->sample.start_ns + part->sample.service_ns;
        if (part->has_next && end_ns < least_ns) {
            least_ns = end_ns;
            next = part;
        }
    }
    return next;
}

static int merge_samples(struct merge_part *parts, unsigned n,
                         const struct drive_result *result) {
    struct merge_part *part;
    unsigned first_user = 0;
    int error = 0;
    for (unsigned k = 0; k < n; k++) {
        part = &parts[k];
        part->first_user = first_user;
        first_user += part->n_users;
        gaps_add_thread(&result->samples->gaps, &part->result.samples->gaps,
                        part->first_user, k + 1 < n ? first_user : UINT_MAX);
        part->reader = samples_read(part->result.samples);
        go_on(part);
    }
    while (error == 0 && (part = find_next(parts, n)) != NULL) {
        part->sample.user += part->first_user;
        /* By a clock that may be another machine's: from the common start. */
        part->report.from_ns += result->epoch_ns - part->result.epoch_ns;
        part->report.to_ns += result->epoch_ns - part->result.epoch_ns;
        error = samples_add(result->samples, &part->sample,
                            part->sample.has_report ? &part->report : NULL);
        go_on(part);
    }
    return error;
}

static double stolen_share(const struct usage *usage) {
    return (double)usage->stolen_ticks / fmax(1, (double)usage->all_ticks);
}

/* The busiest is the first to be too slow, and which waits longest may be another. */
static void take_worst(struct usage *all, const struct usage *own) {
    if (own->cpu_ns > all->cpu_ns)
        all->cpu_ns = own->cpu_ns;
    if (usage_mean_wait_s(own) > usage_mean_wait_s(all)) {
        all->waited_ns = own->waited_ns;
        all->n_waits = own->n_waits;
    }
    if (stolen_share(own) > stolen_share(all)) {
        all->stolen_ticks = own->stolen_ticks;
        all->all_ticks = own->all_ticks;
    }
}

static uint64_t larger(uint64_t one, uint64_t other) {
    return one > other ? one : other;
}

static uint64_t smaller(uint64_t one, uint64_t other) {
    return one < other ? one : other;
}

static void add_up(struct drive_result *all, const struct drive_result *own) {
    all->first_start_ns = smaller(all->first_start_ns, own->first_start_ns);
    all->last_start_ns = larger(all->last_start_ns, own->last_start_ns);
    all->elapsed_ns = larger(all->elapsed_ns, own->elapsed_ns);
    all->window_ns = larger(all->window_ns, own->window_ns);
    all->first_began_ns = smaller(all->first_began_ns, own->first_began_ns);
    all->last_began_ns = larger(all->last_began_ns, own->last_began_ns);
    if (isnan(own->clock_error_s) || own->clock_error_s > all->clock_error_s)
        all->clock_error_s = own->clock_error_s;
    all->is_drained = all->is_drained && own->is_drained;
    all->users_time_ns += own->users_time_ns;
    all->n_users += own->n_users;
    all->counts.n_connections += own->counts.n_connections;
    all->counts.n_retried += own->counts.n_retried;
    all->counts.n_unconnected += own->counts.n_unconnected;
    if (own->counts.n_unconnected > 0)
        all->counts.unconnected_error = own->counts.unconnected_error;
    all->rested_ns += own->rested_ns;
    all->n_cut_off += own->n_cut_off;
    all->n_not_sent += own->n_not_sent;
    take_worst(&all->usage, &own->usage);
    if (all->speed_change == 0 ||
        (own->speed_change > 0 &&
         fabs(own->speed_change - 1) > fabs(all->speed_change - 1)))
        all->speed_change = own->speed_change;
    all->was_given_up = all->was_given_up || own->was_given_up;
    all->signal = all->signal != 0 ? all->signal : own->signal;
}

int merge_parts(struct merge_part *parts, unsigned n, struct drive_result *result) {
    *result = parts[0].result;
    for (unsigned k = 1; k < n; k++)
        add_up(result, &parts[k].result);
    result->samples = samples_new();
    return result->samples != NULL ? merge_samples(parts, n, result) : -ENOMEM;
}
