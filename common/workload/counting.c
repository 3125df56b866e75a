/* The counting loop and what is measured with it; see counting.h. */
#include "common/workload/counting.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/stats/stats.h"

/* Aligned, so that its speed does not depend on what the linker puts before it. */
__attribute__((noinline, aligned(64))) uint64_t counting_loop(uint64_t turns) {
    uint64_t count = 0;
    while (count < turns) {
        count++;
        __asm__ volatile("" : "+r"(count)); /* the optimiser must believe it changed */
    }
    return count;
}

/* Nanoseconds of the clock that so many turns take. */
static uint64_t time_loop(clockid_t id, uint64_t turns) {
    uint64_t start_ns = clock_read_ns(id);
    uint64_t counted = counting_loop(turns);
    assert(counted == turns);
    return clock_read_ns(id) - start_ns;
}

double counting_calibrate(uint64_t budget_ns) {
    enum { N_TRIALS = 10 };
    uint64_t turns = 1000;
    uint64_t took_ns = time_loop(CLOCK_MONOTONIC, turns);
    while (took_ns < budget_ns / (2 * N_TRIALS)) { /* until a trial is long enough */
        turns *= 2;
        took_ns = time_loop(CLOCK_MONOTONIC, turns);
    }
    for (int i = 1; i < N_TRIALS; i++) {
        uint64_t trial_ns = time_loop(CLOCK_MONOTONIC, turns);
        if (trial_ns < took_ns)
            took_ns = trial_ns;
    }
    return (double)turns * (double)NS_PER_MS / (double)took_ns;
}

double counting_calibrate_until_agreed(uint64_t budget_ns, unsigned most) {
    static const double agrees = 0.02;
    double fastest = counting_calibrate(budget_ns);
    for (unsigned i = 1; i < most; i++) {
        clock_sleep_until(clock_now_ns() + budget_ns);
        double again = counting_calibrate(budget_ns);
        bool agree = fabs(again / fastest - 1) < agrees;
        fastest = fmax(fastest, again);
        if (agree)
            break;
    }
    return fastest;
}

double counting_calibrate_spread(uint64_t span_ns) {
    enum { N_SAMPLES = 60, N_AGREE = 5 };
    static const double agrees = 0.99;
    double rates[N_SAMPLES];
    uint64_t sample_ns = span_ns / N_SAMPLES / 4, turns = 1000;
    while (time_loop(CLOCK_THREAD_CPUTIME_ID, turns) < sample_ns)
        turns *= 2;
    uint64_t began_ns = clock_now_ns();
    for (size_t i = 0; i < N_SAMPLES; i++) {
        clock_sleep_until(began_ns + i * span_ns / N_SAMPLES);
        rates[i] = (double)turns * (double)NS_PER_MS /
                   (double)time_loop(CLOCK_THREAD_CPUTIME_ID, turns);
    }
    stats_sort(rates, N_SAMPLES);
    /* The fastest rate that N_AGREE - 1 others come close to. */
    for (size_t i = N_SAMPLES; i-- >= N_AGREE;)
        if (rates[i - N_AGREE + 1] >= agrees * rates[i])
            return rates[i];
    return rates[N_SAMPLES * 9 / 10]; /* no samples agree */
}

enum go { WAIT, GO, GIVE_UP };

struct loop_thread {
    pthread_t thread;
    _Atomic int *go;
    uint64_t turns;
    uint64_t took_ns;
};

static void *run_loop_thread(void *argument) {
    struct loop_thread *self = argument;
    while (atomic_load(self->go) == WAIT)
        (void)sched_yield();
    if (atomic_load(self->go) == GO)
        self->took_ns = time_loop(CLOCK_MONOTONIC, self->turns);
    return NULL;
}

double counting_effective_cores(unsigned n_loops, uint64_t turns, uint64_t *alone_ns) {
    _Atomic int go = WAIT;
    unsigned n_started = 0;
    struct loop_thread *threads = calloc(n_loops, sizeof *threads);
    if (threads == NULL)
        return NAN;
    uint64_t before_ns = time_loop(CLOCK_THREAD_CPUTIME_ID, turns);
    for (; n_started < n_loops; n_started++) {
        struct loop_thread *thread = &threads[n_started];
        *thread = (struct loop_thread){.go = &go, .turns = turns};
        if (pthread_create(&thread->thread, NULL, run_loop_thread, thread) != 0)
            break;
    }
    atomic_store(&go, n_started == n_loops ? GO : GIVE_UP);
    double per_ns = n_started == n_loops ? 0 : NAN; /* turns, of all loops at once */
    for (unsigned i = 0; i < n_started; i++) {
        (void)pthread_join(threads[i].thread, NULL);
        per_ns += (double)turns / (double)threads[i].took_ns;
    }
    uint64_t after_ns = time_loop(CLOCK_THREAD_CPUTIME_ID, turns);
    uint64_t one_ns = before_ns < after_ns ? before_ns : after_ns;
    if (alone_ns != NULL)
        *alone_ns = one_ns;
    free(threads);
    double cores = per_ns * (double)one_ns / (double)turns;
    return cores <= (double)n_loops * 1.02 ? fmin(cores, n_loops) : NAN;
}
