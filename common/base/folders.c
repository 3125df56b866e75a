/* Locks on folders, and files that dead processes left in them; see folders.h. */
#include "common/base/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

void folders_remove_asides(const char *path) {
    /* The last number is that of the process; where an unfinished file's name was itself
     * begun aside, others stand before it. */
    static const char asides[] =
        "\\.(json|md|html|log|tsv|svg|png)(\\.[0-9]+-[0-9]+)*\\.([0-9]+)-[0-9]+$";
    enum { PROCESS = 3, N_PARTS };
    regmatch_t parts[N_PARTS];
    regex_t pattern;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    int error = regcomp(&pattern, asides, REG_EXTENDED);
    for (struct dirent *entry; error == 0 && (entry = readdir(folder)) != NULL;) {
        if (regexec(&pattern, entry->d_name, N_PARTS, parts, 0) != 0)
            continue;
        pid_t pid = (pid_t)strtol(entry->d_name + parts[PROCESS].rm_so, NULL, 10);
        if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (error == 0)
        regfree(&pattern);
    (void)closedir(folder);
}
