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

/* Which processes are meant by the first one of a tree. */
enum census_tree {
    CENSUS_OURS,    /* it and those below, which first threads alone have started */
    CENSUS_FOREIGN, /* it and those below, whichever thread has started them */
    CENSUS_KEPT,    /* the same without it: it is their keeper */
};

/* Calls `visit` with each process of the tree, parents first. */
void census_visit(pid_t root, enum census_tree tree,
                  void (*visit)(pid_t pid, void *context), void *context);

struct census {
    unsigned n_processes, n_threads;
    uint64_t pss_bytes; /* 0 where the kernel does not tell */
    /* The part that no file backs. Programs and libraries are shared with processes of
     * others, which come and go. */
    uint64_t pss_anon_bytes;
};

/* Processes that end meanwhile are not counted. */
struct census census_take(pid_t root, enum census_tree tree);

/*
 * CPU seconds that the tree has taken so far, and those that ended and were waited for:
 * of these in ticks of 10 ms, of the others in nanoseconds. Opens one file a process.
 */
double census_cpu_s(pid_t root, enum census_tree tree);

/* Where the tree listens on TCP, such as "127.0.0.1:80, [::1]:80"; "": nowhere, or we
 * may not know. */
enum { CENSUS_PLACES_BYTES = 200 };
void census_find_places(pid_t root, enum census_tree tree,
                        char places[CENSUS_PLACES_BYTES]);

/* The most memory that this process ever held; 0: the kernel does not tell (proc(5)). */
uint64_t census_own_peak_bytes(void);

/* Raises each member of the peak to that of `now` where it is larger. */
void census_keep_peak(struct census *peak, const struct census *now);
