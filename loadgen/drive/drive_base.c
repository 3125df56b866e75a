/* Making the loop, waiting, and being seen at work; see drive_base.h, and docs/design.md
 * for why a loop with many requests in flight, or before a start, does not sleep. */
#include "loadgen/drive/drive_base.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <event2/event.h>

#include "common/base/clock.h"
#include "common/base/machine.h"

static const unsigned MANY_IN_FLIGHT = 250;
static const uint64_t MOMENT_NS = 10 * NS_PER_US, NEAR_NS = 150 * NS_PER_US;
static const struct timeval BEAT = {0, 10000};

/* Precise timers cost a system call on each pass of the loop: only for who plans ahead.
 * The end of a run and time-outs may be late by a tick of the kernel. */
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

void drive_base_run(struct event_base *base, const struct drive_pace *pace) {
    uint64_t n_before = pace->n_ended, until_ns = 0;
    int status = 0;
    while (status == 0 && !event_base_got_break(base)) {
        bool stays_awake = pace->is_near;
        if (pace->n_in_flight >= MANY_IN_FLIGHT) {
            uint64_t now_ns = clock_now_ns();
            if (pace->n_ended != n_before)
                until_ns = now_ns + MOMENT_NS;
            stays_awake |= now_ns < until_ns;
        }
        n_before = pace->n_ended;
        status = event_base_loop(base, stays_awake ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
    }
}

void heartbeat_note_gap(struct heartbeat *heartbeat, uint64_t now_ns) {
    uint64_t cpu_ns = clock_thread_cpu_ns(), length_ns = now_ns - heartbeat->seen_ns;
    uint64_t used_ns = cpu_ns - heartbeat->cpu_ns;
    gaps_add(heartbeat->gaps,
             (struct gap){.from_ns = heartbeat->seen_ns - heartbeat->epoch_ns,
                          .to_ns = now_ns - heartbeat->epoch_ns,
                          .cpu_ns = used_ns < length_ns ? used_ns : length_ns});
    heartbeat->cpu_ns = cpu_ns;
    heartbeat->seen_ns = now_ns;
}

static void beat(struct heartbeat *heartbeat) {
    heartbeat->cpu_ns = clock_thread_cpu_ns();
    (void)evtimer_add(heartbeat->event, &BEAT);
}

static void on_beat(evutil_socket_t fd, short what, void *context) {
    (void)fd, (void)what;
    heartbeat_see(context, clock_now_ns());
    beat(context);
}

int heartbeat_prepare(struct heartbeat *heartbeat, struct event_base *base,
                      struct gaps *gaps) {
    heartbeat->gaps = gaps;
    heartbeat->event = evtimer_new(base, on_beat, heartbeat);
    return heartbeat->event != NULL ? 0 : -ENOMEM;
}

void heartbeat_begin(struct heartbeat *heartbeat, uint64_t epoch_ns) {
    heartbeat->epoch_ns = heartbeat->seen_ns = epoch_ns;
    beat(heartbeat);
}

void heartbeat_end(struct heartbeat *heartbeat) {
    if (heartbeat->event != NULL)
        event_free(heartbeat->event);
}

struct usage usage_since(const struct usage *before) {
    struct machine_ticks ticks = machine_read_ticks();
    uint64_t cpu_ns = clock_thread_cpu_ns(), waited_ns = 0, n_waits = 0;
    FILE *file = fopen("/proc/thread-self/schedstat", "re"); /* not on every kernel */
    bool is_known = file != NULL &&
                    fscanf(file, "%*u %" SCNu64 " %" SCNu64, &waited_ns, &n_waits) == 2;
    if (file != NULL)
        (void)fclose(file);
    return (struct usage){.cpu_ns = cpu_ns - before->cpu_ns,
                          .waited_ns = is_known ? waited_ns - before->waited_ns : 0,
                          .n_waits = is_known ? n_waits - before->n_waits : 0,
                          .stolen_ticks = ticks.stolen - before->stolen_ticks,
                          .all_ticks = ticks.all - before->all_ticks};
}

double usage_mean_wait_s(const struct usage *usage) {
    return usage->n_waits > 0 ? (double)usage->waited_ns / (double)usage->n_waits / 1e9
                              : 0;
}
