/*
 * Planned times from a file: one per line, in seconds from the start, never going back;
 * empty lines and those that begin with # are passed over. Main thread, before the run.
 */
#ifndef JUGGLE_LOADGEN_SCHEDULE_FILE_H
#define JUGGLE_LOADGEN_SCHEDULE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct schedule_times {
    uint64_t *at_ns; /* in order */
    size_t n;
};

/* 0, or -1 with one line in `why` that names file and line. Release with free(at_ns). */
int schedule_file_read(const char *path, struct schedule_times *times, char *why,
                       size_t why_bytes);

/* Requests per second from the start until the last of them. */
double schedule_file_rate_per_s(const struct schedule_times *times);

#endif
