/*
 * What a process and all those below it hold at one moment: memory by PSS, of which pages
 * that several processes share are counted once between them, and threads. From
 * /proc/PID/smaps_rollup, status and task/PID/children (proc(5)): three files a process,
 * however many threads it has. Reading costs the process about a millisecond per 100 MiB,
 * so it is not done often. Main thread.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct census {
    unsigned n_processes, n_threads;
    uint64_t pss_bytes; /* 0 where the kernel does not tell */
    /* The part that no file backs. Programs and libraries are shared with processes of
     * others, which come and go. */
    uint64_t pss_anon_bytes;
};

/* Processes that end meanwhile are not counted. */
struct census census_take(pid_t pid);

/* The most memory that this process ever held; 0: the kernel does not tell (proc(5)). */
uint64_t census_own_peak_bytes(void);

/* Raises each member of the peak to that of `now` where it is larger. */
void census_keep_peak(struct census *peak, const struct census *now);
