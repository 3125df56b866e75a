/*
 * Folders of results: each belongs to one run, which holds it by a lock of the kernel
 * until it ends, however it ends. Main thread.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds the folder until the process ends. A descriptor, -EWOULDBLOCK when another
 * process holds it, or another -errno. Where the file system has no locks this succeeds:
 * files that are created exclusively still belong to one process alone.
 */
int folders_hold(const char *path);

/* Whether a process holds it; *holder becomes its number, 0 where it is unknown. */
bool folders_is_held(const char *path, pid_t *holder);

/*
 * Removes the unfinished files (common/base/files.h) that processes which have died left
 * in this folder, but not those in folders below it.
 */
void folders_remove_asides(const char *path);
