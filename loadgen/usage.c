/* CPU time of this thread and stolen time of the machine; see usage.h. */
#include "loadgen/usage.h"

#include "common/clock.h"
#include "common/machine.h"

struct usage usage_read(void) {
    struct machine_ticks ticks = machine_read_ticks();
    return (struct usage){.cpu_ns = clock_thread_cpu_ns(),
                          .stolen_ticks = ticks.stolen,
                          .all_ticks = ticks.all};
}

struct usage usage_between(const struct usage *before, const struct usage *after) {
    return (struct usage){
        .cpu_ns = after->cpu_ns - before->cpu_ns,
        .stolen_ticks = after->stolen_ticks - before->stolen_ticks,
        .all_ticks = after->all_ticks - before->all_ticks,
    };
}
