/*
 * Folders of results: each belongs to one run, which holds it by a lock of the kernel
 * until it ends, however it ends. Main thread.
 */
#ifndef JUGGLE_COMMON_FOLDERS_H
#define JUGGLE_COMMON_FOLDERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds the folder until the process ends. A descriptor, -EWOULDBLOCK when another
 * process does, or another -errno. Where the file system knows no locks the folder is as
 * good as held: what is made exclusively is no other's all the same.
 */
int folders_hold(const char *path);

/* Whether some process holds it; *holder becomes its number, 0 where that is not known.
 */
bool folders_is_held(const char *path, pid_t *holder);

/*
 * Removes what whole_files of processes that have died were called until they would have
 * been whole (common/base/files.h), from the folder itself, not from those in it.
 */
void folders_remove_asides(const char *path);

#endif
