/* The results folder of a run: which it is, and that it can be written. Main thread. */
#pragma once

#include <stddef.h>
#include <time.h>

/*
 * Makes the folder: `asked`, or when that is NULL a new one, results/TIME-HOST, with a
 * number behind it where that name is taken. It is this run's until the process ends
 * (common/base/folders.h). One that is another's, holds a run already, or cannot be
 * written to, ends the process with exit 2.
 */
void folder_make(const char *asked, const struct tm *utc, char *folder,
                 size_t folder_bytes);

/* The folder of a run that goes on, held as above; `folder` becomes its name. */
void folder_reopen(const char *asked, char *folder, size_t folder_bytes);

/* results/latest points at this run, at one stroke. */
void folder_point_latest(const char *folder);
