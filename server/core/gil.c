/* The lock by the rules of CPython since 3.2, which docs/design.md has; the kernel
 * chooses which waiter is next. */
#include "server/core/gil.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "common/base/clock.h"

static const uint64_t SWITCH_INTERVAL_NS = 5 * NS_PER_MS;

static bool enabled;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t became_free;
static pthread_cond_t changed_holder;
static bool is_held;
static unsigned n_waiting;
static uint64_t n_takes; /* one more for each change of holder */
static atomic_bool drop_wanted;

static _Thread_local unsigned depth; /* how often this thread has acquired it */

void gil_enable(void) {
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&became_free, &monotonic);
    (void)pthread_cond_init(&changed_holder, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    enabled = true;
}

bool gil_is_enabled(void) {
    return enabled;
}

/* With the mutex held: waits until the lock is ours. */
static void take(void) {
    n_waiting++;
    while (is_held) {
        uint64_t takes_before = n_takes;
        struct timespec deadline = clock_timespec(clock_now_ns() + SWITCH_INTERVAL_NS);
        int error = pthread_cond_timedwait(&became_free, &mutex, &deadline);
        if (error == ETIMEDOUT && is_held && n_takes == takes_before)
            atomic_store_explicit(&drop_wanted, true, memory_order_relaxed);
    }
    n_waiting--;
    is_held = true;
    n_takes++;
    atomic_store_explicit(&drop_wanted, false, memory_order_relaxed);
    (void)pthread_cond_broadcast(&changed_holder);
}

static void let_go(void) {
    is_held = false;
    (void)pthread_cond_signal(&became_free);
}

static void enter(void) {
    (void)pthread_mutex_lock(&mutex);
    take();
    (void)pthread_mutex_unlock(&mutex);
}

static void leave(void) {
    (void)pthread_mutex_lock(&mutex);
    let_go();
    (void)pthread_mutex_unlock(&mutex);
}

void gil_acquire(void) {
    if (enabled && depth++ == 0)
        enter();
}

void gil_release(void) {
    assert(!enabled || depth > 0);
    if (enabled && --depth == 0)
        leave();
}

void gil_wait_begin(void) {
    if (enabled && depth > 0)
        leave();
}

void gil_wait_end(void) {
    if (enabled && depth > 0)
        enter();
}

/* With the mutex held, while somebody waits: who waits has it before we do again. */
static void hand_over(void) {
    uint64_t takes_before = n_takes;
    let_go();
    while (n_takes == takes_before)
        (void)pthread_cond_wait(&changed_holder, &mutex);
    take();
}

void gil_check(void) {
    if (!enabled || !atomic_load_explicit(&drop_wanted, memory_order_relaxed))
        return;
    (void)pthread_mutex_lock(&mutex);
    hand_over(); /* who asked is waiting */
    (void)pthread_mutex_unlock(&mutex);
}

void gil_yield(void) {
    if (!enabled || depth == 0)
        return;
    (void)pthread_mutex_lock(&mutex);
    if (n_waiting > 0)
        hand_over();
    (void)pthread_mutex_unlock(&mutex);
}
