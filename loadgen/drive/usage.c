/* CPU time of this thread and stolen time of the machine; see usage.h. */
#include "loadgen/drive/usage.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/machine.h"

/* Left alone where the kernel does not say. */
static void read_waits(struct usage *usage) {
    uint64_t waited_ns, n_waits;
    FILE *file = fopen("/proc/thread-self/schedstat", "re");
    if (file == NULL)
        return;
    if (fscanf(file, "%*u %" SCNu64 " %" SCNu64, &waited_ns, &n_waits) == 2) {
        usage->waited_ns = waited_ns;
        usage->n_waits = n_waits;
    }
    (void)fclose(file);
}

struct usage usage_read(void) {
    struct machine_ticks ticks = machine_read_ticks();
    struct usage usage = {.cpu_ns = clock_thread_cpu_ns(),
                          .stolen_ticks = ticks.stolen,
                          .all_ticks = ticks.all};
    read_waits(&usage);
    return usage;
}

struct usage usage_between(const struct usage *before, const struct usage *after) {
    return (struct usage){
        .cpu_ns = after->cpu_ns - before->cpu_ns,
        .waited_ns = after->waited_ns - before->waited_ns,
        .n_waits = after->n_waits - before->n_waits,
        .stolen_ticks = after->stolen_ticks - before->stolen_ticks,
        .all_ticks = after->all_ticks - before->all_ticks,
    };
}

double usage_mean_wait_s(const struct usage *usage) {
    return usage->n_waits > 0 ? (double)usage->waited_ns / (double)usage->n_waits / 1e9
                              : 0;
}
