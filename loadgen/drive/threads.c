/* Shares, threads that each drive one, and their results as one; see threads.h. */
#include "loadgen/drive/threads.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/stats/random.h"
#include "loadgen/drive/start_stop.h"

/* The k-th of n shares of a whole number; they differ by one at most. */
static unsigned share_of(unsigned whole, unsigned k, unsigned n) {
    return whole / n + (k < whole % n ? 1 : 0);
}

void threads_share(struct drive_config *config, unsigned k, unsigned n) {
    struct schedule_plan *plan = &config->plan;
    struct random seeds;
    random_seed(&seeds, plan->seed);
    for (unsigned i = 0; i <= k; i++)
        plan->seed = random_next(&seeds);
    if (schedule_is_open(plan)) { /* gaps of all together, and not n arrivals at once */
        plan->first_s += k / plan->rate_per_s;
        plan->first_target += k;
    } else {
        for (unsigned i = 0; i < k; i++)
            plan->first_target += share_of(plan->n_users, i, n);
    }
    plan->rate_per_s /= n;
    plan->n_users = share_of(plan->n_users, k, n);
    config->max_in_flight = share_of(config->max_in_flight, k, n);
}

/* Results: sums, maxima and a merge by the time of the ends */

static void go_on(struct threads_part *part) {
    part->has_next = samples_next_planned(&part->reader, &part->sample, &part->report);
}

/* The part whose next sample ended first; NULL when none has one. */
static struct threads_part *find_next(struct threads_part *parts, unsigned n) {
    struct threads_part *next = NULL;
    uint64_t least_ns = UINT64_MAX;
    for (struct threads_part *part = parts; part < parts + n; part++) {
        uint64_t end_ns = part->sample.start_ns + part->sample.service_ns;
        if (part->has_next && end_ns < least_ns) {
            least_ns = end_ns;
            next = part;
        }
    }
    return next;
}

static int merge_samples(struct threads_part *parts, unsigned n,
                         const struct drive_result *result) {
    struct threads_part *part;
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

int threads_merge(struct threads_part *parts, unsigned n, struct drive_result *result) {
    *result = parts[0].result;
    for (unsigned k = 1; k < n; k++)
        add_up(result, &parts[k].result);
    result->samples = samples_new();
    return result->samples != NULL ? merge_samples(parts, n, result) : -ENOMEM;
}

/* Threads */

struct thread {
    pthread_t id;
    struct drive_config config;
    struct start_stop *start_stop;
    struct drive_result *result;
    int error;
};

static void share_out(struct thread *threads, struct threads_part *parts, unsigned n,
                      const struct drive_config *config, struct start_stop *start_stop) {
    bool is_open = schedule_is_open(&config->plan);
    for (unsigned k = 0; k < n; k++) {
        struct drive_config *own = &threads[k].config;
        *own = *config;
        own->n_threads = n;
        threads_share(own, k, n);
        threads[k].start_stop = start_stop;
        threads[k].result = &parts[k].result;
        parts[k].n_users = is_open ? own->max_in_flight : own->plan.n_users;
    }
}

static void *run_thread(void *argument) {
    struct thread *thread = argument;
    thread->error = drive_run(&thread->config, thread->start_stop, thread->result);
    return NULL;
}

unsigned threads_count(const struct drive_config *config) {
    bool is_open = schedule_is_open(&config->plan);
    unsigned most = is_open ? config->max_in_flight : config->plan.n_users;
    unsigned n = config->n_threads < most ? config->n_threads : most;
    return n > 0 ? n : 1;
}

/* All but the first in threads of their own; all have ended when it returns. */
static int run_several(const struct drive_config *config, struct start_stop *start_stop,
                       unsigned n, struct drive_result *result) {
    unsigned n_started = 1;
    int error = 0;
    struct thread *threads = calloc(n, sizeof *threads);
    struct threads_part *parts = calloc(n, sizeof *parts);
    if (threads == NULL || parts == NULL) {
        free(threads);
        free(parts);
        return -ENOMEM;
    }
    share_out(threads, parts, n, config, start_stop);
    while (n_started < n && pthread_create(&threads[n_started].id, NULL, run_thread,
                                           &threads[n_started]) == 0)
        n_started++;
    if (n_started < n)
        start_stop_excuse(start_stop, n - n_started);
    (void)run_thread(&threads[0]);
    for (unsigned k = 1; k < n_started; k++)
        (void)pthread_join(threads[k].id, NULL);
    for (unsigned k = 0; k < n_started; k++)
        if (threads[k].error != 0)
            error = threads[k].error;
    if (error == 0)
        error = threads_merge(parts, n, result);
    for (unsigned k = 0; k < n_started; k++)
        samples_free(parts[k].result.samples);
    free(threads);
    free(parts);
    return error;
}

int threads_run(const struct drive_config *config, struct drive_result *result) {
    struct start_stop start_stop;
    unsigned n = threads_count(config);
    assert(n <= THREADS_MOST);
    *result = (struct drive_result){0};
    int error = start_stop_begin(&start_stop, n, config->max_failures);
    if (error != 0)
        return error;
    start_stop.start_at_ns = config->start_at_ns;
    error = n == 1 ? drive_run(config, &start_stop, result)
                   : run_several(config, &start_stop, n, result);
    result->first_began_ns = result->last_began_ns = start_stop.began_ns;
    result->signal = start_stop_end(&start_stop, &result->was_given_up);
    return error;
}
