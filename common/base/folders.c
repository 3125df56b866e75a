/* Locks on folders, and files that dead processes left in them; see folders.h. */
#include "common/base/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"

enum { MOST_TRIES = 20 }; /* folders_is_held holds it for a moment */

static const uint64_t BETWEEN_TRIES_NS = 10 * NS_PER_MS;

static int open_folder(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 ? fd : -errno;
}

int folders_hold(const char *path) {
    int fd = open_folder(path);
    if (fd < 0)
        return fd;
    for (unsigned i = 0; i < MOST_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
            return fd;
        clock_sleep_until(clock_now_ns() + BETWEEN_TRIES_NS);
    }
    (void)close(fd);
    return -EWOULDBLOCK;
}

/* Who holds a flock(2) on the inode, from /proc/locks (proc(5)); 0: unknown. */
static pid_t find_holder(ino_t inode) {
    char line[256];
    pid_t holder = 0;
    FILE *locks = fopen("/proc/locks", "re");
    while (locks != NULL && holder == 0 && fgets(line, sizeof line, locks) != NULL) {
        int pid = 0;
        unsigned long long locked = 0;
        if (sscanf(line, "%*u: FLOCK %*s WRITE %d %*x:%*x:%llu", &pid, &locked) == 2 &&
            locked == inode)
            holder = pid;
    }
    if (locks != NULL)
        (void)fclose(locks);
    return holder;
}

bool folders_is_held(const char *path, pid_t *holder) {
    struct stat there;
    int fd = open_folder(path);
    *holder = 0;
    if (fd < 0)
        return false;
    bool is_held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (is_held && fstat(fd, &there) == 0)
        *holder = find_holder(there.st_ino);
    (void)close(fd);
    return is_held;
}

/* Cuts ".PID-N" from the end of a name and returns PID; 0: it has no such end. */
static pid_t cut_process(char *name) {
    char *dot = strrchr(name, '.');
    int pid = 0, length = 0;
    if (dot == NULL || sscanf(dot, ".%d-%*u%n", &pid, &length) != 1 || length == 0 ||
        dot[length] != '\0' || pid <= 0)
        return 0;
    *dot = '\0';
    return pid;
}

/* Whether a process that has died was writing it: "NAME.PID-N", where NAME is one of ours
 * or itself the name of such a file. */
static bool is_left_behind(const char *entry) {
    static const char *const ours[] = {".json", ".md", ".html", ".tsv", ".svg", ".png"};
    char name[256];
    (void)snprintf(name, sizeof name, "%s", entry);
    pid_t pid = cut_process(name);
    while (cut_process(name) != 0) {
    }
    const char *ending = strrchr(name, '.');
    size_t i = 0, n = sizeof ours / sizeof *ours;
    while (ending != NULL && i < n && strcmp(ending, ours[i]) != 0)
        i++;
    return pid > 0 && ending != NULL && i < n && kill(pid, 0) != 0 && errno == ESRCH;
}

void folders_remove_asides(const char *path) {
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_left_behind(entry->d_name))
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    (void)closedir(folder);
}
