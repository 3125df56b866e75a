/* Moments at which a generator did not look, and the requests that they hold up. */
#include <limits.h>
#include <unistd.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "loadgen/drive/drive_base.h"
#include "loadgen/samples/samples.h"
#include "tests/test.h"

/* Milliseconds. */
static struct gap gap(uint64_t from, uint64_t to) {
    return (struct gap){.from_ns = from * NS_PER_MS, .to_ns = to * NS_PER_MS};
}

static struct load_sample request(unsigned user, uint64_t planned, uint64_t start,
                                  uint64_t first_byte, uint64_t end) {
    return (struct load_sample){.planned_ns = planned * NS_PER_MS,
                                .start_ns = start * NS_PER_MS,
                                .first_byte_ns =
                                    first_byte > 0 ? (first_byte - start) * NS_PER_MS : 0,
                                .service_ns = (end - start) * NS_PER_MS,
                                .user = user};
}

/* Of a request from its planned start on. */
static uint64_t held_up_ms(const struct gaps *gaps, struct load_sample sample) {
    return gaps_in_request(gaps, &sample, sample.planned_ns) / NS_PER_MS;
}

TEST(what_may_have_waited_for_the_generator_is_counted) {
    struct gaps gaps = {0};
    assert_int_equal(held_up_ms(&gaps, request(0, 0, 0, 900, 1000)), 0);
    gaps_add(&gaps, gap(100, 200));
    gaps_add(&gaps, gap(500, 1000));
    assert_int_equal(held_up_ms(&gaps, request(0, 0, 0, 90, 100)), 0);
    assert_int_equal(held_up_ms(&gaps, request(0, 200, 200, 300, 400)), 0);
    /* read right after the gap, or partly before it: it may have been there all along */
    assert_int_equal(held_up_ms(&gaps, request(0, 50, 50, 201, 201)), 100);
    assert_int_equal(held_up_ms(&gaps, request(0, 50, 50, 90, 400)), 100);
    assert_int_equal(held_up_ms(&gaps, request(0, 150, 150, 201, 201)), 50);
    /* due in the gap, and sent after it or late in it */
    assert_int_equal(held_up_ms(&gaps, request(0, 120, 200, 300, 400)), 80);
    assert_int_equal(held_up_ms(&gaps, request(0, 120, 150, 300, 400)), 30);
    /* waited for the server before, through, and well after it */
    assert_int_equal(held_up_ms(&gaps, request(0, 50, 50, 400, 400)), 0);
    assert_int_equal(held_up_ms(&gaps, request(0, 50, 50, 0, 400)), 0); /* cut off */
    assert_int_equal(held_up_ms(&gaps, request(0, 50, 50, 1001, 1001)), 500);
    gaps_free(&gaps);
}

TEST(a_connection_that_was_not_made_yet_waits_as_well) {
    struct gaps gaps = {0};
    gaps_add(&gaps, gap(100, 200));
    struct load_sample sample = request(0, 50, 50, 400, 400);
    sample.connect_ns = 150 * NS_PER_MS; /* noticed at 200, and sent only then */
    assert_int_equal(held_up_ms(&gaps, sample), 100);
    sample.connect_ns = 200 * NS_PER_MS; /* which took until 250 */
    assert_int_equal(held_up_ms(&gaps, sample), 0);
    gaps_free(&gaps);
}

TEST(threads_have_gaps_of_their_own) {
    struct gaps all = {0}, first = {0}, none = {0}, last = {0};
    gaps_add(&first, gap(100, 200));
    gaps_add(&first, gap(300, 400));
    gaps_add(&last, gap(50, 60));
    gaps_add_thread(&all, &first, 0, 2);
    gaps_add_thread(&all, &none, 2, 5);
    gaps_add_thread(&all, &last, 5, UINT_MAX);
    static const uint64_t held_up[] = {200, 200, 0, 0, 0, 10, 10};
    for (unsigned user = 0; user < sizeof held_up / sizeof *held_up; user++)
        assert_int_equal(held_up_ms(&all, request(user, 0, 0, 10, 1000)), held_up[user]);
    gaps_free(&all);
    gaps_free(&first);
    gaps_free(&last);
}

/* Keeps a loop from looking for 80 ms, asleep or at work, and then ends it. */
struct distraction {
    struct event_base *base;
    bool is_work;
};

static void distract(evutil_socket_t fd, short what, void *context) {
    const struct distraction *distraction = context;
    (void)fd, (void)what;
    uint64_t until_ns = clock_now_ns() + 80 * NS_PER_MS;
    if (!distraction->is_work)
        (void)usleep(80000);
    while (clock_now_ns() < until_ns)
        ;
    const struct timeval soon = {0, 25000};
    (void)event_base_loopexit(distraction->base, &soon);
}

/* The longest of the gaps, as a busy machine may add some. */
static struct gap gap_of(bool is_work) {
    const struct timeval later = {0, 35000};
    struct gaps gaps = {0};
    struct heartbeat heartbeat = {0};
    struct distraction distraction = {event_base_new(), is_work};
    struct event *event = evtimer_new(distraction.base, distract, &distraction);
    assert_int_equal(heartbeat_prepare(&heartbeat, distraction.base, &gaps), 0);
    assert_int_equal(evtimer_add(event, &later), 0);
    heartbeat_begin(&heartbeat, clock_now_ns());
    assert_int_equal(event_base_dispatch(distraction.base), 0);
    struct gap longest = {0};
    for (size_t i = 0; i < gaps.n; i++)
        if (gaps.all[i].to_ns - gaps.all[i].from_ns > longest.to_ns - longest.from_ns)
            longest = gaps.all[i];
    heartbeat_end(&heartbeat);
    event_free(event);
    event_base_free(distraction.base);
    gaps_free(&gaps);
    return longest;
}

TEST(a_loop_that_does_not_look_has_a_gap) {
    struct gap stopped = gap_of(false), busy = gap_of(true);
    assert_true(stopped.to_ns - stopped.from_ns >= 80 * NS_PER_MS);
    assert_true(busy.to_ns - busy.from_ns >= 80 * NS_PER_MS);
    assert_true(stopped.cpu_ns < 40 * NS_PER_MS);
    assert_true(busy.cpu_ns > stopped.cpu_ns);
}
