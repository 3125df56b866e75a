/* When the loop wakes for a planned start. */

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/machine.h"
#include "loadgen/drive/drive_base.h"
#include "tests/test.h"

/* The timer rings early once, and then the loop stays awake until the start. */
TEST(it_wakes_before_a_start_and_stays_awake) {
    const uint64_t due_ns = 10 * NS_PER_MS, near_ns = due_ns - 150 * NS_PER_US;
    struct drive_pace pace = drive_pace_new(1);
    assert_int_equal(drive_pace_rings(&pace, 0, due_ns), near_ns);
    assert_false(pace.is_near);
    assert_int_equal(drive_pace_rings(&pace, NS_PER_MS, due_ns), near_ns);
    assert_false(pace.is_near); /* something else had woken it */
    assert_int_equal(drive_pace_rings(&pace, near_ns, due_ns), due_ns);
    assert_true(pace.is_near);
    assert_int_equal(drive_pace_rings(&pace, due_ns - 1, due_ns), due_ns);
    assert_true(pace.is_near);
    assert_int_equal(drive_pace_rings(&pace, due_ns, 2 * due_ns), near_ns + due_ns);
    assert_false(pace.is_near);
}

/* However close the starts are, three quarters of the time are there to sleep. */
TEST(it_is_awake_for_a_quarter_of_short_waits) {
    for (uint64_t wait_ns = 4; wait_ns <= 600 * NS_PER_US; wait_ns *= 3) {
        struct drive_pace pace = drive_pace_new(1);
        uint64_t rings_ns = drive_pace_rings(&pace, NS_PER_S, NS_PER_S + wait_ns);
        assert_int_equal(rings_ns, NS_PER_S + wait_ns - wait_ns / 4);
        assert_false(pace.is_near);
    }
}

/* Nobody waits for it, and nothing is awaited. */
TEST(a_start_that_is_due_is_near) {
    struct drive_pace pace = drive_pace_new(1);
    assert_int_equal(drive_pace_rings(&pace, NS_PER_S, NS_PER_MS), NS_PER_MS);
    assert_true(pace.is_near);
    pace = drive_pace_new(1);
    assert_int_equal(drive_pace_rings(&pace, 0, 0), 0);
    assert_true(pace.is_near);
}

/* Together they would take the CPUs that the server needs. */
TEST(of_many_loops_none_wakes_early) {
    struct drive_pace pace = drive_pace_new(machine_usable_cpus() + 1);
    assert_int_equal(drive_pace_rings(&pace, 0, NS_PER_S), NS_PER_S);
    assert_false(pace.is_near);
    assert_int_equal(drive_pace_rings(&pace, NS_PER_S, NS_PER_S), NS_PER_S);
    assert_true(pace.is_near);
}

static void stop(evutil_socket_t fd, short what, void *base) {
    (void)fd, (void)what;
    (void)event_base_loopbreak(base);
}

/* CPU time that a loop takes to wait for its only event, in 100 ms. */
static uint64_t cpu_ns_of_waiting(const struct drive_pace *pace) {
    const struct schedule_plan plan = {.rate_per_s = 1};
    const struct timeval wait = {0, 100000};
    struct event_base *base = drive_base_new(&plan);
    struct event *due = evtimer_new(base, stop, base);
    assert_int_equal(evtimer_add(due, &wait), 0);
    uint64_t before_ns = clock_thread_cpu_ns();
    drive_base_run(base, pace);
    uint64_t used_ns = clock_thread_cpu_ns() - before_ns;
    event_free(due);
    event_base_free(base);
    return used_ns;
}

TEST(it_stays_awake_while_a_start_is_near_and_only_then) {
    struct drive_pace pace = drive_pace_new(1);
    assert_true(cpu_ns_of_waiting(&pace) < 4 * NS_PER_MS);
    pace.is_near = true; /* a busy machine leaves a loop less than all of a CPU */
    bool was_awake = false;
    for (int i = 0; i < 20 && !was_awake; i++)
        was_awake = cpu_ns_of_waiting(&pace) > 5 * NS_PER_MS;
    assert_true(was_awake);
}
