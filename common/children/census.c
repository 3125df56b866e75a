/* Memory and threads of a tree of processes; see census.h. */
#include "common/children/census.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/text.h"

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

/* What a walk over a tree does. */
struct walk {
    enum census_tree tree;
    void (*visit)(pid_t pid, void *context);
    void *context;
    unsigned n_processes;
};

static void walk_below(struct walk *walk, pid_t pid, unsigned depth);

/* Those that one thread has started. */
static void walk_children(struct walk *walk, pid_t pid, pid_t thread, unsigned depth) {
    char name[64];
    long child;
    (void)snprintf(name, sizeof name, "task/%d/children", (int)thread);
    FILE *file = open_file(pid, name);
    while (file != NULL && fscanf(file, "%ld", &child) == 1 &&
           walk->n_processes < MAX_PROCESSES) {
        walk->n_processes++;
        walk->visit((pid_t)child, walk->context);
        walk_below(walk, (pid_t)child, depth + 1);
    }
    if (file != NULL)
        (void)fclose(file);
}

/*
 * Each thread lists the processes that it started. Ours start them from the first one
 * alone, so that is the one to ask: a server may have thousands.
 */
static void walk_below(struct walk *walk, pid_t pid, unsigned depth) {
    char text[96];
    if (depth > MAX_DEPTH)
        return;
    if (walk->tree == CENSUS_OURS) {
        walk_children(walk, pid, pid, depth);
        return;
    }
    (void)snprintf(text, sizeof text, "/proc/%d/task", (int)pid);
    DIR *threads = opendir(text);
    for (struct dirent *entry; threads != NULL && (entry = readdir(threads)) != NULL;)
        if (entry->d_name[0] != '.')
            walk_children(walk, pid, (pid_t)atoi(entry->d_name), depth);
    if (threads != NULL)
        (void)closedir(threads);
}

void census_visit(pid_t root, enum census_tree tree,
                  void (*visit)(pid_t pid, void *context), void *context) {
    struct walk walk = {.tree = tree, .visit = visit, .context = context};
    if (tree != CENSUS_KEPT)
        visit(root, context);
    walk_below(&walk, root, 0);
}

static void count(pid_t pid, void *context) {
    struct census *census = context;
    struct number threads = {.key = "Threads:"};
    struct number pss[] = {{.key = "Pss:"}, {.key = "Pss_Anon:"}};
    census->n_processes++;
    read_numbers(pid, "status", &threads, 1);
    read_numbers(pid, "smaps_rollup", pss, 2);
    census->n_threads += (unsigned)threads.value;
    census->pss_bytes += 1024 * pss[0].value;
    census->pss_anon_bytes += 1024 * pss[1].value;
}

struct census census_take(pid_t root, enum census_tree tree) {
    struct census census = {0};
    census_visit(root, tree, count, &census);
    return census;
}

uint64_t census_own_peak_bytes(void) {
    struct number peak = {.key = "VmHWM:"};
    read_numbers(getpid(), "status", &peak, 1);
    return 1024 * peak.value;
}

/* Those that it has waited for; the last two of the times in its stat (proc(5)). */
static double cpu_of_reaped_s(pid_t pid) {
    char line[1024] = "";
    unsigned long user = 0, system = 0;
    FILE *file = open_file(pid, "stat");
    if (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *behind_name = strrchr(line, ')');
        (void)sscanf(behind_name != NULL ? behind_name + 1 : "",
                     " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lu %lu",
                     &user, &system);
    }
    if (file != NULL)
        (void)fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static void add_cpu(pid_t pid, void *context) {
    clockid_t clock;
    struct timespec taken;
    double *cpu_s = context;
    *cpu_s += cpu_of_reaped_s(pid);
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &taken) == 0)
        *cpu_s += (double)taken.tv_sec + (double)taken.tv_nsec / 1e9;
}

double census_cpu_s(pid_t root, enum census_tree tree) {
    double cpu_s = tree == CENSUS_KEPT ? cpu_of_reaped_s(root) : 0;
    census_visit(root, tree, add_cpu, &cpu_s);
    return cpu_s;
}

static bool has_socket(pid_t pid, unsigned long inode) {
    char path[32], wanted[40], target[40];
    bool has = false;
    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    (void)snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *folder = opendir(path);
    for (struct dirent *entry;
         !has && folder != NULL && (entry = readdir(folder)) != NULL;) {
        ssize_t n = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[n > 0 ? n : 0] = '\0';
        has = strcmp(target, wanted) == 0;
    }
    if (folder != NULL)
        (void)closedir(folder);
    return has;
}

/* Adds the places of one process, each as " PLACE,"; its files list the sockets of all
 * (proc(5)). */
static void add_places(pid_t pid, void *places) {
    enum { LISTENS = 10 }; /* TCP_LISTEN */
    char line[256], hex[33], address[INET6_ADDRSTRLEN], place[80];
    for (int is_6 = 0; is_6 < 2; is_6++) {
        unsigned port, state, words[4];
        unsigned long inode;
        FILE *file = open_file(pid, is_6 ? "net/tcp6" : "net/tcp");
        while (file != NULL && fgets(line, sizeof line, file) != NULL) {
            if (sscanf(line,
                       " %*d: %32[0-9A-F]:%x %*[0-9A-F]:%*x %x %*x:%*x %*x:%*x %*x %*u "
                       "%*u %lu",
                       hex, &port, &state, &inode) != 4 ||
                state != LISTENS || !has_socket(pid, inode))
                continue;
            for (size_t i = 0; 8 * i < strlen(hex); i++)
                (void)sscanf(hex + 8 * i, "%8x", &words[i]);
            (void)inet_ntop(is_6 ? AF_INET6 : AF_INET, words, address, sizeof address);
            (void)snprintf(place, sizeof place, is_6 ? " [%s]:%u," : " %s:%u,", address,
                           port);
            if (strstr(places, place) == NULL) /* workers share it */
                text_append(places, CENSUS_PLACES_BYTES, "%s", place);
        }
        if (file != NULL)
            (void)fclose(file);
    }
}

void census_find_places(pid_t root, enum census_tree tree,
                        char places[CENSUS_PLACES_BYTES]) {
    char found[CENSUS_PLACES_BYTES] = "";
    census_visit(root, tree, add_places, found);
    size_t length = strlen(found);
    (void)snprintf(places, CENSUS_PLACES_BYTES, "%.*s", length > 0 ? (int)length - 2 : 0,
                   length > 0 ? found + 1 : "");
}

#define RAISE(peak, now) ((peak) = (now) > (peak) ? (now) : (peak))

void census_keep_peak(struct census *peak, const struct census *now) {
    RAISE(peak->n_processes, now->n_processes);
    RAISE(peak->n_threads, now->n_threads);
    RAISE(peak->pss_bytes, now->pss_bytes);
    RAISE(peak->pss_anon_bytes, now->pss_anon_bytes);
}
