/* Shares, and threads that each drive one; see threads.h. */
#include "loadgen/drive/threads.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/stats/random.h"
#include "loadgen/drive/merge.h"
#include "loadgen/drive/start_stop.h"

struct thread {
    pthread_t id;
    struct drive_config config;
    struct start_stop *start_stop;
    struct drive_result *result;
    int error;
};

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

static void share_out(struct thread *threads, struct merge_part *parts, unsigned n,
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
    struct merge_part *parts = calloc(n, sizeof *parts);
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
        error = merge_parts(parts, n, result);
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
