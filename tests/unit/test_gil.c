/*
 * The lock of --gil: who holds it is alone, who computes gives it up when asked, who
 * waits has given it up. Each test runs in a child of its own, since the lock cannot be
 * turned off again. Nothing here asserts how long something takes.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "common/base/clock.h"
#include "common/workload/counting.h"
#include "server/core/gil.h"
#include "tests/child.h"
#include "tests/test.h"

enum { N_THREADS = 4, N_ROUNDS = 2000, N_SWITCHES = 12 };

/* As much as the server computes between two looks at the lock. */
static const uint64_t TURNS = 50000;

static void run_threads(unsigned n, void *(*run)(void *), void *context) {
    pthread_t threads[N_THREADS];
    for (unsigned i = 0; i < n; i++)
        check(pthread_create(&threads[i], NULL, run, context) == 0);
    for (unsigned i = 0; i < n; i++)
        check(pthread_join(threads[i], NULL) == 0);
}

/* Exclusion */

static atomic_int n_inside;
static unsigned n_counted; /* guarded by the lock under test, and by nothing else */

static void enter(void) {
    check(atomic_fetch_add(&n_inside, 1) == 0);
}

static void leave(void) {
    check(atomic_fetch_sub(&n_inside, 1) == 1);
}

static void *count_alone(void *context) {
    (void)context;
    for (int i = 0; i < N_ROUNDS; i++) {
        gil_acquire();
        enter();
        n_counted++;
        leave();
        gil_check();
        enter();
        n_counted++;
        leave();
        gil_wait_begin();
        gil_wait_end();
        enter();
        n_counted++;
        leave();
        gil_release();
    }
    return NULL;
}

static void exclude(const void *context) {
    (void)context;
    gil_enable();
    run_threads(N_THREADS, count_alone, NULL);
    check(n_counted == 3 * N_THREADS * N_ROUNDS);
}

/* Computing */

static sem_t started;
static atomic_bool has_answered;

static void *answer(void *context) {
    (void)context;
    check(sem_post(&started) == 0);
    gil_acquire();
    atomic_store(&has_answered, true);
    gil_release();
    return NULL;
}

/* Computes until the other thread has had the lock; hangs, and is ended, if never. */
static void give_up_when_asked(const void *context) {
    (void)context;
    pthread_t other;
    gil_enable();
    check(sem_init(&started, 0, 0) == 0);
    gil_acquire();
    gil_acquire(); /* the depth does not matter */
    check(pthread_create(&other, NULL, answer, NULL) == 0);
    check(sem_wait(&started) == 0);
    while (!atomic_load(&has_answered)) {
        (void)counting_loop(TURNS);
        gil_check();
    }
    gil_release();
    gil_release();
    check(pthread_join(other, NULL) == 0);
}

/* Who computed, in order, one entry for each change. Guarded by the lock under test. */
static pthread_t holders[N_SWITCHES];
static unsigned n_holders;

static void *compute_in_turns(void *context) {
    (void)context;
    unsigned n_mine = 0;
    gil_acquire();
    while (n_holders < N_SWITCHES) {
        if (n_holders == 0 || !pthread_equal(holders[n_holders - 1], pthread_self())) {
            holders[n_holders++] = pthread_self();
            n_mine++;
        }
        (void)counting_loop(TURNS);
        gil_check();
    }
    gil_release();
    check(n_mine > 0);
    return NULL;
}

static void take_turns(const void *context) {
    (void)context;
    gil_enable();
    run_threads(2, compute_in_turns, NULL);
    check(n_holders == N_SWITCHES);
}

/*
 * One that wants the lock again and again beside several that compute: each time it gets
 * it after a number of changes of holder that has to do with how many compute, and not
 * after they all have ended.
 */
static atomic_bool is_over;
static unsigned n_changes; /* guarded by the lock under test */
static pthread_t last_holder;

static void note_holder(void) {
    if (!pthread_equal(last_holder, pthread_self()))
        n_changes++;
    last_holder = pthread_self();
}

static void *compute_until_over(void *context) {
    (void)context;
    gil_acquire();
    while (!atomic_load(&is_over)) {
        note_holder();
        (void)counting_loop(TURNS);
        gil_check();
    }
    gil_release();
    return NULL;
}

