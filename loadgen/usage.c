/* CPU time of this thread and stolen time of the machine; see usage.h. */
#include "loadgen/usage.h"

#include <stdlib.h>

#include "common/clock.h"
#include "common/files.h"

/* The first line of /proc/stat: user nice system idle iowait irq softirq steal; what
 * follows is in user and nice already (proc(5)). */
enum { N_TICKS = 8, STEAL = 7 };

struct usage usage_read(void) {
    struct usage usage = {.cpu_ns = clock_thread_cpu_ns()};
    char line[512];
    if (files_read_line("/proc/stat", line, sizeof line) != 0)
        return usage;
    char *rest = line + sizeof "cpu" - 1;
    for (int i = 0; i < N_TICKS; i++) {
        uint64_t ticks = strtoull(rest, &rest, 10);
        usage.all_ticks += ticks;
        if (i == STEAL)
            usage.stolen_ticks = ticks;
    }
    return usage;
}

struct usage usage_between(const struct usage *before, const struct usage *after) {
    return (struct usage){
        .cpu_ns = after->cpu_ns - before->cpu_ns,
        .stolen_ticks = after->stolen_ticks - before->stolen_ticks,
        .all_ticks = after->all_ticks - before->all_ticks,
    };
}
