/*
 * Facts about the machine: what a number was measured on, and how much of the machine
 * this process may use. Main thread.
 */
#ifndef JUGGLE_COMMON_MACHINE_H
#define JUGGLE_COMMON_MACHINE_H

#include <jansson.h>

/*
 * CPUs this process may use: the least of those online, its affinity and its cgroup's
 * quota (rounded up). At least 1. The speed they have together is another question:
 * counting_effective_cores measures it.
 */
unsigned machine_usable_cpus(void);

/* Raises the soft limit of open files to the hard one; returns what it now is. */
unsigned machine_raise_nofile(void);

/* The CPU's model as the kernel names it, or "unknown". Static storage. */
const char *machine_cpu_model(void);

/* Everything a reader needs to judge a number; a new reference. */
json_t *machine_describe(void);

#endif