static void get_a_turn(const void *context) {
    (void)context;
    enum { N_COMPUTING = N_THREADS - 1, N_TURNS = 10 };
    pthread_t computing[N_COMPUTING];
    gil_enable();
    for (int i = 0; i < N_COMPUTING; i++)
        check(pthread_create(&computing[i], NULL, compute_until_over, NULL) == 0);
    for (int i = 0; i < N_TURNS; i++) {
        gil_acquire();
        note_holder();
        gil_release();
    }
    atomic_store(&is_over, true);
    for (int i = 0; i < N_COMPUTING; i++)
        check(pthread_join(computing[i], NULL) == 0);
    /* The kernel chooses the next holder, so a fair share is not promised; ten rounds of
     * everybody for each turn is far beyond any choice. */
    check(n_changes <= N_TURNS * 10 * N_THREADS);
}

/* Waiting and nesting */

static sem_t may_end_wait;

static void *pass_through(void *context) {
    (void)context;
    gil_acquire();
    atomic_store(&has_answered, true);
    gil_release();
    check(sem_post(&may_end_wait) == 0);
    return NULL;
}

static void *hold_nothing(void *context) {
    (void)context;
    check(sem_post(&started) == 0);
    gil_acquire();
    enter();
    atomic_store(&has_answered, true);
    leave();
    gil_release();
    return NULL;
}

/* However deep the lock is held, a wait gives it up; afterwards it is as deep again. */
static void wait_without_it(const void *context) {
    (void)context;
    pthread_t other;
    gil_enable();
    check(sem_init(&may_end_wait, 0, 0) == 0 && sem_init(&started, 0, 0) == 0);
    for (int i = 0; i < 3; i++)
        gil_acquire();
    check(pthread_create(&other, NULL, pass_through, NULL) == 0);
    gil_wait_begin();
    check(sem_wait(&may_end_wait) == 0); /* for ever, unless the other got the lock */
    gil_wait_end();
    check(pthread_join(other, NULL) == 0);

    atomic_store(&has_answered, false);
    enter();
    check(pthread_create(&other, NULL, hold_nothing, NULL) == 0);
    check(sem_wait(&started) == 0);
    gil_release();
    gil_release();
    (void)counting_loop(100 * TURNS); /* time enough for it to come in, if it could */
    check(!atomic_load(&has_answered));
    leave();
    gil_release();
    check(pthread_join(other, NULL) == 0);
    check(atomic_load(&has_answered));
}

/* Who waits without holding it does not take it by ending the wait. */
static void wait_from_outside(const void *context) {
    (void)context;
    pthread_t other;
    gil_enable();
    gil_wait_begin();
    gil_wait_end();
    check(pthread_create(&other, NULL, answer, NULL) == 0);
    check(pthread_join(other, NULL) == 0);
    check(atomic_load(&has_answered));
}

/* Without the setting */

static pthread_barrier_t all_inside;

static void *be_inside_together(void *context) {
    (void)context;
    gil_acquire();
    (void)pthread_barrier_wait(&all_inside); /* for ever, if one kept the others out */
    gil_check();
    gil_wait_begin();
    gil_wait_end();
    gil_release();
    gil_release(); /* not even this matters */
    return NULL;
}

static void do_nothing_when_off(const void *context) {
    (void)context;
    check(pthread_barrier_init(&all_inside, NULL, N_THREADS) == 0);
    run_threads(N_THREADS, be_inside_together, NULL);
}

TEST_IN_CHILD(holders_are_alone, exclude)
TEST_IN_CHILD(who_computes_gives_it_up_when_another_waits, give_up_when_asked)
TEST_IN_CHILD(two_that_compute_take_turns, take_turns)
TEST_IN_CHILD(a_third_gets_its_turn_beside_many_that_compute, get_a_turn)
TEST_IN_CHILD(a_wait_gives_it_up_and_takes_it_back_as_deep, wait_without_it)
TEST_IN_CHILD(a_wait_outside_of_it_is_nothing, wait_from_outside)
TEST_IN_CHILD(without_the_setting_every_call_is_free, do_nothing_when_off)
