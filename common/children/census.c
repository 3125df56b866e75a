/* Memory and threads of a tree of processes; see census.h. */
#include "common/children/census.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PROCESSES = 4096, MAX_DEPTH = 8 }; /* a pool, and a fork per request */

static FILE *open_file(pid_t pid, const char *name) {
    char path[96];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "re");
}

/* A number that stands after a key at the start of a line. */
struct number {
    const char *key;
    uint64_t value; /* 0 when there is none */
};

/* Reads the file once, to the last of the numbers, as they stand in it. */
static void read_numbers(pid_t pid, const char *name, struct number *numbers, size_t n) {
    char line[256];
    FILE *file = open_file(pid, name);
    for (size_t i = 0; file != NULL && i < n && fgets(line, sizeof line, file) != NULL;) {
        size_t length = strlen(numbers[i].key);
        if (strncmp(line, numbers[i].key, length) == 0)
            numbers[i++].value = strtoull(line + length, NULL, 10);
    }
    if (file != NULL)
        (void)fclose(file);
}

static void count(pid_t pid, unsigned depth, struct census *census) {
    struct number threads = {.key = "Threads:"};
    struct number pss[] = {{.key = "Pss:"}, {.key = "Pss_Anon:"}};
    char name[64];
    long child;
    if (depth > MAX_DEPTH || census->n_processes == MAX_PROCESSES)
        return;
    census->n_processes++;
    read_numbers(pid, "status", &threads, 1);
    read_numbers(pid, "smaps_rollup", pss, 2);
    census->n_threads += (unsigned)threads.value;
    census->pss_bytes += 1024 * pss[0].value;
    census->pss_anon_bytes += 1024 * pss[1].value;
    /* Each thread lists the processes that it started. Ours start them from the first one
     * alone, so that is the one to ask: a server may have thousands. */
    (void)snprintf(name, sizeof name, "task/%d/children", (int)pid);
    FILE *file = open_file(pid, name);
    while (file != NULL && fscanf(file, "%ld", &child) == 1)
        count((pid_t)child, depth + 1, census);
    if (file != NULL)
        (void)fclose(file);
}

struct census census_take(pid_t pid) {
    struct census census = {0};
    count(pid, 0, &census);
    return census;
}

uint64_t census_own_peak_bytes(void) {
    struct number peak = {.key = "VmHWM:"};
    read_numbers(getpid(), "status", &peak, 1);
    return 1024 * peak.value;
}

#define RAISE(peak, now) ((peak) = (now) > (peak) ? (now) : (peak))

void census_keep_peak(struct census *peak, const struct census *now) {
    RAISE(peak->n_processes, now->n_processes);
    RAISE(peak->n_threads, now->n_threads);
    RAISE(peak->pss_bytes, now->pss_bytes);
    RAISE(peak->pss_anon_bytes, now->pss_anon_bytes);
}
