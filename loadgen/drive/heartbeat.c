/* The timer of a heartbeat; see heartbeat.h. */
#include "loadgen/drive/heartbeat.h"

#include <errno.h>
#include <stddef.h>

#include <event2/event.h>

#include "common/base/clock.h"

static const struct timeval EVERY = {0, 10000};

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

static void on_beat(evutil_socket_t fd, short what, void *context) {
    struct heartbeat *heartbeat = context;
    (void)fd, (void)what;
    heartbeat_see(heartbeat, clock_now_ns());
    heartbeat->cpu_ns = clock_thread_cpu_ns();
    (void)evtimer_add(heartbeat->event, &EVERY);
}

int heartbeat_prepare(struct heartbeat *heartbeat, struct event_base *base,
                      struct gaps *gaps) {
    heartbeat->gaps = gaps;
    heartbeat->event = evtimer_new(base, on_beat, heartbeat);
    return heartbeat->event != NULL ? 0 : -ENOMEM;
}

void heartbeat_begin(struct heartbeat *heartbeat, uint64_t epoch_ns) {
    heartbeat->epoch_ns = heartbeat->seen_ns = epoch_ns;
    heartbeat->cpu_ns = clock_thread_cpu_ns();
    (void)evtimer_add(heartbeat->event, &EVERY);
}

void heartbeat_end(struct heartbeat *heartbeat) {
    if (heartbeat->event != NULL)
        event_free(heartbeat->event);
}
