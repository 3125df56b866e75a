/*
 * For tests that need a process of their own: one without threads, one that may exit, or
 * one whose threads, children and descriptors are counted. In such a child `check` takes
 * the place of cmocka's assertions, which belong to the process that runs the tests.
 */
#ifndef JUGGLE_TESTS_CHILD_H
#define JUGGLE_TESTS_CHILD_H

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_LIMIT_S = 120, CHILD_MAX_OUTPUT_BYTES = 16384, CHILD_MAX_PROCESSES = 4096 };

#define check(condition)                                                                 \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
            (void)fflush(stderr);                                                        \
            _exit(99);                                                                   \
        }                                                                                \
    } while (0)

/*
 * Runs `body(context)` in a forked child and returns its exit status, 0 when the body
 * returned; 128 + N when a signal ended it. What it prints goes into `output` unless that
 * is NULL. A child that hangs is ended.
 */
static inline int child_run(void (*body)(const void *context), const void *context,
                            char output[CHILD_MAX_OUTPUT_BYTES]) {
    int ends[2] = {-1, -1}, status = 0;
    if (output != NULL && pipe(ends) != 0)
        return -1;
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)alarm(CHILD_LIMIT_S);
        if (output != NULL) {
            (void)dup2(ends[1], STDOUT_FILENO);
            (void)dup2(ends[1], STDERR_FILENO);
            (void)close(ends[0]);
            (void)close(ends[1]);
        }
        body(context);
        exit(0); /* not _exit: sanitizers look for leaks now */
    }
    if (output != NULL) {
        size_t used = 0;
        ssize_t n_read;
        (void)close(ends[1]);
        while ((n_read =
                    read(ends[0], output + used, CHILD_MAX_OUTPUT_BYTES - 1 - used)) > 0)
            used += (size_t)n_read;
        output[used] = '\0';
        (void)close(ends[0]);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* How many entries /proc/self/NAME has: "task" for threads, "fd" for descriptors. */
static inline unsigned child_count(const char *name) {
    char path[64];
    unsigned n = 0;
    (void)snprintf(path, sizeof path, "/proc/self/%s", name);
    DIR *folder = opendir(path);
    check(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        n += isdigit((unsigned char)entry->d_name[0]) != 0;
    (void)closedir(folder);
    return n;
}

static inline pid_t child_parent_of(pid_t pid) {
    char path[64], line[512];
    int parent = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return 0; /* it has just gone */
    char *end = fgets(line, sizeof line, stream) != NULL ? strrchr(line, ')') : NULL;
    if (end == NULL || sscanf(end, ") %*c %d", &parent) != 1)
        parent = 0;
    (void)fclose(stream);
    return parent;
}

/* Processes whose parent's parent is this one: workers, when the child of ours is what
 * forks them. */
static inline unsigned child_find_grandchildren(pid_t *pids, unsigned max) {
    unsigned n = 0;
    DIR *folder = opendir("/proc");
    check(folder != NULL);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL && n < max;) {
        pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
        pid_t parent = pid > 0 ? child_parent_of(pid) : 0;
        if (parent > 1 && parent != getpid() && child_parent_of(parent) == getpid())
            pids[n++] = pid;
    }
    (void)closedir(folder);
    return n;
}

/* Whoever loses its parent becomes a child of this process, and so can be counted. */
static inline void child_adopt_orphans(void) {
    check(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
}

/* A test that is a body in such a child. */
#define TEST_IN_CHILD(name, body)                                                        \
    TEST(name) {                                                                         \
        assert_int_equal(child_run(body, NULL, NULL), 0);                                \
    }

#endif
