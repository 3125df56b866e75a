/*
 * Time: one clock for everything, CLOCK_MONOTONIC in nanoseconds. It is common to
 * all processes of a host, so stamps taken by a server and by a load generator on
 * the same machine may be subtracted. Any thread.
 */
#pragma once

#include <stdint.h>
#include <sys/time.h>
#include <time.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

static inline uint64_t clock_read_ns(clockid_t id) {
    struct timespec now;
    (void)clock_gettime(id, &now); /* fails only for an unknown clock */
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Nanoseconds since an arbitrary start, never going back. */
static inline uint64_t clock_now_ns(void) {
    return clock_read_ns(CLOCK_MONOTONIC);
}

/* CPU time that the calling thread has used, in nanoseconds. */
static inline uint64_t clock_thread_cpu_ns(void) {
    return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline double clock_seconds(uint64_t ns) {
    return (double)ns / (double)NS_PER_S;
}

static inline struct timespec clock_timespec(uint64_t ns) {
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S),
                             .tv_nsec = (long)(ns % NS_PER_S)};
}

/* For timers, which must not ring early: rounded up to the microsecond. */
static inline struct timeval clock_timeval(uint64_t ns) {
    uint64_t us = (ns + NS_PER_US - 1) / NS_PER_US;
    return (struct timeval){.tv_sec = (time_t)(us / 1000000),
                            .tv_usec = (suseconds_t)(us % 1000000)};
}

/* Sleeps until the monotonic clock shows `deadline_ns`: never shorter, signals or not. */
static inline void clock_sleep_until(uint64_t deadline_ns) {
    struct timespec deadline = clock_timespec(deadline_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) != 0) {
    }
}
