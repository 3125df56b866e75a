/* Shares, threads and the merge; see threads.h. */
#include "loadgen/drive/threads.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/stats/random.h"
#include "loadgen/drive/start_stop.h"

struct thread {
    pthread_t id;
    struct drive_config config;
    struct start_stop *start_stop;
    struct drive_result result;
    int error;
    unsigned first_user; /* the number of its first user among all */
    /* The next of its samples to be merged, when there is one. */
    struct samples_reader reader;
    struct load_sample sample;
    struct server_report report;
    bool has_next;
};

/* The k-th of n shares of a whole number; they differ by one at most. */
static unsigned share_of(unsigned whole, unsigned k, unsigned n) {
    return whole / n + (k < whole % n ? 1 : 0);
}

static void share_out(struct thread *threads, unsigned n,
                      const struct drive_config *config, struct start_stop *start_stop) {
    struct random seeds;
    unsigned first_user = 0;
    bool is_open = schedule_is_open(&config->plan);
    random_seed(&seeds, config->plan.seed);
    for (unsigned k = 0; k < n; k++) {
        struct drive_config *own = &threads[k].config;
        *own = *config;
        own->n_threads = n;
        own->plan.seed = random_next(&seeds);
        own->plan.n_users = share_of(config->plan.n_users, k, n);
        own->max_in_flight = share_of(config->max_in_flight, k, n);
        own->plan.rate_per_s = config->plan.rate_per_s / n;
        if (is_open) /* constant gaps of all together, and not n arrivals at once */
            own->plan.first_s = k / config->plan.rate_per_s;
        own->plan.first_target = is_open ? k : first_user;
        threads[k].start_stop = start_stop;
        threads[k].first_user = first_user;
        first_user += is_open ? own->max_in_flight : own->plan.n_users;
    }
}

static void *run_thread(void *argument) {
    struct thread *thread = argument;
    thread->error = drive_run(&thread->config, thread->start_stop, &thread->result);
    return NULL;
}

static void go_on(struct thread *thread) {
    thread->has_next =
        samples_next_planned(&thread->reader, &thread->sample, &thread->report);
}

/* The thread whose next sample ended first; NULL when none has one. */
static struct thread *find_next(struct thread *threads, unsigned n) {
    struct thread *next = NULL;
    uint64_t least_ns = UINT64_MAX;
    for (struct thread *thread = threads; thread < threads + n; thread++) {
        uint64_t end_ns = thread->sample.start_ns + thread->sample.service_ns;
        if (thread->has_next && end_ns < least_ns) {
            least_ns = end_ns;
            next = thread;
        }
    }
    return next;
}

static int merge_samples(struct thread *threads, unsigned n, struct samples *samples) {
    struct thread *thread;
    int error = 0;
    for (unsigned k = 0; k < n; k++) {
        struct samples *own = threads[k].result.samples;
        gaps_add_thread(samples_gaps(samples), samples_gaps(own), threads[k].first_user,
                        k + 1 < n ? threads[k + 1].first_user : UINT_MAX);
        threads[k].reader = samples_read(own);
        go_on(&threads[k]);
    }
    while (error == 0 && (thread = find_next(threads, n)) != NULL) {
        thread->sample.user += thread->first_user;
        error = samples_add(samples, &thread->sample,
                            thread->sample.has_report ? &thread->report : NULL);
        go_on(thread);
    }
    return error;
}

static void add_up(struct drive_result *all, const struct drive_result *own) {
    if (own->first_start_ns < all->first_start_ns)
        all->first_start_ns = own->first_start_ns;
    if (own->last_start_ns > all->last_start_ns)
        all->last_start_ns = own->last_start_ns;
    if (own->elapsed_ns > all->elapsed_ns)
        all->elapsed_ns = own->elapsed_ns;
    if (own->window_ns > all->window_ns)
        all->window_ns = own->window_ns;
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
    bool waits_longer = usage_mean_wait_s(&own->usage) > usage_mean_wait_s(&all->usage);
    struct usage waits = waits_longer ? own->usage : all->usage;
    if (own->usage.cpu_ns > all->usage.cpu_ns)
        all->usage = own->usage; /* the busiest thread is the first to be too slow */
    all->usage.waited_ns = waits.waited_ns;
    all->usage.n_waits = waits.n_waits;
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
    struct thread *threads = calloc(n, sizeof *threads);
    if (threads == NULL)
        return -ENOMEM;
    share_out(threads, n, config, start_stop);
    while (n_started < n && pthread_create(&threads[n_started].id, NULL, run_thread,
                                           &threads[n_started]) == 0)
        n_started++;
    if (n_started < n)
        start_stop_excuse(start_stop, n - n_started);
    (void)run_thread(&threads[0]);
    for (unsigned k = 1; k < n_started; k++)
        (void)pthread_join(threads[k].id, NULL);
    *result = threads[0].result;
    result->samples = samples_new();
    int error = result->samples != NULL ? threads[0].error : -ENOMEM;
    for (unsigned k = 1; k < n_started; k++) {
        add_up(result, &threads[k].result);
        error = threads[k].error != 0 ? threads[k].error : error;
    }
    if (error == 0)
        error = merge_samples(threads, n_started, result->samples);
    for (unsigned k = 0; k < n_started; k++)
        samples_free(threads[k].result.samples);
    free(threads);
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
    error = n == 1 ? drive_run(config, &start_stop, result)
                   : run_several(config, &start_stop, n, result);
    result->signal = start_stop_end(&start_stop, &result->was_given_up);
    return error;
}
