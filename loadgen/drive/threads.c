/* Shares, threads and the merge; see threads.h. */
#include "loadgen/drive/threads.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/stats/random.h"
#include "loadgen/drive/start_stop.h"
#include "loadgen/samples/gaps.h"

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

struct threads {
    struct thread all[THREADS_MOST];
    unsigned n;
};

/* The k-th of n shares of a whole number; they differ by one at most. */
static unsigned share_of(unsigned whole, unsigned k, unsigned n) {
    return whole / n + (k < whole % n ? 1 : 0);
}

static void share_out(struct threads *threads, const struct drive_config *config,
                      struct start_stop *start_stop) {
    struct random seeds;
    unsigned n = threads->n, first_user = 0;
    bool is_open = schedule_is_open(&config->plan);
    random_seed(&seeds, config->plan.seed);
    for (unsigned k = 0; k < n; k++) {
        struct thread *thread = &threads->all[k];
        struct drive_config *own = &thread->config;
        *own = *config;
        thread->start_stop = start_stop;
        own->n_threads = n;
        own->plan.seed = random_next(&seeds);
        own->plan.n_users = share_of(config->plan.n_users, k, n);
        own->max_in_flight = share_of(config->max_in_flight, k, n);
        own->plan.rate_per_s = config->plan.rate_per_s / n;
        if (is_open) /* constant gaps of all together, and not n arrivals at once */
            own->plan.first_s = k / config->plan.rate_per_s;
        thread->first_user = first_user;
        own->plan.first_target = is_open ? k : first_user;
        first_user += is_open ? own->max_in_flight : own->plan.n_users;
    }
}

static void *run_thread(void *argument) {
    struct thread *thread = argument;
    thread->error = drive_run(&thread->config, thread->start_stop, &thread->result);
    return NULL;
}

/* All but the first run in threads of their own; all have ended when it returns. */
static void run_all(struct threads *threads, struct start_stop *start_stop) {
    unsigned n_started = 1;
    for (; n_started < threads->n; n_started++)
        if (pthread_create(&threads->all[n_started].id, NULL, run_thread,
                           &threads->all[n_started]) != 0)
            break;
    if (n_started < threads->n)
        start_stop_excuse(start_stop, threads->n - n_started);
    (void)run_thread(&threads->all[0]);
    for (unsigned k = 1; k < n_started; k++)
        (void)pthread_join(threads->all[k].id, NULL);
    threads->n = n_started;
}

static void go_on(struct thread *thread) {
    thread->has_next =
        samples_next_planned(&thread->reader, &thread->sample, &thread->report);
}

/* The thread whose next sample ended first; NULL when none has one. */
static struct thread *find_next(struct threads *threads) {
    struct thread *next = NULL;
    uint64_t least_ns = UINT64_MAX;
    for (unsigned k = 0; k < threads->n; k++) {
        struct thread *thread = &threads->all[k];
        if (!thread->has_next)
            continue;
        uint64_t end_ns = thread->sample.start_ns + thread->sample.service_ns;
        if (end_ns < least_ns) {
            least_ns = end_ns;
            next = thread;
        }
    }
    return next;
}

static int merge_samples(struct threads *threads, struct samples *samples) {
    struct thread *thread;
    int error = 0;
    for (unsigned k = 0; k < threads->n; k++) {
        gaps_add_thread(samples_gaps(samples),
                        samples_gaps(threads->all[k].result.samples),
                        threads->all[k].first_user);
        threads->all[k].reader = samples_read(threads->all[k].result.samples);
        go_on(&threads->all[k]);
    }
    while (error == 0 && (thread = find_next(threads)) != NULL) {
        thread->sample.user += thread->first_user;
        error = samples_add(samples, &thread->sample,
                            thread->sample.has_report ? &thread->report : NULL);
        go_on(thread);
    }
    return error;
}

static void add_up(struct drive_result *all, const struct drive_result *own) {
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

static int merge(struct threads *threads, struct drive_result *result) {
    uint64_t first_ns = UINT64_MAX, last_ns = 0;
    int error = 0;
    *result = (struct drive_result){
        .epoch_ns = threads->all[0].result.epoch_ns,
        .warmup_ns = threads->all[0].result.warmup_ns,
        .is_drained = true,
    };
    for (unsigned k = 0; k < threads->n; k++) {
        const struct drive_result *own = &threads->all[k].result;
        uint64_t own_last_ns = own->first_start_ns + own->start_spread_ns;
        first_ns = own->first_start_ns < first_ns ? own->first_start_ns : first_ns;
        last_ns = own_last_ns > last_ns ? own_last_ns : last_ns;
        add_up(result, own);
        if (threads->all[k].error != 0)
            error = threads->all[k].error;
    }
    if (!schedule_is_open(&threads->all[0].config.plan))
        result->start_spread_ns = last_ns - first_ns;
    result->first_start_ns = first_ns;
    result->samples = samples_new();
    if (error == 0 && result->samples != NULL)
        return merge_samples(threads, result->samples);
    return error != 0 ? error : -ENOMEM;
}

unsigned threads_count(const struct drive_config *config) {
    bool is_open = schedule_is_open(&config->plan);
    unsigned most = is_open ? config->max_in_flight : config->plan.n_users;
    unsigned n = config->n_threads < most ? config->n_threads : most;
    return n > 0 ? n : 1;
}

static int run_several(const struct drive_config *config, struct start_stop *start_stop,
                       unsigned n, struct drive_result *result) {
    struct threads *threads = calloc(1, sizeof *threads);
    if (threads == NULL)
        return -ENOMEM;
    threads->n = n;
    share_out(threads, config, start_stop);
    run_all(threads, start_stop);
    int error = merge(threads, result);
    for (unsigned k = 0; k < n; k++)
        samples_free(threads->all[k].result.samples);
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
