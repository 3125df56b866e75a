/* Memory and threads of a tree of processes; see census.h. */
#include "director/census.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PROCESSES = 4096, MAX_DEPTH = 8 }; /* a pool, and a fork per request */

static FILE *open_file(pid_t pid, const char *name) {
    char path[96];
    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "re");
}

/* The number behind a key at the start of a line; 0 when there is none. */
static uint64_t read_number(pid_t pid, const char *name, const char *key) {
    char line[256];
    uint64_t number = 0;
    FILE *file = open_file(pid, name);
    while (file != NULL && number == 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            number = strtoull(line + strlen(key), NULL, 10);
    if (file != NULL)
        (void)fclose(file);
    return number;
}

static void count(pid_t pid, unsigned depth, struct census *census);

/* Each thread lists the processes that it started. */
static void count_children(pid_t pid, const char *thread, unsigned depth,
                           struct census *census) {
    char name[64];
    long child;
    (void)snprintf(name, sizeof name, "task/%.20s/children", thread);
    FILE *file = open_file(pid, name);
    while (file != NULL && fscanf(file, "%ld", &child) == 1)
        count((pid_t)child, depth + 1, census);
    if (file != NULL)
        (void)fclose(file);
}

static void count(pid_t pid, unsigned depth, struct census *census) {
    char path[64];
    if (depth > MAX_DEPTH || census->n_processes == MAX_PROCESSES)
        return;
    census->n_processes++;
    census->n_threads += (unsigned)read_number(pid, "status", "Threads:");
    census->pss_bytes += 1024 * read_number(pid, "smaps_rollup", "Pss:");
    census->pss_anon_bytes += 1024 * read_number(pid, "smaps_rollup", "Pss_Anon:");
    (void)snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    const struct dirent *task;
    while (tasks != NULL && (task = readdir(tasks)) != NULL)
        if (task->d_name[0] != '.')
            count_children(pid, task->d_name, depth, census);
    if (tasks != NULL)
        (void)closedir(tasks);
}

struct census census_take(pid_t pid) {
    struct census census = {0};
    count(pid, 0, &census);
    return census;
}

void census_keep_peak(struct census *peak, const struct census *now) {
    if (now->n_processes > peak->n_processes)
        peak->n_processes = now->n_processes;
    if (now->n_threads > peak->n_threads)
        peak->n_threads = now->n_threads;
    if (now->pss_bytes > peak->pss_bytes)
        peak->pss_bytes = now->pss_bytes;
    if (now->pss_anon_bytes > peak->pss_anon_bytes)
        peak->pss_anon_bytes = now->pss_anon_bytes;
}
