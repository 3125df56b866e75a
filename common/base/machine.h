/*
 * Facts about the machine: what a number was measured on, and how much of the machine
 * this process may use. Main thread.
 */
#pragma once

#include <stdint.h>

#include <jansson.h>

/*
 * CPUs this process may use: the least of those online, its affinity and its cgroup's
 * quota (rounded up). At least 1. The speed they have together is another question:
 * counting_effective_cores measures it.
 */
unsigned machine_usable_cpus(void);

/* The same, not rounded, since a quota may be a fraction of a CPU. */
double machine_cpu_allowance(void);

/*
 * How the CPUs that this process may run on spent their time since the machine started,
 * in CPU seconds summed over them. The kernel tells idle time in ticks of 10 ms, though
 * it counts nanoseconds where it stops its tick. Any thread.
 */
struct machine_cpus {
    double n_cpus; /* 0: the kernel does not tell */
    double idle_s, stolen_s;
};
/* Of the first `n_first` of them; 0: of all. */
struct machine_cpus machine_read_cpus(unsigned n_first);

/*
 * From now on this process keeps to its usable CPUs from the `skip`th on, `n` of them; 0:
 * all that are left. 0, -EINVAL when there are not so many, or another -errno. Safe
 * between fork and exec; before any thread was started.
 */
int machine_keep_to_cpus(unsigned skip, unsigned n);

/* Raises the soft limit of open files to the hard one; returns what it now is. */
unsigned machine_raise_nofile(void);

/* The CPU's model as the kernel names it, or "unknown". Static storage. */
const char *machine_cpu_model(void);

/* Time of all CPUs since the machine started, in the kernel's ticks. */
struct machine_ticks {
    uint64_t all, idle, stolen; /* the hypervisor gave it to others; 0: not known */
};

/* Any thread. */
struct machine_ticks machine_read_ticks(void);

/* The share that was stolen between them; NAN when not a tick has passed. */
double machine_stolen_share(const struct machine_ticks *before,
                            const struct machine_ticks *now);

/*
 * By how much the clock of the day may be wrong at most, as whoever keeps it right (NTP,
 * PTP) told the kernel; NAN when nobody keeps it right, or the kernel does not say. Any
 * thread.
 */
double machine_clock_error_s(void);

/* Everything a reader needs to judge a number; a new reference. */
json_t *machine_describe(void);
