/*
 * Making the loop, and waiting; see drive_base.h.
 *
 * A generator that sleeps must be woken by the server, on whose CPU that costs a
 * microsecond or several, a message between processors included. With hundreds of
 * requests in flight the next answer is near, so the loop looks again for a moment before
 * it goes to sleep. The moment is short enough to cost little where the answers do not
 * come.
 *
 * Who sleeps until a planned start is late by the time that waking takes, on a virtual
 * CPU some 85 us. So the loop wakes before, and looks for events until the start is due.
 */
#include "loadgen/drive/drive_base.h"

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/machine.h"

static const unsigned MANY_IN_FLIGHT = 250;
static const uint64_t MOMENT_NS = 10 * NS_PER_US, NEAR_NS = 150 * NS_PER_US;

/*
 * Precise timers cost a system call on each pass of the loop: only for who plans ahead.
 * The end of a run and time-outs may be late by a tick of the kernel.
 */
struct event_base *drive_base_new(const struct schedule_plan *plan) {
    struct event_config *config = event_config_new();
    if (config == NULL)
        return NULL;
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    if (schedule_is_open(plan) || !think_is_none(&plan->think))
        (void)event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct drive_pace drive_pace_new(unsigned n_threads) {
    bool has_a_cpu = n_threads <= 1 || 2 * n_threads <= machine_usable_cpus();
    return (struct drive_pace){.wakes_early = has_a_cpu};
}

uint64_t drive_pace_rings(struct drive_pace *pace, uint64_t now_ns, uint64_t at_ns) {
    if (pace->due_ns != at_ns) {
        uint64_t early_ns = at_ns > now_ns ? (at_ns - now_ns) / 4 : 0;
        if (early_ns > NEAR_NS)
            early_ns = NEAR_NS;
        pace->due_ns = at_ns;
        pace->near_ns = at_ns - (pace->wakes_early ? early_ns : 0);
    }
    pace->is_near = now_ns >= pace->near_ns;
    return pace->is_near ? at_ns : pace->near_ns;
}

static int goes_on(struct event_base *base, int status) {
    return status == 0 && !event_base_got_break(base);
}

void drive_base_run(struct event_base *base, const struct drive_pace *pace) {
    int status = 0;
    while (goes_on(base, status)) {
        uint64_t n_before = pace->n_ended;
        status = event_base_loop(base, pace->is_near ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
        uint64_t until_ns = 0;
        while (goes_on(base, status) && pace->n_in_flight >= MANY_IN_FLIGHT) {
            uint64_t now_ns = clock_now_ns();
            if (pace->n_ended != n_before)
                until_ns = now_ns + MOMENT_NS;
            if (now_ns >= until_ns)
                break;
            n_before = pace->n_ended;
            status = event_base_loop(base, EVLOOP_NONBLOCK);
        }
    }
}
